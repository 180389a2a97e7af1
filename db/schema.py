"""The schema's versions: upgrading a database, and finding out whether tables and models have drifted apart."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from db.engine import engine_for
from db.journal import Journal
from db.oversight.kept_rows import KEPT, journal_all
from db.tables.catalogue import Base
from db.tables.election import ElectionRow


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["url"] = url
    return config


def is_made(url: str) -> bool:
    """Return whether the database at *url* has our tables, in whatever version."""
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() is not None
    finally:
        engine.dispose()


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
            _journal_what_is_older(connection)
    finally:
        engine.dispose()
    return True


def _journal_what_is_older(connection: Connection) -> None:
    """Write what the tables say into books of the journal that a database from before has not begun."""
    with Session(bind=connection, join_transaction_mode="rollback_only") as session:
        for election in session.scalars(select(ElectionRow.code)).all():
            begun = Journal(session).heads(election)
            journal_all(session, election, books=[book for book in KEPT if book not in begun], by="upgrade")


def drift(connection: Connection) -> list[object]:
    """Return the differences between the tables at *connection* and the models; none is what it should be."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    differences: list[object] = list(compare_metadata(context, Base.metadata))
    return differences
