"""Services of the Prefect server that fail: found in its log, and said in words that an officer can act upon.

Prefect goes on when one of its services fails at every attempt: its pages look well while no schedule runs.
"""

from __future__ import annotations

import math
import re
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

TIMES: Final = 2
SECONDS: Final = 300.0
"""So many failures in so many seconds count; a single one may be a database that was busy."""
SECONDS_UNTIL_SAID_AGAIN: Final = 3600.0

_BY_HAND: Final = (
    "accredit deliver, accredit clocks, accredit remind, accredit collect folder, accredit collect mailbox"
)
_SCHEDULES: Final = (
    "nothing starts by itself: no letter is sent, no clock minded, no reminder written, no file taken in. "
    f"Until it is mended run by hand: {_BY_HAND}"
)
_AUTOMATIONS: Final = (
    "late cases are not raised, and runs whose machine is gone stay Running. Look with accredit clocks"
)
_PROGRESS: Final = "the pages do not show how far a stage is; accredit status does"
_ELSE: Final = "Prefect's pages may show what is no longer so. Cases, letters and deadlines are not touched"
_MEANING: Final[Mapping[str, str]] = {
    "schedule_deployments": _SCHEDULES,
    "schedule_recent_deployments": _SCHEDULES,
    "evaluate_proactive_triggers_periodic": _AUTOMATIONS,
    "triggers": _AUTOMATIONS,
    "reactivetriggers": _AUTOMATIONS,
    "actions": _AUTOMATIONS,
    "monitor_late_runs": "runs that start too late are not shown as late",
    "mark_flow_run_late": "runs that start too late are not shown as late",
    "taskrunrecorder": _PROGRESS,
    "task_run_recorder": _PROGRESS,
}

_FAILURE: Final = re.compile(
    r"^\S+ \| ERROR\s+\| (?:docket\S* - ↩ \[[^\]]*\] (?P<task>\w+)\("
    r"|prefect\.server\.(?:\w+\.)*services\.(?P<service>\w+) - )"
)


class FailingServices:
    """Reads a server's log from where it ends now, and tells which services fail."""

    def __init__(self, log: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._read = log.stat().st_size if log.exists() else 0
        self._rest = b""
        self._failures: defaultdict[str, list[float]] = defaultdict(list)
        self._said: dict[str, float] = {}

    def news(self) -> list[str]:
        """Return a sentence for each service that was found failing since the last call, again after an hour."""
        now = self._clock()
        failed = {name for line in self._fresh_lines() if (name := failing_service(line)) and self._counts(name, now)}
        fresh = [name for name in sorted(failed) if self._said.get(name, -math.inf) + SECONDS_UNTIL_SAID_AGAIN <= now]
        self._said |= dict.fromkeys(fresh, now)
        return [self._sentence(name) for name in fresh]

    def _counts(self, name: str, now: float) -> bool:
        recent = [at for at in self._failures[name] if now - at <= SECONDS]
        self._failures[name] = [*recent, now]
        return len(recent) + 1 >= TIMES

    def _fresh_lines(self) -> list[str]:
        try:
            with self._log.open("rb") as log:
                log.seek(self._read)
                fresh = log.read()
        except FileNotFoundError:
            return []
        self._read += len(fresh)
        *lines, self._rest = (self._rest + fresh).split(b"\n")
        return [line.decode(errors="replace") for line in lines]

    def _sentence(self, name: str) -> str:
        meaning = _MEANING.get(name, _ELSE)
        return f"Prefect's service {name} fails again and again: {meaning}. The log is {self._log}."


def failing_service(line: str) -> str | None:
    """Return the name of the service that *line* of a log says has failed, if it says so."""
    found = _FAILURE.match(line)
    return (found["task"] or found["service"]) if found else None
