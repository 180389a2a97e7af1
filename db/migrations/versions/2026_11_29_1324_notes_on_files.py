"""Notes on how a nominations file was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.tables.base

revision = "0005_notes"
down_revision = "0004_traces"


def upgrade() -> None:
    """Go forward."""
    for table in ("intake_file", "intake_chunk"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("notes", db.tables.base.Json, nullable=False, server_default="[]"))
