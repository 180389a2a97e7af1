"""Rows that cannot be read as what they are: an audit names them by table, key and column, and goes on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from traceback import walk_tb
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Column, ColumnElement, Integer, LargeBinary, Row, String, Table, inspect, select, type_coerce
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db.tables.base import Base
from domain.errors import AccreditationError

UNREADABLE: Final = (
    AccreditationError, ValidationError, SQLAlchemyError, ValueError, LookupError, TypeError, AttributeError,
)  # fmt: skip
"""What reading a row raises that somebody has written over. Its text may hold what stands there: it is not shown."""
_AT_MOST: Final = 5


def unreadable(session: Session, error: Exception) -> str:
    """Return which row *error* was raised over, as table, key and column, never with what stands in it."""
    raised = (value for frame, _ in walk_tb(error.__traceback__) for value in frame.f_locals.values())
    rows = [value for value in raised if isinstance(value, Base)]
    if rows:
        return f"{_named(rows[-1])}{_column(error, rows[-1])} cannot be read"
    if found := ", ".join(islice(_unloadable(session), _AT_MOST)):
        return f"{found} cannot be read"
    if isinstance(error, ValidationError):
        return f"{error.title}{_known(error)}: {_place(error)} cannot be read"
    return str(error) if isinstance(error, AccreditationError) else "a row cannot be read"


def _named(row: Base) -> str:
    key = inspect(row).identity or ()
    return f"table {row.__tablename__}, row {' '.join(map(str, key))}"


def _known(error: Exception) -> str:
    """Return the key of a row that was read without its table: the ids among the nearest names."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    rows: list[Row[Any]] = [value for frame in frames for value in frame.f_locals.values() if isinstance(value, Row)]
    ids = [str(part) for part in rows[-1] if isinstance(part, UUID)] if rows else []
    return f" {ids[0]}" if ids else ""


def _place(error: ValidationError) -> str:
    return ".".join(map(str, error.errors(include_input=False, include_url=False)[0]["loc"]))


def _column(error: Exception, row: Base) -> str:
    """Return the column that is named by the error, or whose value it quotes."""
    if isinstance(error, ValidationError) and (place := _place(error)):
        return f", {'column' if place in row.__table__.columns else 'value'} {place}"
    values = {column.key: getattr(row, column.key, None) for column in row.__table__.columns}
    quoted = next((name for name, value in values.items() if value is not None and repr(value) in str(error)), "")
    return f", column {quoted}" if quoted else ""


def _unloadable(session: Session) -> Iterator[str]:
    """Yield the values that are not of their column's type: SQLite keeps whatever it is given."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if not _loads(session, column):
                yield from _rows(session, table, column)


def _loads(session: Session, column: Column[Any], *where: ColumnElement[bool]) -> bool:
    plain = getattr(column.type, "python_type", None) if isinstance(column.type, (Integer, LargeBinary)) else object
    try:
        found = session.execute(select(column).where(*where)).scalars()
        return all(value is None or isinstance(value, plain or object) for value in found)
    except UNREADABLE:
        return False


def _rows(session: Session, table: Table, column: Column[Any]) -> Iterator[str]:
    key = [type_coerce(part, String) for part in table.primary_key]
    for row in session.execute(select(*key)).all():
        if not _loads(session, column, *(part == value for part, value in zip(key, row, strict=True))):
            yield f"table {table.name}, row {' '.join(map(str, row))}, column {column.name}"
