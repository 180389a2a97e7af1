"""The log's entries and checkpoints: every event and every signed act once, in the order of taking up."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from db.bulk import insert_rows
from db.journal import in_line
from db.tables.application import ApplicationRow, EventRow
from db.tables.decisions import StatementRow
from db.tables.oversight import LogCheckpointRow, LogEntryRow
from domain.oversight.log.proof import commitment
from domain.values import ElectionCode, Frozen, Sha256


class LogEntry(Frozen):
    """One entry with what it commits to; without salt, once the person was erased."""

    position: int
    subject: UUID
    sequence: int
    entry: Sha256
    salt: Sha256 | None


def record_of(election: ElectionCode) -> UUID:
    """Return the subject under which the record of signed acts stands in the log."""
    return uuid5(NAMESPACE_URL, f"record of signed acts/{election}")


@dataclass(frozen=True, slots=True)
class Log:
    """The logs of all elections."""

    session: Session

    def grow(self, election: ElectionCode) -> int:
        """Take up everything recorded since the last time, oldest first; return how many entries there are."""
        in_line(self.session, f"log {election}")
        size = self.size(election)
        rows: list[dict[str, Any]] = []
        for position, (subject, sequence, hashed) in enumerate(self._unlogged(election), start=size):
            salt = secrets.token_hex(32)
            facts = {"subject": subject, "sequence": sequence, "entry": commitment(salt, hashed), "salt": salt}
            rows.append({"election": election, "position": position} | facts)
        insert_rows(self.session, LogEntryRow, rows)
        return size + len(rows)

    def size(self, election: ElectionCode) -> int:
        """Return how many entries there are."""
        query = select(func.count()).select_from(LogEntryRow).where(LogEntryRow.election == election)
        return self.session.scalar(query) or 0

    def contents(self, election: ElectionCode) -> list[bytes]:
        """Return what every entry says, in order."""
        query = select(LogEntryRow.entry).where(LogEntryRow.election == election).order_by(LogEntryRow.position)
        return [bytes.fromhex(entry) for entry in self.session.scalars(query)]

    def entries(self, election: ElectionCode, subject: UUID) -> list[LogEntry]:
        """Return the entries about *subject*, in order."""
        here = (LogEntryRow.election == election, LogEntryRow.subject == subject)
        rows = self.session.scalars(select(LogEntryRow).where(*here).order_by(LogEntryRow.sequence))
        return [LogEntry.model_validate(row, from_attributes=True) for row in rows]

    def keep(self, election: ElectionCode, size: int, note: str) -> None:
        """Keep a checkpoint."""
        self.session.add(LogCheckpointRow(election=election, size=size, note=note))
        self.session.flush()

    def checkpoints(self, election: ElectionCode) -> list[tuple[int, str]]:
        """Return size and note of every checkpoint, the oldest first."""
        query = select(LogCheckpointRow.size, LogCheckpointRow.note).where(LogCheckpointRow.election == election)
        return [(row.size, row.note) for row in self.session.execute(query.order_by(LogCheckpointRow.size))]

    def misstated(self, election: ElectionCode) -> Iterator[str]:
        """Yield the entries that do not say what is recorded, and those that are out of their place."""
        recorded = self._recorded(election).subquery()
        known = {(row.subject, row.sequence): row.hash for row in self.session.execute(select(recorded))}
        rows = self.session.scalars(
            select(LogEntryRow).where(LogEntryRow.election == election).order_by(LogEntryRow.position)
        )
        for place, row in enumerate(rows):
            hashed = known.get((row.subject, row.sequence))
            if row.position != place:
                yield f"entry {place} is missing"
                return
            if hashed is None or (row.salt is not None and commitment(row.salt, hashed) != row.entry):
                yield f"entry {place} does not say what is recorded ({row.subject}, {row.sequence})"

    def saltless(self, election: ElectionCode) -> set[UUID]:
        """Return the subjects whose entries have lost their salts, as those of erased people do."""
        query = select(LogEntryRow.subject).where(LogEntryRow.election == election, LogEntryRow.salt.is_(None))
        return {*self.session.scalars(query.distinct())}

    def _recorded(self, election: ElectionCode) -> Select[Any]:
        events = (
            select(
                EventRow.application_id.label("subject"), EventRow.sequence.label("sequence"),
                EventRow.hash.label("hash"), EventRow.at.label("at"),
            )
            .join(ApplicationRow, ApplicationRow.id == EventRow.application_id)
            .where(ApplicationRow.election == election)
        )  # fmt: skip
        acts = select(
            literal(record_of(election)).label("subject"), StatementRow.sequence.label("sequence"),
            StatementRow.hash.label("hash"), StatementRow.recorded_at.label("at"),
        ).where(StatementRow.election == election)  # fmt: skip
        return select(union_all(events, acts).subquery())

    def _unlogged(self, election: ElectionCode) -> list[tuple[UUID, int, Sha256]]:
        recorded = self._recorded(election).subquery()
        logged = select(LogEntryRow.position).where(
            LogEntryRow.election == election,
            LogEntryRow.subject == recorded.c.subject,
            LogEntryRow.sequence == recorded.c.sequence,
        )
        query = select(recorded.c.subject, recorded.c.sequence, recorded.c.hash).where(~logged.exists())
        ordered = query.order_by(recorded.c.at, recorded.c.subject, recorded.c.sequence)
        return [(row.subject, row.sequence, row.hash) for row in self.session.execute(ordered)]
