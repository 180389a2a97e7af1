"""The staffing plan: which office gets whom from the central pool, and when."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any, Final

from domain import assignment as planning
from domain.geography import Geography
from domain.staffing import Need, sendings
from domain.values import OfficeCode
from flows.placement.drafts import Paper

MOST_STAFFED: Final = 3000
"""People up to whom whole staff are searched for with many plans; above that with few."""


def staffing(paper: Paper, geography: Geography) -> dict[str, Any]:
    """Return how many staff offices need besides their own, the proven least, and whom the pool sends from when."""
    if not any(one.surge_used for one in planning.in_numbers(paper.problem, paper.settled).offices):
        return {"needed": 0, "bound": 0, "exact": True, "offices": []}
    most = 20 if len(paper.problem.observers) <= MOST_STAFFED else 4
    found = planning.whole_surge_staff(paper.problem, most_solves=most)
    needs = [_need(found, geography, code, count) for code, count in sorted(found.staff.items()) if count]
    offices = [
        {
            "office": one.office,
            "from the pool": one.member or "nobody is free",
            "from": f"{one.begins:%Y-%m-%d}",
            "until": f"{one.ends:%Y-%m-%d}",
            "speaks its language": one.speaks,
        }
        for one in sendings(needs, geography.central_pool)
    ]
    return {"needed": found.needed, "bound": found.bound, "exact": found.exact, "offices": offices}


def _need(found: planning.SurgeStaff, geography: Geography, code: OfficeCode, count: int) -> Need:
    """Return the office's need from the first to the last day on which it has more people than own places."""
    office = geography.office(code)
    begins, ends = max(geography.serves_from, office.opens_on), geography.last_day()
    if office.closes_on:
        ends = min(ends, office.closes_on - timedelta(days=1))
    regions = [one for one in found.problem.regions if one.office == code]
    own = office.staff * office.observers_per_staff
    days = _days_above(found, {one.code for one in regions}, own, begins=begins, ends=ends)
    languages = tuple(sorted({one.language for one in regions if one.language}))
    return Need(office=code, staff=count, begins=days[0], ends=days[1], languages=languages)


def _days_above(
    found: planning.SurgeStaff, regions: set[str], own: int, *, begins: date, ends: date
) -> tuple[date, date]:
    """Return the days between which more than *own* people are there; whose stay is not known is there throughout."""
    change: Counter[date] = Counter()
    for observer in found.problem.observers:
        if found.plan.placements[observer.id] in regions:
            first, last = max(observer.arrives or begins, begins), min(observer.leaves or ends, ends)
            if first <= last:
                change[first] += 1
                change[last + timedelta(days=1)] -= 1
    present = 0
    above: list[date] = []
    for day in sorted(change):
        before = present
        present += change[day]
        above += [day] if present > own >= before else []
        above += [day - timedelta(days=1)] if present <= own < before else []
    return (min(above), max(above)) if above else (begins, ends)
