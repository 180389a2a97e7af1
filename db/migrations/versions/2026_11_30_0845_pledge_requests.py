"""Letters that ask people to accept the pledge, each with the hash of its link's token."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.tables.base

revision = "0015_pledge"
down_revision = "0013_seals"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "pledge_request",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("election", sa.String(length=32), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("letter", sa.String(length=200), nullable=False),
        sa.Column("asked_at", db.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", db.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", db.tables.base.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_pledge_request")),
        sa.UniqueConstraint(
            "election", "application_id", "version", name=op.f("uq_pledge_request_election_application_id_version")
        ),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("pledge_request")
