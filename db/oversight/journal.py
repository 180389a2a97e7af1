"""The journal: what is kept elsewhere and must not change unseen, each entry with the hash of the one before.

Policies, plans in force, resolutions and officers' orders about letters lie in tables of their own. The journal keeps
what each of them said when it was made, as a hash; the audit compares.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.oversight import JournalRow
from domain.application.chain import GENESIS
from domain.values import ElectionCode


class Book(StrEnum):
    """What is journalled, each in a chain of its own."""

    POLICIES = "policies"
    PLANS = "plans"
    RESOLUTIONS = "resolutions"
    LETTERS = "letter orders"


def content_hash(content: Mapping[str, Any]) -> str:
    """Return the hash of *content*, which is as it would stand in JSON."""
    body = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(body.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Journal:
    """The journals of all elections."""

    session: Session

    def add(
        self, election: ElectionCode, book: Book, subject: str, content: Mapping[str, Any], *, by: str, at: datetime
    ) -> None:
        """Append an entry; two who append at once make one of them fail."""
        query = select(JournalRow).where(JournalRow.election == election, JournalRow.book == book.value)
        last = self.session.scalars(query.order_by(JournalRow.sequence.desc()).limit(1)).first()
        row = JournalRow(
            election=election, book=book.value, sequence=last.sequence + 1 if last else 1, subject=subject,
            content=content_hash(content), by=by, at=at, hash="",
        )  # fmt: skip
        row.hash = _linked(last.hash if last else GENESIS, row)
        self.session.add(row)
        self.session.flush()

    def broken(self, election: ElectionCode, book: Book) -> str | None:
        """Return the subject of the first entry that does not carry the hash of the one before; None where all do."""
        previous = GENESIS
        for place, row in enumerate(self._rows(election, book), start=1):
            previous = _linked(previous, row)
            if previous != row.hash or row.sequence != place:
                return row.subject
        return None

    def began(self, election: ElectionCode, book: Book) -> datetime | None:
        """Return when the first entry was made, None where there is none."""
        return next((row.at for row in self._rows(election, book)), None)

    def contents(self, election: ElectionCode, book: Book) -> dict[str, str]:
        """Return the hash last kept of each subject."""
        return {row.subject: row.content for row in self._rows(election, book)}

    def _rows(self, election: ElectionCode, book: Book) -> Iterator[JournalRow]:
        query = select(JournalRow).where(JournalRow.election == election, JournalRow.book == book.value)
        yield from self.session.scalars(query.order_by(JournalRow.sequence))


def _linked(previous: str, row: JournalRow) -> str:
    facts = [row.election, row.book, row.sequence, row.subject, row.content, row.by, row.at.astimezone(UTC).isoformat()]
    return hashlib.sha256(f"{previous}\n{json.dumps(facts, separators=(',', ':'))}".encode()).hexdigest()
