"""Rows of reference lists, and of who may be whom."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Code
from db.tables.encryption import EncryptedDocument, EncryptedText


class ReferenceListRow(Base):
    """A list the operator supplied: whose it is, on what legal basis, for how long, and which bytes it was."""

    __tablename__ = "reference_list"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    code: Mapped[str] = mapped_column(Code, primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    owner: Mapped[str] = mapped_column(String(200))
    legal_basis: Mapped[str] = mapped_column(String(500))
    version_hash: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    entries: Mapped[int]
    loaded_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class ReferenceEntryRow(Base):
    """A person whom a list names."""

    __tablename__ = "reference_entry"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    election: Mapped[str] = mapped_column(Code)
    list_code: Mapped[str] = mapped_column(Code)
    body: Mapped[dict[str, Any]] = mapped_column(EncryptedDocument("reference_entry.body"))

    __table_args__ = (Index(None, "election", "list_code"),)


class ReferenceKeyRow(Base):
    """One key of one entry, as a number: how candidates are found (see domain/screening/keys.py)."""

    __tablename__ = "reference_key"

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)

    __table_args__ = ({"sqlite_with_rowid": False},)


class ApplicantKeyRow(Base):
    """One key of the current version of an applicant, as a number that tells nothing by itself."""

    __tablename__ = "applicant_key"

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True, index=True)

    __table_args__ = ({"sqlite_with_rowid": False},)


class KeyEditionRow(Base):
    """The edition of the code that computed all keys; one row."""

    __tablename__ = "key_edition"

    edition: Mapped[str] = mapped_column(String(16), primary_key=True)


class HitRow(Base):
    """What screening found on one version of an applicant; its evidence is personal."""

    __tablename__ = "screening_hit"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    person_version: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(String(128), primary_key=True)
    pair: Mapped[str] = mapped_column(String(32))
    band: Mapped[str] = mapped_column(String(8))
    body: Mapped[dict[str, Any]] = mapped_column(EncryptedDocument("screening_hit.body", "application_id"))
    at: Mapped[datetime]


class ClearedPairRow(Base):
    """An officer's finding that two sides are two people; it names them as they were compared."""

    __tablename__ = "cleared_pair"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    pair: Mapped[str] = mapped_column(String(32), primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    about: Mapped[str] = mapped_column(String(128))
    officer: Mapped[str] = mapped_column(Code)
    reason: Mapped[str] = mapped_column(EncryptedText("cleared_pair.reason", "application_id"))
    proof: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]

    __table_args__ = (Index(None, "application_id"),)
