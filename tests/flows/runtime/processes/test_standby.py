"""A process stands ready for the next run; a run that comes while none does is started anew."""

from __future__ import annotations

import asyncio
import sys
from operator import attrgetter
from typing import Any

import pytest

from flows.runtime.processes import standby
from flows.runtime.processes.standby import Standby

ENDS_AS_TOLD = (sys.executable, "-c", "import json, sys; sys.exit(int(json.loads(sys.stdin.readline())['CODE']))")


class Told:
    """Notes what a runner is told of a process that started."""

    def __init__(self) -> None:
        self.pids: list[int] = []

    def started(self, value: int) -> None:
        self.pids.append(value)


def test_the_process_that_stands_ready_becomes_the_run_and_the_next_one_is_started_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(standby, "COMMAND", ENDS_AS_TOLD)
    monkeypatch.setattr(standby, "SECONDS_TO_SETTLE", 0.0)
    anew: list[list[str]] = []

    async def cold(command: list[str], **named: Any) -> Any:
        anew.append([*command, named["env"]["CODE"]])

    async def two_runs_and_a_third() -> list[Any]:
        ahead, told = Standby(cold), Told()
        named: dict[str, Any] = {"task_status": told, "task_status_handler": attrgetter("pid")}
        await ahead.start()
        first = asyncio.create_task(ahead.run_process(["engine"], env={"CODE": "7"}, **named))
        second = asyncio.create_task(ahead.run_process(["engine"], env={"CODE": "8"}, **named))
        await asyncio.gather(first, second)
        await asyncio.sleep(0.2)
        third = await ahead.run_process(["engine"], env={"CODE": "9"}, **named)
        return [first.result().returncode, third.returncode, len(set(told.pids))]

    assert asyncio.run(two_runs_and_a_third()) == [7, 9, 2]
    assert anew == [["engine", "8"]]
