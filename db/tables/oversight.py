"""Rows of the books that oversight reads: the journal, and what was erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Code


class ErasureRow(Base):
    """One signed step of an erasure; appended, each carrying the hash of the one before."""

    __tablename__ = "erasure"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[UUID]
    step: Mapped[str] = mapped_column(String(12))
    applications: Mapped[list[Any]]
    ground: Mapped[str] = mapped_column(String(64))
    officer: Mapped[str] = mapped_column(Code)
    proof: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    files: Mapped[list[Any]]
    """Content that still has to be removed from the file store, and keys that have to be destroyed; emptied when that
    is done, and not in the hash."""
    hash: Mapped[str] = mapped_column(String(64))


class JournalRow(Base):
    """One entry; appended, never changed."""

    __tablename__ = "journal"
    __table_args__ = (Index(None, "election", "book", "subject"),)

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    book: Mapped[str] = mapped_column(String(16), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(96))
    content: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what was kept under *subject*."""
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    hash: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str | None] = mapped_column(String(192))
    """The engine's, of the last entry of each transaction: it covers all before."""


class RestorationRow(Base):
    """A restore to an older state, and what it found; nothing is recorded until an officer signed for it."""

    __tablename__ = "restoration"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    body: Mapped[dict[str, Any]]
    statement: Mapped[str | None] = mapped_column(String(64))
    accepted_at: Mapped[datetime | None]


class LogEntryRow(Base):
    """One entry of the log; appended, and never changed but for its salt, which an erasure takes."""

    __tablename__ = "log_entry"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[UUID]
    """The case whose event it is about, or the record of signed acts."""
    sequence: Mapped[int]
    entry: Mapped[str] = mapped_column(String(64))
    """What the log says: HMAC-SHA256 of the event's hash under the salt."""
    salt: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (Index(None, "election", "subject", "sequence", unique=True),)


class LogCheckpointRow(Base):
    """A checkpoint as it was signed; appended, and never changed but for what witnesses and authorities add."""

    __tablename__ = "log_checkpoint"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(Text)
    stamp: Mapped[bytes | None] = mapped_column(LargeBinary)
    """An authority's time stamp of the checkpoint as it was signed (RFC 3161, DER)."""
