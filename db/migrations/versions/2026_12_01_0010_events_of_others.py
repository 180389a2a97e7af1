"""Webhooks tell of plans, organisations and erasures, too: what is told of them stands in the row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.tables.base import Json

revision = "0027_w21"
down_revision = "0021_organisation_appeals"


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("webhook_event") as batch_op:
        batch_op.alter_column("application_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.add_column(sa.Column("told", Json, nullable=True))


def downgrade() -> None:
    """Go back."""
    op.execute("DELETE FROM webhook_event WHERE application_id IS NULL")
    with op.batch_alter_table("webhook_event") as batch_op:
        batch_op.drop_column("told")
        batch_op.alter_column("application_id", existing_type=sa.Uuid(), nullable=False)
