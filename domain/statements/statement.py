"""An officer's act as a document: what is done to which cases, by whom, signed when, usable once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import Field, JsonValue, field_serializer, field_validator

from domain.errors import AccreditationError
from domain.statements.canonical import canonical
from domain.statements.signatures import KeyId
from domain.values import ElectionCode, Frozen, OfficerCode, Sha256, UtcTime

FORM: Final = "accredit-statement/1"
VALID_FOR: Final = timedelta(minutes=15)
"""A statement that was not applied so long after its signing is worth nothing any more."""
AHEAD: Final = timedelta(minutes=1)
"""How far the clock of a signing device may run ahead of the engine's."""


class StatementRefusedError(AccreditationError):
    """The statement says something else, comes too late or too early, or was applied before."""

    exit_code = 2


class ActKind(StrEnum):
    """What an officer does."""

    DECIDE = "decide"
    NOTE = "note"
    CLAIM = "claim"
    RELEASE = "release"
    ASK = "ask"
    ANSWER = "answer"
    CLEAR_HIT = "clear_hit"
    ENTER = "enter"
    WITHDRAW = "withdraw"
    ORGANISATION = "organisation"
    POLICIES = "policies"
    ADOPT_PLAN = "adopt_plan"
    PLACE = "place"
    CONSENT = "consent"
    ACKNOWLEDGE = "acknowledge"
    REISSUE = "reissue"
    CORRECT_CREDENTIAL = "correct_credential"
    HANDOVER = "handover"
    LETTERS = "letters"
    MESSAGE = "message"
    RESOLUTION = "resolution"
    ERASE = "erase"
    LOOK = "look"
    ACCESS = "access"
    EXTRACT = "extract"
    RETAIN = "retain"
    REVIEW = "review"
    BREACH = "breach"
    STAFF = "staff"
    FIRST_KEY = "first_key"
    RULES = "rules"
    RESTORED = "restored"
    ELECTION = "election"


class CaseAt(Frozen):
    """A case and the version it had; 0 where it did not exist yet."""

    id: UUID
    version: Annotated[int, Field(ge=0)]


class Deed(Frozen):
    """What is to be done, before anybody signed it: kind, cases, and terms that leave nothing open.

    Texts about a person are not in the terms but in *words*, which are kept apart and can be erased.
    """

    kind: ActKind
    cases: tuple[UUID, ...] = ()
    terms: Mapping[str, JsonValue] = Field(default_factory=dict)
    words: Annotated[dict[str, str], Field(repr=False)] = Field(default_factory=dict)
    arrived_at: UtcTime | None = None
    """From when the act counts, where that is not its signing."""

    @field_validator("cases")
    @classmethod
    def _in_order(cls, cases: tuple[UUID, ...]) -> tuple[UUID, ...]:
        return tuple(sorted(set(cases)))


class StatementWords(Frozen):
    """Texts of a statement, by name, with the salt that their hashes are made with; erased as one."""

    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", repr=False)]
    texts: Annotated[dict[str, str], Field(repr=False)]

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Self:
        """Return *texts* with a fresh salt; empty ones are left out."""
        return cls(salt=secrets.token_hex(16), texts={name: text for name, text in texts.items() if text})

    @property
    def hashes(self) -> dict[str, Sha256]:
        """The salted hash of each text."""
        return {name: hashlib.sha256(f"{self.salt}\n{text}".encode()).hexdigest() for name, text in self.texts.items()}


class Statement(Frozen):
    """What an officer signs. Its bytes are canonical JSON, and its digest is what a passkey signs as challenge."""

    form: Literal["accredit-statement/1"] = FORM
    election: ElectionCode
    kind: ActKind
    officer: OfficerCode
    key: KeyId
    cases: tuple[CaseAt, ...] = ()
    terms: dict[str, JsonValue] = Field(default_factory=dict)
    words: dict[str, Sha256] = Field(default_factory=dict)
    """Salted hashes of the texts that belong to it."""

    arrived_at: UtcTime | None = None
    signed_at: UtcTime
    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]

    @field_serializer("arrived_at", "signed_at", when_used="json")
    def _in_utc(self, moment: UtcTime | None) -> str | None:
        return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else None

    @cached_property
    def document(self) -> bytes:
        """The bytes that are signed."""
        return canonical(self.model_dump(mode="json"))

    @cached_property
    def digest(self) -> Sha256:
        """SHA-256 of the document, in hex: its name, and in bytes the challenge for a passkey."""
        return hashlib.sha256(self.document).hexdigest()

    @property
    def versions(self) -> dict[UUID, int]:
        """The cases and the versions they had."""
        return {case.id: case.version for case in self.cases}

    @classmethod
    def read(cls, document: bytes) -> Self:
        """Return the statement that *document* is; raises :class:`StatementRefusedError` unless it is canonical."""
        try:
            found = cls.model_validate_json(document)
            written = found.document
        except (ValueError, RecursionError):  # also for numbers, depths and letters that have no canonical form
            raise StatementRefusedError("This is no statement of this engine.") from None
        if written != document:
            raise StatementRefusedError("The statement is not in canonical form; its signature would be ambiguous.")
        return found


class SignedBy(Frozen):
    """Who signs, with which key, in which election, at which real moment."""

    election: ElectionCode
    officer: OfficerCode
    key: KeyId
    now: UtcTime


def stated(deed: Deed, words: StatementWords, signer: SignedBy, *, versions: Mapping[UUID, int]) -> Statement:
    """Return the statement of *deed* with a fresh nonce, about its cases as *versions* has them."""
    return Statement(
        election=signer.election,
        kind=deed.kind,
        officer=signer.officer,
        key=signer.key,
        cases=tuple(CaseAt(id=case, version=versions.get(case, 0)) for case in deed.cases),
        terms=dict(deed.terms),
        words=words.hashes,
        arrived_at=deed.arrived_at,
        signed_at=signer.now,
        nonce=secrets.token_hex(16),
    )


def check_says(statement: Statement, deed: Deed, words: StatementWords, versions: Mapping[UUID, int]) -> None:
    """Raise :class:`StatementRefusedError` unless *statement* is exactly about *deed* and the cases as they stand."""
    if statement.kind is not deed.kind or set(statement.versions) != set(deed.cases):
        raise StatementRefusedError("The statement is about something else; nothing was done.")
    told, meant = (statement.words, statement.arrived_at), (words.hashes, deed.arrived_at)
    # As bytes: to Python, true and 1 are equal.
    if told != meant or canonical(statement.terms) != canonical(dict(deed.terms)):
        raise StatementRefusedError("The statement says something else; nothing was done.")
    if {name: text for name, text in deed.words.items() if text} != words.texts:
        raise StatementRefusedError("The statement was signed under other words; nothing was done.")
    if any(versions.get(case, 0) != version for case, version in statement.versions.items()):
        raise StatementRefusedError("A case has moved since this was signed. Look again, and sign again.")


def check_times(statement: Statement, *, recorded_at: UtcTime, rehearsal: bool = False) -> None:
    """Raise :class:`StatementRefusedError` for what was signed too long ago or ahead of time, or arrived after that.

    In a rehearsal (issuer TEST) an act counts from any moment.
    """
    if statement.signed_at > recorded_at + AHEAD:
        raise StatementRefusedError("The statement is signed in the future; set the clock of the device.")
    if recorded_at - statement.signed_at > VALID_FOR:
        minutes = int(VALID_FOR.total_seconds()) // 60
        raise StatementRefusedError(f"The statement was signed more than {minutes} minutes ago; sign again.")
    if not rehearsal and statement.arrived_at is not None and statement.arrived_at > statement.signed_at:
        raise StatementRefusedError("What is signed cannot have arrived in the future.")


def check_arrival(arrived_at: UtcTime | None, rests_on: Iterable[UtcTime]) -> None:
    """Raise :class:`StatementRefusedError` where an act counts from before what it *rests_on* happened."""
    if arrived_at is not None and any(moment > arrived_at for moment in rests_on):
        raise StatementRefusedError("What is signed cannot have arrived before what it rests on happened.")


def plain(values: Sequence[Any]) -> list[JsonValue]:
    """Return *values* as text, for the terms of a deed."""
    return [str(value) for value in values]
