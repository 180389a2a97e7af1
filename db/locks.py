"""Turns that one process has at a time, whatever machine it runs on: they end with the process, however it ends."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session, sessionmaker

PATIENCE: Final = 2.0
"""Seconds within which PostgreSQL has surely noticed that a process is gone."""
_LOOK_AGAIN: Final = 0.05


@contextmanager
def exclusive(factory: sessionmaker[Session], name: str) -> Generator[bool]:
    """Have the turn *name* at this database while entered; gives False where another process or thread has it.

    On SQLite a lock on a file beside the database's, on PostgreSQL an advisory lock of a connection of its own. A
    database in memory is this process's alone, and every turn at it is given.
    """
    engine: Engine = factory.kw["bind"]
    if engine.url.get_backend_name() != "sqlite":
        with _on_server(engine, name) as had:
            yield had
    elif not engine.url.database or engine.url.database == ":memory:":
        yield True
    else:
        with _on_file(f"{engine.url.database}-{name}") as had:
            yield had


@contextmanager
def _on_file(path: str) -> Generator[bool]:
    # The file stays: who removed it could take the lock from under another.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _awaited(lambda: _locked(descriptor))
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _on_server(engine: Engine, name: str) -> Generator[bool]:
    number = int.from_bytes(hashlib.sha256(f"accreditation {name}".encode()).digest()[:8], "big", signed=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        had = _awaited(lambda: _asked(connection, "pg_try_advisory_lock", number))
        try:
            yield had
        finally:
            if had:
                _asked(connection, "pg_advisory_unlock", number)


def _asked(connection: Connection, function: str, number: int) -> bool:
    return bool(connection.scalar(text(f"SELECT {function}(:number)"), {"number": number}))


def _awaited(asked: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not (had := asked()) and time.monotonic() < until:
        time.sleep(_LOOK_AGAIN)
    return had
