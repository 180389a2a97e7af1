"""What a restore to an older state found: credentials that were given out since, and what was taken back since."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from domain.values import ElectionCode, Frozen, Serial, Sha256, UtcTime


class ToldBy(StrEnum):
    """Where a credential was found that the restored database does not know."""

    KEYS = "noted beside the keys"
    REGISTER = "published register"
    MAIL = "mail archive"
    OLD_DATABASE = "database set aside"
    OFFICER = "said by an officer"


class UnknownCredential(Frozen):
    """A credential that was given out and is unknown to the restored database."""

    serial: Serial
    told_by: ToldBy
    application: UUID | None = None
    """The case, where its source says it; the restored database may not know the case either."""


class Restoration(Frozen):
    """One restore of one election. Nothing is recorded until an officer signed that they saw it."""

    election: ElectionCode
    number: int
    """Grows with every restore, also with one to before another: letters of later ones bear it."""
    backup: str
    taken_at: UtcTime
    restored_at: UtcTime
    restored_serial: int
    """The number at which serials would have gone on."""
    next_serial: int
    """The number at which they go on: above everything that was found."""
    unknown: tuple[UnknownCredential, ...] = ()
    ended: tuple[Serial, ...] = ()
    """Credentials that the published status list has as not valid, and the restored database as valid."""
    lost_entries: int = Field(default=0, ge=0)
    """Entries of the published log that the restored log does not have: events and signed acts."""
    sources: tuple[ToldBy, ...] = ()
    """What could be read; where there is none, nobody knows what was given out."""
    statement: Sha256 | None = None
    accepted_at: UtcTime | None = None

    @property
    def digest(self) -> Sha256:
        """The hash of what was found, which the officer signs."""
        found = self.model_dump_json(exclude={"statement", "accepted_at"})
        return hashlib.sha256(found.encode()).hexdigest()


def number_in(serial: Serial, prefix: str) -> int | None:
    """Return the number of *serial* where it bears *prefix*.

    >>> number_in("VD-000123", "VD")
    123
    """
    found = re.fullmatch(rf"{re.escape(prefix)}-(\d{{6,}})", serial)
    return int(found[1]) if found else None


def serials_in(text: str, prefix: str) -> set[Serial]:
    """Return every serial with *prefix* in *text*."""
    return set(re.findall(rf"(?<![\w-]){re.escape(prefix)}-\d{{6,9}}(?!\d)", text))
