"""Metrics in Prometheus' format: what stands where, what is late, how long the database lets one wait.

Everything is read when it is asked for. Labels are codes, statuses and kinds: no metric is about a person.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from threading import Thread
from typing import Any, Final

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import text

from db.engine import sessions
from db.store import open_reader
from domain.errors import AccreditationError, BadInputError
from domain.values import ElectionCode
from flows.context import database
from flows.oversight.contradictions import moment_of
from flows.oversight.counts import status_of
from flows.oversight.open_work import failed_work, late_work, waiting_work
from flows.runtime.progress import paces
from flows.settings import settings
from flows.upkeep.diagnosis import Standing
from flows.upkeep.doctor import examine
from flows.upkeep.issuer import ages_of_lists
from flows.upkeep.vault import Vault

LOOPBACK: Final = "127.0.0.1"
_STANDING: Final = {Standing.RIGHT: 0, Standing.SOON: 1, Standing.WRONG: 2}
_SECONDS_OF_A_LOOK: Final = 60.0
"""The doctor asks servers: it is not asked more often than this, however often the metrics are."""


class EngineMetrics:
    """What is collected at each request; a part that cannot be read is left out, and counted as such."""

    def __init__(self) -> None:
        self._looked = -_SECONDS_OF_A_LOOK
        self._seen: list[tuple[str, int]] = []

    def collect(self) -> Iterable[Metric]:
        """Yield every metric."""
        unread = GaugeMetricFamily("accredit_unread_parts", "Parts of these metrics that could not be read.")
        failed = 0
        for part in (_database, _elections, _paces, _lists, _backup, self._doctor):
            try:
                yield from list(part())
            except AccreditationError:
                failed += 1
        unread.add_metric([], failed)
        yield unread

    def _doctor(self) -> Iterator[Metric]:
        if time.monotonic() - self._looked >= _SECONDS_OF_A_LOOK:
            self._seen = [(told.part, _STANDING[told.standing]) for told in examine()]
            self._looked = time.monotonic()
        yield _gauge("doctor", "How a part stands: 0 right, 1 to look at, 2 wrong.", ["part"],
                     {(part,): standing for part, standing in self._seen})  # fmt: skip


def _gauge(name: str, about: str, labels: list[str], values: Mapping[Any, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"accredit_{name}", about, labels=labels)
    for key, value in values.items():
        family.add_metric([*key], value)
    return family


def _database() -> Iterator[Metric]:
    began = time.monotonic()
    with open_reader(database()) as store:
        store.loaded.codes()
        waiting = 0 if settings().on_sqlite else _waiting_for_locks(store.session)
    read = time.monotonic() - began
    began = time.monotonic()
    with sessions(settings().database_url)() as session:  # begins as a writer does, and records nothing
        session.execute(text("SELECT 1"))
    yield _gauge("database_read_seconds", "Until a small question was answered.", [], {(): read})
    yield _gauge("database_turn_seconds", "Until it was one's turn to write.", [], {(): time.monotonic() - began})
    yield _gauge("database_waiting", "Connections that wait for another's lock (PostgreSQL).", [], {(): waiting})


def _waiting_for_locks(session: Any) -> int:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    return int(session.scalar(text(query)) or 0)


def _elections() -> Iterator[Metric]:
    with open_reader(database()) as store:
        codes = store.loaded.codes()
    status = {code: status_of(code) for code in codes}
    for what, label in (("applications", "status"), ("credentials", "state")):
        counts = {(code, name): count for code, of in status.items() for name, count in of[what].items()}
        yield _gauge(what, f"{what.capitalize()} by {label}.", ["election", label], counts)
    yield _gauge("letters", "Letters by kind and state.", ["election", "kind", "state"], {
        (code, kind, state): count
        for code, of in status.items() for kind, states in of["letters"].items() for state, count in states.items()
    })  # fmt: skip
    yield from (_piles(code, status[code]) for code in codes)


def _piles(code: ElectionCode, status: Mapping[str, Any]) -> Metric:
    found = {
        "waits": waiting_work(code, status),
        "late": late_work(code, now=moment_of(code, None)),
        "went wrong": failed_work(status),
    }
    values = {(code, how, pile.what): float(pile.number) for how, piles in found.items() for pile in piles}
    return _gauge("work", "What waits, what is late, what went wrong.", ["election", "how", "what"], values)


def _paces() -> Iterator[Metric]:
    known = paces()
    labels = ["election", "stage"]
    for name, about in (
        ("things", "How many applications or letters the last run of a stage had."),
        ("seconds", "How long the last run of a stage took."),
        ("failed", "How many of them could not be processed."),
        ("ended", "When it ended (seconds since 1970)."),
    ):
        values = {(pace.election, pace.stage): float(getattr(pace, name)) for pace in known}
        yield _gauge(f"stage_{name}", about, labels, values)


def _lists() -> Iterator[Metric]:
    if folder := settings().public_folder:
        ages = {(name,): time.time() - made.timestamp() for name, made in ages_of_lists(folder).items()}
        yield _gauge("list_age_seconds", "Since a published list was signed.", ["list"], ages)


def _backup() -> Iterator[Metric]:
    if settings().backup_to and (made := Vault(settings().backup_to).manifests()):
        age = time.time() - made[-1].taken_at.timestamp()
        yield _gauge("backup_age_seconds", "Since the last backup was made.", [], {(): age})


def exposition() -> bytes:
    """Return all metrics as text, for a file that another exporter reads."""
    registry = CollectorRegistry()
    registry.register(EngineMetrics())
    return generate_latest(registry)


def serve_metrics(port: int) -> Thread:
    """Serve the metrics on the loopback *port* in a thread that ends with the process."""
    registry = CollectorRegistry()
    registry.register(EngineMetrics())
    try:
        _, thread = start_http_server(port, addr=LOOPBACK, registry=registry)
    except OSError as error:
        remedy = "End what uses it, or set ACCREDIT_METRICS_PORT."
        raise BadInputError(f"port {port}", f"cannot be used ({error.strerror}).", remedy=remedy) from error
    return thread
