"""How the rows of a nominations file are accounted for: rows = recorded + unchanged + corrected + held + returned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import Field

from domain.application.findings import Finding
from domain.application.nomination import Nomination
from domain.messages import Message
from domain.values import ElectionCode, Frozen, OrganisationCode, Sha256, UtcTime

_NAMESPACE = UUID("0d9a6c1e-8f2b-5c47-b1a3-52e7d4f8c960")

RowOutcome = Literal["recorded", "unchanged", "corrected", "held", "returned"]


class NominationsFile(Frozen):
    """A file as it arrived; the same content from the same organisation is the same file."""

    id: UUID
    election: ElectionCode
    organisation: Annotated[OrganisationCode | Literal[""], Field(description="empty: named row by row")]
    sha256: Sha256
    name: str
    received_at: UtcTime


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
    about: UUID | None = None
    """The application it is about, where that is known otherwise than by the row's own key."""


class ChunkCounts(Frozen):
    """What became of some rows."""

    recorded: int = 0
    unchanged: int = 0
    corrected: int = 0
    held: int = 0
    returned: int = 0

    @property
    def rows(self) -> int:
        """All rows: the sum, by definition."""
        return self.recorded + self.unchanged + self.corrected + self.held + self.returned

    def __add__(self, other: ChunkCounts) -> ChunkCounts:
        return ChunkCounts.model_validate(
            {name: getattr(self, name) + getattr(other, name) for name in ChunkCounts.model_fields}
        )
