"""A process that stands ready for the next run: ``python -m flows.runtime.processes.standby``.

Prefect's runner starts ``python -m prefect.engine`` for each run, and an officer who pressed *Submit* waits while it
imports Prefect and the stages. One process here has imported them before, and is told which run it is.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import runpy
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import anyio
from anyio.abc import Process, TaskStatus

from flows.deployments import DEPLOYMENTS
from flows.runtime.environment import reread
from flows.runtime.processes.lifeline import collect_seldom

SECONDS_TO_SETTLE: Final = 5.0
"""The next process is started so long after a run began: it should not take the processor from that run."""
COMMAND: Final = (sys.executable, "-P", "-m", "flows.runtime.processes.standby")
_LONGEST: Final = 1_000_000


class Standby:
    """Keeps one process ahead. Its :meth:`run_process` takes the place of the one that Prefect's runner calls."""

    def __init__(self, cold: Callable[..., Any]) -> None:
        self._cold = cold
        """Prefect's own, which starts a process anew: for a run that comes while none stands ready."""
        self._waiting: Process | None = None
        self._refilling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the process that waits for the next run."""
        self._waiting = await anyio.open_process(COMMAND, stdout=None, stderr=None)

    async def run_process(
        self,
        command: list[str],
        *,
        env: Mapping[str, str],
        task_status: TaskStatus[Any],
        task_status_handler: Callable[[Process], Any],
        **named: Any,
    ) -> Process:
        """Let the process that waits be the run that *env* describes, and return it when it has ended."""
        ready, self._waiting = self._waiting, None
        self._refilling = self._refilling or asyncio.create_task(self._refill())
        if ready is None or ready.returncode is not None or ready.stdin is None:
            named |= {"env": env, "task_status": task_status, "task_status_handler": task_status_handler}
            ended: Process = await self._cold(command, **named)
            return ended
        async with _ending(ready):
            await ready.stdin.send(json.dumps(dict(env)).encode() + b"\n")
            task_status.started(task_status_handler(ready))
            await ready.wait()
        return ready

    async def _refill(self) -> None:
        await asyncio.sleep(SECONDS_TO_SETTLE)
        self._refilling = None
        if self._waiting is None:
            await self.start()


@asynccontextmanager
async def _ending(process: Process) -> AsyncGenerator[None]:
    """End *process* with the block, also where the block is cancelled; one that has ended is left alone."""
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        with anyio.CancelScope(shield=True):
            await process.aclose()


def _told() -> dict[str, str] | None:
    """Wait for the environment of a run; None where whoever started this process has ended."""
    said = b""
    while not said.endswith(b"\n"):
        if not (part := os.read(0, _LONGEST)):
            return None
        said += part
    environment: dict[str, str] = json.loads(said)
    return environment


def main() -> None:
    """Import what any run needs, wait, and be that run as ``python -m prefect.engine`` would be."""
    collect_seldom()
    os.umask(0o077)
    importlib.import_module("prefect.flow_engine")
    for deployed in DEPLOYMENTS:
        deployed.flow()
    if (environment := _told()) is None:
        return
    os.environ.clear()
    os.environ.update(environment)
    reread()
    sys.argv = ["prefect.engine"]
    sys.modules.pop("prefect.engine", None)  # it runs as the main module, once
    runpy.run_module("prefect.engine", run_name="__main__")


if __name__ == "__main__":
    main()
