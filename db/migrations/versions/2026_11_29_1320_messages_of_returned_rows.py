"""What is wrong with a row that went back, as a code with facts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.tables.base

revision = "0003_messages"
down_revision = "0002"


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("returned_row", schema=None) as batch_op:
        batch_op.add_column(sa.Column("message", db.tables.base.Json, nullable=True))
