"""The journal: what is kept elsewhere and must not change unseen, each entry with the hash of the one before.

Policies, plans in force, resolutions and officers' orders about letters lie in tables of their own. The journal keeps
what each of them said when it was made, as a hash; the audit compares.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BindParameter, Select, bindparam, func, select, text, update
from sqlalchemy.orm import Session, aliased

from db.bulk import in_batches, insert_rows
from db.tables.oversight import JournalRow
from domain.application.chain import GENESIS, chained
from domain.values import ElectionCode, Sha256

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Book(StrEnum):
    """What is journalled, each in a chain of its own."""

    POLICIES = "policies"
    PLANS = "plans"
    RESOLUTIONS = "resolutions"
    LETTERS = "letter orders"
    DESK = "desk"
    """Who opened which case and which file of it, and who took in which nominations file."""
    HISTORIES = "histories"
    """From which event to which a transaction took the history of a case, and the head that it left."""
    RECORD = "record"
    """Where the record of signed acts stood at the end of each transaction that wrote there."""
    CASES = "cases"
    PEOPLE = "people"
    FINDINGS = "findings"
    DECISIONS = "decision rows"
    NOTES = "notes"
    CREDENTIALS = "credentials"
    PRINTED = "printed copies"
    ORGANISATIONS = "organisations"
    LISTS = "lists"
    ENTRIES = "list entries"
    FILES = "files"
    CHUNKS = "file counts"
    RETURNED = "returned rows"
    CLEARED = "cleared pairs"
    CLEARANCES = "clearances"
    PLEDGES = "pledges"


Key = tuple[Any, ...]
ENGINE_KEY: Final = "engine key"
"""Where the session's info has what returns the key of the engine's seals, None where this process has none."""
_TOUCHED: Final = "kept rows that were written"


def touch(session: Session, book: Book, keys: Iterable[Key]) -> None:
    """Note that rows of *book* were written; what they say is journalled when the store closes."""
    touched: defaultdict[Book, set[Key]] = session.info.setdefault(_TOUCHED, defaultdict(set))
    touched[book].update(keys)


def take_touched(session: Session) -> dict[Book, set[Key]]:
    """Return the keys of the rows that were written since the last time, and forget them."""
    touched: dict[Book, set[Key]] = session.info.pop(_TOUCHED, {})
    return touched


def in_line(session: Session, name: str) -> None:
    """Wait until nobody else appends to the chain *name*; on SQLite one writer is alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})


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
        self.append(election, book, {subject: content_hash(content)}, by=by, at=at)

    def append(
        self, election: ElectionCode, book: Book, contents: Mapping[str, Sha256], *, by: str, at: datetime
    ) -> None:
        """Append the content hash of each subject, in order; two who append at once wait for each other."""
        if not contents:
            return
        in_line(self.session, f"journal {election}")
        last, before, seal = self._head(election, book)
        previous = before
        rows: list[dict[str, Any]] = []
        for number, (subject, content) in enumerate(sorted(contents.items()), start=last + 1):
            facts = [election, book.value, number, subject, content, by, at.astimezone(UTC).isoformat()]
            previous = chained(previous, facts)
            names = ("election", "book", "sequence", "subject", "content", "by")
            rows.append(dict(zip(names, facts, strict=False)) | {"at": at, "hash": previous, "seal": None})
        rows[-1]["seal"] = self._seal(previous, over=(last, before, seal))
        insert_rows(self.session, JournalRow, rows)

    def _seal(self, head: Sha256, *, over: tuple[int, Sha256, str | None]) -> str | None:
        """Return the engine's seal under *head*; None where what it follows bears none: no foreign entry is sealed."""
        find: Callable[[], Ed25519PrivateKey | None] = self.session.info.get(ENGINE_KEY, lambda: None)
        if (key := find()) is None:
            return None
        from domain.oversight.seals import maker, sealed, sealed_by  # noqa: PLC0415 -- readers need no cryptography

        number, before, seal = over
        return sealed(key, head) if not number or sealed_by(seal, before) == maker(key) else None

    def seal(self, election: ElectionCode, key: Ed25519PrivateKey) -> None:
        """Seal every book as it stands now, whoever sealed it before."""
        from domain.oversight.seals import sealed  # noqa: PLC0415 -- readers need no cryptography

        for book, (number, head) in self.heads(election).items():
            here = (JournalRow.election == election, JournalRow.book == book.value, JournalRow.sequence == number)
            self.session.execute(update(JournalRow).where(*here).values(seal=sealed(key, head)))

    def is_sealed(self, election: ElectionCode) -> bool:
        """Whether any entry of the election's journals bears a seal."""
        query = select(JournalRow.seal).where(JournalRow.election == election, JournalRow.seal.is_not(None))
        return self.session.scalars(query.limit(1)).first() is not None

    def sealed_by(self, election: ElectionCode, book: Book) -> str:
        """Return the public key that sealed a book as it stands now; nothing where nobody did."""
        from domain.oversight.seals import sealed_by  # noqa: PLC0415 -- most readers need no cryptography

        _, head, seal = self._head(election, book)
        return sealed_by(seal, head)

    def _head(self, election: ElectionCode, book: Book) -> tuple[int, Sha256, str | None]:
        """Return number, hash and seal of a book's last entry, which its key finds at once; 0 and zeros for none."""
        query = select(JournalRow.sequence, JournalRow.hash, JournalRow.seal).where(
            JournalRow.election == election, JournalRow.book == book.value
        )
        row = self.session.execute(query.order_by(JournalRow.sequence.desc()).limit(1)).first()
        return (row.sequence, row.hash, row.seal) if row else (0, GENESIS, None)

    def heads(self, election: ElectionCode) -> dict[Book, tuple[int, Sha256]]:
        """Return number and hash of the last entry of every book that has one."""
        rows = self.session.execute(_ends(), {"election": election})
        return {Book(row.book): (row.sequence, row.hash) for row in rows if row.book in {*Book}}

    def last(self, election: ElectionCode, book: Book) -> tuple[str, Sha256]:
        """Return what the last entry of a book keeps, and of which subject; nothing for an empty book."""
        row = self.session.get(JournalRow, (election, book.value, self._head(election, book)[0]))
        return (row.subject, row.content) if row else ("", "")

    def hash_at(self, election: ElectionCode, book: Book, number: int) -> Sha256 | None:
        """Return the hash of an entry of a book, None where there is none."""
        row = self.session.get(JournalRow, (election, book.value, number))
        return row.hash if row else None

    def entries(self, election: ElectionCode, book: Book) -> list[dict[str, Any]]:
        """Return every entry of a book as outsiders get it: what its hash covers, the hash and the seal."""
        names = ("sequence", "subject", "content", "by", "hash", "seal")
        return [
            {name: getattr(row, name) for name in names} | {"at": row.at.astimezone(UTC).isoformat()}
            for row in self._rows(election, book)
        ]

    def broken(self, election: ElectionCode, book: Book) -> str | None:
        """Return the subject of the first entry that does not carry the hash of the one before; None where all do."""
        return self.followed(election, book)[2]

    def followed(
        self, election: ElectionCode, book: Book, *, after: tuple[int, Sha256] = (0, GENESIS)
    ) -> tuple[int, Sha256, str | None]:
        """Recompute the chain from the entry *after* on; return its last number and hash, and what is broken if any."""
        number, head = after
        query = select(*JournalRow.__table__.columns).where(JournalRow.election == election)
        query = query.where(JournalRow.book == book.value, JournalRow.sequence > number)
        for row in self.session.execute(query.order_by(JournalRow.sequence)):
            number, head = number + 1, _linked(head, row)
            if (row.sequence, row.hash) != (number, head):
                return number, head, row.subject
        return number, head, None

    def began(self, election: ElectionCode, book: Book) -> datetime | None:
        """Return when the first entry was made, None where there is none."""
        return next((row.at for row in self._rows(election, book)), None)

    def contents(
        self, election: ElectionCode, book: Book, *, of: Collection[str] | None = None, first: bool = False
    ) -> dict[str, str]:
        """Return the hash last kept of each subject, or *first* kept; of those in *of* only, where any are named."""
        trails = self.trails(election, book, of=of)
        return {subject: contents[0 if first else -1] for subject, contents in trails.items()}

    def trails(
        self, election: ElectionCode, book: Book, *, of: Collection[str] | None = None
    ) -> dict[str, list[Sha256]]:
        """Return all that was kept of each subject, first to last; of those in *of* only, where any are named."""
        query = select(JournalRow.subject, JournalRow.content).order_by(JournalRow.sequence)
        query = query.where(JournalRow.election == election, JournalRow.book == book.value)
        parts = [query] if of is None else [query.where(JournalRow.subject.in_(part)) for part in in_batches(list(of))]
        found: defaultdict[str, list[Sha256]] = defaultdict(list)
        for row in (row for part in parts for row in self.session.execute(part)):
            found[row.subject].append(row.content)
        return found

    def _rows(self, election: ElectionCode, book: Book) -> Iterator[JournalRow]:
        query = select(JournalRow).where(JournalRow.election == election, JournalRow.book == book.value)
        yield from self.session.scalars(query.order_by(JournalRow.sequence))


def _linked(previous: str, row: Any) -> str:
    facts = [row.election, row.book, row.sequence, row.subject, row.content, row.by, row.at.astimezone(UTC).isoformat()]
    return chained(previous, facts)


@cache
def _ends() -> Select[tuple[str, int, str]]:
    """Return the query for the last entry of every book: a few searches in the index, however long the books are."""
    entry = aliased(JournalRow)
    election: BindParameter[str] = bindparam("election")
    books = select(func.min(entry.book).label("book")).where(entry.election == election).cte(recursive=True)
    later = select(func.min(entry.book)).where(entry.election == election, entry.book > books.c.book).scalar_subquery()
    books = books.union_all(select(later).where(books.c.book.is_not(None)))
    ends = select(func.max(entry.sequence)).where(entry.election == election, entry.book == books.c.book)
    query = select(JournalRow.book, JournalRow.sequence, JournalRow.hash).join(books, JournalRow.book == books.c.book)
    return query.where(JournalRow.election == election, JournalRow.sequence == ends.scalar_subquery())
