"""Letters, and copies of letters, that go together in one parcel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_parcels"
down_revision = "0008_keys"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "parcelled_letter",
        sa.Column("letter", sa.String(length=200), nullable=False),
        sa.Column("election", sa.String(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("parcel", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["letter"], ["letter.key"], name=op.f("fk_parcelled_letter_letter_letter")),
        sa.ForeignKeyConstraint(["parcel"], ["letter.key"], name=op.f("fk_parcelled_letter_parcel_letter")),
        sa.PrimaryKeyConstraint("letter", name=op.f("pk_parcelled_letter")),
    )
    with op.batch_alter_table("parcelled_letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parcelled_letter_election_parcel"), ["election", "parcel"], unique=False)
        batch_op.create_index(batch_op.f("ix_parcelled_letter_parcel"), ["parcel"], unique=False)
