"""A plan in force and the cases agree: who is placed is where the plan puts them, and no plan moves a printed badge."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final
from uuid import UUID

from db.assignment.plans import PlanState, StoredPlan
from db.store import Store, open_reader
from domain.application.application import Application
from domain.application.status import PLACED, Status
from domain.assignment.checker.recount import Violation
from domain.numbers import number_of
from domain.values import ElectionCode, RegionCode
from flows.assignment.plans.drafts import PlanRefusedError, check_stored
from flows.context import database

MOST_NAMED: Final = 5
CASE_ELSEWHERE: Final = "case_elsewhere"


def plan_followed(store: Store, election: ElectionCode, application: Application) -> StoredPlan | None:
    """Return the plan that puts *application* where it is: the one in force, else the one that placed it.

    None for a case that is placed where neither has it. Who is not placed follows the plan in force, if it names them.
    """
    known = str(application.id)
    plans = [store.plans.latest(election)]
    if application.plan_id and (plans[0] is None or plans[0].id != application.plan_id):
        plans.append(store.plans.get(application.plan_id))
    naming = [plan for plan in plans if plan and known in plan.placements]
    if application.status not in PLACED:
        return naming[0] if naming else None
    return next((plan for plan in naming if plan.placements[known] == application.region), None)


def elsewhere(store: Store, election: ElectionCode) -> Iterator[Application]:
    """Yield who is placed otherwise than the plan in force says, or where it does not name them, their own plan."""
    current = store.plans.latest(election)
    if current is None or current.state is not PlanState.FINISHED:
        return
    earlier: dict[UUID, Mapping[str, RegionCode | None]] = {}
    for application in store.applications.all_in(election, *PLACED):
        known, own = str(application.id), application.plan_id
        said = current.placements
        if known not in said and own is not None:
            said = earlier.setdefault(own, {}) or store.plans.places(own).placements
            earlier[own] = said
        if said.get(known) != application.region:
            yield application


def faults_of(election: ElectionCode, stored: StoredPlan) -> list[Violation]:
    """Return everything wrong with *stored* by itself, and of the plan in force the cases that are elsewhere."""
    with open_reader(database()) as store:
        current = store.plans.latest(election)
        if current is not None and current.id == stored.id:
            return faults_in_force(store, election)
    return check_stored(stored)


def faults_in_force(store: Store, election: ElectionCode) -> list[Violation]:
    """Return everything wrong with the plan in force: by itself, and the cases that are elsewhere; none without one."""
    current = store.plans.latest(election)
    if current is None:
        return []
    moved = (Violation(fault=CASE_ELSEWHERE, subject=found.case_number) for found in elsewhere(store, election))
    return [*check_stored(current), *moved]


def printed_elsewhere(
    applications: Iterable[Application], placements: Mapping[str, RegionCode | None], *, leaving: Collection[UUID] = ()
) -> list[Application]:
    """Return who holds a badge with a region that *placements* takes them out of: it would say what is not so.

    *leaving* are those who do not accept the notice of where they are.
    """
    return [
        application
        for application in applications
        if application.status is Status.CREDENTIALED
        and application.region is not None
        and application.id not in leaving
        and placements.get(str(application.id), application.region) != application.region
    ]


def require_agreement(
    applications: Iterable[Application], placements: Mapping[str, RegionCode | None], *, leaving: Collection[UUID] = ()
) -> None:
    """Raise :class:`PlanRefusedError` for a plan that takes people out of the region printed on their badges."""
    if printed := printed_elsewhere(applications, placements, leaving=leaving):
        named = ", ".join(application.case_number for application in printed[:MOST_NAMED])
        raise PlanRefusedError(
            f"The plan takes {number_of(len(printed), 'people')} out of the region that is printed on their badges "
            f"({named}{' and others' if len(printed) > MOST_NAMED else ''}); nobody was moved. "
            "Give their regions the seats and the days back, or end these credentials, and draft again."
        )
