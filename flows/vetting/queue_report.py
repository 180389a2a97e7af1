"""The queue as Prefect's UI shows it."""

from __future__ import annotations

from domain.numbers import number_of
from domain.values import ElectionCode, UtcTime
from flows.runtime.reports import publish_table
from flows.vetting.case_queue import queue_table


async def publish_queue(election: ElectionCode, *, now: UtcTime) -> None:
    """Show the cases that wait for officers, as they stand *now*, under one key of the UI."""
    rows = [row | {"findings": str(row["findings"]).replace("_", " ")} for row in queue_table(election, now=now)]
    waiting = f"{number_of(len(rows), 'cases wait')} for officers; decide them at the desk, or with accredit decide."
    description = waiting if rows else "No case waits for an officer."
    await publish_table(rows, stage="queue", election=election, kind="table", description=description)
