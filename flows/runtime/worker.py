"""A worker of the pool: it waits for the server, refuses a wrong clock or version, and becomes Prefect's own worker."""

from __future__ import annotations

import os
import signal
import sys
import time
from email.utils import parsedate_to_datetime
from typing import Final, NoReturn

from db.schema_version import VersionsDifferError, require_same_version
from db.store import open_reader
from domain.errors import BadInputError, UnavailableError
from flows.context import database
from flows.deployments import WORK_POOL
from flows.runtime.environment import prefect_environment
from flows.runtime.server.lifetime import health, is_healthy
from flows.settings import Settings

SECONDS_TO_WAIT: Final = 120.0
RUNS_AT_ONCE: Final = 4
"""Each run is a process of about 90 MB, and three seconds of start-up."""
SECONDS_OFF: Final = 30.0
"""A clock that is further off lets living runs look dead, and dead ones alive: they beat every 30 s."""

WORKER: Final = "_ACCREDIT_WORKER"
"""The variable by which a run knows the process of its worker; what begins as settings do would be refused."""


def named_server() -> str:
    """Return the address of the server's API; raises BadInputError where none is named."""
    if not (named := os.environ.get("PREFECT_API_URL")):
        remedy = "Set it to the server's address, such as https://desk.internal:4200/api."
        raise BadInputError("PREFECT_API_URL", "is not set: this machine knows no Prefect server.", remedy=remedy)
    return named


def await_server(api_url: str, *, seconds: float = SECONDS_TO_WAIT) -> None:
    """Return when the server answers; raises UnavailableError where it does not in time."""
    until = time.monotonic() + seconds
    while not is_healthy(api_url):
        if time.monotonic() > until:
            raise UnavailableError(f"No Prefect server answers at {api_url} (PREFECT_API_URL).")
        time.sleep(1)


def require_right_clock(api_url: str) -> None:
    """Raise UnavailableError where this machine's clock and the server's are too far apart to work together."""
    if (said := health(api_url)) is None:
        return
    off = abs(time.time() - parsedate_to_datetime(said).timestamp())
    if off > SECONDS_OFF:
        text = f"The clock of this machine is {off:.0f} s off the Prefect server's, so it takes no work."
        raise UnavailableError(f"{text} Set it right: timedatectl set-ntp true")


def version_problem() -> VersionsDifferError | None:
    """Return what keeps this program from working on the database; None also where that does not answer or is empty."""
    try:
        with open_reader(database()) as store:
            require_same_version(store.session)
    except VersionsDifferError as error:
        return error
    except UnavailableError:
        return None
    return None


def end_outdated_worker() -> None:
    """End the worker of this run where its program is older than the database: the others take its work.

    Its service starts it again, and then it waits until the newer program is installed on this machine.
    """
    is_worker_s = os.environ.get(WORKER) == str(os.getppid())
    if is_worker_s and (problem := version_problem()) and problem.program_is_older:
        os.kill(os.getppid(), signal.SIGTERM)


def become_worker(settled: Settings, *, name: str | None) -> NoReturn:
    """Be a worker of the pool until ended; this process is replaced."""
    api_url = named_server()
    await_server(api_url)
    require_right_clock(api_url)
    if problem := version_problem():
        raise problem
    known = prefect_environment(settled, api_url=api_url, password=os.environ.get("PREFECT_API_AUTH_STRING"))
    settled.prefect_home.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "prefect", "--no-prompt", "worker", "start", "--pool", WORK_POOL]
    command += ["--type", "process", "--limit", str(RUNS_AT_ONCE), *(["--name", name] if name else [])]
    os.execve(sys.executable, command, {**os.environ, **known, WORKER: str(os.getpid())})  # noqa: S606 -- our own interpreter
