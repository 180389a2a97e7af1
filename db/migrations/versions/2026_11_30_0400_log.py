"""The log of everything recorded, and its checkpoints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_log"
down_revision = "0012_replies"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "log_entry",
        sa.Column("election", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("entry", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("election", "position", name=op.f("pk_log_entry")),
    )
    with op.batch_alter_table("log_entry", schema=None) as batch_op:
        name = batch_op.f("ix_log_entry_election_subject_sequence")
        batch_op.create_index(name, ["election", "subject", "sequence"], unique=True)
    op.create_table(
        "log_checkpoint",
        sa.Column("election", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("election", "size", name=op.f("pk_log_checkpoint")),
    )
