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

from db.schema import holds_an_election, is_made
from db.store import open_reader
from domain.errors import BadInputError, UnavailableError
from flows.context import database
from flows.deployments import DEPLOYMENTS, Deployed, as_arguments
from flows.desk.address import Address
from flows.desk.serving import started_desk
from flows.election.database import require_personal_keys
from flows.issuance.signing.process import signing_process
from flows.runtime.environment import PLACES, SIGNPOST, prefect_environment
from flows.runtime.processes.lifeline import Child
from flows.runtime.server.failing_services import FailingServices
from flows.runtime.server.gate import places_in
from flows.runtime.server.lifetime import (
    SERVER_LOG,
    RunningServer,
    ServerChild,
    announced,
    free_port,
    require_free_port,
    running_server,
)
from flows.settings import Settings, prepare_home, settings
from flows.statements.kept_log import require_whole_log
from flows.upkeep.diagnosis import Standing
from flows.upkeep.doctor import examine

USUAL_PORT: Final = 4200
SECONDS_TO_REGISTER: Final = 900.0
"""Where nothing else runs, half a minute is enough; on a busy machine (load 20) five minutes were not."""
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
    require_personal_keys()
    _refuse_a_second(known)
    _refuse_unseen_restore(known)
    _look_at_the_logs(known, screen)
    try:
        with _signals_interrupt(), ExitStack() as started:
            log = FailingServices(known.prefect_home / SERVER_LOG)
            signer = started.enter_context(signing_process(known))
            server = ServerChild(known, port=_chosen_port(port), with_ui=True)
            started.callback(server.stop)
            screen.print("Starting the officers' desk and Prefect; this takes half a minute, the first time longer …")
            desk = started_desk(known, started)
            screen.print(f"The officers' desk: [bold]{desk.address.origin}[/bold]", highlight=False)
            server.wait_until_healthy()
            serving = _serving(known, server, deployments)
            started.callback(serving.stop)
            _wait_until_registered(known, serving, screen)
            running = started.enter_context(announced(known, server, _served(known)["deployments"]))
            _tell_what_is_not_right(running, screen)
            _serve_metrics(known)
            screen.print(_welcome(running, deployments, known))
            screen.print("\n".join(_forms(running.url, known, deployments)), highlight=False, soft_wrap=True)
            _watch([server, serving, desk, *([signer] if signer else [])], log, screen)
    except KeyboardInterrupt:
        screen.print("Everything that was started has ended.")


def _look_at_the_logs(settled: Settings, screen: Console) -> None:
    """Start nothing where a log does not go on from what was given out; say what else is wrong with one."""
    if not is_made(settled.database_url):
        return
    with open_reader(database()) as store:
        codes = store.loaded.codes()
    for code in codes:
        for fault in require_whole_log(code)[:3]:
            screen.print(f"[red]The log of {code}: {fault}. Run: accredit audit verify[/red]", highlight=False)


def _serve_metrics(settled: Settings) -> None:
    """Serve metrics, where the settings want it."""
    if settled.metrics_port:
        from flows.upkeep.metrics import serve_metrics  # noqa: PLC0415 -- off unless somebody sets it

        serve_metrics(settled.metrics_port)


def _tell_what_is_not_right(running: RunningServer, screen: Console) -> None:
    """Let the doctor look before anybody is told that all is ready; what is wrong stops nothing that works."""
    for told in examine(server=running):
        if told.remedy:
            style = "bold red" if told.standing is Standing.WRONG else "bold"
            screen.print(f"[{style}]{escape(told.part)}[/{style}]: {escape(told.says)}. {escape(told.remedy)}.")


def _refuse_a_second(settled: Settings) -> None:
    if running := running_server(settled):
        problem = f"it runs already, at {running.url}."
        remedy = "Open it with accredit link, or end it first; another installation needs an ACCREDIT_HOME of its own."
        raise BadInputError("accredit up", problem, remedy=remedy)


def _refuse_unseen_restore(settled: Settings) -> None:
    """Refuse to start on a restored state until an officer has signed for what was given out since."""
    if is_made(settled.database_url):
        with open_reader(database()) as store:
            waits = any(
                restoration.accepted_at is None
                for code in store.loaded.codes()
                for restoration in store.restorations.all_in(code)
            )
        if waits:
            problem = "a backup was restored, and no officer has signed that they saw what was given out since."
            raise BadInputError("accredit up", problem, remedy="Run: accredit restored")


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
    return Child("flows.runtime.processes.runner", *arguments, environment=environment, log=log)


def _scratch(settled: Settings) -> Path:
    """Return an empty folder for what runs leave behind while they last.

    Prefect's runner makes a folder of one name in the machine's own, which belongs to the first user who serves there.
    """
    folder = settled.prefect_home / "scratch"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def _ready_file(settled: Settings) -> Path:
    return settled.prefect_home / PLACES


def _served(settled: Settings) -> dict[str, Any]:
    """Return what the serving process has said: where Prefect's pages have the overview, and each deployment's id."""
    told: dict[str, Any] = json.loads(_ready_file(settled).read_text("utf-8"))
    return told


def _wait_until_registered(settled: Settings, serving: Child, screen: Console) -> None:
    screen.print("Prefect answers; the forms of the stages are made now …")
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


_GROUPS: Final = {
    "daily": "Every day, in the order of work:",
    "officers": "For officers:",
    "background": "In the background; they start by themselves where a setting gives them work:",
}
"""Headings above the forms, by whose work it is."""


def _forms(url: str, settled: Settings, deployments: Sequence[Deployed]) -> list[str]:
    """Return a link to the overview, and one to the form of each deployment, by whose work it is.

    The gate sends each on to Prefect's own address, which is wider than a screen of 80 columns.
    """
    there = places_in(_ready_file(settled))
    width = max(map(len, there), default=0)
    lines = [_link("overview", url, width)]
    for group, heading in _GROUPS.items():
        names = [each.name for each in deployments if each.group == group and each.name in there]
        lines += [heading] if names else []
        lines += [_link(name, url, width) for name in names]
    return lines


def _link(name: str, url: str, width: int) -> str:
    return f"{name:<{width}}  {url}{SIGNPOST}/{name}"


def _loaded() -> list[str]:
    """Return what to do first where no election is loaded; nothing where one is."""
    if holds_an_election(settings().database_url):
        return []
    return ["[bold red]No election is loaded yet.[/bold red] In another window: accredit init FOLDER", ""]


def _welcome(running: RunningServer, deployments: Sequence[Deployed], settled: Settings) -> Panel:
    lines = [
        f"[bold]The officers' desk: {Address.of(settled).origin}[/bold]",
        "Links for devices of officers: accredit desk link; later the desk's page Officers",
        "Prefect, by a link that lets one browser in, once, within the hour:",
        f"[bold]{running.link()}[/bold]",
        "For another: accredit link",
        "",
        *_loaded(),
        f"[bold]First[/bold] open the form of [bold]{deployments[0].name}[/bold]; overview and forms are below.",
        f"Logs: {settled.prefect_home}",
        "",
        "Ctrl-C ends the server and everything it runs.",
    ]
    return Panel("\n".join(lines), title="Accreditation", expand=False)
