"""Replies to measures that wait for an answer, and what came to light about accredited people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.tables.base

revision = "0012_replies"
down_revision = "0011_surge"


def upgrade() -> None:
    """Go forward."""
    op.add_column("application", sa.Column("reply_id", sa.Uuid(), nullable=True))
    op.add_column("application", sa.Column("look_due_at", db.tables.base.UtcDateTime(timezone=True), nullable=True))
