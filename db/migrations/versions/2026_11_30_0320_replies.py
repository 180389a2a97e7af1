"""Replies to measures that wait for an answer, and what came to light about accredited people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.tables.base

revision = "0012_replies"
down_revision = "0011_surge"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("application", sa.Column("reply_id", sa.Uuid(), nullable=True))
    op.add_column("application", sa.Column("look_due_at", db.tables.base.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("application") as table:
        table.drop_column("look_due_at")
        table.drop_column("reply_id")
