"""Seals under where a journal stands, and a way to find a subject's entries at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_seals"
down_revision = "0014_log"


def upgrade() -> None:
    """Go forward."""
    op.add_column("journal", sa.Column("seal", sa.String(length=192), nullable=True))
    op.create_index("ix_journal_election_book_subject", "journal", ["election", "book", "subject"])
