"""Rows of deployment plans."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Code
from db.tables.letters import AskingRow


class PlanRow(Base):
    """A deployment plan: the problem as solved and its answer, its teams and figures, and how far it has come."""

    __tablename__ = "plan"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    election: Mapped[str] = mapped_column(Code)
    problem: Mapped[dict[str, Any]]
    body: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10))
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The choices it was drafted with, and the order of levels in force."""
    numbers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What it was compared with, and what other choices would have cost."""
    teams: Mapped[dict[str, Any]] = mapped_column(default=dict)
    rosters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """By office the version of its list, and who stood on it where: ids and codes."""
    made_at: Mapped[datetime]
    adoption: Mapped[int | None]
    """Which adoption of its election it was: moments may repeat, this does not."""
    adopted_at: Mapped[datetime | None]
    adopted_by: Mapped[str | None] = mapped_column(String(64))
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index(None, "election", "state"),
        UniqueConstraint("election", "adoption"),
        CheckConstraint("state in ('draft', 'adopted', 'finished', 'discarded')", name="state_known"),
        CheckConstraint("state in ('draft', 'discarded') or adopted_at is not null", name="adopted_has_time"),
        CheckConstraint("state in ('draft', 'discarded') or adoption is not null", name="adopted_has_number"),
    )


class ConsentRequestRow(AskingRow, Base):
    """A letter that asks a person about one version of a notice, by the hash of its link's token."""

    __tablename__ = "consent_request"

    application_id: Mapped[UUID]
    notice: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("election", "application_id", "notice"),)


class AcknowledgementRow(AskingRow, Base):
    """A letter with a list or a summary that its recipient acknowledges, by the hash of its link's token."""

    __tablename__ = "acknowledgement"

    recipient: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(Code)
    """Of the office; of the region where a region's recipient is asked."""
    version: Mapped[int]
    answered: Mapped[str | None] = mapped_column(String(8))

    __table_args__ = (
        Index(None, "election", "recipient", "code"),
        CheckConstraint("answered is null or closed_at is not null", name="answered_is_closed"),
    )
