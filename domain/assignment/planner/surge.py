"""Whole surge staff: the flow counts surge places, offices can only be sent whole people.

Where there are few possible staffings all are tried, the smallest first. Otherwise the plan's surge places are
rounded up to whole staff, and one after another is taken away where the fewest people would notice, as long as no
higher level gets worse; the bound says how far from the best that can be.
"""

from __future__ import annotations

from collections import Counter
from itertools import product
from math import ceil, prod
from typing import Annotated, Final

from pydantic import Field

from domain.assignment.plan import Plan
from domain.assignment.planner.solver import solve
from domain.assignment.policy import Level
from domain.assignment.problem import Office, Problem
from domain.values import Frozen, OfficeCode

MOST_COMBINATIONS: Final = 64
"""Staffings tried completely; above that the search is greedy."""


class SurgeStaff(Frozen):
    """Whole staff sent to each office, the plan they allow, and how good that can at best be."""

    problem: Problem
    """The problem with surge places reduced to what the staff serve."""
    plan: Plan
    staff: dict[OfficeCode, int]
    needed: Annotated[int, Field(ge=0)]
    """Whole staff sent in all."""
    bound: Annotated[int, Field(ge=0)]
    """No staffing with the same higher levels needs fewer."""
    exact: bool
    """Whether ``needed`` is proved smallest."""


def whole_surge_staff(problem: Problem, *, most_solves: int = 20) -> SurgeStaff:
    """Return a plan served by as few whole surge staff as the search finds without loss at higher levels.

    Above the surge level nothing gets worse; surge places themselves and wishes may. The search solves at most
    *most_solves* times, and the proof of the bound as often again.
    """
    plan = solve(problem)
    staff = _rounded_up(problem, plan)
    if prod(count + 1 for count in _most_staff(problem).values()) <= MOST_COMBINATIONS:
        return _complete(problem, plan)
    best = _staffed(problem, staff)
    best_plan = solve(best)
    closed: set[OfficeCode] = set()
    for _ in range(most_solves):
        office = _least_used(best, best_plan, staff, closed)
        if office is None:
            break
        fewer = staff | {office: staff[office] - 1}
        tried = _staffed(problem, fewer)
        tried_plan = solve(tried)
        if _as_good(tried_plan, plan):
            staff, best, best_plan = fewer, tried, tried_plan
        else:
            closed.add(office)
    needed, bound = sum(staff.values()), max(_bound(problem, plan), _forced(problem, plan, staff, most_solves))
    return SurgeStaff(problem=best, plan=best_plan, staff=staff, needed=needed, bound=bound, exact=needed == bound)


def _carried(problem: Problem, plan: Plan) -> Counter[OfficeCode]:
    serving = {region.code: region.office for region in problem.regions}
    offices = (serving[code] for code in plan.placements.values() if code is not None)
    return Counter(office for office in offices if office is not None)


def _rounded_up(problem: Problem, plan: Plan) -> dict[OfficeCode, int]:
    carried = _carried(problem, plan)
    return {
        office.code: ceil(max(0, carried[office.code] - office.base_places) / office.observers_per_staff)
        for office in sorted(problem.offices, key=lambda office: office.code)
    }


def _bound(problem: Problem, plan: Plan) -> int:
    """Return the fewest staff that the flow's fewest surge places could need, all of the largest ratio."""
    ratio = max((office.observers_per_staff for office in problem.offices if office.surge_places), default=1)
    return ceil(plan.loss(Level.SURGE) / ratio)


def _forced(problem: Problem, plan: Plan, staff: dict[OfficeCode, int], most_solves: int) -> int:
    """Return the staff that single offices need although all others have the most they may: no staffing needs fewer.

    What is not proved within *most_solves* plans counts as not needed.
    """
    most, forced = _most_staff(problem), 0
    for office, count in staff.items():
        least = count
        while least and most_solves:
            most_solves -= 1
            if not _as_good(solve(_staffed(problem, most | {office: least - 1})), plan):
                forced += least
                break
            least -= 1
    return forced


def _staffed(problem: Problem, staff: dict[OfficeCode, int]) -> Problem:
    """Return the problem whose surge places are those that *staff* serve, within each office's limit."""

    def limited(office: Office) -> Office:
        places = staff[office.code] * office.observers_per_staff
        return office.revised(surge_places=min(office.surge_places, places))

    return problem.revised(offices=tuple(limited(office) for office in problem.offices))


def _as_good(plan: Plan, reference: Plan) -> bool:
    """Return whether *plan* loses no more than *reference* at any level before surge."""
    place = reference.order.index(Level.SURGE)
    return _amounts(plan, place) <= _amounts(reference, place)


def _amounts(plan: Plan, levels: int) -> list[int]:
    return [loss.amount for loss in plan.losses[:levels]]


def _least_used(
    problem: Problem, plan: Plan, staff: dict[OfficeCode, int], closed: set[OfficeCode]
) -> OfficeCode | None:
    """Return the office whose last staff member serves the fewest people, not counting those already *closed*."""
    carried = _carried(problem, plan)
    last: dict[OfficeCode, int] = {}
    for office in problem.offices:
        if staff[office.code] and office.code not in closed:
            served = max(0, carried[office.code] - office.base_places)
            last[office.code] = served - (staff[office.code] - 1) * office.observers_per_staff
    return min(last, key=lambda code: (last[code], code), default=None)


def _most_staff(problem: Problem) -> dict[OfficeCode, int]:
    """Return the whole staff that each office's surge places could employ."""
    offices = sorted(problem.offices, key=lambda office: office.code)
    return {office.code: ceil(office.surge_places / office.observers_per_staff) for office in offices}


def _complete(problem: Problem, plan: Plan) -> SurgeStaff:
    """Try every staffing, the smallest in number first; the full one always allows *plan*."""
    most = _most_staff(problem)
    for counts in sorted(product(*(range(count + 1) for count in most.values())), key=lambda mix: (sum(mix), mix)):
        chosen, needed = dict(zip(most, counts, strict=True)), sum(counts)
        tried = _staffed(problem, chosen)
        tried_plan = solve(tried)
        if _as_good(tried_plan, plan):
            return SurgeStaff(problem=tried, plan=tried_plan, staff=chosen, needed=needed, bound=needed, exact=True)
    raise AssertionError("the full staffing allows the plan it was taken from")
