"""The process that runs served deployments: ``python -m flows.runtime.processes.runner READY-FILE DEPLOYMENT...``."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

from flows.deployments import Deployed, from_arguments
from flows.runtime.processes.lifeline import SECONDS_TO_CLOSE, collect_seldom, end_with_parent
from flows.settings import settings

if TYPE_CHECKING:
    from prefect.runner import Runner

SECONDS_BETWEEN_LOOKS: Final = 1.0
"""An officer who presses Run should not wait for the usual ten."""
RUNS_AT_ONCE: Final = 4
"""Each served run is a process of about 90 MB and three seconds of start-up."""


async def serve(deployments: Sequence[Deployed], *, ready: Callable[[str, Mapping[str, UUID]], None]) -> None:
    """Register *deployments*, tell *ready* where the overview is and their ids, and run what is asked for.

    Ends at SIGTERM, and with it whatever still runs.
    """
    from prefect.runner import Runner, _starter_engine  # noqa: PLC0415 -- the watch over the parent must stand before this

    from flows.runtime.processes.standby import Standby  # noqa: PLC0415 -- the same
    from flows.runtime.reports import renew_overview  # noqa: PLC0415 -- the same
    from flows.runtime.setup import prepare_server, runner_deployment  # noqa: PLC0415 -- the same

    known = settings()
    await prepare_server(known)
    runner = Runner(
        name="accreditation", limit=RUNS_AT_ONCE, query_seconds=SECONDS_BETWEEN_LOOKS, pause_on_shutdown=True
    )
    ids = {
        deployed.name: await runner.aadd_deployment(await runner_deployment(deployed, known))
        for deployed in deployments
    }
    standby = Standby(cold=vars(_starter_engine)["run_process"])
    setattr(_starter_engine, "run_process", standby.run_process)  # noqa: B010 -- its docstring asks for this
    await standby.start()
    running = asyncio.create_task(runner.start())
    while not runner.started and not running.done():  # noqa: ASYNC110 -- the runner offers no event
        await asyncio.sleep(0.05)
    if runner.started:
        ready(await renew_overview(), ids)
        await _begin([ids[deployed.name] for deployed in deployments if deployed.at_start])
    await _until_ended(runner, running)


async def _begin(deployments: Sequence[UUID]) -> None:
    """Ask for one run of each of *deployments*."""
    from prefect import get_client  # noqa: PLC0415 -- the watch over the parent must stand before this

    async with get_client() as client:
        for deployment in deployments:
            await client.create_flow_run_from_deployment(deployment)


async def _until_ended(runner: Runner, running: asyncio.Task[None]) -> None:
    """Wait for SIGTERM or SIGINT; Prefect's own handler waits for the loop that it interrupts."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    waiting = asyncio.create_task(ended.wait())
    await asyncio.wait({waiting, running}, return_when=asyncio.FIRST_COMPLETED)
    if not running.done():
        await runner.astop()
    with suppress(TimeoutError, asyncio.CancelledError):
        await asyncio.wait_for(running, SECONDS_TO_CLOSE / 2)


def note_ready(file: Path, overview: str, ids: Mapping[str, UUID]) -> None:
    """Write where the overview is and the deployments' ids by name into *file*, which is there whole or not at all."""
    beside = file.with_suffix(".part")
    told = {"overview": overview, "deployments": {name: str(known) for name, known in ids.items()}}
    beside.write_text(json.dumps(told), "utf-8")
    beside.replace(file)


def main() -> None:
    """Serve until ended."""
    end_with_parent()
    collect_seldom()
    os.umask(0o077)
    asyncio.run(serve(from_arguments(sys.argv[2:]), ready=partial(note_ready, Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
