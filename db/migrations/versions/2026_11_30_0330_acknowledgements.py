"""Lists and summaries that their recipients acknowledge, each with the hash of its link's token."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.tables.base

revision = "0011_surge"
down_revision = "0010_consent"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "acknowledgement",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("election", sa.String(length=32), nullable=False),
        sa.Column("recipient", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(length=200), nullable=False),
        sa.Column("asked_at", db.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", db.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", db.tables.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("answered", sa.String(length=8), nullable=True),
        sa.CheckConstraint(
            "answered is null or closed_at is not null", name=op.f("ck_acknowledgement_answered_is_closed")
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_acknowledgement")),
    )
    op.create_index(
        op.f("ix_acknowledgement_election_recipient_code"), "acknowledgement", ["election", "recipient", "code"]
    )
