"""The schema's versions: upgrading a database, and finding out whether tables and models have drifted apart."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from db.engine import engine_for
from db.tables.base import Base


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["url"] = url
    return config


def upgrade(url: str) -> bool:
    """Bring the database at *url* to the newest version; returns whether anything had to be done."""
    config = _config(url)
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            before = MigrationContext.configure(connection).get_current_revision()
        if before == ScriptDirectory.from_config(config).get_current_head():
            return False
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
    return True


def drift(connection: Connection) -> list[object]:
    """Return the differences between the tables at *connection* and the models; none is what it should be."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    differences: list[object] = list(compare_metadata(context, Base.metadata))
    return differences
