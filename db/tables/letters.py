"""Rows of the outbox and of attempts to deliver."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Code
from db.tables.encryption import EncryptedDocument

_BARE: Final = (
    "key", "kind", "language", "copy_language", "only_while", "application_id", "organisation", "leaves_at",
)  # fmt: skip
"""Members of a letter that are codes, ids and times."""


class AskingRow:
    """What rows of letters that ask for an answer have in common, by the hash of their link's token."""

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    election: Mapped[str] = mapped_column(Code)
    letter: Mapped[str] = mapped_column(String(200))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class LetterRow(Base):
    """The outbox."""

    __tablename__ = "letter"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    election: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(String(24))
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"), index=True)
    body: Mapped[dict[str, Any]] = mapped_column(EncryptedDocument("letter.body", "application_id", _BARE))
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(500))

    __table_args__ = (Index(None, "election", "state", "queued_at"),)


class ParcelledLetterRow(Base):
    """A letter, or the organisation's copy of it, that goes in a parcel; without one it waits for the next."""

    __tablename__ = "parcelled_letter"

    letter: Mapped[str] = mapped_column(ForeignKey("letter.key"), primary_key=True)
    election: Mapped[str] = mapped_column(Code)
    organisation: Mapped[str] = mapped_column(Code)
    stage: Mapped[str] = mapped_column(String(16))
    parcel: Mapped[str | None] = mapped_column(ForeignKey("letter.key"), index=True)

    __table_args__ = (Index(None, "election", "parcel"),)


class LetterAttemptRow(Base):
    """What became of a letter, each time, in words without addresses.

    A row without a letter says that no letter could be sent at all.
    """

    __tablename__ = "letter_attempt"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    election: Mapped[str] = mapped_column(Code)
    key: Mapped[str | None] = mapped_column(ForeignKey("letter.key"), index=True)
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    answer: Mapped[str | None] = mapped_column(String(500))
    next_at: Mapped[datetime | None]
    officer: Mapped[str | None] = mapped_column(Code)

    __table_args__ = (Index(None, "election", "state"),)
