"""A Prefect server of our own, for one command or for ``accredit up``.

Measured against Prefect's ephemeral mode (which also starts a server process, silently, at the first request): both
take the same time to start, but a child of ours can start while the command prepares its input, keeps its address
for pool processes (ephemeral mode starts one more server in each of them: 25 s for ten empty chunks instead of 9 s),
says nothing on the terminal, is drained before it ends, and ends with its parent however that ends.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import ssl
import sys
import time
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from domain.errors import BadInputError, UnavailableError
from flows.runtime.environment import ENTRANCE, basic, prefect_configured, prefect_environment
from flows.runtime.processes.lifeline import Child
from flows.runtime.server.errands import Errands, fingerprint
from flows.settings import Settings, prepare_home, settings

LOOPBACK: Final = "127.0.0.1"
SERVER_LOG: Final = "server.log"
SECONDS_TO_START: Final = 180.0
"""The first start makes Prefect's database: 7 s of work, more on a busy machine."""
SECONDS_TO_DRAIN: Final = 15.0
SECONDS_OF_PATIENCE: Final = 10.0
"""A server that is busy takes its time, and one that is not there refuses at once."""

PRIVATE: Final = {"PREFECT__SERVER_FINAL": "1"}
WITHOUT_UI: Final = {**PRIVATE, "PREFECT__SERVER_EPHEMERAL": "1", "PREFECT_UI_ENABLED": "false"}
"""For one command: no UI, no schedules, only the services that record events and runs."""


class ServerChild(Child):
    """A Prefect server process, healthy only after :meth:`wait_until_healthy`."""

    def __init__(self, settled: Settings, *, port: int, with_ui: bool) -> None:
        self.port = port
        self.url = f"http://{LOOPBACK}:{port}"
        self.api_url = f"{self.url}/api"
        self.password = f"accredit:{secrets.token_urlsafe(32)}"
        settled.prefect_home.mkdir(mode=0o700, parents=True, exist_ok=True)
        own = PRIVATE if with_ui else WITHOUT_UI
        known = prefect_environment(settled, api_url=self.api_url, password=self.password)
        environment = {**os.environ, **known, **closed(self.url, self.password), **own}
        log = settled.prefect_home / SERVER_LOG
        super().__init__("flows.runtime.server.process", str(port), environment=environment, log=log)

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


def closed(url: str, password: str) -> dict[str, str]:
    """Return the variables that close a Prefect server to all who do not have *password*, and to other pages."""
    return {
        "PREFECT_SERVER_API_AUTH_STRING": password,
        "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": url,
    }


class OneServer:
    """The server of one command: started at once, waited for when it is needed."""

    def __init__(self, api_url: str, password: str | None, child: ServerChild | None) -> None:
        self.api_url = api_url
        self.password = password
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
    server = _one_server(known)
    try:
        with prefect_configured(known, api_url=server.api_url, password=server.password):
            if wait:
                server.wait_until_healthy()
            yield server
            drain(to_the_end=server.child is not None)
    finally:
        if server.child:
            server.child.stop()


def _one_server(settled: Settings) -> OneServer:
    if found := _found(settled):
        return found
    child = ServerChild(settled, port=free_port(), with_ui=False)
    return OneServer(child.api_url, child.password, child)


def _found(settled: Settings) -> OneServer | None:
    """Return the server that ``PREFECT_API_URL`` names, else that of ``accredit up`` where it runs."""
    running = running_server(settled)
    if named := os.environ.get("PREFECT_API_URL"):
        own = running.password if running and running.api_url == named else None
        return OneServer(named, os.environ.get("PREFECT_API_AUTH_STRING") or own, None)
    return OneServer(running.api_url, running.password, None) if running else None


@contextmanager
def server_if_any(settled: Settings | None = None) -> Generator[OneServer | None]:
    """Let flows of this block be watched by the server that runs already; where none does, none is started.

    A server of its own costs a short command ten times what its work costs, and nobody looks at it.
    """
    known = settled or settings()
    found = _found(known)
    url, password = (found.api_url, found.password) if found else (None, None)
    with prefect_configured(known, api_url=url, password=password):
        if found:
            found.wait_until_healthy()
        yield found
        if found:
            drain(to_the_end=False)


def is_healthy(api_url: str) -> bool:
    """Whether a Prefect server answers at *api_url*."""
    return health(api_url) is not None


def health(api_url: str) -> str | None:
    """Return the moment that the Prefect server at *api_url* answers with (RFC 9110); None where none answers well."""
    try:
        asked = f"{api_url}/health"
        with urllib.request.urlopen(asked, timeout=SECONDS_OF_PATIENCE, context=authorities(api_url)) as answer:  # noqa: S310 -- as set
            return str(answer.headers["Date"]) if answer.status == 200 else None  # noqa: PLR2004 -- HTTP's OK
    except (OSError, ValueError):
        return None


def authorities(url: str) -> ssl.SSLContext | None:
    """Return what a server's certificate is checked with, as Prefect's client does; None without one."""
    file = os.environ.get("PREFECT_API_SSL_CERT_FILE")
    return ssl.create_default_context(cafile=file) if file and url.startswith("https://") else None


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


@dataclass(frozen=True, slots=True)
class RunningServer:
    """Where a server answers, and the password that it asks for."""

    api_url: str
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """The address of its pages."""
        return self.api_url.removesuffix("/api")

    def link(self) -> str:
        """Return a link to the pages that logs in once, within the hour."""
        asked = urllib.request.Request(  # noqa: S310 -- http of our own making
            f"{self.url}{ENTRANCE}", data=b"", headers={"Authorization": basic(self.password)}
        )
        try:
            with urllib.request.urlopen(asked, timeout=10, context=authorities(self.url)) as answer:  # noqa: S310 -- http of our own making
                return str(json.load(answer)["link"])
        except (OSError, ValueError, KeyError) as error:
            raise UnavailableError(f"The server at {self.url} gives no link ({type(error).__name__}).") from error


def running_server(settled: Settings) -> RunningServer | None:
    """Return the server that ``accredit up`` left word of, if it still answers there."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        noted = json.loads(_notice(settled).read_text("utf-8"))
        found = RunningServer(str(noted["api_url"]), _password_file(settled).read_text("utf-8"))
        return found if is_healthy(found.api_url) else None
    return None


def errands_to_office(settled: Settings | None = None) -> Errands | None:
    """Return what asks the ``accredit up`` of these settings for runs; None where none runs, or commands use another.

    A server that ``PREFECT_API_URL`` names is another.
    """
    known = settled or settings()
    if os.environ.get("PREFECT_API_URL") or not (running := running_server(known)):
        return None
    with suppress(OSError, ValueError, KeyError, TypeError):
        return Errands.of(json.loads(_notice(known).read_text("utf-8")), running.password, known)
    return None


@contextmanager
def announced(
    settled: Settings, child: ServerChild, deployments: Mapping[str, str] | None = None
) -> Generator[RunningServer]:
    """Let other commands of this user find the server, its password and the ids of its *deployments* by name."""
    notice, secret = _notice(settled), _password_file(settled)
    write_private(secret, child.password.encode())
    told = {"api_url": child.api_url, "pid": child.pid, "settings": fingerprint(settled)}
    write_private(notice, json.dumps({**told, "deployments": dict(deployments or {})}).encode())
    try:
        yield RunningServer(child.api_url, child.password)
    finally:
        notice.unlink(missing_ok=True)
        secret.unlink(missing_ok=True)


def _notice(settled: Settings) -> Path:
    return settled.prefect_home / "server.json"


def _password_file(settled: Settings) -> Path:
    return settled.prefect_home / "server.secret"


def write_private(path: Path, content: bytes) -> None:
    """Write a file that nobody but this user may ever open, replaced as a whole."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)


def drain(*, to_the_end: bool = True) -> None:
    """Wait until the events and logs of this process have reached the server, or 15 s.

    *to_the_end* also waits until they are in its database: one that goes on writes them without being waited for.
    """
    if "prefect.events.worker" in sys.modules:
        from prefect.events.worker import EventsWorker  # noqa: PLC0415 -- only if flows were run
        from prefect.logging.handlers import APILogWorker  # noqa: PLC0415 -- only if flows were run

        EventsWorker.drain_all(timeout=SECONDS_TO_DRAIN)
        APILogWorker.drain_all(timeout=SECONDS_TO_DRAIN)
        if to_the_end:
            _wait_until_recorded()


def _wait_until_recorded() -> None:
    """Poll until no task run is unfinished and their number stands still: the recorder writes in batches."""
    from httpx import HTTPError  # noqa: PLC0415 -- comes with Prefect, and only if flows were run
    from prefect import get_client  # noqa: PLC0415 -- the same

    unfinished = {"task_runs": {"state": {"type": {"any_": ["PENDING", "RUNNING", "SCHEDULED"]}}}}
    until = time.monotonic() + SECONDS_TO_DRAIN
    before = -1
    with suppress(HTTPError, ValueError), get_client(sync_client=True) as client:
        while time.monotonic() < until:
            total = int(client.request("POST", "/task_runs/count", json={}).json())
            if total == before and not client.request("POST", "/task_runs/count", json=unfinished).json():
                return
            before = total
            time.sleep(1.2)
