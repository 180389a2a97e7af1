"""The states of a serial and of a printed copy, and why a serial is not what it was."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class LedgerState(StrEnum):
    """Where a serial stands."""

    RESERVED = "reserved"
    ISSUED = "issued"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    EXPIRED = "expired"


class Cause(StrEnum):
    """Why a serial is not what it was."""

    LOSS = "loss"
    DAMAGE = "damage"
    CORRECTION = "correction"
    KEY_COMPROMISED = "key_compromised"
    DECISION = "decision"
    END = "end"
    WITHDRAWAL = "withdrawal"
    CALENDAR = "calendar"
    """Election day moved, and the end that the credential carries came too early."""

    @property
    def calls_for_a_new_one(self) -> bool:
        """Whether a new serial replaces the old one."""
        return self in {Cause.LOSS, Cause.DAMAGE, Cause.CORRECTION, Cause.KEY_COMPROMISED}


class CopyState(StrEnum):
    """What became of a printed copy."""

    PRINTED = "printed"
    HANDED_OVER = "handed_over"
    DAMAGED = "damaged"
    LOST = "lost"


class CredentialStatus(IntEnum):
    """What an entry says: the values of the standard's registry, and of those that it leaves to applications."""

    VALID = 0
    REVOKED = 1
    """Taken back for cause, by two officers."""
    SUSPENDED = 2
    REPLACED = 3
    """A new credential took its place: damage, correction, a key in wrong hands. Nobody is to blame."""
    LOST = 11
    """Replaced because it was reported lost: whoever shows it may have found it."""
    WITHDRAWN = 12
    """The accreditation was given up, by the person or the organisation."""
