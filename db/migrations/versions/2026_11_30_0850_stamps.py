"""Time stamps of checkpoints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_stamps"
down_revision = "0015_pledge"


def upgrade() -> None:
    """Go forward."""
    op.add_column("log_checkpoint", sa.Column("stamp", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("log_checkpoint", "stamp")
