"""Assignment: one provably best plan for everybody approved, then its placements, letters and rosters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from time import monotonic
from typing import Any
from uuid import UUID, uuid5

from prefect import flow
from prefect.client.schemas.objects import State

from db.plans import StoredPlan
from db.store import Store, open_reader, open_store
from domain import assignment as planning
from domain.actors import Actor
from domain.application import Application
from domain.correspondence import Attachment
from domain.errors import AccreditationError
from domain.events import RegionAssigned
from domain.geography import Geography
from domain.nomination import Nomination
from domain.status import Status
from domain.values import ElectionCode, UtcTime
from flows.desk import Desk, chosen_election, database, desk, moment
from flows.engine.chunks import chunk_task, final_state, run_chunks
from flows.engine.outcomes import Chunk, ChunkOutcome, StageOutcome, plan_chunks
from flows.engine.reports import publish_stage_report
from flows.engine.runner import chunk_runner
from flows.engine.shield import shielded_flow
from flows.files import file_store
from flows.letters import Case
from flows.occupancy import occupancy
from flows.settings import settings
from notifications.rosters import MEDIA_TYPE, Roster, RosterLine, roster_filename, roster_workbook

ENGINE = Actor.engine("assignment")


class PlanRefusedError(AccreditationError):
    """The independent check found a fault in a plan; it is not carried out."""


def problem_of(
    at_desk: Desk, applications: Iterable[Application], people: Mapping[UUID, Nomination]
) -> planning.Problem:
    """Return the assignment problem of *applications* on election day: codes only."""
    geography = at_desk.geography
    codes = {region.code for region in geography.regions}
    return planning.Problem(
        regions=tuple(_regions(at_desk)),
        offices=tuple(
            planning.Office(
                code=office.code,
                staff=office.staff,
                observers_per_staff=office.observers_per_staff,
                surge_places=office.surge_staff * office.observers_per_staff,
            )
            for office in geography.offices
        ),
        observers=tuple(_observer(one, people[one.id], codes) for one in applications),
        policy=planning.Policy(seed=at_desk.election),
    )


def _regions(at_desk: Desk) -> Iterable[planning.Region]:
    day = at_desk.profile.election.day
    for region in at_desk.geography.regions:
        shut = region.no_deployment
        yield planning.Region(
            code=region.code,
            capacity=0 if shut else region.capacity,
            minimum=0 if shut else region.minimum_seats,
            weight=region.weight,
            language=next(iter(region.languages), None),
            language_quota=region.language_quota,
            security_level=region.security_level,
            notices=(region.notice.id,) if region.notice else (),
            office=at_desk.geography.serving(region.office, on=day).code,
            home_office=region.office,
        )


def _observer(application: Application, nomination: Nomination, codes: set[str]) -> planning.Observer:
    return planning.Observer(
        id=str(application.id),
        organisation=application.organisation,
        nationalities=nomination.nationalities,
        gender=nomination.sex or None,
        languages=nomination.languages,
        accepted_notices=nomination.accepted_notices,
        # What a region demands is its notice, and nobody goes there who has not accepted that very version.
        consent_level=4,
        preferences=tuple(dict.fromkeys(code for code in nomination.preferred_regions if code in codes)),
        pinned=application.region,
    )


def make_plan(election: ElectionCode, *, now: UtcTime, wanted: list[UUID] | None = None) -> StoredPlan | None:
    """Return the plan to carry out: the unfinished one, else a new one for all approved; None where nobody waits.

    People placed before keep their places; *wanted* limits who is placed now. The plan is kept before anybody is
    placed, so that an interrupted run goes on with the same plan.
    """
    at_desk = desk(election, now)
    with open_reader(database()) as store:
        if unfinished := store.plans.unfinished(election):
            return unfinished
        approved = store.applications.all_in(election, Status.APPROVED)
        todo = [one for one in approved if not wanted or one.id in wanted]
        placed = store.applications.all_in(election, Status.ASSIGNED, Status.CREDENTIALED)
        people = store.people.current([one.id for one in (*placed, *todo)])
    if not todo:
        return None
    problem = problem_of(at_desk, [*(one for one in placed if one.region), *todo], people)
    plan = planning.solve(problem)
    if violations := planning.check(problem, plan):
        raise PlanRefusedError(f"The plan fails its independent check ({len(violations)} faults); nobody was placed.")
    identity = uuid5(todo[0].id, f"{problem.digest()}:{','.join(sorted(str(one.id) for one in todo))}")
    stored = StoredPlan(identity, problem.model_dump(mode="json"), plan.model_dump(mode="json"))
    with open_store(database()) as store:
        store.plans.put(election, stored, now=now)
    return stored


def place_applications(store: Store, at_desk: Desk, plan: StoredPlan, ids: Iterable[UUID]) -> dict[str, int]:
    """Record the plan's places for those of *ids* who wait for one, and queue their letters."""
    placements: Mapping[str, str | None] = plan.body["placements"]
    found = store.applications.get_many(list(ids))
    due = [found[one] for one in sorted(found) if found[one].status is Status.APPROVED]
    people = store.people.current([one.id for one in due])
    counts: Counter[str] = Counter(placed=0, at_large=0)
    day = at_desk.profile.election.day
    for application in due:
        code = placements.get(str(application.id))
        office = _office_of(at_desk.geography, code, day) if code else None
        event = RegionAssigned(
            application_id=application.id, at=at_desk.now, actor=ENGINE, region=code, office=office, plan_id=plan.id
        )
        moved = store.applications.record(application, event)
        letter = at_desk.letters.placement(Case(moved, people[moved.id]), on=day)
        store.outbox.put(at_desk.election, letter, now=at_desk.now)
        counts["placed" if code else "at_large"] += 1
    return dict(counts)


def _office_of(geography: Geography, region: str, day: date) -> str:
    return geography.serving(geography.region(region).office, on=day).code


def finish_plan(plan: StoredPlan, election: ElectionCode, *, now: UtcTime) -> int:
    """Send every office its roster and close the plan; returns the number of rosters. Repeating changes nothing."""
    at_desk = desk(election, now)
    with open_reader(database()) as store:
        placed = store.applications.all_in(election, Status.ASSIGNED, Status.CREDENTIALED)
        people = store.people.current([one.id for one in placed if one.region])
    by_office: dict[str, list[Case]] = {}
    for application in placed:
        if application.office:
            by_office.setdefault(application.office, []).append(Case(application, people[application.id]))
    workbooks = {code: file_store().put(_workbook(at_desk, code, cases)) for code, cases in sorted(by_office.items())}
    with open_store(database()) as store:
        for code, workbook in workbooks.items():
            attachment = Attachment(filename=roster_filename(code, 1), media_type=MEDIA_TYPE, content=workbook)
            regions = Counter(at_desk.geography.region(str(case.application.region)).name for case in by_office[code])
            letter = at_desk.letters.roster(
                at_desk.geography.office(code), plan.id, dict(sorted(regions.items())), attachment
            )
            store.outbox.put(election, letter, now=now)
        store.plans.finish(plan.id, now=now)
    return len(workbooks)


def _workbook(at_desk: Desk, code: str, cases: list[Case]) -> bytes:
    """Return an office's roster, by region and name."""
    lines = [_roster_line(at_desk, case) for case in cases]
    return roster_workbook(
        Roster(
            election_title=at_desk.profile.election.title,
            office=at_desk.geography.office(code).name,
            version=1,
            drawn_up_at=at_desk.now,
            timezone=at_desk.profile.election.timezone,
            lines=tuple(sorted(lines, key=lambda line: (line.region, line.name))),
        )
    )


def _roster_line(at_desk: Desk, case: Case) -> RosterLine:
    nomination = case.nomination
    region = at_desk.geography.region(str(case.application.region))
    return RosterLine(
        name=nomination.name,
        own_script_name=nomination.native_name,
        role=at_desk.profile.role_word(case.application.role),
        organisation=at_desk.organisations[case.application.organisation].name,
        languages=nomination.languages,
        region=region.name,
        notice=region.notice.id if region.notice else "",
        phone=nomination.phone,
        email=nomination.email,
        credential="issued" if case.application.serial else "to follow",
    )


@chunk_task("assignment")
def assignment_chunk(chunk: Chunk, election: ElectionCode, as_of: UtcTime, plan: UUID) -> ChunkOutcome:
    """Record one chunk's places in one transaction; who has a place already is no longer due."""
    started = monotonic()
    at_desk = desk(election, as_of)
    with open_store(database()) as store:
        counts = place_applications(store, at_desk, store.plans.get(plan), chunk.ids)
    return ChunkOutcome(stage="assignment", chunk=chunk.number, counts=counts, seconds=monotonic() - started)


@flow(name="assignment", flow_run_name="assignment {election}", task_runner=chunk_runner())
@shielded_flow
async def assignment(
    election: str | None = None, applications: list[UUID] | None = None, as_of: datetime | None = None
) -> State[Any]:
    """Place everybody approved: one optimal plan, checked independently; who finds no place is at large.

    Args:
        election: Code of the election; may be left out where there is only one.
        applications: Ids of the applications to place; none means all that are approved.
        as_of: The moment the work counts as done; empty means now.
    """
    code, now = chosen_election(election), moment(as_of)
    outcome = StageOutcome.of("assignment", [], applications=0, seconds=0.0)
    while outcome.succeeded and (plan := make_plan(code, now=now, wanted=applications)):
        chunks = plan_chunks(still_to_place(plan, code), settings().chunk_size)
        done = await run_chunks("assignment", assignment_chunk, chunks, election=code, as_of=now, plan=plan.id)
        outcome = outcome.joined(done)
        if done.succeeded:
            finish_plan(plan, code, now=now)
    await publish_stage_report(outcome, election=code, rows=occupancy(code))
    return final_state(outcome, name="Assigned")


def still_to_place(plan: StoredPlan, election: ElectionCode) -> list[UUID]:
    """Return whom *plan* places who have no place yet."""
    with open_reader(database()) as store:
        approved = store.applications.ids_in(election, Status.APPROVED)
    return [one for one in approved if str(one) in plan.body["placements"]]
