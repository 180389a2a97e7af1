"""The record of officers' signed acts: one book an election, appended, each entry with the hash of the one before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.journal import Book, Journal, in_line
from db.tables.decisions import StatementRow, StatementWordsRow
from domain.application.chain import GENESIS
from domain.errors import UnknownThingError
from domain.statements.authority import Authority, Founding
from domain.statements.canonical import canonical, digest_of
from domain.statements.record import AUTHORITATIVE, Entry, EntryKind, Replay, founding_in
from domain.statements.signatures import SIGNATURE, KeySignature, PasskeyAssertion, Signature
from domain.statements.statement import AHEAD, Statement, StatementRefusedError, StatementWords
from domain.values import ElectionCode, Frozen, Sha256, UtcTime

MOST_REPLAYED: Final = 16
_REPLAYED: Final[dict[Sha256 | None, Authority]] = {}
"""Who may sign, by the hash of the last entry that changed it: the hash covers all entries before."""
_LOOKED: Final[dict[ElectionCode, tuple[int, Sha256, Sha256 | None]]] = {}
"""Up to which entry each record was looked through, its hash, and the hash of the last that changed who may sign."""


class Recorded(Frozen):
    """A signed statement as it is on record."""

    statement: Statement
    signature: Signature
    words: StatementWords
    recorded_at: UtcTime


@dataclass(frozen=True, slots=True)
class _New:
    """What is to be appended."""

    entry: EntryKind
    kind: str
    digest: Sha256
    document: str
    signature: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Done:
    statement: Statement
    at: datetime


@dataclass(frozen=True, slots=True)
class Statements:
    """The records of all elections."""

    session: Session
    pending: list[_Done] = field(default_factory=list[Any])
    """What is applied in this transaction; its entries are written with what came of it when the store closes."""
    appended: set[ElectionCode] = field(default_factory=set[ElectionCode])
    """Elections whose record this transaction wrote."""

    def found(self, founding: Founding, *, now: datetime) -> None:
        """Write the founding entry; raises :class:`StatementRefusedError` where the record has begun."""
        if self.head(founding.election)[0]:
            raise StatementRefusedError("The record of this election is founded already; that happens once.")
        said = founding.model_dump(mode="json")
        entry = _New(EntryKind.FOUNDING, "", digest_of(said), canonical(said).decode())
        self._append(founding.election, entry, now=now)

    def founding(self, election: ElectionCode) -> Founding | None:
        """Return what the record begins with, None where there is none."""
        first = next(self.entries(election), None)
        return founding_in(first) if first else None

    def take_turn(self, election: ElectionCode) -> None:
        """Wait until nobody else writes this record: what is checked then still holds when it is written."""
        in_line(self.session, f"statements {election}")

    def record(
        self, statement: Statement, signature: KeySignature | PasskeyAssertion, words: StatementWords, *, now: datetime
    ) -> Sha256:
        """Append a signed statement, which was checked, with the texts that belong to it; returns its digest.

        Raises :class:`StatementRefusedError` for one that is on record: it is not signed twice.
        """
        digest = statement.digest
        if self._row(statement.election, digest, EntryKind.SIGNED) is not None:
            raise StatementRefusedError("This statement is on record already; sign a new one.")
        said = signature.model_dump(mode="json")
        entry = _New(EntryKind.SIGNED, statement.kind.value, digest, statement.document.decode(), said)
        self._append(statement.election, entry, now=now)
        if words.texts:
            cases = [str(case.id) for case in statement.cases]
            body = words.model_dump(mode="json")
            self.session.add(StatementWordsRow(digest=digest, election=statement.election, cases=cases, body=body))
            self.session.flush()
        return digest

    def get(self, election: ElectionCode, digest: Sha256) -> Recorded:
        """Return a statement on record with its signature and texts; raises :class:`UnknownThingError`."""
        row = self._row(election, digest, EntryKind.SIGNED)
        if row is None:
            raise UnknownThingError("signed statement", digest[:16])
        kept = self.session.get(StatementWordsRow, digest)
        words = StatementWords.model_validate(kept.body) if kept and kept.body else StatementWords.of({})
        statement, signature = Statement.read(row.document.encode()), SIGNATURE.validate_python(row.signature)
        return Recorded(statement=statement, signature=signature, words=words, recorded_at=row.recorded_at)

    def require_clock(self, election: ElectionCode, digest: Sha256, *, now: datetime) -> None:
        """Raise :class:`StatementRefusedError` where something was recorded after a statement, and later than *now*.

        The clock was set back then, and the minutes in which the statement is good would last for ever.
        """
        row = self._row(election, digest, EntryKind.SIGNED)
        later = select(func.max(StatementRow.recorded_at)).where(
            StatementRow.election == election, StatementRow.sequence > (row.sequence if row else 0)
        )
        last = self.session.scalar(later)
        if last is not None and last > now + AHEAD:
            raise StatementRefusedError("The clock of this machine was set back since this was signed; sign again.")

    def journal(self, election: ElectionCode, *, at: datetime) -> None:
        """Append where the record stands, so that the engine's seal covers it."""
        number, head = self.head(election)
        contents = {str(number): head} if number else {}
        Journal(self.session).append(election, Book.RECORD, contents, by="engine", at=at)

    def is_journalled(self, election: ElectionCode) -> bool:
        """Whether the record ends as the engine left it: neither replaced, nor shortened, nor gone on by others."""
        number, head = self.head(election)
        return Journal(self.session).last(election, Book.RECORD) == ((str(number), head) if number else ("", ""))

    def is_applied(self, election: ElectionCode, digest: Sha256) -> bool:
        """Whether the statement was applied: it is not applied again."""
        return self._row(election, digest, EntryKind.APPLIED) is not None

    def applying(self, statement: Statement, *, now: datetime) -> None:
        """Note that *statement* is applied in this transaction; raises where it was before."""
        if self.is_applied(statement.election, statement.digest):
            raise StatementRefusedError("This statement was applied already; nothing was done again.")
        self.pending.append(_Done(statement, now))

    def flush(self, moved: Mapping[UUID, tuple[int, Sha256]]) -> None:
        """Append that what was pending is applied, and to which version and head it *moved* cases."""
        pending, self.pending[:] = list(self.pending), []
        for done in pending:
            election = done.statement.election
            books = Journal(self.session).heads(election)
            came = {
                "moved": {str(case): [version, head] for case, (version, head) in sorted(moved.items())},
                "books": {book.value: [number, head] for book, (number, head) in sorted(books.items())},
            }
            said = canonical(came).decode()
            entry = _New(EntryKind.APPLIED, done.statement.kind.value, done.statement.digest, said)
            self._append(election, entry, now=done.at)
        for election in sorted(self.appended):
            self.journal(election, at=datetime.now(UTC))
        self.appended.clear()

    def authority(self, election: ElectionCode) -> Authority:
        """Return who may sign now, by replaying the record; raises :class:`StatementRefusedError` without a founding.

        Only the entries are read that change it, and not again while there is none after the last of them.
        """
        last = self._last_authoritative(election)
        if (known := _REPLAYED.get(last)) is not None:
            return known
        replay = Replay()
        for entry in self.entries(election, kinds=AUTHORITATIVE):
            replay.take(entry)
        if replay.authority is None:
            raise StatementRefusedError("The record of this election has no founding entry. Run: accredit db upgrade")
        while len(_REPLAYED) >= MOST_REPLAYED:
            _REPLAYED.pop(next(iter(_REPLAYED)), None)
        return _REPLAYED.setdefault(last, replay.authority)

    def _last_authoritative(self, election: ElectionCode) -> Sha256 | None:
        """Return the hash of the last entry that changed who may sign; only what came since the last look is read."""
        now, head = self.head(election)
        seen, there, last = _LOOKED.get(election, (0, GENESIS, None))
        row = StatementRow
        if (
            seen
            and self.session.scalar(select(row.hash).where(row.election == election, row.sequence == seen)) != there
        ):
            seen, last = 0, None
        query = select(row.hash).where(row.election == election, row.sequence > seen, row.sequence <= now)
        query = query.where(row.kind.in_(AUTHORITATIVE)).order_by(row.sequence.desc()).limit(1)
        last = self.session.scalars(query).first() or last
        _LOOKED[election] = now, head, last
        return last

    def is_rehearsal(self, election: ElectionCode) -> bool:
        """Whether the election was founded, and is still, as a rehearsal: its work may be dated."""
        return self.head(election)[0] > 0 and self.authority(election).rehearsal

    def head(self, election: ElectionCode) -> tuple[int, Sha256]:
        """Return number and hash of the last entry; 0 and zeros where there is none."""
        query = select(StatementRow.sequence, StatementRow.hash).where(StatementRow.election == election)
        row = self.session.execute(query.order_by(StatementRow.sequence.desc()).limit(1)).first()
        return (row.sequence, row.hash) if row else (0, GENESIS)

    def hash_at(self, election: ElectionCode, number: int) -> Sha256 | None:
        """Return the hash of an entry, None where there is none."""
        row = self.session.get(StatementRow, (election, number))
        return row.hash if row else None

    def entries(self, election: ElectionCode, *, kinds: Collection[str] = (), after: int = 0) -> Iterator[Entry]:
        """Yield the entries after one of a number, first to last; of *kinds* only, where any are named."""
        query = select(StatementRow).where(StatementRow.election == election, StatementRow.sequence > after)
        query = query.order_by(StatementRow.sequence)
        if kinds:
            query = query.where(StatementRow.kind.in_(kinds))
        for row in self.session.scalars(query.execution_options(yield_per=500)):
            yield Entry.model_validate({name: getattr(row, name) for name in Entry.model_fields}, strict=False)

    def words(self, election: ElectionCode) -> dict[Sha256, StatementWords | None]:
        """Return the texts of each statement that had any; None where they were erased."""
        query = select(StatementWordsRow).where(StatementWordsRow.election == election)
        return {
            row.digest: StatementWords.model_validate(row.body) if row.body else None
            for row in self.session.scalars(query)
        }

    def words_about(self, election: ElectionCode) -> dict[Sha256, list[str]]:
        """Return which cases the texts of each statement are kept for."""
        query = select(StatementWordsRow.digest, StatementWordsRow.cases)
        rows = self.session.execute(query.where(StatementWordsRow.election == election))
        return {row.digest: row.cases for row in rows}

    def erase_words(self, ids: Collection[UUID]) -> int:
        """Erase the texts of all statements about any of these cases, with their salts; returns how many."""
        wanted = {str(known_id) for known_id in ids}
        rows = self.session.scalars(select(StatementWordsRow).where(StatementWordsRow.body.is_not(None)))
        about = [row for row in rows if row.body is not None and not wanted.isdisjoint(row.cases)]
        for row in about:
            row.body = None
        self.session.flush()
        return len(about)

    def _row(self, election: ElectionCode, digest: Sha256, entry: EntryKind) -> StatementRow | None:
        query = select(StatementRow).where(
            StatementRow.election == election, StatementRow.digest == digest, StatementRow.entry == entry.value
        )
        return self.session.scalars(query).first()

    def _append(self, election: ElectionCode, new: _New, *, now: datetime) -> None:
        """Append an entry; two who append at once wait for each other."""
        self.take_turn(election)
        sequence, previous = self.head(election)
        entry = Entry(
            election=election, sequence=sequence + 1, entry=new.entry, kind=new.kind, digest=new.digest,
            document=new.document, signature=new.signature, recorded_at=now, hash=GENESIS,
        )  # fmt: skip
        columns = entry.model_dump() | {"entry": new.entry.value, "hash": entry.linked(previous)}
        self.session.add(StatementRow(**columns))
        self.session.flush()
        self.appended.add(election)
