"""Rows of officers and of their acts on cases: decisions, notes, claims, clearances, sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Code, Json
from db.tables.encryption import EncryptedDocument, EncryptedText


class OfficerRow(Base):
    """An officer, as the record of signed acts makes them."""

    __tablename__ = "officer"

    election: Mapped[str] = mapped_column(ForeignKey("election.code"), primary_key=True)
    code: Mapped[str] = mapped_column(Code, primary_key=True)
    body: Mapped[dict[str, Any]]
    keys: Mapped[list[Any]]
    """Public keys that count. The record of signed acts says the same, and counts where this differs."""


class OfficerActRow(Base):
    """One signed step of an act about an officer; appended, never changed, each carrying the hash of the one before."""

    __tablename__ = "officer_act"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    election: Mapped[str] = mapped_column(Code)
    sequence: Mapped[int]
    act: Mapped[str] = mapped_column(String(16))
    officer: Mapped[str] = mapped_column(Code)
    detail: Mapped[str] = mapped_column(String(64))
    step: Mapped[str] = mapped_column(String(12))
    by: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (Index(None, "election", "sequence", unique=True),)


class NoteRow(Base):
    """One version of an officer's note on a case; its text is personal and can be erased, its hash stays."""

    __tablename__ = "note"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    number: Mapped[int]
    version: Mapped[int]
    officer: Mapped[str] = mapped_column(Code)
    text: Mapped[str | None] = mapped_column(EncryptedText("note.text", "application_id"))
    sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("application_id", "number", "version"),)


class ClaimRow(Base):
    """Who works on a case, and until when it stays with them."""

    __tablename__ = "claim"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    officer: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime]
    until: Mapped[datetime]


class ClearanceRow(Base):
    """A question to another authority about a case, and what came back: yes, no, or nothing in time."""

    __tablename__ = "clearance"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    authority: Mapped[str] = mapped_column(Code, primary_key=True)
    officer: Mapped[str] = mapped_column(Code)
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(String(16))
    ground: Mapped[str] = mapped_column(EncryptedText("clearance.ground", "application_id"), default="")
    answered_at: Mapped[datetime | None]


class ClockMarkRow(Base):
    """That somebody was told of a clock: at half its time, at four fifths, at its end."""

    __tablename__ = "clock_mark"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    clock: Mapped[str] = mapped_column(String(12), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    mark: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class DecisionRow(Base):
    """An officer's act, with the facts it rests on (personal; the event carries only its id)."""

    __tablename__ = "decision"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), index=True)
    officer: Mapped[str] = mapped_column(Code)
    outcome: Mapped[str] = mapped_column(String(24))
    reasons: Mapped[list[Any]]
    facts: Mapped[str] = mapped_column(EncryptedText("decision.facts", "application_id"))
    proof: Mapped[str] = mapped_column(String(16))
    statement: Mapped[str | None] = mapped_column(String(64))
    """Digest of the signed statement it rests on; empty in what is older than the record."""
    note_id: Mapped[UUID | None]
    session: Mapped[str | None] = mapped_column(Code)
    policies: Mapped[list[Any]]
    """The versions in force that day that bear on the case, as ``BAN-2027:2``."""
    at: Mapped[datetime]


class SessionRow(Base):
    """A session: what it resolved, who signed, and when it was adopted."""

    __tablename__ = "session"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    code: Mapped[str] = mapped_column(Code, primary_key=True)
    held_at: Mapped[datetime]
    resolution: Mapped[dict[str, Any] | None] = mapped_column(Json)
    signed_by: Mapped[str | None] = mapped_column(Code)
    adopted_by: Mapped[str | None] = mapped_column(Code)
    adopted_at: Mapped[datetime | None]


class AgendaRow(Base):
    """A case on an agenda; facts are in notes, which the ruling names by id."""

    __tablename__ = "agenda"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    session: Mapped[str] = mapped_column(Code, primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"), primary_key=True)
    place: Mapped[int]
    version: Mapped[int]
    ruling: Mapped[dict[str, Any]] = mapped_column(
        EncryptedDocument("agenda.ruling", "application_id", ("outcome", "reasons", "until", "notes"))
    )

    __table_args__ = (ForeignKeyConstraint(["election", "session"], ["session.election", "session.code"]),)


class StatementRow(Base):
    """One entry; appended, never changed."""

    __tablename__ = "statement"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    entry: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(24))
    """Of the act; empty for the founding."""
    digest: Mapped[str] = mapped_column(String(64))
    """Of the statement that was signed or applied; of the founding document."""
    document: Mapped[str] = mapped_column(Text)
    """Exactly what was signed; what applying changed; the founding document."""
    signature: Mapped[dict[str, Any] | None] = mapped_column(Json)
    recorded_at: Mapped[datetime]
    """The real moment, whatever the statement says."""
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("election", "digest", "entry"),)


class StatementWordsRow(Base):
    """Texts that a statement has the salted hashes of; personal, and erasable as one."""

    __tablename__ = "statement_words"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    election: Mapped[str] = mapped_column(Code)
    cases: Mapped[list[Any]]
    """The cases of the statement."""
    body: Mapped[dict[str, Any] | None] = mapped_column(EncryptedDocument("statement_words.body"))


class EnrolmentLinkRow(Base):
    """A link, known by its hash only, and the public key of the device that it was opened with."""

    __tablename__ = "enrolment_link"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    officer: Mapped[str] = mapped_column(Code)
    made_by: Mapped[str] = mapped_column(String(64))
    """The officer who proposed the enrolment, or the command of the first two."""
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    key: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """The public key that waits for a second administrator."""
    settled_at: Mapped[datetime | None]
    """When the key was enrolled, or given up."""

    __table_args__ = (Index(None, "election", "officer"),)
