"""Rows of webhooks: who is told of events, and what each of them has still to be told."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Code, Json
from domain.letters.webhooks import EventState


class WebhookRow(Base):
    """A receiver that the settings name, from the moment they were first read with it."""

    __tablename__ = "webhook"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    receiver: Mapped[str] = mapped_column(Code, primary_key=True)
    kinds: Mapped[list[Any]]
    """Kinds of events that it is told of; none named: all."""
    since: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    """It said that it is gone (410): nothing is sent, and what happens meanwhile is kept for it."""


class WebhookEventRow(Base):
    """An event that a receiver is to be told of; written in the transaction of the event itself."""

    __tablename__ = "webhook_event"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    election: Mapped[str] = mapped_column(Code)
    receiver: Mapped[str] = mapped_column(Code)
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"))
    """Whose event it is; of what happened to something else, the whole of it stands in :attr:`told`."""
    sequence: Mapped[int]
    told: Mapped[dict[str, Any] | None] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(8))
    failures: Mapped[int]
    answer: Mapped[str | None] = mapped_column(String(64))
    """Of the last attempt, as a code of ours: never what the receiver wrote."""
    next_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("election", "receiver", "application_id", "sequence"),
        Index(None, "election", "receiver", "state"),
        CheckConstraint("state in (" + ", ".join(f"'{state}'" for state in EventState) + ")", name="state_known"),
    )
