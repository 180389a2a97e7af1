"""The database as one file: copied while it is written, tried, put back; PostgreSQL by its own tools."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Final

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import sessionmaker

from db.engine import engine_for
from db.store import Store, open_reader
from domain.errors import AccreditationError, BadInputError, UnavailableError

_TOOLS: Final = (
    "Install PostgreSQL's own tools of the server's version or a newer one: apt-get install postgresql-client"
)


class DamagedBackupError(AccreditationError):
    """What was copied is not whole; nothing rests on it."""


def is_sqlite(url: str) -> bool:
    """Whether the database at *url* is a file."""
    return make_url(url).get_backend_name() == "sqlite"


def sqlite_file(url: str) -> Path:
    """Return the file of the database at *url*."""
    return Path(str(make_url(url).database))


def dump(url: str, target: Path) -> None:
    """Write the database at *url* to *target* as it is at one moment; whoever writes there is not held up."""
    if not is_sqlite(url):
        _tool("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}", url=url)
        return
    if not (file := sqlite_file(url)).exists():
        raise BadInputError(str(file), "there is no database yet.", remedy="accredit init FOLDER makes it.")
    copy = target.with_suffix(".copy")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as copied:
        source.backup(copied)  # in one step: in WAL a reader holds up no writer, and sees one moment
    with copy.open("rb") as whole, gzip.open(target, "wb", compresslevel=1) as packed:
        shutil.copyfileobj(whole, packed)
    copy.unlink()


@contextmanager
def tried(dumped: Path, *, url: str) -> Generator[tuple[Store | None, str]]:
    """Restore *dumped* beside everything else, and give a store over it, with how it was tried, while entered.

    On PostgreSQL it takes the right to make a database; without it the archive is read to its end, and no store given.
    """
    if is_sqlite(url):
        copy = dumped.with_suffix(".trial")
        unpack(dumped, copy)
        with _opened(f"sqlite:///{copy}") as store:
            yield store, "restored on trial"
        copy.unlink()
        return
    made = _scratch(url)
    if made is None:
        _tool("pg_restore", "--file=/dev/null", str(dumped))
        yield None, "read to its end"
        return
    try:
        load(dumped, made)
        with _opened(made) as store:
            yield store, "restored on trial"
    finally:
        _drop(url, made)


def unpack(dumped: Path, target: Path) -> None:
    """Write SQLite's file *dumped* to *target* and look whether it is whole; else :class:`DamagedBackupError`."""
    try:
        with gzip.open(dumped, "rb") as packed, target.open("wb") as whole:
            shutil.copyfileobj(packed, whole)
        with closing(sqlite3.connect(target)) as copy:
            said = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except (OSError, EOFError, sqlite3.DatabaseError) as error:
        raise DamagedBackupError(f"The copy of the database cannot be read ({type(error).__name__}).") from error
    if said != "ok":
        raise DamagedBackupError(f"The database is damaged: {said[:60]}. Restore the backup before this one.")


def load(dumped: Path, url: str) -> None:
    """Put the archive *dumped* into the empty database of PostgreSQL at *url*, all of it or nothing."""
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", f"--dbname={_libpq(url)}")
    _tool("pg_restore", *options, str(dumped), password=make_url(url).password)


def _tool(name: str, *arguments: str, url: str = "", password: str | None = None) -> None:
    if (found := shutil.which(name)) is None:
        raise UnavailableError(f"{name} is not on this machine, and PostgreSQL has no other backup. {_TOOLS}.")
    known = password or (make_url(url).password if url else None)
    command = [found, *arguments, *([f"--dbname={_libpq(url)}"] if url else [])]
    environment = {**os.environ, **({"PGPASSWORD": known} if known else {})}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 -- found by name, no shell
    if done.returncode:
        raise UnavailableError(f"{name} could not do it: {_said(done.stderr)}. {_TOOLS}.")


def _said(lines: str) -> str:
    """Return the first line of what a tool said that names no value."""
    first = next((line for line in lines.splitlines() if "error" in line.lower()), "it did not say why")
    return first.partition("DETAIL")[0].strip().rstrip(".")[:160]


def _libpq(url: str) -> str:
    parsed: URL = make_url(url).set(drivername="postgresql")
    return URL.create(
        "postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database, parsed.query
    ).render_as_string(hide_password=False)


def _scratch(url: str) -> str | None:
    name = f"accredit_trial_{token_hex(6)}"
    try:
        _administer(url, f'CREATE DATABASE "{name}" TEMPLATE template0')
    except DBAPIError:
        return None
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _drop(url: str, made: str) -> None:
    _administer(url, f'DROP DATABASE IF EXISTS "{make_url(made).database}"')


def _administer(url: str, statement: str) -> None:
    engine = engine_for(url)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


@contextmanager
def _opened(url: str) -> Generator[Store]:
    engine = engine_for(url)
    try:
        with open_reader(sessionmaker(engine, expire_on_commit=False, autoflush=False)) as store:
            yield store
    finally:
        engine.dispose()


def set_aside(file: Path, stamp: str) -> Sequence[Path]:
    """Move a database of SQLite and what lies beside it out of the way; returns where it lies now."""
    moved: list[Path] = []
    for part in ("", "-wal", "-shm"):
        place = file.with_name(file.name + part)
        if place.exists():
            moved.append(place.rename(place.with_name(f"{file.name}.before-{stamp}{part}")))
    return moved
