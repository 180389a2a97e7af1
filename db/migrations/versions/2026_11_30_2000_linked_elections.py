"""An election can be archived: nothing is done in it any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.tables.base import UtcDateTime

revision = "0021_linked_elections"
down_revision = "0017_encryption"


def upgrade() -> None:
    """Go forward."""
    op.add_column("election", sa.Column("archived_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("election", "archived_at")
