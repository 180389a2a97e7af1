"""Engines and sessions for SQLite and PostgreSQL, with the habits that make both safe here."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from threading import RLock
from typing import Any, Final

from pydantic_core import from_json, to_json
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker

from domain.errors import BadInputError

BUSY_SECONDS = 60
READ_ONLY = "accredit_read_only"


_PLANTED: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view') LIMIT 1",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal UNION ALL SELECT rulename FROM pg_rules "
    "WHERE schemaname = current_schema() UNION ALL SELECT viewname FROM pg_views WHERE schemaname = current_schema() "
    "LIMIT 1",
}


def _written(document: Any) -> str:
    return to_json(document).decode()


_HABITS: Final[dict[str, Any]] = {
    # An error must not carry the values of its statement: they are personal.
    "hide_parameters": True,
    # A third of the time that the standard library takes, over documents of every table.
    "json_serializer": _written,
    "json_deserializer": from_json,
}

_ALIVE: Final[dict[str, Any]] = {
    "keepalives_idle": "15", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "30000",
    "options": "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 "
    "-c tcp_user_timeout=30000",
}  # fmt: skip
"""Both ends of a connection notice within half a minute that the other is gone: without, what a machine had locked that
lost its network would stay locked for two hours."""


def engine_for(url: str) -> Engine:
    """Return a new engine for *url*; raises :class:`BadInputError` for a URL that is none."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BadInputError(
            "ACCREDIT_DATABASE_URL", "is no database address.",
            remedy="Give sqlite:///path/to/file.db or postgresql+psycopg://user@host/name.",
        ) from error  # fmt: skip
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS}, **_HABITS)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    alive = {name: value for name, value in _ALIVE.items() if name not in parsed.query}
    return create_engine(parsed, pool_pre_ping=True, connect_args=alive, **_HABITS)


@lru_cache(maxsize=8)
def sessions(url: str) -> sessionmaker[Session]:
    """Return the session factory of this process for *url*."""
    return sessionmaker(engine_for(url), expire_on_commit=False, autoflush=False)


def planted(session: Session) -> str | None:
    """Return the name of a trigger, view or rule in the database: the engine makes none, and one would change rows."""
    dialect = session.get_bind().dialect.name
    return session.execute(text(_PLANTED[dialect])).scalars().first()


def write_lock(factory: sessionmaker[Session]) -> AbstractContextManager[object]:
    """Give this thread its turn to write, where only one can: SQLite's own waiting sleeps up to a tenth of a second.

    Other processes wait for the file's lock as before, and so does a second transaction in the same thread.
    """
    engine: Engine = factory.kw["bind"]
    return _turns(engine.url) if engine.url.get_backend_name() == "sqlite" else nullcontext()


@lru_cache(maxsize=8)
def _turns(_url: URL) -> AbstractContextManager[object]:
    return RLock()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin for us: see _begin_sqlite
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the beginning: a lock asked for later can fail after work was done."""
    reading = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
