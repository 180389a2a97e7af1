"""Links with which officers enrol a passkey; the queue by its clock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.tables.base

revision = "0007_links"
down_revision = "0006_statements"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "enrolment_link",
        sa.Column("election", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("officer", sa.String(length=32), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", db.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", db.tables.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", db.tables.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("key", db.tables.base.Json, nullable=True),
        sa.Column("settled_at", db.tables.base.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("election", "token", name=op.f("pk_enrolment_link")),
    )
    op.create_index(op.f("ix_enrolment_link_election_officer"), "enrolment_link", ["election", "officer"])
