"""How the rows of a nominations file are accounted for: rows = recorded + unchanged + corrected + held + returned."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID, uuid5

from pydantic import Field

from domain.application.findings import Finding
from domain.application.nomination import Nomination
from domain.messages import Message, ReadingNote
from domain.values import ElectionCode, Frozen, OrganisationCode, Sha256, UtcTime

_NAMESPACE = UUID("0d9a6c1e-8f2b-5c47-b1a3-52e7d4f8c960")

RowOutcome = Literal["recorded", "unchanged", "corrected", "held", "returned"]


ONLY_FILES: Final = ReadingNote.of("only_files")
"""The note on a list that came once more, with pictures that were sent later."""


class NominationsFile(Frozen):
    """A file as it arrived; the same content from the same organisation is the same file."""

    id: UUID
    election: ElectionCode
    organisation: Annotated[OrganisationCode | Literal[""], Field(description="empty: named in each row")]
    sha256: Sha256
    name: str
    received_at: UtcTime
    notes: Annotated[tuple[ReadingNote, ...], Field(repr=False)] = ()
    """How it was read, as far as that is worth saying: sentences that name rows."""


def file_id(election: ElectionCode, organisation: str, sha256: Sha256) -> UUID:
    """Return the id of a file by its content."""
    return uuid5(_NAMESPACE, f"{election}\x1f{organisation}\x1f{sha256}")


class RowProblem(Frozen):
    """A row that was not processed: where, what is wrong, what to do, and the row as it came."""

    number: Annotated[int, Field(ge=1, description="row number as a spreadsheet shows it")]
    outcome: Literal["held", "returned"]
    field: str
    message: Message
    cells: Annotated[Mapping[str, str], Field(repr=False)]
    mended_at: UtcTime | None = None
    """When a correction made it an application."""

    @property
    def problem(self) -> str:
        """What is wrong, in English."""
        return self.message.problem()

    @property
    def remedy(self) -> str:
        """What to do, in English."""
        return self.message.remedy()


class RowRead(Frozen):
    """A row that could be tied to a person, with what its files showed."""

    number: int
    organisation: OrganisationCode
    nomination: Annotated[Nomination, Field(repr=False)]
    findings: tuple[Finding, ...] = ()
    cells: Annotated[Mapping[str, str], Field(repr=False)] = {}
    fingerprint: Sha256 | None = None
    """The perceptual hash of the photograph that came with it."""
    nearest: Annotated[Mapping[str, str], Field(repr=False)] = {}
    """Of files that did not come: the name most like it that did, by column."""
    about: UUID | None = None
    """The application it is about, where that is known otherwise than by the row's own key."""
    set_aside: tuple[Finding, ...] = ()
    """What keeps files that came with it from taking the place of those on record."""


class KnownBy(StrEnum):
    """How it is known whom a row is about."""

    OWN_KEY = "own_key"
    """its reference, or what stands for one, led there; or the person is new and the reference too"""
    OTHER_EVIDENCE = "other_evidence"
    """its reference did not lead there: document, name, birth date and address did"""
    REUSED_REFERENCE = "reused_reference"
    """the person is new, and the reference was another person's"""
    NO_REFERENCE = "no_reference"
    """the reference is a placeholder, such as "-", and identifies nobody"""


class RowTrace(Frozen):
    """Which case a row was taken to be about."""

    number: int
    application_id: UUID
    known_by: KnownBy = KnownBy.OWN_KEY
    known_before: UUID | None = None
    """The case of the other person whom the reference meant until then."""


class ChunkCounts(Frozen):
    """What became of some rows. The first five add up to all of them; the last two say how people were known."""

    recorded: int = 0
    unchanged: int = 0
    corrected: int = 0
    held: int = 0
    returned: int = 0
    recognised_by_other_evidence: int = 0
    reference_reused: int = 0

    @classmethod
    def of(cls, outcome: RowOutcome, known_by: KnownBy = KnownBy.OWN_KEY) -> ChunkCounts:
        """Return the counts of one row."""
        return cls(
            **{outcome: 1},
            recognised_by_other_evidence=int(known_by is KnownBy.OTHER_EVIDENCE),
            reference_reused=int(known_by is KnownBy.REUSED_REFERENCE),
        )

    @property
    def rows(self) -> int:
        """All rows: the sum of what became of them, by definition."""
        return self.recorded + self.unchanged + self.corrected + self.held + self.returned

    def __add__(self, other: ChunkCounts) -> ChunkCounts:
        return ChunkCounts.model_validate(
            {name: getattr(self, name) + getattr(other, name) for name in ChunkCounts.model_fields}
        )
