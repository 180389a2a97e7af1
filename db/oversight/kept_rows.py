"""What must not change unseen in its own table: each row's content is journalled whenever the engine writes it.

A book names a table, the columns by which its rows are told apart, and the columns that are erased and therefore only
stand in the journal through a hash beside them. The audit reads the rows again and compares.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from db.bulk import in_batches
from db.journal import Book, Journal, Key, content_hash, take_touched
from db.tables.application import ApplicationRow, FindingRow, PersonRow
from db.tables.base import Base
from db.tables.credentials import CredentialRow, PrintedCopyRow
from db.tables.decisions import ClearanceRow, DecisionRow, NoteRow
from db.tables.election import AcceptanceRow
from db.tables.intake import IntakeChunkRow, IntakeFileRow, ReturnedRow
from db.tables.organisations import OrganisationRow
from db.tables.screening import ClearedPairRow, ReferenceEntryRow, ReferenceListRow
from domain.values import ElectionCode, Sha256

GONE: Final = content_hash({"rows": []})
"""What the journal says of rows that the engine removed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A journalled table: *key* tells subjects apart (of several rows together, where there are), *but* is left out."""

    row: type[Base]
    key: tuple[str, ...]
    but: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    via: str = "application_id"
    """Of a table without an election: the column that leads to the row that has one."""

    def query(self) -> Select[Any]:
        """Return a query of election, key and content of every row."""
        table = self.row.__table__
        columns = [column for column in table.columns if column.name not in self.but]
        wanted = [column for column in columns if not self.only or column.name in self.only]
        if "election" in table.columns:
            return select(table.columns["election"].label("of_election"), *wanted)
        other = IntakeFileRow if self.via == "file_id" else ApplicationRow
        joined = select(other.election.label("of_election"), *wanted)
        return joined.join_from(self.row, other, table.columns[self.via] == other.id)

    def election(self) -> Any:
        """Return the column that tells the election."""
        table = self.row.__table__
        if "election" in table.columns:
            return table.columns["election"]
        return (IntakeFileRow if self.via == "file_id" else ApplicationRow).election


KEPT: Final[Mapping[Book, Kept]] = {
    Book.CASES: Kept(ApplicationRow, ("id",), only=frozenset({"id", "election", "organisation"})),
    Book.PEOPLE: Kept(PersonRow, ("application_id", "version"), but=frozenset({"body", "email_index"})),
    Book.FINDINGS: Kept(FindingRow, ("application_id", "person_version")),
    Book.DECISIONS: Kept(DecisionRow, ("id",), but=frozenset({"facts"})),
    Book.NOTES: Kept(NoteRow, ("id",), but=frozenset({"text"})),
    Book.CREDENTIALS: Kept(CredentialRow, ("serial",)),
    Book.PRINTED: Kept(PrintedCopyRow, ("serial",)),
    Book.ORGANISATIONS: Kept(OrganisationRow, ("election", "code")),
    Book.LISTS: Kept(ReferenceListRow, ("election", "code")),
    Book.ENTRIES: Kept(ReferenceEntryRow, ("election", "list_code")),
    Book.FILES: Kept(IntakeFileRow, ("id",)),
    Book.CHUNKS: Kept(IntakeChunkRow, ("file_id",), via="file_id"),
    Book.RETURNED: Kept(ReturnedRow, ("file_id",), via="file_id"),
    Book.CLEARED: Kept(ClearedPairRow, ("election", "pair")),
    Book.CLEARANCES: Kept(ClearanceRow, ("application_id", "authority")),
    Book.PLEDGES: Kept(AcceptanceRow, ("application_id", "person_version")),
}


def journal_touched(session: Session, *, by: str = "engine") -> None:
    """Append to the journal what the rows say that were written since the last time."""
    touched = take_touched(session)
    for book in sorted(touched):
        for election, contents in _contents(session, book, keys=touched[book]).items():
            Journal(session).append(election, book, contents, by=by, at=datetime.now(UTC))


def journal_all(session: Session, election: ElectionCode, *, books: Collection[Book] = tuple(KEPT), by: str) -> None:
    """Append what differs from the journal now: of a database that is older, or of what was erased by right."""
    for book in sorted(books):
        contents = kept_now(session, election, book)
        before = Journal(session).contents(election, book)
        gone = {subject: GONE for subject, sha256 in before.items() if subject not in contents and sha256 != GONE}
        changed = {subject: sha256 for subject, sha256 in contents.items() if before.get(subject) != sha256} | gone
        Journal(session).append(election, book, changed, by=by, at=datetime.now(UTC))


def kept_now(session: Session, election: ElectionCode, book: Book) -> dict[str, Sha256]:
    """Return the content hash of every subject of *book* as its table has it now."""
    return _contents(session, book, election=election).get(election, {})


def changed_rows(
    session: Session, election: ElectionCode, book: Book, keys: Collection[Key], *, once: bool = False
) -> list[str]:
    """Return which of the rows *keys* do not say what they said when the engine wrote them.

    With *once* they are of a book whose rows the engine writes once: a later entry of the journal is none of its own.
    """
    now = _contents(session, book, keys=set(keys)).get(election, {})
    subjects = {":".join(map(str, key)) for key in keys}
    journal = Journal(session).contents(election, book, of=subjects, first=once)
    return sorted(name for name in subjects if now.get(name, GONE) != journal.get(name, GONE))


def _contents(
    session: Session, book: Book, *, keys: Collection[Key] | None = None, election: ElectionCode | None = None
) -> dict[ElectionCode, dict[str, Sha256]]:
    kept = KEPT[book]
    column = kept.row.__table__.columns[kept.key[-1 if kept.key[0] == "election" else 0]]
    queries = (
        [kept.query().where(kept.election() == election)]
        if keys is None
        else [kept.query().where(column.in_(part)) for part in in_batches(_firsts(kept, keys))]
    )
    rows: defaultdict[tuple[str, Key], list[dict[str, Any]]] = defaultdict(list)
    for query in queries:
        for row in session.execute(query).mappings():
            # What is empty is not said, so that a column added later leaves the hashes of older rows as they are.
            said = {name: _plain(value) for name, value in row.items() if name != "of_election" and value}
            key = tuple(row[name] for name in kept.key)
            if keys is None or key in keys:
                rows[row["of_election"], key].append(said)
    if keys is not None and kept.key[0] == "election":
        rows |= {(key[0], key): [] for key in keys if (key[0], key) not in rows}
    found: defaultdict[ElectionCode, dict[str, Sha256]] = defaultdict(dict)
    for (of_election, key), group in rows.items():
        group.sort(key=repr)
        found[of_election][":".join(str(part) for part in key)] = content_hash({"rows": group})
    return found


def _firsts(kept: Kept, keys: Collection[Key]) -> list[Any]:
    place = len(kept.key) - 1 if kept.key[0] == "election" else 0
    return list({key[place] for key in keys})


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    return str(value) if isinstance(value, UUID) else value
