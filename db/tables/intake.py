"""Rows of nominations files, of what was returned, and of what reaches the office by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Code
from db.tables.encryption import EncryptedDocument, EncryptedText


class IntakeFileRow(Base):
    """A nominations file, known by its content."""

    __tablename__ = "intake_file"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    election: Mapped[str] = mapped_column(Code)
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    organisation: Mapped[str] = mapped_column(Code)
    received_at: Mapped[datetime]
    rows: Mapped[int]
    taken_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    notes: Mapped[list[Any]] = mapped_column(EncryptedDocument("intake_file.notes"), default=list, server_default="[]")
    """How it was read: sentences that name rows, and sheets and columns as the sender calls them."""

    __table_args__ = (UniqueConstraint("election", "organisation", "sha256"),)


class IntakeChunkRow(Base):
    """What became of one chunk of rows; written together with what it recorded."""

    __tablename__ = "intake_chunk"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("intake_file.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    recorded: Mapped[int]
    unchanged: Mapped[int]
    corrected: Mapped[int]
    held: Mapped[int]
    returned: Mapped[int]
    recognised_by_other_evidence: Mapped[int] = mapped_column(server_default="0")
    reference_reused: Mapped[int] = mapped_column(server_default="0")
    notes: Mapped[list[Any]] = mapped_column(EncryptedDocument("intake_chunk.notes"), default=list, server_default="[]")
    """Names like those of files that did not come, by row."""


class ReturnedRow(Base):
    """A row that was not processed: as it came, with what is wrong and what to do."""

    __tablename__ = "returned_row"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("intake_file.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(String(8))
    field: Mapped[str] = mapped_column(String(64))
    problem: Mapped[str] = mapped_column(EncryptedText("returned_row.problem"))
    remedy: Mapped[str] = mapped_column(EncryptedText("returned_row.remedy"))
    """In English; for rows of the time before messages were kept, all that there is."""
    message: Mapped[dict[str, Any] | None] = mapped_column(EncryptedDocument("returned_row.message"))
    cells: Mapped[dict[str, Any]] = mapped_column(EncryptedDocument("returned_row.cells"))
    mended_at: Mapped[datetime | None]
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"))
    """What it became once it was mended."""


class AgreedNameRow(Base):
    """A name over a column in an organisation's files, and the column it was agreed to mean."""

    __tablename__ = "agreed_name"

    election: Mapped[str] = mapped_column(ForeignKey("election.code"), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    column: Mapped[str] = mapped_column(String(32))
    """One of the documented columns; empty: never read."""


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
    sender: Mapped[str] = mapped_column(EncryptedText("incoming_message.sender"))
    subject: Mapped[str] = mapped_column(EncryptedText("incoming_message.subject"))
    attachments: Mapped[list[Any]] = mapped_column(EncryptedDocument("incoming_message.attachments"))
    received_at: Mapped[datetime]
    content: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(32))
    organisation: Mapped[str] = mapped_column(Code)
    officer: Mapped[str | None] = mapped_column(Code)
    settled_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "election", "state"),)


class TraceRow(Base):
    """One row of a file and its case; ids only."""

    __tablename__ = "intake_row"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("intake_file.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    known_by: Mapped[str] = mapped_column(String(16))
    """See :class:`domain.intake.nominations_file.KnownBy`."""
    known_before: Mapped[UUID | None]
    """The case of another person whom the row's reference meant until then."""

    __table_args__ = ({"sqlite_with_rowid": False},)
