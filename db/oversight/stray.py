"""Rows that belong to nothing: to no election of the database, or to a case, file or list entry that is not there.

The engine writes none. Somebody who writes the database could, where its own constraints are put off.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column, Table, exists, select
from sqlalchemy.orm import Session

from db.journal import Book
from db.tables.catalogue import Base
from db.tables.oversight import JournalRow

_LEADS: dict[str, tuple[str, str]] = {
    "election": ("election", "code"),
    "application_id": ("application", "id"),
    "file_id": ("intake_file", "id"),
    "entry_id": ("reference_entry", "id"),
}
"""To which table and column a column of this name leads, whether or not the database holds it to that."""


def stray_rows(session: Session) -> Iterator[str]:
    """Yield each column in which a row names what is not there, and the journal's books that are none."""
    for table in Base.metadata.sorted_tables:
        for column, there in _led(table):
            other = there.table.alias()
            nowhere = column.is_not(None) & ~exists().where(other.c[there.name] == column)
            if session.execute(select(column).where(nowhere).limit(1)).first() is not None:
                yield f"a row of {table.name} belongs to nothing: its {column.name} is nowhere"
    known = [book.value for book in Book]
    for book in session.scalars(select(JournalRow.book).where(JournalRow.book.not_in(known)).limit(1)):
        yield f"the journal has a book {book[:40]!r}, which is none of the engine's"


def _led(table: Table) -> Iterator[tuple[Column[object], Column[object]]]:
    tables = Base.metadata.tables
    for column in table.columns:
        lead = _LEADS.get(column.name)
        if lead and lead[0] != table.name:
            yield column, tables[lead[0]].columns[lead[1]]
        elif not lead:
            yield from ((column, key.column) for key in column.foreign_keys)
