"""Rows of the serial ledger and of what was printed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Code
from domain.credentials.states import CopyState, LedgerState


class CredentialRow(Base):
    """A serial of the ledger: reserved, then issued, perhaps suspended, revoked or expired; never reused."""

    __tablename__ = "credential"

    serial: Mapped[str] = mapped_column(String(16), primary_key=True)
    election: Mapped[str] = mapped_column(Code)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    application_version: Mapped[int]
    number: Mapped[int]
    status_index: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    issued_at: Mapped[datetime]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    key_id: Mapped[str | None] = mapped_column(String(16))
    token_sha256: Mapped[str | None] = mapped_column(String(64))
    badge_sha256: Mapped[str | None] = mapped_column(String(64))
    replaces: Mapped[str | None] = mapped_column(String(16))
    cause: Mapped[str | None] = mapped_column(String(16))
    changed_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("election", "number"),
        UniqueConstraint("election", "status_index"),
        UniqueConstraint("application_id", "application_version"),
        CheckConstraint("state in (" + ", ".join(f"'{state}'" for state in LedgerState) + ")", name="state_known"),
    )


class PrintedCopyRow(Base):
    """A printed copy of a credential: stock that is handed over, or damaged, or lost."""

    __tablename__ = "printed_copy"

    serial: Mapped[str] = mapped_column(ForeignKey("credential.serial"), primary_key=True)
    copy_number: Mapped[int] = mapped_column(primary_key=True)
    election: Mapped[str] = mapped_column(Code)
    office: Mapped[str] = mapped_column(Code)
    layout: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(12))
    printed_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    officer: Mapped[str | None] = mapped_column(Code)
    proxy_tag: Mapped[str | None] = mapped_column(String(16))
    authority: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        Index(None, "election", "office"),
        CheckConstraint("state in (" + ", ".join(f"'{state}'" for state in CopyState) + ")", name="state_known"),
        CheckConstraint("(proxy_tag is null) = (authority is null)", name="proxy_has_authority"),
    )
