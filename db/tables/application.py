"""Rows of applications: state, events, people (personal, erasable), findings, other ids."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Code, Json
from db.tables.encryption import EncryptedDocument
from domain.application.status import Status


class ApplicationRow(Base):
    """An application as its history makes it stand."""

    __tablename__ = "application"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    election: Mapped[str] = mapped_column(Code)
    organisation: Mapped[str] = mapped_column(Code)
    role: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    person_version: Mapped[int]
    received_at: Mapped[datetime]
    reasons: Mapped[list[Any]]
    due_at: Mapped[datetime | None]
    proposal: Mapped[dict[str, Any] | None] = mapped_column(Json)
    region: Mapped[str | None] = mapped_column(Code)
    office: Mapped[str | None] = mapped_column(Code)
    plan_id: Mapped[UUID | None]
    serial: Mapped[str | None] = mapped_column(String(16))
    valid_until: Mapped[datetime | None]
    before_suspension: Mapped[str | None] = mapped_column(String(16))
    taken_away: Mapped[str | None] = mapped_column(String(16))
    decided: Mapped[str | None] = mapped_column(String(16))
    reply_id: Mapped[UUID | None]
    reply_due_at: Mapped[datetime | None]
    look_due_at: Mapped[datetime | None]
    appeal_due_at: Mapped[datetime | None]
    head: Mapped[str] = mapped_column(String(64))
    """Hash of the last event: the head of this application's chain."""

    __table_args__ = (
        Index(None, "election", "status"),
        Index(None, "election", "organisation"),
        Index(None, "serial", unique=True),
        CheckConstraint("status in (" + ", ".join(f"'{status}'" for status in Status) + ")", name="status_known"),
        CheckConstraint("version >= 1 and person_version >= 1", name="versions_positive"),
        CheckConstraint("status <> 'credentialed' or (serial is not null)", name="credentialed_has_serial"),
        CheckConstraint("status not in ('incomplete', 'deferred') or due_at is not null", name="clock_has_end"),
    )


class EventRow(Base):
    """One event of one application; appended, never changed."""

    __tablename__ = "application_event"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    body: Mapped[dict[str, Any]]
    hash: Mapped[str] = mapped_column(String(64))


class PersonRow(Base):
    """One version of what is said of a person; erasable without breaking the chain."""

    __tablename__ = "person"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    election: Mapped[str] = mapped_column(Code)
    body: Mapped[dict[str, Any] | None] = mapped_column(
        EncryptedDocument("person.body", "application_id", ("preferred_regions",))
    )
    sha256: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]
    email_index: Mapped[str | None] = mapped_column(String(64))
    """By which a bounced letter finds whom it was for: a hash under a key of the store of personal keys."""

    __table_args__ = (Index(None, "email_index"),)


class FindingRow(Base):
    """What a check found on one version of a person's fields."""

    __tablename__ = "finding"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    person_version: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(String(48), primary_key=True)
    about: Mapped[str] = mapped_column(String(128), primary_key=True, default="")
    code: Mapped[str] = mapped_column(String(3))
    severity: Mapped[str] = mapped_column(String(8))
    fields: Mapped[list[Any]]
    at: Mapped[datetime]


class AliasRow(Base):
    """An id that a row's key gives, and the application that rows of that key are about."""

    __tablename__ = "application_alias"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
