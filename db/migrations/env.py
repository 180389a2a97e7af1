"""Run by Alembic for every migration command."""

from __future__ import annotations

from typing import Literal

from alembic import context
from sqlalchemy import JSON, Connection

from db.engine import engine_for
from db.tables.catalogue import Base


def _rendered(kind: str, thing: object, _context: object) -> str | Literal[False]:
    """Write our own types by name; Alembic would spell out what they are made of."""
    return "db.tables.base.Json" if kind == "type" and isinstance(thing, JSON) else False


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,  # SQLite alters tables by copying them
        compare_type=True,
        render_item=_rendered,
        user_module_prefix="db.tables.base.",
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    with engine_for(context.config.attributes["url"]).begin() as own:
        _migrate(own)
