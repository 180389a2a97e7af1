"""Assignment: one provably best plan for everybody approved, then its placements, letters and rosters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from time import monotonic
from typing import Any, Final
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State

from db.store import Store, open_reader, open_store
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.status import PLACED, Status
from domain.assignment.policy import Replanning
from domain.assignment.problem import Problem
from domain.values import ElectionCode, UtcTime
from flows.assignment.consents import ask_now
from flows.assignment.occupancy import occupancy, seat_for_somebody
from flows.assignment.placements import finish_plan, placed_by, plan_notes
from flows.assignment.plans.agreement import require_agreement
from flows.assignment.plans.drafts import written_plan
from flows.assignment.plans.places import Places, places_of
from flows.assignment.plans.problems import Binding, Choices, carried_places, problem_of
from flows.assignment.plans.solutions import solved
from flows.context import ElectionContext, chosen_election, database, election_context, moment
from flows.runtime.chunks import chunk_task, final_state, run_chunks
from flows.runtime.outcomes import Chunk, ChunkOutcome, StageOutcome, plan_chunks
from flows.runtime.reports import publish_stage_report
from flows.runtime.run_names import run_name
from flows.runtime.shield import shielded_flow
from flows.runtime.task_runners import chunk_runner
from flows.settings import settings
from flows.statements.kept_log import on_a_whole_log

ENGINE = Actor.engine("assignment")
_STAYING: Final = {"replanning": Replanning.NO_MOVES, "pair_odd": False}
"""Whoever had a place in the vote before is moved for no preference, and not to make pairs."""


def make_plan(election: ElectionCode, *, now: UtcTime, wanted: list[UUID] | None = None) -> UUID | None:
    """Return which plan to carry out: the unfinished one, else a new one for all approved; None where nobody waits.

    People placed before keep their places; who is at large is planned for again, with others or once a seat is free.
    *wanted* limits who is placed now. The plan is kept before anybody is placed, so that an interrupted run goes on
    with the same plan.
    """
    context, choices = election_context(election, now), Choices(pin_from=now.date())
    with open_reader(database()) as store:
        if unfinished := store.plans.unfinished(election):
            return unfinished
        before = store.plans.latest(election)
        todo = [
            known for known in store.applications.ids_in(election, Status.APPROVED) if not wanted or known in wanted
        ]
        at_large = [
            application
            for application in store.applications.at_large(election)
            if not wanted or application.id in wanted
        ]
        if not todo and not (at_large and seat_for_somebody(store, context, at_large)):
            return None
        if carried_places(store, _by_id(store.applications.get_many(todo))):
            choices = choices.revised(**_STAYING)
        posed = _posed(store, context, todo, at_large, choices)
    problem, plan, notes = solved(context, posed, choices, before)
    if not todo and not any(plan.placements[str(application.id)] for application in at_large):
        return None
    stored = written_plan(problem, plan, before, choices, draft=",".join(sorted(map(str, todo))))
    with open_reader(database()) as store:
        require_agreement(store.applications.all_in(election, Status.CREDENTIALED), stored.placements)
    stored.numbers.update(notes)
    with open_store(database()) as store:
        store.plans.put(election, stored, now=now, by=str(ENGINE))
    return stored.id


def _posed(
    store: Store, context: ElectionContext, todo: list[UUID], at_large: list[Application], choices: Choices
) -> Problem:
    """Return the problem of placing *todo* beside those placed; who they are is forgotten before it is solved."""
    placed = store.applications.all_in(context.election, *PLACED)
    everybody = [
        *(application for application in placed if application.region),
        *at_large,
        *_by_id(store.applications.get_many(todo)),
    ]
    binding = Binding.of(store, context.election).moving_nobody()
    return problem_of(
        context, everybody, store.people.current, choices=choices, binding=binding,
        planned=carried_places(store, everybody),
    )  # fmt: skip


def _by_id(found: dict[UUID, Application]) -> list[Application]:
    return [found[known] for known in sorted(found)]


def place_applications(store: Store, context: ElectionContext, plan: UUID, ids: Iterable[UUID]) -> dict[str, int]:
    """Record the plan's places for those of *ids* who wait for one, and queue their letters."""
    places = places_of(plan)
    due = [application for application in _by_id(store.applications.get_many(list(ids))) if _waits(application, places)]
    return dict(placed_by(store, context, places, due, actor=ENGINE))


def _waits(application: Application, places: Places) -> bool:
    """Whether a plan has something new for the person: a first place, or a region for whoever is at large."""
    if application.status is Status.APPROVED:
        return True
    offered = places.regions.get(str(application.id))
    return application.status in PLACED and application.region is None and offered is not None


@chunk_task("assignment")
def assignment_chunk(chunk: Chunk, election: ElectionCode, as_of: UtcTime, plan: UUID) -> ChunkOutcome:
    """Record one chunk's places in one transaction; who has a place already is no longer due."""
    started = monotonic()
    context = election_context(election, as_of)
    with open_store(database()) as store:
        counts = place_applications(store, context, plan, chunk.ids)
    return ChunkOutcome(stage="assignment", chunk=chunk.number, counts=counts, seconds=monotonic() - started)


@flow(name="assignment", flow_run_name=run_name("assignment"), task_runner=chunk_runner())
@shielded_flow
@on_a_whole_log
async def assignment(
    election: str = "",
    applications: list[UUID] = [],  # noqa: B006 -- an empty list shows a field in the form where None would hide it
    as_of: datetime | None = None,
) -> State[Any]:
    """Place everybody approved: one optimal plan, checked independently; who finds no place is at large.

    Args:
        election: Code of the election; may be left out where there is only one.
        applications: Ids of the applications to place; none means all that are approved.
        as_of: The moment the work counts as done; empty means now.
    """
    code, now = chosen_election(election), moment(as_of)
    ask_now(code, now=now)
    outcome = StageOutcome.of("assignment", [], applications=0, seconds=0.0)
    while outcome.succeeded and (plan := make_plan(code, now=now, wanted=applications)):
        chunks = plan_chunks(still_to_place(plan, code), settings().chunk_size)
        done = await run_chunks("assignment", assignment_chunk, chunks, election=code, as_of=now, plan=plan)
        outcome = outcome.joined(done)
        if done.succeeded:
            finish_plan(plan, code, now=now)
    await publish_stage_report(outcome, election=code, rows=occupancy(code), notes=plan_notes(code, now=now))
    return final_state(outcome, name="Assigned")


def still_to_place(plan: UUID, election: ElectionCode) -> list[UUID]:
    """Return whom *plan* places who have no place yet, and whom it gives a region who were at large."""
    with open_reader(database()) as store:
        approved = store.applications.ids_in(election, Status.APPROVED)
        at_large = store.applications.at_large(election)
    places = places_of(plan)
    todo = [known for known in approved if str(known) in places.regions]
    return todo + [application.id for application in at_large if _waits(application, places)]
