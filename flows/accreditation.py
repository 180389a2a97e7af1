"""The whole chain in one run: intake, vetting, assignment, issuance, delivery. Nothing else starts a stage."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from domain.errors import AccreditationError
from domain.values import ElectionCode, UtcTime
from flows.assignment.flow import assignment
from flows.context import chosen_election, handed_on, moment
from flows.delivery.flow import delivery
from flows.deployments import UNFINISHED
from flows.intake.arrivals import arrivals
from flows.intake.flow import intake
from flows.intake.reading.folders import require_intake_folders
from flows.issuance.flow import issuance
from flows.issuance.life import end_what_is_over
from flows.issuance.publication.checkpoints import checkpoint_if_it_can
from flows.oversight.open_work_report import publish_open_work
from flows.runtime.progress import tolerated
from flows.runtime.reports import renew_overview
from flows.runtime.run_names import run_name
from flows.runtime.shield import shielded_flow
from flows.runtime.watched import state_of
from flows.statements.kept_log import on_a_whole_log
from flows.vetting.flow import vetting


@flow(name="accreditation", flow_run_name=run_name("accreditation"))
@shielded_flow
@on_a_whole_log
async def accreditation(
    election: str = "",
    files: list[str] = [],  # noqa: B006 -- an empty list shows a field in the form where None would hide it
    applications: list[UUID] = [],  # noqa: B006 -- as above
    as_of: datetime | None = None,
) -> State[Any]:
    """Take files in and carry every application as far as it can go without an officer, letters included.

    Args:
        election: Code of the election; may be left out where there is only one.
        files: Nominations files or folders to take in first; empty goes on with what is there.
        applications: Ids of single applications, for an urgent case; empty means everybody.
        as_of: The moment the work counts as done; empty means now.
    """
    code, now, at = chosen_election(election), moment(as_of), handed_on(as_of)
    await asyncio.to_thread(end_what_is_over, code, now=now)
    stages = [
        partial(state_of, vetting, code, applications, at),
        partial(state_of, assignment, code, applications, at),
        partial(state_of, issuance, code, applications, at),
        partial(state_of, delivery, code, at),
    ]
    if files:
        # Runs inside this one are no deployment's, so it is asked here.
        named = [arrival for name in files for arrival in arrivals(Path(name), organisation="", received_at=None)]
        require_intake_folders(named)
        stages.insert(0, partial(state_of, intake, files, code, as_of=at))
    state = await in_turn(stages, after_each=partial(_checkpointed, code, now=now))
    await publish_open_work(code, now=now)
    await tolerated(renew_overview, "the overview")
    return state


async def _checkpointed(election: ElectionCode, *, now: UtcTime) -> list[State[Any]]:
    """Sign where the log stands; what stands in the way of that stops no stage, and is part of how the run ends."""
    try:
        await asyncio.to_thread(checkpoint_if_it_can, election, now=now)
    except AccreditationError as error:
        return [Failed(message=str(error))]
    return []


async def in_turn(
    stages: Sequence[Callable[[], Awaitable[State[Any]]]], *, after_each: Callable[[], Awaitable[list[State[Any]]]]
) -> State[Any]:
    """Run *stages* one after another; one that failed is named, and the others still do what they can."""
    states: list[State[Any]] = []
    for stage in stages:
        states.append(await stage())
        states += await after_each()
    failed = [state for state in states if not state.is_completed()]
    message = " ".join(state.message or "" for state in failed or states)
    if not failed:
        return Completed(name="Accredited", message=message)
    return Failed(name=UNFINISHED if any(state.name == UNFINISHED for state in failed) else "Failed", message=message)
