"""Nominations files: each taken in once by its content, each row accounted for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from db.journal import Book, touch
from db.tables.intake import AgreedNameRow, IntakeChunkRow, IntakeFileRow, ReturnedRow
from domain.errors import UnknownThingError
from domain.intake.nominations_file import ChunkCounts, NominationsFile, RowProblem
from domain.messages import Message, ReadingNote
from domain.values import ElectionCode

_COUNTS = [name for name in ChunkCounts.model_fields if name != "rows"]


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of the rows of a file."""

    file: NominationsFile
    counts: ChunkCounts
    finished: bool
    notes: tuple[ReadingNote, ...] = ()
    """How the file was read, and names like those of files that did not come."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Files, their chunks and the rows that went back."""

    session: Session

    def take(self, file: NominationsFile, *, rows: int, now: datetime) -> bool:
        """Register *file* of so many *rows*; returns False where the same content was wholly taken in before."""
        row = self.session.get(IntakeFileRow, file.id)
        if row is None:
            values = file.model_dump() | {"notes": [note.model_dump() for note in file.notes]}
            self.session.add(IntakeFileRow(**values, rows=rows, taken_at=now, finished_at=None))
            touch(self.session, Book.FILES, [(file.id,)])
            return True
        return row.finished_at is None

    def is_finished(self, file_id: UUID) -> bool:
        """Return whether all rows of a file are accounted for; False for one that never came."""
        row = self.session.get(IntakeFileRow, file_id)
        return row is not None and row.finished_at is not None

    def get(self, file_id: UUID) -> NominationsFile:
        """Return a registered file; raises :class:`UnknownThingError`."""
        row = self.session.get(IntakeFileRow, file_id)
        if row is None:
            raise UnknownThingError("nominations file", str(file_id))
        return _file(row)

    def chunks_done(self, file_id: UUID) -> set[int]:
        """Return the numbers of the chunks whose outcome is written."""
        return set(self.session.scalars(select(IntakeChunkRow.number).where(IntakeChunkRow.file_id == file_id)))

    def put_chunk(
        self,
        file_id: UUID,
        number: int,
        counts: ChunkCounts,
        problems: Sequence[RowProblem],
        notes: Sequence[ReadingNote] = (),
    ) -> None:
        """Write what became of a chunk, in the transaction that records its rows."""
        columns = {name: getattr(counts, name) for name in _COUNTS}
        kept = [note.model_dump() for note in notes]
        self.session.add(IntakeChunkRow(file_id=file_id, number=number, notes=kept, **columns))
        touch(self.session, Book.CHUNKS, [(file_id,)])
        touch(self.session, Book.RETURNED, [(file_id,)])
        if problems:
            rows: list[dict[str, Any]] = [
                {
                    "file_id": file_id,
                    "problem": problem.problem,
                    "remedy": problem.remedy,
                    **problem.model_dump(),
                }
                for problem in problems
            ]
            self.session.execute(insert(ReturnedRow), rows)

    def counted(self, election: ElectionCode) -> list[FileReport]:
        """Return the files that are open and all of whose rows are accounted for."""
        due = [report for report in self.reports(election) if not report.finished]
        return [
            report for report in due if self.session.get_one(IntakeFileRow, report.file.id).rows == report.counts.rows
        ]

    def finish_counted(self, election: ElectionCode, *, now: datetime) -> list[UUID]:
        """Close every file all of whose rows are accounted for; returns which were closed."""
        closed = [report.file.id for report in self.counted(election)]
        for known in closed:
            self.session.get_one(IntakeFileRow, known).finished_at = now
        touch(self.session, Book.FILES, [(known,) for known in closed])
        return closed

    def problems(self, file_id: UUID) -> list[RowProblem]:
        """Return the rows of a file that were not processed, in order."""
        query = select(ReturnedRow).where(ReturnedRow.file_id == file_id).order_by(ReturnedRow.number)
        return [problem_of(row) for row in self.session.scalars(query)]

    def agreed_names(self, election: ElectionCode, organisation: str) -> dict[str, str]:
        """Return the names over an organisation's columns with what they were agreed to mean."""
        query = select(AgreedNameRow).filter_by(election=election, organisation=organisation)
        return {row.name: row.column for row in self.session.scalars(query)}

    def agree_names(self, election: ElectionCode, organisation: str, names: Mapping[str, str]) -> None:
        """Keep what *names* mean from now on."""
        for name, column in names.items():
            row = AgreedNameRow(election=election, organisation=organisation, name=name[:200], column=column)
            self.session.merge(row)

    def reports(self, election: ElectionCode) -> list[FileReport]:
        """Return what became of every file of the election, in order of receipt."""
        sums = [func.coalesce(func.sum(getattr(IntakeChunkRow, name)), 0) for name in _COUNTS]
        query = (
            select(IntakeFileRow, *sums)
            .outerjoin(IntakeChunkRow, IntakeChunkRow.file_id == IntakeFileRow.id)
            .where(IntakeFileRow.election == election)
            .group_by(IntakeFileRow.id)
            .order_by(IntakeFileRow.received_at, IntakeFileRow.name)
        )
        notes = self._notes(election)
        return [_report(row, counts, notes.get(row.id, [])) for row, *counts in self.session.execute(query)]

    def _notes(self, election: ElectionCode) -> dict[UUID, list[Any]]:
        """Return what was noted while the chunks were worked on, by file."""
        query = (
            select(IntakeChunkRow.file_id, IntakeChunkRow.notes)
            .join(IntakeFileRow, IntakeFileRow.id == IntakeChunkRow.file_id)
            .where(IntakeFileRow.election == election)
            .order_by(IntakeChunkRow.file_id, IntakeChunkRow.number)
        )
        found: dict[UUID, list[Any]] = {}
        for known, notes in self.session.execute(query):
            if notes:
                found.setdefault(known, []).extend(notes)
        return found


def problem_of(row: ReturnedRow) -> RowProblem:
    """Return what *row* says; the sentences of one that was stored before messages were kept are shown as they are."""
    known: dict[str, Any] = {name: getattr(row, name) for name in RowProblem.model_fields}
    return RowProblem.model_validate(known | {"message": Message.kept(row.message, row.problem, row.remedy)})


def _report(row: IntakeFileRow, counts: Sequence[int], notes: Sequence[Any]) -> FileReport:
    return FileReport(
        file=_file(row),
        counts=ChunkCounts.model_validate(dict(zip(_COUNTS, counts, strict=True))),
        finished=row.finished_at is not None,
        notes=tuple(ReadingNote.model_validate(note) for note in (*row.notes, *notes)),
    )


def _file(row: IntakeFileRow) -> NominationsFile:
    return NominationsFile.model_validate({name: getattr(row, name) for name in NominationsFile.model_fields})
