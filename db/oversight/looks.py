"""Looks at people's files, as the journal of openings has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.journal import Book, Journal, content_hash
from db.tables.oversight import JournalRow
from domain.oversight.looks import Look
from domain.values import ElectionCode


@dataclass(frozen=True, slots=True)
class Looks:
    """The book of openings of all elections."""

    session: Session

    def keep(self, election: ElectionCode, by: str, subjects: Sequence[str], *, at: datetime) -> None:
        """Append entries; two who append at once take turns or one of them fails."""
        contents = {subject: content_hash({"subject": subject}) for subject in subjects}
        Journal(self.session).append(election, Book.DESK, contents, by=by, at=at)

    def at(self, election: ElectionCode, case: UUID | None = None) -> Iterator[Look]:
        """Yield the looks at *case*, or at every case, first to last."""
        query = select(JournalRow.subject, JournalRow.by, JournalRow.at).where(JournalRow.election == election)
        query = query.where(JournalRow.book == Book.DESK.value).order_by(JournalRow.sequence)
        if case is not None:
            query = query.where(JournalRow.subject.contains(f":{case}"))
        for row in self.session.execute(query):
            look = Look.read(row.subject, by=row.by, at=row.at)
            if look is not None:
                yield look

    def beginning(self, election: ElectionCode, start: str) -> Iterator[tuple[str, str, datetime]]:
        """Yield what was opened, by whom and when, of all subjects that begin with *start*, first to last."""
        query = select(JournalRow.subject, JournalRow.by, JournalRow.at).where(JournalRow.election == election)
        query = query.where(JournalRow.book == Book.DESK.value, JournalRow.subject.startswith(start, autoescape=True))
        yield from self.session.execute(query.order_by(JournalRow.sequence)).tuples()
