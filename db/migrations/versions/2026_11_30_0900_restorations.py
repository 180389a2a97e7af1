"""What a restore to an older state found, and the act by which work went on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.tables.base import Document, UtcDateTime

revision = "0020_restorations"
down_revision = "0015_stamps"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "restoration",
        sa.Column("election", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("body", Document(), nullable=False),
        sa.Column("statement", sa.String(length=64), nullable=True),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("election", "number", name=op.f("pk_restoration")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("restoration")
