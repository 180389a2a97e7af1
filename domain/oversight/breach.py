"""A breach: whose data lay in a part that was stolen, what of theirs, who must be told, and what to do first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from domain.application.held_classes import HeldClass
from domain.statements.record import Entry, EntryKind
from domain.statements.statement import Statement
from domain.values import (
    ElectionCode,
    Frozen,
    LanguageCode,
    OfficeCode,
    OfficerCode,
    OrganisationCode,
    Sha256,
    UtcTime,
)


class StolenPart(StrEnum):
    """A part of an installation that can be stolen, lost, or copied by itself."""

    DATABASE = "database"
    KEYS = "keys"
    MAILBOX = "mailbox"
    ROSTER = "roster"
    FILES = "files"
    PUBLISHED = "published"
    FOLDERS = "folders"
    BACKUP = "backup"


_NOMINATIONS: Final = (
    HeldClass.DOCUMENT, HeldClass.PHOTO, HeldClass.NAME, HeldClass.IDENTITY, HeldClass.CONTACT, HeldClass.STATEMENT,
    HeldClass.JOURNEY, HeldClass.ARRIVAL,
)  # fmt: skip
"""What stands in a nominations file as it came, and in a workbook with rows to mend."""
LIES_IN: Final[Mapping[StolenPart, tuple[HeldClass, ...]]] = MappingProxyType(
    {
        StolenPart.DATABASE: tuple(HeldClass),
        StolenPart.KEYS: (),
        StolenPart.MAILBOX: (*_NOMINATIONS, HeldClass.FOCAL_POINT, HeldClass.MAIL),
        StolenPart.ROSTER: (HeldClass.NAME, HeldClass.CONTACT, HeldClass.JOURNEY),
        StolenPart.FILES: _NOMINATIONS,
        StolenPart.PUBLISHED: (),
        StolenPart.FOLDERS: _NOMINATIONS,
        StolenPart.BACKUP: tuple(HeldClass),
    }
)
"""Which classes of data lie in each; the files folder has the nominations files as they came, and so do the open
folders (drop folder, uploads and returned rows) and the mailbox; a backup has database and files."""
WHOLE: Final = frozenset({StolenPart.DATABASE, StolenPart.FILES, StolenPart.FOLDERS, StolenPart.BACKUP})
"""Parts in which everybody is."""
ENCRYPTED: Final = frozenset({StolenPart.DATABASE, StolenPart.FILES, StolenPart.BACKUP})
"""Parts in which nobody who lacks the keys reads more than ids, codes and dates (decision 0022)."""
MEASURES: Final[Mapping[StolenPart, tuple[str, ...]]] = MappingProxyType({
    StolenPart.DATABASE: (
        "Close the way that the copy took; change the database's password.",
        "Look who looked: accredit looks; and whether anything was changed: accredit audit verify",
    ),
    StolenPart.KEYS: (
        "Bring people's data under a new master key, and destroy copies of the old one: accredit keys rotate-master",
        "Take the signing keys out of the trust list: accredit keys retire KEY --compromised",
        "Print new badges under new keys: accredit keys rotate; officers' keys: accredit officer propose enrol",
        "Keys hold nobody's data. With the database or files that they open, name both parts here.",
    ),
    StolenPart.MAILBOX: (
        "Change the mailbox's password; letters hold links that are their recipients': ask for consents again.",
    ),
    StolenPart.ROSTER: ("Ask the office for every copy. Later lists replace this one: accredit office lists",),
    StolenPart.FILES: ("Close the way that the copy took. Badges lie there: watch for forged ones, accredit verify",),
    StolenPart.PUBLISHED: (
        "It was public. If it was changed where it lies, publish anew: accredit publish FOLDER",
    ),
    StolenPart.FOLDERS: (
        "Close the way that the copy took; take in or remove what lies there: accredit collect folder",
    ),
    StolenPart.BACKUP: (
        "Was the key of the backups taken, too? Then signing keys lie there: accredit keys retire KEY --compromised",
        "Make a new key for backups: accredit backup --new-key; destroy the copies that the old one opens.",
    ),
})  # fmt: skip
"""What is done first, beside telling people."""


class Breach(Frozen):
    """What a theft of some parts means: ids, codes and counts."""

    election: ElectionCode
    parts: tuple[StolenPart, ...]
    office: Annotated[OfficeCode | None, Field(description="of a roster: whose it was")] = None
    people: Annotated[tuple[UUID, ...], Field(description="cases of the people whose data lay there")] = ()
    organisations: Annotated[tuple[OrganisationCode, ...], Field(description="whose contact persons are named")] = ()
    languages: Annotated[Mapping[LanguageCode, int], Field(description="people to be told, by language")] = {}
    without_case: Annotated[
        Mapping[OrganisationCode, int], Field(description="rows that went back: of people who are no case")
    ] = {}
    known_at: UtcTime
    due_at: UtcTime | None = None
    supervisor: str = ""
    ground: str = ""
    facts: Annotated[str, Field(repr=False, description="what happened, for the report")] = ""

    @property
    def mark(self) -> str:
        """What it is called: since when it is known, and what was stolen. Told twice, it is the same."""
        parts = "+".join(sorted(self.parts))
        at = self.known_at.astimezone(UTC)
        return "-".join(filter(None, (f"{at:%Y%m%dT%H%M}", parts, self.office)))

    @property
    def classes(self) -> tuple[HeldClass, ...]:
        """What of the people lay there, in the order of the classes."""
        found = {held_class for part in self.parts for held_class in LIES_IN[part]}
        return tuple(held_class for held_class in HeldClass if held_class in found)

    @property
    def measures(self) -> tuple[str, ...]:
        """What is done first."""
        return tuple(measure for part in self.parts for measure in MEASURES[part])

    @property
    def must_be_told(self) -> bool:
        """Whether anybody's data lay there at all."""
        return bool(self.people or self.organisations)

    @property
    def can_be_read(self) -> bool:
        """Whether the thief reads whose it is: what is encrypted, with its keys alone.

        Where not, the authority is told and the people need not be (GDPR art. 34(3)(a)).
        """
        return StolenPart.KEYS in self.parts or not ENCRYPTED.issuperset(set(self.parts) - {StolenPart.PUBLISHED})


class BreachStep(StrEnum):
    """How far the telling has come."""

    TOLD = "told"
    """The letters are queued."""
    REPORTED = "reported"
    """The supervising authority has the report."""


class ToldBreach(Frozen):
    """A breach as the record of signed acts has it."""

    mark: str
    people: tuple[UUID, ...]
    """Who is written to; nobody where the thief can read nothing."""
    known_at: UtcTime
    due_at: UtcTime | None = None
    told_at: UtcTime
    officer: OfficerCode
    reported_at: UtcTime | None = None
    ground: str = ""
    """File number of the report."""

    def is_late(self, now: UtcTime) -> bool:
        """Whether it was not reported in time, or has not been and the time is over."""
        return self.due_at is not None and (self.reported_at or now) > self.due_at


def breaches_in(entries: Iterable[Entry]) -> list[ToldBreach]:
    """Return the breaches that applied statements of the record tell of, first to last."""
    signed: dict[Sha256, Statement] = {}
    found: dict[str, ToldBreach] = {}
    for entry in entries:
        if entry.entry is EntryKind.SIGNED:
            signed[entry.digest] = Statement.read(entry.document.encode())
        elif statement := signed.pop(entry.digest, None):
            _take(found, statement)
    return [*found.values()]


def _take(found: dict[str, ToldBreach], statement: Statement) -> None:
    terms, mark, at = statement.terms, str(statement.terms["mark"]), statement.arrived_at or statement.signed_at
    before = found.get(mark)
    if terms["step"] == BreachStep.REPORTED and before:
        found[mark] = before.revised(reported_at=at, ground=str(terms["ground"]))
    elif terms["step"] == BreachStep.TOLD and not before:
        said = {"people": tuple(statement.versions), "told_at": at, "officer": statement.officer}
        said |= {name: terms[name] for name in ("mark", "known_at", "due_at")}
        found[mark] = ToldBreach.model_validate(said, strict=False)
