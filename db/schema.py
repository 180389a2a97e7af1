"""The schema's versions: upgrading a database, and finding out whether tables and models have drifted apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from db.application.applications import Applications
from db.engine import engine_for
from db.journal import Book, Journal
from db.oversight.kept_rows import KEPT, journal_all
from db.screening.applicant_keys import renew_applicant_keys
from db.screening.key_edition import is_current, note_edition
from db.screening.reference_lists import ReferenceLists
from db.statements.record import Statements
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


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade did: whether tables changed, and whose keys were computed anew."""

    tables: bool = False
    keys: bool = False
    applicants: int = 0
    entries: int = 0

    def __bool__(self) -> bool:
        return self.tables or self.keys


def upgrade(url: str) -> Upgraded:
    """Bring the database at *url* to the newest version; a second time there is nothing to do.

    Keys that another edition of the code computed are computed anew, in the same transaction.
    """
    config = _config(url)
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            before = MigrationContext.configure(connection).get_current_revision()
            is_older = before != ScriptDirectory.from_config(config).get_current_head()
            if not is_older and _has_our_keys(connection):
                return Upgraded()
        with engine.begin() as connection:
            if is_older:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                _journal_what_is_older(connection)
            if _has_our_keys(connection):
                return Upgraded(tables=is_older)
            return _with_our_keys(connection, is_older=is_older)
    finally:
        engine.dispose()


def _has_our_keys(connection: Connection) -> bool:
    with Session(bind=connection, join_transaction_mode="rollback_only") as session:
        return is_current(session)


def _with_our_keys(connection: Connection, *, is_older: bool) -> Upgraded:
    with Session(bind=connection, join_transaction_mode="rollback_only") as session:
        applicants, entries = renew_applicant_keys(session), ReferenceLists(session).renew_keys()
        note_edition(session)
    return Upgraded(tables=is_older, keys=True, applicants=applicants, entries=entries)


def _journal_what_is_older(connection: Connection) -> None:
    """Write what the tables say into books of the journal that a database from before has not begun."""
    with Session(bind=connection, join_transaction_mode="rollback_only") as session:
        for election in session.scalars(select(ElectionRow.code)).all():
            begun = Journal(session).heads(election)
            journal_all(session, election, books=[book for book in KEPT if book not in begun], by="upgrade")
            if Book.HISTORIES not in begun:
                Applications(session).journal_older(election, at=datetime.now(UTC))
            if Book.RECORD not in begun:
                Statements(session).journal(election, at=datetime.now(UTC))


def drift(connection: Connection) -> list[object]:
    """Return the differences between the tables at *connection* and the models; none is what it should be."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    differences: list[object] = list(compare_metadata(context, Base.metadata))
    return differences
