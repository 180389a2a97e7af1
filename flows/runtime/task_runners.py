"""Where chunks run: threads, processes or a Dask cluster, as the settings say when a flow run starts.

A chunk needs nothing but its ids, the database and the file store, so it may run anywhere that reaches both.
"""

from __future__ import annotations

import importlib
import socket
from typing import Any, NoReturn
from urllib.parse import urlsplit

from prefect.futures import PrefectFuture
from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner

from domain.errors import BadInputError, UnavailableError
from flows.settings import Settings, settings

SECONDS_FOR_A_SCHEDULER = 5.0


class SettledRunner(TaskRunner[PrefectFuture[Any]]):
    """Stands for the runner that the settings name, until a flow run starts.

    ``@flow`` takes its task runner at import, when the settings may not be known (tests, ``accredit`` options, a
    served deployment or a worker on another machine). Prefect asks the flow's runner for a duplicate at the start
    of every run, in the process of that run: there the settings of that process decide.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Prefect's base class has no types there

    def duplicate(self) -> Any:
        """Return the runner for one flow run."""
        return build_runner(settings())

    def submit(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Refuse: work belongs to the runner of a run."""
        raise RuntimeError("Chunks are submitted inside a flow run.")

    def map(self, *_args: object, **_kwargs: object) -> NoReturn:
        """Refuse: work belongs to the runner of a run."""
        raise RuntimeError("Chunks are submitted inside a flow run.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self))

    def __hash__(self) -> int:
        return hash(type(self))


def chunk_runner() -> SettledRunner:
    """Return what every stage writes: ``@flow(task_runner=chunk_runner())``."""
    return SettledRunner()


def build_runner(settled: Settings) -> TaskRunner[Any]:
    """Return the runner that *settled* names; settings that cannot work together are a BadInputError."""
    match settled.runner:
        case "threads":
            return ThreadPoolTaskRunner[Any](max_workers=settled.workers)
        case "processes":
            return ProcessPoolTaskRunner(max_workers=settled.workers)
        case "dask":
            return _dask_runner(settled)


def _dask_runner(settled: Settings) -> TaskRunner[Any]:
    address = settled.dask_address
    if settled.on_sqlite:
        problem = "SQLite is one file on one machine, and a Dask cluster writes from several processes and machines."
        raise BadInputError("ACCREDIT_RUNNER=dask", problem, remedy="Set ACCREDIT_DATABASE_URL to PostgreSQL.")
    if not address:
        problem = "a Dask cluster needs the address of its scheduler."
        raise BadInputError("ACCREDIT_RUNNER=dask", problem, remedy="Set ACCREDIT_DASK_ADDRESS, e.g. tcp://host:8786.")
    try:
        library: Any = importlib.import_module("prefect_dask")
    except ImportError as error:
        problem = "the library for Dask is not installed."
        remedy = "Install observer-accreditation[dask], on the workers too."
        raise BadInputError("ACCREDIT_RUNNER=dask", problem, remedy=remedy) from error
    _require_scheduler(address)
    runner: TaskRunner[Any] = library.DaskTaskRunner(address=address)
    return runner


def _require_scheduler(address: str) -> None:
    """Find out now, in one sentence, what Dask would find out after half a minute in a traceback."""
    parts = urlsplit(address)
    try:
        endpoint = (parts.hostname or "", parts.port or 8786)
        socket.create_connection(endpoint, timeout=SECONDS_FOR_A_SCHEDULER).close()
    except ValueError as error:
        remedy = "Write it like tcp://host:8786."
        raise BadInputError("ACCREDIT_DASK_ADDRESS", "this is no address.", remedy=remedy) from error
    except OSError as error:
        raise UnavailableError(f"No Dask scheduler answers at {address} ({error}).") from error
