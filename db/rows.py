"""The tables. Personal fields live in `person`, `letter` and `returned_row`; everything else is ids and codes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.admissions import OrganisationActRow
from db.agreements import AgreedNameRow
from db.aliases import AliasRow
from db.base import Base, Json, UtcDateTime
from db.casework import ClaimRow, ClearanceRow, ClockMarkRow, NoteRow
from db.collection import DropLookRow, IncomingMessageRow
from db.decisions import DecisionRow
from db.erasures import ErasureRow
from db.journal import JournalRow
from db.ledger import CredentialRow, PrintedCopyRow
from db.pledges import AcceptanceRow, PledgeTextRow
from db.policies import PolicyRow
from db.portraits import PortraitPartRow, PortraitRow
from db.references import ReferenceEntryRow, ReferenceKeyRow, ReferenceListRow
from db.resemblances import ApplicantKeyRow, ClearedPairRow, HitRow
from db.sessions import AgendaRow, SessionRow
from db.staff import CodeLockRow, OfficerActRow
from domain.status import Status

# The migrations name types by this module.
__all__ = [
    "AcceptanceRow", "AgendaRow", "AgreedNameRow", "AliasRow", "ApplicantKeyRow", "Base", "ClaimRow", "ClearanceRow",
    "ClearedPairRow", "ClockMarkRow", "CodeLockRow", "CredentialRow", "DecisionRow", "DropLookRow", "ErasureRow",
    "HitRow", "IncomingMessageRow", "JournalRow", "Json", "NoteRow", "OfficerActRow", "OrganisationActRow",
    "PledgeTextRow", "PolicyRow", "PortraitPartRow", "PortraitRow", "PrintedCopyRow", "ReferenceEntryRow",
    "ReferenceKeyRow", "ReferenceListRow", "SessionRow", "UtcDateTime",
]  # fmt: skip

Code = String(32)


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


class OrganisationRow(Base):
    """A nominating organisation in an election."""

    __tablename__ = "organisation"

    election: Mapped[str] = mapped_column(ForeignKey("election.code"), primary_key=True)
    code: Mapped[str] = mapped_column(Code, primary_key=True)
    standing: Mapped[str] = mapped_column(String(16))
    body: Mapped[dict[str, Any]]


class OfficerRow(Base):
    """An officer, and what proves them."""

    __tablename__ = "officer"

    election: Mapped[str] = mapped_column(ForeignKey("election.code"), primary_key=True)
    code: Mapped[str] = mapped_column(Code, primary_key=True)
    body: Mapped[dict[str, Any]]
    public_key: Mapped[str | None] = mapped_column(String(64))
    code_secret: Mapped[str | None] = mapped_column(String(64))


class UsedProofRow(Base):
    """A proof that was used up, and the decision it was given for: it may repeat that decision and no other."""

    __tablename__ = "used_proof"

    election: Mapped[str] = mapped_column(Code, primary_key=True)
    officer: Mapped[str] = mapped_column(Code, primary_key=True)
    proof: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


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
    body: Mapped[dict[str, Any] | None] = mapped_column(Json)
    sha256: Mapped[str] = mapped_column(String(64))
    recorded_at: Mapped[datetime]


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


class ReturnedRow(Base):
    """A row that was not processed: as it came, with what is wrong and what to do."""

    __tablename__ = "returned_row"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("intake_file.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(String(8))
    field: Mapped[str] = mapped_column(String(64))
    problem: Mapped[str]
    remedy: Mapped[str]
    cells: Mapped[dict[str, Any]]
    mended_at: Mapped[datetime | None]
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"))
    """What it became once it was mended."""


class LetterRow(Base):
    """The outbox."""

    __tablename__ = "letter"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    election: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(String(24))
    application_id: Mapped[UUID | None] = mapped_column(ForeignKey("application.id"), index=True)
    body: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(500))

    __table_args__ = (Index(None, "election", "state", "queued_at"),)


class LetterAttemptRow(Base):
    """What became of a letter, each time, in words without addresses.

    A row without a letter says that no letter could be sent at all.
    """

    __tablename__ = "letter_attempt"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    election: Mapped[str] = mapped_column(Code)
    key: Mapped[str | None] = mapped_column(ForeignKey("letter.key"), index=True)
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    answer: Mapped[str | None] = mapped_column(String(500))
    next_at: Mapped[datetime | None]
    officer: Mapped[str | None] = mapped_column(Code)

    __table_args__ = (Index(None, "election", "state"),)
