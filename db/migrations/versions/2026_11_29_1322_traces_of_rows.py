"""Traces of rows: which case each row was about, and how many rows were known by other evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_traces"
down_revision = "0003_messages"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "intake_row",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("known_by", sa.String(length=16), nullable=False),
        sa.Column("known_before", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_intake_row_application_id_application")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["intake_file.id"], name=op.f("fk_intake_row_file_id_intake_file")),
        sa.PrimaryKeyConstraint("file_id", "number", name=op.f("pk_intake_row")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("intake_chunk", schema=None) as batch_op:
        for name in ("recognised_by_other_evidence", "reference_reused"):
            batch_op.add_column(sa.Column(name, sa.Integer(), server_default="0", nullable=False))
