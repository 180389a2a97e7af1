"""Archived elections: nothing is written for them any more."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.election import ElectionRow
from domain.errors import ArchivedError
from domain.values import ElectionCode


def archived_elections(session: Session) -> list[ElectionCode]:
    """Return the codes of the elections that are archived."""
    return list(session.scalars(select(ElectionRow.code).where(ElectionRow.archived_at.is_not(None))))


def require_working(session: Session, codes: Collection[ElectionCode]) -> None:
    """Raise :class:`ArchivedError` where one of *codes* is archived."""
    for code in sorted(set(codes).intersection(archived_elections(session))):
        raise ArchivedError(code)
