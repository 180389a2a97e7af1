"""Rows of nominating organisations and of the acts about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Code
from db.tables.encryption import EncryptedDocument, EncryptedText


class OrganisationRow(Base):
    """A nominating organisation in an election."""

    __tablename__ = "organisation"

    election: Mapped[str] = mapped_column(ForeignKey("election.code"), primary_key=True)
    code: Mapped[str] = mapped_column(Code, primary_key=True)
    standing: Mapped[str] = mapped_column(String(16))
    body: Mapped[dict[str, Any]] = mapped_column(EncryptedDocument("organisation.body", bare=("name",)))


class OrganisationActRow(Base):
    """One act about an organisation; appended, never changed."""

    __tablename__ = "organisation_act"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    organisation: Mapped[str] = mapped_column(Code, primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(String(24))
    officer: Mapped[str] = mapped_column(Code)
    reasons: Mapped[list[Any]]
    facts: Mapped[str] = mapped_column(EncryptedText("organisation_act.facts"))
    proof: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    hash: Mapped[str] = mapped_column(String(64))
