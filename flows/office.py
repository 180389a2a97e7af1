"""``accredit up``: a Prefect server with its UI and the served deployments, all ended together."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from db.schema import is_made
from db.store import open_reader
from domain.errors import BadInputError, UnavailableError
from flows.context import database
from flows.deployments import DEPLOYMENTS, Deployed, as_arguments
from flows.desk.address import Address
from flows.desk.serving import started_desk
from flows.issuance.signing_process import signing_process
from flows.runtime.environment import prefect_environment
from flows.runtime.failing_services import FailingServices
from flows.runtime.lifeline import Child
from flows.runtime.server import (
    SERVER_LOG,
    RunningServer,
    ServerChild,
    announced,
    free_port,
    require_free_port,
    running_server,
)
from flows.settings import Settings, prepare_home, settings

USUAL_PORT: Final = 4200
SECONDS_TO_REGISTER: Final = 120.0
ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def up(
    settled: Settings | None = None,
    *,
    port: int | None = None,
    deployments: Sequence[Deployed] = DEPLOYMENTS,
    console: Console | None = None,
) -> None:
    """Start everything, say where it is, and return when Ctrl-C, SIGTERM or SIGHUP has ended all of it.

    Without *port* Prefect's usual 4200 is taken, or any free one where that is in use. A port that cannot be had and
    a second ``accredit up`` are BadInputErrors; a process that ends by itself is an UnavailableError.
    """
    known = settled or settings()
    screen = console or Console()
    prepare_home(known)
    _refuse_a_second(known)
    try:
        with _signals_interrupt(), ExitStack() as started:
            log = FailingServices(known.prefect_home / SERVER_LOG)
            signer = started.enter_context(signing_process(known))
            server = ServerChild(known, port=_chosen_port(port), with_ui=True)
            started.callback(server.stop)
            desk = started_desk(known, started)
            screen.print(f"The officers' desk: [bold]{desk.address.origin}[/bold]", highlight=False)
            screen.print(f"Starting Prefect at {server.url} …")
            server.wait_until_healthy()
            serving = _serving(known, server, deployments)
            started.callback(serving.stop)
            _wait_until_registered(known, serving)
            running = started.enter_context(announced(known, server))
            screen.print(_welcome(running, deployments, known))
            screen.print("\n".join(_forms(running.url, known)), highlight=False, soft_wrap=True)
            _watch([server, serving, desk, *([signer] if signer else [])], log, screen)
    except KeyboardInterrupt:
        screen.print("Everything that was started has ended.")


def _refuse_a_second(settled: Settings) -> None:
    if running := running_server(settled):
        problem = f"it runs already, at {running.url}."
        remedy = "Open it with accredit link, or end it first; another installation needs an ACCREDIT_HOME of its own."
        raise BadInputError("accredit up", problem, remedy=remedy)


def _chosen_port(port: int | None) -> int:
    if port is not None:
        return require_free_port(port)
    try:
        return require_free_port(USUAL_PORT)
    except BadInputError:
        return free_port()


def _serving(settled: Settings, server: ServerChild, deployments: Sequence[Deployed]) -> Child:
    ready = _ready_file(settled)
    ready.unlink(missing_ok=True)
    own = {"TMPDIR": str(_scratch(settled))}
    known = prefect_environment(settled, api_url=server.api_url, password=server.password)
    environment = {**os.environ, **known, **own}
    arguments = [str(ready), *as_arguments(deployments)]
    log = settled.prefect_home / "serving.log"
    return Child("flows.runtime.runner_process", *arguments, environment=environment, log=log)


def _scratch(settled: Settings) -> Path:
    """Return an empty folder for what runs leave behind while they last.

    Prefect's runner makes a folder of one name in the machine's own, which belongs to the first user who serves there.
    """
    folder = settled.prefect_home / "scratch"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def _ready_file(settled: Settings) -> Path:
    return settled.prefect_home / "serving.ready"


def _served(settled: Settings) -> dict[str, Any]:
    """Return what the serving process has said: where Prefect's pages have the overview, and each deployment's id."""
    told: dict[str, Any] = json.loads(_ready_file(settled).read_text("utf-8"))
    return told


def _wait_until_registered(settled: Settings, serving: Child) -> None:
    until = time.monotonic() + SECONDS_TO_REGISTER
    while not _ready_file(settled).exists():
        if serving.has_ended:
            raise UnavailableError(f"The deployments could not be served; the reason is in {serving.log}.")
        if time.monotonic() > until:
            raise UnavailableError(f"The deployments were not registered in time; the log is {serving.log}.")
        time.sleep(0.1)


def _watch(children: Sequence[Child], services: FailingServices, screen: Console) -> None:
    """Return never; a child that ends by itself ends everything, and a service that fails is told at once."""
    while True:
        for child in children:
            if child.has_ended:
                raise UnavailableError(f"Process {child.pid} ended by itself; the reason is in {child.log}.")
        for sentence in services.news():
            screen.print(f"{datetime.now():%H:%M} [bold red]{escape(sentence)}[/bold red]")  # noqa: DTZ005 -- the wall's
        time.sleep(0.5)


@contextmanager
def _signals_interrupt() -> Generator[None]:
    """Turn the first of the ending signals into KeyboardInterrupt and ignore those after it, so that all is ended."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _interrupt) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _forms(url: str, settled: Settings) -> list[str]:
    """Return a link to the form of each deployment, in the order of work."""
    ids: dict[str, str] = _served(settled)["deployments"]
    width = max(map(len, ids), default=0)
    return [f"{name:<{width}}  {url}/deployments/deployment/{known}/run" for name, known in ids.items()]


def _loaded() -> list[str]:
    """Return what to do first where no election is loaded; nothing where one is."""
    if is_made(settings().database_url):
        with open_reader(database()) as store:
            if store.loaded.codes():
                return []
    return ["[bold red]No election is loaded yet.[/bold red] In another window: accredit init FOLDER", ""]


def _welcome(running: RunningServer, deployments: Sequence[Deployed], settled: Settings) -> Panel:
    url = running.url
    lines = [
        f"[bold]The officers' desk: {Address.of(settled).origin}[/bold]",
        "A link for the device of an officer: accredit desk link",
        f"Prefect: [bold]{running.link()}[/bold]",
        "This link lets one browser in, once, within the hour. For another: accredit link",
        "",
        *_loaded(),
        f"[bold]First[/bold] open the form of [bold]{deployments[0].name}[/bold]; the forms are below.",
        f"What every stage said: {url}{_served(settled)['overview']}",
        f"Logs: {settled.prefect_home}",
        "",
        "Ctrl-C ends the server and everything it runs.",
    ]
    return Panel("\n".join(lines), title="Accreditation", expand=False)
