"""A Prefect server of our own, for one command or for ``accredit up``.

Measured against Prefect's ephemeral mode (which also starts a server process, silently, at the first request): both
take the same time to start, but a child of ours can start while the command prepares its input, keeps its address
for pool processes (ephemeral mode starts one more server in each of them: 25 s for ten empty chunks instead of 9 s),
says nothing on the terminal, is drained before it ends, and ends with its parent however that ends.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from domain.errors import BadInputError, UnavailableError
from flows.runtime.environment import prefect_configured, prefect_environment
from flows.runtime.lifeline import Child
from flows.settings import Settings, prepare_home, settings

LOOPBACK: Final = "127.0.0.1"
SECONDS_TO_START: Final = 180.0
"""The first start makes Prefect's database: 7 s of work, more on a busy machine."""
SECONDS_TO_DRAIN: Final = 15.0

PRIVATE: Final = {"PREFECT__SERVER_FINAL": "1"}
WITHOUT_UI: Final = {**PRIVATE, "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT_UI_ENABLED": "false"}
"""For one command: no UI, no schedules, only the services that record events and runs."""


class ServerChild(Child):
    """A Prefect server process, healthy only after :meth:`wait_until_healthy`."""

    def __init__(self, settled: Settings, *, port: int, with_ui: bool) -> None:
        self.port = port
        self.url = f"http://{LOOPBACK}:{port}"
        self.api_url = f"{self.url}/api"
        settled.prefect_home.mkdir(mode=0o700, parents=True, exist_ok=True)
        own = PRIVATE if with_ui else WITHOUT_UI
        environment = {**os.environ, **prefect_environment(settled, api_url=self.api_url), **own}
        log = settled.prefect_home / "server.log"
        super().__init__("flows.runtime.server_process", str(port), environment=environment, log=log)

    def wait_until_healthy(self, seconds: float = SECONDS_TO_START) -> None:
        """Return when the server answers; one that ends or stays silent is an UnavailableError naming its log."""
        until = time.monotonic() + seconds
        while not is_healthy(self.api_url):
            if self.has_ended:
                raise UnavailableError(f"The Prefect server ended while starting; its log is {self.log}.")
            if time.monotonic() > until:
                self.stop()
                raise UnavailableError(f"The Prefect server did not answer in {seconds:.0f} s; its log is {self.log}.")
            time.sleep(0.1)


class OneServer:
    """The server of one command: started at once, waited for when it is needed."""

    def __init__(self, api_url: str, child: ServerChild | None) -> None:
        self.api_url = api_url
        self.child = child
        """None where a server ran already: that of ``accredit up``, or the one ``PREFECT_API_URL`` names."""

    def wait_until_healthy(self) -> None:
        """Return when flows may start."""
        if self.child:
            self.child.wait_until_healthy()
        elif not is_healthy(self.api_url):
            raise UnavailableError(f"No Prefect server answers at {self.api_url} (PREFECT_API_URL).")


@contextmanager
def temporary_server(settled: Settings | None = None, *, wait: bool = True) -> Generator[OneServer]:
    """Give the flows run inside this block a Prefect server: a running one, else a child that ends with the block.

    Import modules with flows inside the block: the environment is set for Prefect there. With ``wait=False`` the
    block begins while the server still starts (5 s; 12 s the first time), and calls ``wait_until_healthy()`` itself.
    """
    known = settled or settings()
    prepare_home(known)
    running = os.environ.get("PREFECT_API_URL") or running_server(known)
    child = None if running else ServerChild(known, port=free_port(), with_ui=False)
    server = OneServer(running or (child.api_url if child else ""), child)
    try:
        with prefect_configured(known, api_url=server.api_url):
            if wait:
                server.wait_until_healthy()
            yield server
            drain(server.api_url)
    finally:
        if child:
            child.stop()


def is_healthy(api_url: str) -> bool:
    """Whether a Prefect server answers at *api_url*."""
    try:
        with urllib.request.urlopen(f"{api_url}/health", timeout=2) as answer:  # noqa: S310 -- http of our own making
            return bool(answer.status == 200)  # noqa: PLR2004 -- HTTP's OK
    except (OSError, ValueError):
        return False


def free_port() -> int:
    """Return a loopback port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def require_free_port(port: int) -> int:
    """Return *port*, or say who cannot have it and what to do."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            problem = f"this port cannot be used ({error.strerror})."
            remedy = "Give another one with --port, or none to have a free one chosen."
            raise BadInputError(f"port {port}", problem, remedy=remedy) from error
    return port


def running_server(settled: Settings) -> str | None:
    """Return the API address that ``accredit up`` left, if it still answers there."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        api_url = str(json.loads(_notice(settled).read_text("utf-8"))["api_url"])
        return api_url if is_healthy(api_url) else None
    return None


@contextmanager
def announced(settled: Settings, child: ServerChild) -> Generator[None]:
    """Let other commands on this machine find the server for the time of the block."""
    notice = _notice(settled)
    notice.write_text(json.dumps({"api_url": child.api_url, "pid": child.pid}), "utf-8")
    try:
        yield
    finally:
        notice.unlink(missing_ok=True)


def _notice(settled: Settings) -> Path:
    return settled.prefect_home / "server.json"


def drain(api_url: str) -> None:
    """Wait until the events and logs of this process have reached the server, and its database, or 15 s."""
    if "prefect.events.worker" in sys.modules:
        from prefect.events.worker import EventsWorker  # noqa: PLC0415 -- only if flows were run
        from prefect.logging.handlers import APILogWorker  # noqa: PLC0415 -- only if flows were run

        EventsWorker.drain_all(timeout=SECONDS_TO_DRAIN)
        APILogWorker.drain_all(timeout=SECONDS_TO_DRAIN)
        with suppress(OSError, ValueError):
            _wait_until_recorded(api_url)


def _wait_until_recorded(api_url: str) -> None:
    """Poll until no task run is unfinished and their number stands still: the recorder writes in batches."""
    unfinished = {"task_runs": {"state": {"type": {"any_": ["PENDING", "RUNNING", "SCHEDULED"]}}}}
    until = time.monotonic() + SECONDS_TO_DRAIN
    before = -1
    while time.monotonic() < until:
        total = _posted(f"{api_url}/task_runs/count", {})
        if total == before and not _posted(f"{api_url}/task_runs/count", unfinished):
            return
        before = total
        time.sleep(1.2)


def _posted(url: str, body: dict[str, Any]) -> int:
    request = urllib.request.Request(  # noqa: S310 -- http of our own making
        url, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 -- http of our own making
        return int(json.load(answer))
