"""What a lost or interrupted run had still to do is started again, by whichever worker is there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from prefect import flow, get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    FlowRunFilterStateName,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Completed, Crashed, Scheduled

from flows.deployments import AGAIN, TAG, TRIES, UNFINISHED
from flows.runtime.shield import shielded_flow

PAUSES: Final = (0, 60, 300)
"""Seconds before each further try."""
SECONDS_TO_BEGIN: Final = 300
"""A run that a worker took and that has not begun so long after was lost with the worker before it gave a sign."""
LOOK_BACK: Final = timedelta(days=1)


@flow(name="takeover", flow_run_name="takeover")
@shielded_flow
async def takeover() -> State[Any]:
    """Start again whatever was lost with its process or machine, or stopped because something did not answer.

    A second time nothing is started twice: each lost run has one successor. The stage finds out what is still to do.
    """
    now = datetime.now(UTC)
    async with get_client() as client:
        await _give_up_waiting(client, now=now)
        lost = await client.read_flow_runs(flow_run_filter=_lost(now), limit=200)
        begun = [run for run in lost if run.start_time and tries(run.tags) < TRIES]
        for run in begun:
            await _start_again(client, run, now=now)
    left = len(lost) - len(begun)
    told = f"{len(begun)} lost or unfinished runs of the last day have a successor"
    return Completed(message=f"{told}; {left} are left to people: accredit doctor." if left else f"{told}.")


def tries(tags: Iterable[str]) -> int:
    """Return how often the run with *tags* was started again."""
    return max((int(tag.removeprefix(AGAIN)) for tag in tags if tag.startswith(AGAIN)), default=0)


def _lost(now: datetime) -> FlowRunFilter:
    since: Any = now - LOOK_BACK  # Prefect's own kind of moment is made of any
    return FlowRunFilter(
        deployment_id=FlowRunFilterDeploymentId(is_null_=False),
        end_time=FlowRunFilterEndTime(after_=since),
        state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Crashed", UNFINISHED])),
        tags=FlowRunFilterTags(all_=[TAG]),
    )


async def _start_again(client: PrefectClient, run: FlowRun, *, now: datetime) -> None:
    number = tries(run.tags)
    if run.deployment_id is not None:
        await client.create_flow_run_from_deployment(
            run.deployment_id,
            parameters=run.parameters,
            state=Scheduled(scheduled_time=now + timedelta(seconds=PAUSES[number])),
            tags=[*(tag for tag in run.tags if not tag.startswith(AGAIN)), f"{AGAIN}{number + 1}"],
            name=run.name,
            idempotency_key=f"{AGAIN}{run.id}",
        )


async def _give_up_waiting(client: PrefectClient, *, now: datetime) -> None:
    """Crash runs whose worker ended after it had taken them and before they began: they gave no sign to be missed."""
    waiting = FlowRunFilter(
        deployment_id=FlowRunFilterDeploymentId(is_null_=False),
        state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Pending"])),
    )
    for run in await client.read_flow_runs(flow_run_filter=waiting, limit=200):
        if run.state and now - run.state.timestamp > timedelta(seconds=SECONDS_TO_BEGIN):
            await client.set_flow_run_state(run.id, Crashed(message="Its worker ended before this run began."))
