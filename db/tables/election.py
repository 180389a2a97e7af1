"""Rows of elections, their pledge texts and policies."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Code
from db.tables.letters import AskingRow


class ElectionRow(Base):
    """An election with its rules as loaded."""

    __tablename__ = "election"

    code: Mapped[str] = mapped_column(Code, primary_key=True)
    profile: Mapped[dict[str, Any]]
    geography: Mapped[dict[str, Any]]
    rules_sha256: Mapped[str] = mapped_column(String(64))
    next_serial: Mapped[int] = mapped_column(default=1)
    secret: Mapped[str] = mapped_column(String(64))
    """Key of status indices and document tags, in hex; made when the election is first loaded."""
    loaded_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    """When two administrators froze it; the record of signed acts says so, too."""


class PledgeTextRow(Base):
    """An exact text, by the hash of its UTF-8."""

    __tablename__ = "pledge_text"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(3))
    text: Mapped[str]


class AcceptanceRow(Base):
    """The text accepted with one version of an application."""

    __tablename__ = "pledge_acceptance"

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_version: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("pledge_text.sha256"))
    accepted_on: Mapped[date]


class PledgeRequestRow(AskingRow, Base):
    """A letter that asks a person to accept one version of the pledge."""

    __tablename__ = "pledge_request"

    application_id: Mapped[UUID]
    version: Mapped[str] = mapped_column(String(32))

    __table_args__ = (UniqueConstraint("election", "application_id", "version"),)


class PolicyRow(Base):
    """One version of a policy."""

    __tablename__ = "policy"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    id: Mapped[str] = mapped_column(Code, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]]
    loaded_by: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime]
