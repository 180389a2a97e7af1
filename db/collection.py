"""What was seen in the drop folder, and the messages that were fetched from the mailbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base

Code = String(32)


class DropLookRow(Base):
    """How a file in the drop folder looked when it was last seen to have changed; its name only as a hash."""

    __tablename__ = "drop_look"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    place: Mapped[str] = mapped_column(String(64), primary_key=True)
    mark: Mapped[str] = mapped_column(String(64))
    """Hash of sizes and times of change, of the file and of what lies in its folder of pictures."""
    seen_at: Mapped[datetime]


class IncomingMessageRow(Base):
    """A message that was fetched; sender, subject and attachments' names are personal."""

    __tablename__ = "incoming_message"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    election: Mapped[str] = mapped_column(Code)
    message_id: Mapped[str] = mapped_column(String(500))
    sender: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(200))
    attachments: Mapped[list[Any]]
    received_at: Mapped[datetime]
    content: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    organisation: Mapped[str] = mapped_column(Code)
    officer: Mapped[str | None] = mapped_column(Code)
    settled_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "election", "state"),)
