"""The serial ledger: every number that was given out, its state, and the reason if it was never used."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final
from uuid import UUID

from domain.application.status import Status
from domain.credentials.states import Cause, CredentialStatus, LedgerState
from domain.values import Frozen, Serial, UtcTime

_VOID: Final = MappingProxyType(
    {
        Cause.LOSS: CredentialStatus.LOST,
        Cause.DAMAGE: CredentialStatus.REPLACED,
        Cause.CORRECTION: CredentialStatus.REPLACED,
        Cause.KEY_COMPROMISED: CredentialStatus.REPLACED,
        Cause.WITHDRAWAL: CredentialStatus.WITHDRAWN,
        Cause.CALENDAR: CredentialStatus.REPLACED,
    }
)
"""What the status list says of a void serial by its cause; of any other cause: revoked."""

WHY_VOID: Final = MappingProxyType(
    {
        Cause.LOSS: "Replaced: reported lost.",
        Cause.DAMAGE: "Replaced: damaged.",
        Cause.CORRECTION: "Replaced: corrected.",
        Cause.KEY_COMPROMISED: "Replaced: the key that signed it came into wrong hands.",
        Cause.WITHDRAWAL: "Withdrawn: the accreditation was given up.",
        Cause.CALENDAR: "Replaced: election day moved.",
    }
)
"""Why a serial counts no more, as people read it, where nobody is to blame."""

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
    def standing(self) -> CredentialStatus:
        """What the status list says of it."""
        return standing(self.state, self.cause)

    @property
    def shown_state(self) -> str:
        """The state as people read it."""
        return shown_state(self.state, self.cause)

    @property
    def explanation(self) -> str:
        """The reason for the serial's state, in one sentence."""
        match self.state:
            case LedgerState.RESERVED:
                return self._why_unused()
            case LedgerState.ISSUED:
                return f"Replaces {self.replaces}." if self.replaces else "In use."
            case LedgerState.REVOKED if self.cause and self.cause in WHY_VOID:
                return WHY_VOID[self.cause]
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
    skipped: tuple[tuple[int, int], ...] = ()
    """First and last of the numbers that a restore passed over, because others had been given out under them."""

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers that were given out and stand nowhere."""
        there = {line.number for line in self.lines}
        there |= {number for first, last in self.skipped for number in range(first, last + 1)}
        return tuple(number for number in range(1, self.given_out + 1) if number not in there)

    @property
    def beyond(self) -> tuple[int, ...]:
        """Numbers that stand there and were never given out: they would be given out again."""
        return tuple(line.number for line in self.lines if line.number > self.given_out)

    @property
    def contradictions(self) -> tuple[LedgerLine, ...]:
        """Lines that do not agree with their application."""
        return tuple(line for line in self.lines if line.state is not line.wanted)

    @property
    def is_whole(self) -> bool:
        """Whether every number is explained."""
        return not self.missing and not self.beyond and not self.contradictions


def shown_state(state: LedgerState, cause: Cause | None) -> str:
    """Return the state as people read it: a void serial is *replaced*, *withdrawn* or, for cause, *revoked*."""
    if state is not LedgerState.REVOKED:
        return state.value
    said = standing(state, cause)
    return (CredentialStatus.REPLACED if said is CredentialStatus.LOST else said).name.lower()


def standing(state: LedgerState, cause: Cause | None) -> CredentialStatus:
    """Return what the status list says of a serial; an expired one is VALID there and ends by its own dates."""
    match state:
        case LedgerState.SUSPENDED:
            return CredentialStatus.SUSPENDED
        case LedgerState.REVOKED:
            return _VOID.get(cause, CredentialStatus.REVOKED) if cause else CredentialStatus.REVOKED
        case _:
            return CredentialStatus.VALID


def standings(places: Iterable[tuple[int, LedgerState, Cause | None]]) -> dict[int, CredentialStatus]:
    """Return the entries of the status list that are not VALID, from (status index, state, cause)."""
    said = ((index, standing(state, cause)) for index, state, cause in places)
    return {index: entry for index, entry in said if entry is not CredentialStatus.VALID}
