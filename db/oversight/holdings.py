"""Everything the database holds about one case: each row about it of each table, found by the tables' columns.

A table that is new tomorrow is in the answer without being named here, if it has the id of the application.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_jsonable_python
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.application import ApplicationRow, EventRow
from db.tables.catalogue import Base
from db.tables.credentials import PrintedCopyRow
from db.tables.decisions import StatementWordsRow
from db.tables.intake import IntakeFileRow, ReturnedRow, TraceRow
from db.tables.letters import LetterAttemptRow, LetterRow
from db.tables.screening import ApplicantKeyRow
from domain.screening.hits import Hit
from domain.values import ElectionCode, OfficeCode, OrganisationCode

Rows = list[dict[str, Any]]
_NUMBERS_ONLY: Final = frozenset({ApplicantKeyRow.__tablename__, "portrait_part"})
"""Numbers that tell nothing by themselves: how many there are is told."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is held about people, as it stands in the tables."""

    session: Session

    def of(self, election: ElectionCode, case: UUID) -> dict[str, Rows]:
        """Return all rows about *case*, by table; what screening compared with others is there without their words."""
        found = {table.__tablename__: self._about(table, case) for table in _tables()}
        found["application"] = self._rows(select(ApplicationRow).where(ApplicationRow.id == case))
        serials = [row["serial"] for row in found["credential"]]
        found["printed_copy"] = self._rows(select(PrintedCopyRow).where(PrintedCopyRow.serial.in_(serials)))
        keys = [row["key"] for row in found[LetterRow.__tablename__]]
        found["letter_attempt"] = self._rows(select(LetterAttemptRow).where(LetterAttemptRow.key.in_(keys)))
        files = select(IntakeFileRow).join(TraceRow, TraceRow.file_id == IntakeFileRow.id)
        found["intake_file"] = self._rows(files.where(TraceRow.application_id == case).distinct())
        words = select(StatementWordsRow).where(StatementWordsRow.election == election)
        found["statement_words"] = [row for row in self._rows(words) if str(case) in row["cases"]]
        found["screening_hit"] = [*map(_without_words, found["screening_hit"])]
        return {name: _told(name, rows) for name, rows in sorted(found.items()) if rows}

    def ever_at(self, election: ElectionCode, office: OfficeCode) -> set[UUID]:
        """Return the cases of all who were ever on the list of an office, as their histories say."""
        query = select(EventRow.application_id).join(ApplicationRow, ApplicationRow.id == EventRow.application_id)
        at_office = EventRow.body["office"].as_string() == office
        return {*self.session.scalars(query.where(ApplicationRow.election == election, at_office))}

    def rows_without_case(self, election: ElectionCode) -> dict[OrganisationCode, int]:
        """Return how many rows that went back still say something of people who are no case, by organisation."""
        query = select(ReturnedRow, IntakeFileRow.organisation)
        query = query.join(IntakeFileRow, IntakeFileRow.id == ReturnedRow.file_id)
        query = query.where(IntakeFileRow.election == election, ReturnedRow.application_id.is_(None))
        return Counter(code for row, code in self.session.execute(query).tuples() if row.cells)

    def _about(self, table: Any, case: UUID) -> Rows:
        return self._rows(select(table).where(table.application_id == case))

    def _rows(self, query: Any) -> Rows:
        return [_columns(row) for row in self.session.scalars(query).unique()]


def _tables() -> list[Any]:
    every: Iterable[Any] = (mapper.class_ for mapper in Base.registry.mappers)
    return [table for table in every if hasattr(table, "application_id")]


def _columns(row: Any) -> dict[str, Any]:
    names: Sequence[str] = [column.key for column in row.__mapper__.column_attrs]
    return {name: to_jsonable_python(getattr(row, name)) for name in names}


def _without_words(row: dict[str, Any]) -> dict[str, Any]:
    hit = Hit.model_validate(row["body"], strict=False)
    return row | {"body": hit.without_words().model_dump(mode="json")}


def _told(name: str, rows: Rows) -> Rows:
    return [{"numbers": len(rows)}] if name in _NUMBERS_ONLY else rows
