"""Webhooks: who is told of events, and what each has still to be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.tables.base import Json, UtcDateTime

revision = "0021_events_for_others"
down_revision = "0021_linked_elections"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "webhook",
        sa.Column("election", sa.String(32), nullable=False),
        sa.Column("receiver", sa.String(32), nullable=False),
        sa.Column("kinds", Json, nullable=False),
        sa.Column("since", UtcDateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("election", "receiver", name=op.f("pk_webhook")),
    )
    op.create_table(
        "webhook_event",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("election", sa.String(32), nullable=False),
        sa.Column("receiver", sa.String(32), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(64), nullable=True),
        sa.Column("next_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("settled_at", UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('queued', 'sent', 'dead')", name=op.f("ck_webhook_event_state_known")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_webhook_event_application_id_application")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_webhook_event")),
        sa.UniqueConstraint(
            "election",
            "receiver",
            "application_id",
            "sequence",
            name=op.f("uq_webhook_event_election_receiver_application_id_sequence"),
        ),
    )
    op.create_index(
        op.f("ix_webhook_event_election_receiver_state"), "webhook_event", ["election", "receiver", "state"]
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("webhook_event")
    op.drop_table("webhook")
