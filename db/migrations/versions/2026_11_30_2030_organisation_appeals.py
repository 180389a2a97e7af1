"""Appeals of organisations, whose acts have longer names; until when replies, and appeals against warnings, wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.tables.base import UtcDateTime

revision = "0021_organisation_appeals"
down_revision = "0021_events_for_others"


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("organisation_act") as batch_op:
        batch_op.alter_column("act", existing_type=sa.String(16), type_=sa.String(24), existing_nullable=False)
    for column in ("reply_due_at", "appeal_due_at"):
        op.add_column("application", sa.Column(column, UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Go back."""
    for column in ("appeal_due_at", "reply_due_at"):
        op.drop_column("application", column)
    with op.batch_alter_table("organisation_act") as batch_op:
        batch_op.alter_column("act", existing_type=sa.String(24), type_=sa.String(16), existing_nullable=False)
