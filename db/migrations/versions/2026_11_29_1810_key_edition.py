"""The edition of the keys by which people are found; none is noted for keys that older code wrote."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_keys"
down_revision = "0007_links"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "key_edition",
        sa.Column("edition", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("edition", name=op.f("pk_key_edition")),
    )
