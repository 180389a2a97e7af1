"""Officers: who they are, what they may do, and how an act is proved to be theirs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hmac import compare_digest
from typing import Annotated, Self
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import Field
from pyotp.totp import TOTP

from domain.errors import AccreditationError
from domain.values import ElectionCode, Frozen, OfficeCode, OfficerCode, OrganisationCode, RegionCode, UtcTime


class OfficerRole(StrEnum):
    """What an officer may do."""

    CASE_OFFICER = "case_officer"
    CONFIRMING_OFFICER = "confirming_officer"
    APPEALS_OFFICER = "appeals_officer"
    ADMINISTRATOR = "administrator"

    @property
    def asked_for(self) -> str:
        """What is said where somebody else tries."""
        words = self.replace("_", " ")
        return f"only {'an' if words[0] == 'a' else 'a'} {words} in service may do this."


class Officer(Frozen):
    """A registered officer."""

    code: OfficerCode
    roles: Annotated[tuple[OfficerRole, ...], Field(min_length=1)]
    offices: Annotated[tuple[OfficeCode, ...], Field(description="serves the regions of these")] = ()
    regions: Annotated[tuple[RegionCode, ...], Field(description="serves these")] = ()
    organisations: Annotated[
        tuple[OrganisationCode, ...], Field(description="serves the cases of these; nothing named at all: every case")
    ] = ()
    recused_from: tuple[OrganisationCode, ...] = ()
    recused_cases: tuple[UUID, ...] = ()
    suspended: bool = False

    def may(self, role: OfficerRole) -> bool:
        """Whether the officer holds *role* and is not suspended."""
        return role in self.roles and not self.suspended

    def is_recused(self, organisation: OrganisationCode, case: UUID) -> bool:
        """Whether the officer stepped off the organisation's cases, or off this one."""
        return organisation in self.recused_from or case in self.recused_cases


class ProofRefusedError(AccreditationError):
    """The officer's proof does not hold."""

    def __init__(self, officer: OfficerCode, problem: str) -> None:
        super().__init__(f"{officer}: {problem}")
        self.officer = officer


@dataclass(frozen=True, slots=True)
class WrongCode:
    """A wrong code as it is counted: how many in a row are allowed, and how long codes are locked after that."""

    election: ElectionCode
    at: UtcTime
    allowed: int
    lock: timedelta


class WrongCodeError(ProofRefusedError):
    """The code is not one of the officer's: a guess, or a slip. It is counted even though nothing else is kept."""

    wrong: WrongCode | None = None

    def counted(self, wrong: WrongCode) -> Self:
        """Return the error with what is to be counted."""
        self.wrong = wrong
        return self


class LockedError(ProofRefusedError):
    """Too many wrong codes: codes of this officer count for nothing until a named time."""

    def __init__(self, officer: OfficerCode, until: UtcTime) -> None:
        told = (
            f"too many wrong codes; none counts until {until:%Y-%m-%d %H:%M} UTC. If it was not you, tell two others."
        )
        super().__init__(officer, told)
        self.until = until


class OfficerRefusedError(AccreditationError):
    """The officer may not do this."""

    def __init__(self, officer: OfficerCode, problem: str) -> None:
        super().__init__(f"{officer}: {problem}")
        self.officer = officer


class Proof(Frozen):
    """A single-use code (RFC 6238) from an authenticator, or a signature by the officer's own key."""

    officer: OfficerCode
    code: Annotated[str, Field(pattern=r"^([0-9]{6})?$", repr=False)] = ""
    signature: Annotated[str, Field(pattern=r"^([0-9a-f]{128})?$", repr=False)] = ""

    @property
    def kind(self) -> str:
        """Which of the two it is."""
        return "signature" if self.signature else "code"


def subject_of(ids: Sequence[UUID], outcome: str, reasons: Sequence[str], *, more: Sequence[str] = ()) -> str:
    """Return the hash of exactly what is decided; proofs are bound to it."""
    body = json.dumps([sorted(map(str, ids)), outcome, sorted(reasons), list(more)], separators=(",", ":"))
    return hashlib.sha256(body.encode()).hexdigest()


def check_code(proof: Proof, secret: str | None, at: UtcTime) -> str:
    """Return the name of the time step in which *proof*'s code is valid at *at* (RFC 6238, one step either way).

    Raises :class:`ProofRefusedError` for a wrong code. The name lets the step be used up: a code serves once.
    """
    if secret is None:
        raise ProofRefusedError(proof.officer, "has no authenticator on record; enrol one first.")
    totp = TOTP(secret)
    for step in (0, -1, 1):
        if compare_digest(totp.at(at, counter_offset=step), proof.code):
            return f"step:{totp.timecode(at) + step}"
    raise WrongCodeError(proof.officer, "the code is wrong or too old; read a fresh one from the authenticator.")


def check_signature(proof: Proof, public_key: str | None, subject: str) -> None:
    """Raise :class:`ProofRefusedError` unless the officer's key signed *subject* (Ed25519, RFC 8032)."""
    if public_key is None:
        raise ProofRefusedError(proof.officer, "has no signing key on record; enrol one, or give a code.")
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(proof.signature), subject.encode())
    except (InvalidSignature, ValueError) as error:
        raise ProofRefusedError(proof.officer, "the signature is not this officer's for this decision.") from error
