"""Many at once: long lists of ids in parts, and rows written without tracking each of them.

PostgreSQL takes 65,535 parameters in a statement, SQLite 32,766.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.tables.base import Base

MOST_IDS = 10_000


Id = TypeVar("Id")


def in_batches(ids: Sequence[Id], most: int = MOST_IDS) -> Iterator[Sequence[Id]]:
    """Yield *ids* in parts that one statement takes, or in smaller ones."""
    for start in range(0, len(ids), most):
        yield ids[start : start + most]


def insert_rows(session: Session, kind: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write *rows*, which name the same columns, in one statement; without the unit of work it takes half the time."""
    if rows:
        session.connection().execute(insert(kind.__table__), rows)  # type: ignore[arg-type]  # a mapped class has one
