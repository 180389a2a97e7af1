"""The schema's versions: upgrading a database, and finding out whether tables and models have drifted apart."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from db.application.applications import Applications
from db.engine import engine_for, sessions
from db.journal import Book, Journal
from db.oversight.kept_rows import KEPT, journal_all
from db.screening.applicant_keys import renew_applicant_keys
from db.screening.key_edition import is_current, note_edition
from db.screening.reference_lists import ReferenceLists
from db.statements.record import Statements
from db.store import open_reader
from db.tables.catalogue import Base
from db.tables.election import ElectionRow
from domain.errors import AccreditationError, UnavailableError

_ENCRYPTED: Final = "0017_encryption"


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


def holds_an_election(url: str) -> bool:
    """Whether there is a database at *url*, and an election in it."""
    if not is_made(url):
        return False
    with open_reader(sessions(url)) as store:
        return bool(store.loaded.codes())


def versions(url: str) -> tuple[str | None, str]:
    """Return the version of the database at *url*, None where it has no tables, and the version of this program."""
    engine = engine_for(url)
    try:
        with _reached(engine) as connection:
            there = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return there, str(ScriptDirectory.from_config(_config(url)).get_current_head())


@contextmanager
def _reached(engine: Engine) -> Generator[Connection]:
    """Give a connection; raises :class:`UnavailableError` where nothing answers."""
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise UnavailableError("The database does not answer.") from error


def is_encrypted(url: str) -> bool:
    """Return whether the database at *url* has a version in which what is said of people is encrypted."""
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        return _is_encrypted_at(current, _config(url))
    finally:
        engine.dispose()


def _is_encrypted_at(version: str | None, config: Config) -> bool:
    steps = ScriptDirectory.from_config(config).iterate_revisions(version, "base") if version else ()
    return any(step.revision == _ENCRYPTED for step in steps)


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade did: whether tables changed, and whose keys were computed anew."""

    tables: bool = False
    keys: bool = False
    applicants: int = 0
    entries: int = 0
    copy: Path | None = None
    """What SQLite's file was before, where tables changed."""

    def __bool__(self) -> bool:
        return self.tables or self.keys


class UpgradeFailedError(AccreditationError):
    """A migration failed half-way; the database is as it was before."""

    def __init__(self, reason: str, *, copy: Path | None) -> None:
        where = f" A copy of it from before is {copy}." if copy else ""
        super().__init__(f"The upgrade failed ({reason}); the database is as it was.{where} Run the older program.")
        self.copy = copy


def upgrade(url: str, told: Callable[[str, int], object] = lambda _place, _rows: None) -> Upgraded:
    """Bring the database at *url* to the newest version; a second time there is nothing to do.

    All of it happens in one transaction: what fails half-way leaves the old state, and :class:`UpgradeFailedError`. A
    file of SQLite is copied first; the copy stays, unless the upgrade encrypts: it would hold everything openly. Keys
    that another edition of the code computed are computed anew. *told* hears how many rows of a column were encrypted.
    """
    config = _config(url)
    config.attributes["told"] = told
    engine = engine_for(url)
    copy = None
    try:
        with _reached(engine) as connection:
            before = MigrationContext.configure(connection).get_current_revision()
            is_older = before != ScriptDirectory.from_config(config).get_current_head()
            if not is_older and _has_our_keys(connection):
                return Upgraded()
        copy = _copied(engine, before) if before and is_older else None
        with engine.begin() as connection:
            done = _upgraded(connection, config, is_older=is_older, copy=copy)
        if copy and not _is_encrypted_at(before, config):
            copy.unlink()
            done = replace(done, copy=None)
    except (SQLAlchemyError, CommandError, ValueError, KeyError, TypeError) as error:
        raise UpgradeFailedError(type(error).__name__, copy=copy) from error
    else:
        return done
    finally:
        engine.dispose()


def _upgraded(connection: Connection, config: Config, *, is_older: bool, copy: Path | None) -> Upgraded:
    if is_older:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        _journal_what_is_older(connection)
    if _has_our_keys(connection):
        return Upgraded(tables=is_older, copy=copy)
    return replace(_with_our_keys(connection, is_older=is_older), copy=copy)


def _copied(engine: Engine, version: str) -> Path | None:
    """Copy a file of SQLite beside itself, named after its *version*; a copy that is there already stays as it is."""
    if engine.url.get_backend_name() != "sqlite" or engine.url.database in {None, "", ":memory:"}:
        return None
    file = Path(str(engine.url.database))
    copy = file.with_name(f"{file.name}.before-upgrade-of-{version}")
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.part")
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(draft)) as target:
            source.backup(target)
        draft.chmod(0o600)
        draft.replace(copy)
    return copy


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
