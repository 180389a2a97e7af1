"""The process that runs served deployments: ``python -m flows.runtime.runner_process READY-FILE DEPLOYMENT...``."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from flows.deployments import Deployed, from_arguments
from flows.runtime.lifeline import SECONDS_TO_CLOSE, collect_seldom, end_with_parent
from flows.settings import Settings, settings

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

    from flows.runtime.overview import renew_overview  # noqa: PLC0415 -- the same
    from flows.runtime.setup import prepare_server  # noqa: PLC0415 -- the same
    from flows.runtime.standby import Standby  # noqa: PLC0415 -- the same

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
    await _until_ended(runner, running)


async def runner_deployment(deployed: Deployed, settled: Settings) -> Any:
    """Return Prefect's description of *deployed*, its election filled in where one is set."""
    from prefect.client.schemas.objects import (  # noqa: PLC0415 -- the watch over the parent must stand before this
        ConcurrencyLimitConfig,
        ConcurrencyLimitStrategy,
    )
    from prefect.events import DeploymentEventTrigger  # noqa: PLC0415 -- the same
    from prefect.types.entrypoint import EntrypointType  # noqa: PLC0415 -- the same

    strategy = ConcurrencyLimitStrategy(deployed.collision)
    filled = {"election": settled.election} if settled.election and deployed.takes("election") else {}
    made = await deployed.flow().ato_deployment(
        name=deployed.name,
        tags=deployed.tags,
        parameters={**deployed.parameters, **filled},
        interval=timedelta(seconds=deployed.every_seconds) if deployed.every_seconds else None,
        concurrency_limit=(
            ConcurrencyLimitConfig(limit=deployed.at_once, collision_strategy=strategy) if deployed.at_once else None
        ),
        entrypoint_type=EntrypointType.MODULE_PATH,
        triggers=[DeploymentEventTrigger.model_validate(deployed.trigger)] if deployed.trigger else None,
    )
    for name, field in made._parameter_openapi_schema.properties.items():  # noqa: SLF001 -- there is no other way to it
        make_plain(name, field)
    return made


def make_plain(name: str, field: dict[str, Any]) -> None:
    """Let a form show a *field* that may be left out as an empty one, not behind a choice of None; titled in words."""
    field["title"] = name.replace("_", " ")
    kinds = [kind for kind in field.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1 and field.get("default") is None:
        field.update(kinds[0])
        del field["anyOf"], field["default"]


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
