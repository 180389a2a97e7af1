"""Letters that ask people about notices, each with the hash of its link's token."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.tables.base

revision = "0010_consent"
down_revision = "0009_parcels"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "consent_request",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("election", sa.String(length=32), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("notice", sa.String(length=64), nullable=False),
        sa.Column("letter", sa.String(length=200), nullable=False),
        sa.Column("asked_at", db.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", db.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", db.tables.base.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_consent_request")),
        sa.UniqueConstraint(
            "election", "application_id", "notice", name=op.f("uq_consent_request_election_application_id_notice")
        ),
    )
