"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.tables.base

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Go forward."""
    ${upgrades if upgrades else "pass"}
