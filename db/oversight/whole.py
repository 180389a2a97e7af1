"""All rows of one election, whatever table they stand in: as they are stored, put into another database, removed."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Date,
    Delete,
    LargeBinary,
    String,
    Table,
    Uuid,
    delete,
    func,
    insert,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from db.journal import Book
from db.oversight.log import record_of
from db.tables.application import ApplicationRow, PersonRow
from db.tables.base import Document, UtcDateTime
from db.tables.catalogue import Base
from db.tables.credentials import CredentialRow
from db.tables.encryption import MARK, NAME, EncryptedDocument, EncryptedText, Stored, encrypted_columns
from db.tables.intake import IncomingMessageRow, IntakeFileRow
from db.tables.letters import LetterRow
from db.tables.oversight import JournalRow, LogEntryRow
from db.tables.webhooks import WebhookEventRow
from domain.values import ElectionCode, Sha256

_PARENTS: Final = {"file_id": "intake_file", "application_id": "application", "entry_id": "reference_entry"}
"""Of tables without an election: the column that leads to the row that has one."""
_OF_THIS_PLACE: Final = frozenset({
    "webhook", "webhook_event", "drop_look", "enrolment_link", "applicant_key", "reference_key", "key_edition",
})  # fmt: skip
"""What means something in one installation only: its receivers and folders, and keys under its own secret."""
_FOR_GOOD: Final = frozenset({
    "election", "statement", "log_entry", "log_checkpoint", "erasure", "journal", "webhook", "webhook_event",
})  # fmt: skip
"""What is left of a deleted election: its rules, the signed acts, the log, what was erased, and who is told of it."""
_AT_ONCE: Final = 500
_SHARED: Final = "pledge_text"
"""Texts that several elections have, by their hash."""

Line = tuple[str, dict[str, Any]]
"""A row as JSON writes it, under the name of its table."""


def of_election(table: Table, election: ElectionCode) -> ColumnElement[bool] | None:
    """Return what the rows of *election* in *table* have in common; None for a table that all elections share."""
    columns = table.columns
    if table.name == "election":
        return columns["code"] == election
    if "election" in columns:
        return columns["election"] == election
    for name, parent in _PARENTS.items():
        if name in columns:
            above = Base.metadata.tables[parent].columns
            return columns[name].in_(select(above["id"]).where(above["election"] == election))
    return None


def stored_rows(session: Session, election: ElectionCode) -> Iterator[Line]:
    """Yield every row of *election*, parents first; what is encrypted stays so."""
    for table in Base.metadata.sorted_tables:
        where = _texts_of(election) if table.name == _SHARED else of_election(table, election)
        if where is None or table.name in _OF_THIS_PLACE:
            continue
        columns = [type_coerce(column, _bare(column)).label(column.key) for column in table.columns if _is_said(column)]
        for row in session.execute(select(*columns).where(where).order_by(*table.primary_key)).mappings():
            yield table.name, {name: _written(value) for name, value in row.items() if value is not None}


def put_rows(session: Session, lines: Iterable[Line]) -> int:
    """Put rows of :func:`stored_rows` into a database that has none of that election; returns how many.

    Texts that are there already are left as they are.
    """
    known = {*session.scalars(select(Base.metadata.tables[_SHARED].columns["sha256"]))}
    together: defaultdict[tuple[str, tuple[str, ...]], list[dict[str, Any]]] = defaultdict(list)
    for name, row in lines:
        if name != _SHARED or row["sha256"] not in known:
            together[name, tuple(sorted(row))].append(_read(Base.metadata.tables[name], row))
    order = {table.name: number for number, table in enumerate(Base.metadata.sorted_tables)}
    for (name, _), rows in sorted(together.items(), key=lambda group: order[group[0][0]]):
        for start in range(0, len(rows), _AT_ONCE):
            session.execute(insert(Base.metadata.tables[name]), rows[start : start + _AT_ONCE])
    return sum(map(len, together.values()))


def keys_named(row: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the keys under which values of a stored row are encrypted."""
    for value in row.values():
        text: Any = cast("dict[str, Any]", value).get("encrypted", "") if isinstance(value, dict) else value
        if isinstance(text, str) and text.startswith(MARK):
            yield text[len(MARK) : len(MARK) + NAME]


def files_named(session: Session, election: ElectionCode) -> set[Sha256]:
    """Return the content that anything of *election* names: pictures of people, and what it printed, got and sent."""
    columns = (
        (CredentialRow, CredentialRow.token_sha256), (CredentialRow, CredentialRow.badge_sha256),
        (IntakeFileRow, IntakeFileRow.sha256), (IncomingMessageRow, IncomingMessageRow.content),
    )  # fmt: skip
    found = {
        name for row, column in columns for name in session.scalars(select(column).where(row.election == election))
    }
    letters = session.scalars(select(LetterRow.body).where(LetterRow.election == election))
    found |= {attached["content"] for body in letters for attached in body["attachments"]}
    cases = select(ApplicationRow.id).where(ApplicationRow.election == election)
    people = session.scalars(select(PersonRow.body).where(PersonRow.application_id.in_(cases), PersonRow.sha256 != ""))
    found |= {body.get(name) for body in people if body for name in ("photo", "identity_page")}
    return {name for name in found if name}


def remove_rows(session: Session, election: ElectionCode) -> int:
    """Remove every row of *election* but those that stay for good, and the salts of the log; returns how many."""
    gone = _removed(session, delete(WebhookEventRow).where(WebhookEventRow.election == election))
    for table in reversed(Base.metadata.sorted_tables):
        where = of_election(table, election)
        if where is not None and table.name not in _FOR_GOOD:
            gone += _removed(session, delete(table).where(where))
    other = (JournalRow.election == election, JournalRow.book != Book.RECORD.value)
    session.execute(delete(JournalRow).where(*other))
    salted = (LogEntryRow.election == election, LogEntryRow.subject != record_of(election))
    session.execute(update(LogEntryRow).where(*salted).values(salt=None))
    return gone


def _removed(session: Session, statement: Delete) -> int:
    result = session.execute(statement)
    assert isinstance(result, CursorResult)  # noqa: S101 -- of a statement that changes rows
    return result.rowcount


def rows_left(session: Session, election: ElectionCode) -> list[str]:
    """Return the tables that hold anything of a deleted *election* that should be gone."""
    found: list[str] = []
    for table in Base.metadata.sorted_tables:
        where = of_election(table, election)
        if where is not None and table.name not in _FOR_GOOD:
            found += [table.name] if session.scalar(select(func.count()).select_from(table).where(where)) else []
    return found


def _texts_of(election: ElectionCode) -> ColumnElement[bool]:
    tables = Base.metadata.tables
    accepted = of_election(tables["pledge_acceptance"], election)
    assert accepted is not None  # noqa: S101 -- it has an application
    used = select(tables["pledge_acceptance"].columns["sha256"]).where(accepted)
    return tables[_SHARED].columns["sha256"].in_(used)


def _is_said(column: Any) -> bool:
    """Whether a column says something elsewhere: a number that a database counted up does not."""
    return not (column.primary_key and column.autoincrement is True)


def _bare(column: Any) -> Any:
    """Return the type under which a value is read as it is stored."""
    if isinstance(column.type, EncryptedDocument):
        return Document()
    return String() if isinstance(column.type, EncryptedText) else column.type


def _written(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case UUID():
            return value.hex
        case bytes():
            return b64encode(value).decode()
        case _:
            return value


def _read(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    closed = {name for name, _ in encrypted_columns(table)}
    return {
        name: Stored(value) if name in closed else _typed(table.columns[name], value) for name, value in row.items()
    }


def _typed(column: Any, value: Any) -> Any:
    match column.type:
        case UtcDateTime():
            return datetime.fromisoformat(value)
        case Date():
            return date.fromisoformat(value)
        case Uuid():
            return UUID(value)
        case LargeBinary():
            return b64decode(value)
        case _:
            return value
