"""The tables of reference lists."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base

Code = String(32)


class ReferenceListRow(Base):
    """A list the operator supplied: whose it is, on what legal basis, for how long, and which bytes it was."""

    __tablename__ = "reference_list"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    code: Mapped[str] = mapped_column(Code, primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    owner: Mapped[str] = mapped_column(String(200))
    legal_basis: Mapped[str] = mapped_column(String(500))
    version_hash: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    entries: Mapped[int]
    loaded_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class ReferenceEntryRow(Base):
    """A person whom a list names."""

    __tablename__ = "reference_entry"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    election: Mapped[str] = mapped_column(Code)
    list_code: Mapped[str] = mapped_column(Code)
    body: Mapped[dict[str, Any]]

    __table_args__ = (Index(None, "election", "list_code"),)


class ReferenceKeyRow(Base):
    """One key of one entry, as a number: how candidates are found (see domain/screening/keys.py)."""

    __tablename__ = "reference_key"

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)

    __table_args__ = ({"sqlite_with_rowid": False},)
