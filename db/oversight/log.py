"""The log's entries and checkpoints: every event and every signed act once, in the order of taking up."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, select, union_all
from sqlalchemy import case as when
from sqlalchemy.orm import Session

from db.bulk import insert_rows
from db.journal import in_line
from db.tables.application import ApplicationRow, EventRow
from db.tables.decisions import StatementRow
from db.tables.oversight import LogCheckpointRow, LogEntryRow
from domain.oversight.log.proof import commitment
from domain.oversight.log.tiles import WIDTH
from domain.values import ElectionCode, Frozen, Sha256


class LogEntry(Frozen):
    """One entry with what it commits to; without salt, once the person was erased."""

    position: int
    subject: UUID
    sequence: int
    entry: Sha256
    salt: Sha256 | None


@dataclass(frozen=True, slots=True)
class LogTile:
    """The entries of one tile as they stand, each a line with what is recorded of it."""

    lines: tuple[str, ...]

    @property
    def is_full(self) -> bool:
        """Whether nothing is added to it any more."""
        return len(self.lines) == WIDTH

    def begins_at(self, place: int) -> bool:
        """Whether it is the tile whose first entry has that *place*."""
        return self.lines[0].startswith(f"{place}|")

    def is_in_place(self, first: int) -> bool:
        """Whether its entries stand from *first* on without a gap."""
        return [int(position) for position, *_ in self._rows()] == [*range(first, first + len(self.lines))]

    @property
    def digest(self) -> bytes:
        """SHA-256 of everything that is compared."""
        return hashlib.sha256("\n".join((str(len(self.lines)), *self.lines)).encode()).digest()

    def entries(self) -> list[bytes]:
        """Return what every entry says, in order."""
        return [bytes.fromhex(entry) for _, _, _, entry, _, _ in self._rows()]

    def misstated(self, first: int) -> Iterator[str]:
        """Yield the entries that do not say what is recorded, up to the first that is not in its place."""
        for place, (position, subject, sequence, entry, salt, recorded) in enumerate(self._rows(), start=first):
            if int(position) != place:
                yield f"entry {place} is missing"
                return
            if not recorded or (salt and commitment(salt, recorded) != entry):
                yield f"entry {place} does not say what is recorded ({UUID(subject)}, {sequence})"

    def _rows(self) -> list[list[str]]:
        return [line.split("|") for line in self.lines]


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

    def recorded(self, election: ElectionCode) -> int:
        """Return how many entries there are once everything recorded is taken up."""
        return self.session.scalar(select(func.count()).select_from(self._recorded(election).subquery())) or 0

    def contents(self, election: ElectionCode, *, tile: int | None = None) -> list[bytes]:
        """Return what every entry says, in order; with *tile*, of that one alone."""
        query = select(LogEntryRow.entry).where(LogEntryRow.election == election).order_by(LogEntryRow.position)
        if tile is not None:
            query = query.where(LogEntryRow.position.between(tile * WIDTH, (tile + 1) * WIDTH - 1))
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

    def mark(self, election: ElectionCode, size: int, *, note: str = "", stamp: bytes = b"") -> None:
        """Keep what others put to the checkpoint of *size* entries: a *note* with signatures, or a time *stamp*."""
        row = self.session.get_one(LogCheckpointRow, (election, size))
        row.note, row.stamp = note or row.note, stamp or row.stamp
        self.session.flush()

    def stamped(self, election: ElectionCode) -> tuple[str, bytes] | None:
        """Return note and time stamp of the newest checkpoint that has one."""
        query = select(LogCheckpointRow).where(
            LogCheckpointRow.election == election, LogCheckpointRow.stamp.is_not(None)
        )
        row = self.session.scalars(query.order_by(LogCheckpointRow.size.desc()).limit(1)).first()
        return (row.note, row.stamp) if row and row.stamp else None

    def tiles(self, election: ElectionCode) -> Iterator[LogTile]:
        """Yield the entries in order, with what is recorded of each, by the tiles in which the log is published."""
        logged, event, act, case = LogEntryRow, EventRow, StatementRow, ApplicationRow
        said = (logged.position, logged.subject, logged.sequence, logged.entry, logged.salt)
        recorded = func.coalesce(when((case.id.is_not(None), event.hash)), act.hash)
        parts: list[ColumnElement[str]] = [func.coalesce(cast(part, String), "") for part in (*said, recorded)]
        line = reduce(lambda before, part: before + "|" + part, parts)
        query = (
            select(line)
            .select_from(logged)
            .outerjoin(event, (event.application_id == logged.subject) & (event.sequence == logged.sequence))
            .outerjoin(case, (case.id == event.application_id) & (case.election == election))
            .outerjoin(
                act,
                (logged.subject == record_of(election))
                & (act.election == election)
                & (act.sequence == logged.sequence),
            )
            .where(logged.election == election)
            .order_by(logged.position)
        )
        for lines in self.session.scalars(query.execution_options(yield_per=WIDTH)).partitions():
            yield LogTile(tuple(lines))

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
