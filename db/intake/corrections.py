"""Corrections: what can be mended, rows that went back and were mended, and the keys of mended rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from db.bulk import in_batches
from db.intake.nominations_files import problem_of
from db.journal import Book, touch
from db.tables.application import AliasRow, ApplicationRow, EventRow
from db.tables.intake import IntakeFileRow, ReturnedRow
from domain.intake.corrections import CorrectionTarget
from domain.intake.nominations_file import RowProblem
from domain.values import ElectionCode, OrganisationCode

_UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Returned:
    """A row that went back, with the application it became once it was mended."""

    target: CorrectionTarget
    problem: RowProblem
    application_id: UUID | None


@dataclass(frozen=True, slots=True)
class Corrections:
    """Rows to mend of all elections."""

    session: Session

    def cases(self, election: ElectionCode, organisations: Collection[OrganisationCode]) -> list[CorrectionTarget]:
        """Return every application of *organisations* as something that a correction can be about."""
        query = select(ApplicationRow.organisation, ApplicationRow.id, ApplicationRow.person_version).where(
            ApplicationRow.election == election, ApplicationRow.organisation.in_(organisations)
        )
        return [
            CorrectionTarget(organisation=organisation, application_id=known, version=version)
            for organisation, known, version in self.session.execute(query)
        ]

    def returned(self, election: ElectionCode, organisations: Collection[OrganisationCode]) -> list[Returned]:
        """Return the rows of *organisations* that went back, in order of receipt, mended or not."""
        query = (
            select(IntakeFileRow.organisation, ReturnedRow)
            .join(IntakeFileRow, IntakeFileRow.id == ReturnedRow.file_id)
            .where(
                IntakeFileRow.election == election,
                IntakeFileRow.organisation.in_([*organisations, ""]),
                ReturnedRow.outcome == "returned",
            )
            .order_by(IntakeFileRow.received_at, IntakeFileRow.name, ReturnedRow.number)
        )
        found = [_returned(sender, row) for sender, row in self.session.execute(query)]
        return [correction for correction in found if correction.target.organisation in organisations]

    def late(self, election: ElectionCode) -> list[tuple[UUID, datetime]]:
        """Return the applications whose correction came after its time was over, and when, in that order."""
        query = (
            select(EventRow.application_id, EventRow.at, EventRow.body)
            .join(ApplicationRow, ApplicationRow.id == EventRow.application_id)
            .where(ApplicationRow.election == election, EventRow.kind == "nomination_corrected")
            .order_by(EventRow.at, EventRow.application_id)
        )
        return [(known, at) for known, at, body in self.session.execute(query) if body.get("late")]

    def mark_mended(self, mended: Mapping[CorrectionTarget, UUID], *, now: datetime) -> None:
        """Write that rows that went back became applications."""
        statement = (
            update(ReturnedRow)
            .where(ReturnedRow.file_id == bindparam("file"), ReturnedRow.number == bindparam("row"))
            .values(mended_at=bindparam("at"), application_id=bindparam("case"))
        )
        rows = [{"file": target.file_id, "row": target.row, "at": now, "case": case} for target, case in mended.items()]
        if rows:
            self.session.connection().execute(statement, rows)
            touch(self.session, Book.RETURNED, [(target.file_id,) for target in mended])

    def aliases(self, ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """Return the applications that those of *ids* mean which are another's."""
        found: dict[UUID, UUID] = {}
        for part in in_batches(ids):
            query = select(AliasRow.id, AliasRow.application_id).where(AliasRow.id.in_(part))
            found |= dict(self.session.execute(query).tuples().all())
        return found


def _returned(sender: str, row: ReturnedRow) -> Returned:
    problem = problem_of(row)
    named = str(row.cells.get("organisation", "")).strip().upper()
    target = CorrectionTarget(organisation=sender or _code(named), file_id=row.file_id, row=row.number)
    return Returned(target, problem, row.application_id)


def _code(named: str) -> OrganisationCode:
    return named if named.replace("-", "").isalnum() and named.isascii() and len(named) <= 16 else _UNKNOWN  # noqa: PLR2004 -- of a code
