"""The serial ledger: every number that was given out, its state, and the reason if it was never used."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final
from uuid import UUID

from domain.application.status import Status
from domain.credentials.states import Cause, LedgerState
from domain.credentials.status_list import CredentialStatus
from domain.values import Frozen, Serial, UtcTime

STANDING: Final = MappingProxyType(
    {LedgerState.REVOKED: CredentialStatus.REVOKED, LedgerState.SUSPENDED: CredentialStatus.SUSPENDED}
)
"""What the status list says of a serial; the others are VALID there, an expired one by its own dates."""

_BELONGS: Final = MappingProxyType(
    {
        Status.CREDENTIALED: LedgerState.ISSUED,
        Status.SUSPENDED: LedgerState.SUSPENDED,
        Status.EXPIRED: LedgerState.EXPIRED,
        Status.REVOKED: LedgerState.REVOKED,
        Status.UNDER_APPEAL: LedgerState.REVOKED,
        Status.WITHDRAWN: LedgerState.REVOKED,
        Status.IN_REVIEW: LedgerState.REVOKED,  # remanded after a revocation
    }
)


class LedgerLine(Frozen):
    """One serial, with where its application stands today."""

    serial: Serial
    number: int
    status_index: int
    state: LedgerState
    application_id: UUID
    application_status: Status
    is_current: bool
    """Whether the application carries this serial."""
    valid_from: UtcTime
    valid_until: UtcTime
    key_id: str | None = None
    token_sha256: str | None = None
    badge_sha256: str | None = None
    replaces: Serial | None = None
    cause: Cause | None = None
    changed_at: UtcTime | None = None

    @property
    def wanted(self) -> LedgerState:
        """Where the serial should stand, going by its application."""
        if self.state is LedgerState.RESERVED:
            return LedgerState.RESERVED
        if not self.is_current:
            return LedgerState.REVOKED
        return _BELONGS.get(self.application_status, LedgerState.REVOKED)

    @property
    def explanation(self) -> str:
        """The reason for the serial's state, in one sentence."""
        match self.state:
            case LedgerState.RESERVED:
                return self._why_unused()
            case LedgerState.ISSUED:
                return f"Replaces {self.replaces}." if self.replaces else "In use."
            case _:
                return f"{str(self.state).capitalize()}: {(self.cause or Cause.DECISION).replace('_', ' ')}."

    def _why_unused(self) -> str:
        if self.application_status is Status.ASSIGNED:
            return "Reserved, not issued: issuance was interrupted and takes it up again."
        if self.replaces and self.application_status is Status.CREDENTIALED:
            return f"Reserved, not issued: the re-issue of {self.replaces} was interrupted and takes it up again."
        return f"Reserved, never issued: the application is {self.application_status} now."


class SerialLedger(Frozen):
    """All serials of an election, by number."""

    given_out: int
    lines: tuple[LedgerLine, ...]

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers that were given out and stand nowhere."""
        there = {line.number for line in self.lines}
        return tuple(number for number in range(1, self.given_out + 1) if number not in there)

    @property
    def contradictions(self) -> tuple[LedgerLine, ...]:
        """Lines that do not agree with their application."""
        return tuple(line for line in self.lines if line.state is not line.wanted)

    @property
    def is_whole(self) -> bool:
        """Whether every number is explained."""
        return not self.missing and not self.contradictions


def standings(places: Iterable[tuple[int, LedgerState]]) -> dict[int, CredentialStatus]:
    """Return the entries of the status list that are not VALID, from (status index, state)."""
    return {index: STANDING[state] for index, state in places if state in STANDING}
