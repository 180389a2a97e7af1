"""The staffing plan: which office gets whom from the central pool, and when."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from domain.assignment.overview import in_numbers
from domain.assignment.staffing import Need, sendings
from domain.election.geography import Geography
from domain.values import OfficeCode
from flows.assignment.plans.drafts import PlanPaper
from flows.assignment.plans.solutions import search_staff, staff_found


def staffing(paper: PlanPaper, geography: Geography) -> dict[str, Any]:
    """Return how many staff offices need besides their own under this plan, and whom the pool sends from when."""
    numbers = in_numbers(paper.problem, paper.settled)
    needs = [
        _need(paper, geography, office.office, office.staff_needed) for office in numbers.offices if office.staff_needed
    ]
    offices = [
        {
            "office": sending.office,
            "from the pool": sending.member or "nobody is free",
            "from": f"{sending.begins:%Y-%m-%d}",
            "until": f"{sending.ends:%Y-%m-%d}",
            "speaks its language": sending.speaks,
        }
        for sending in sendings(needs, geography.central_pool)
    ]
    return {"needed": sum(need.staff for need in needs), "offices": offices}


def fewest_staff(paper: PlanPaper) -> dict[str, Any]:
    """Return with how few staff another plan as good at the levels above would do, and the proven least of all."""
    if "staffing" in paper.numbers:
        return {**paper.numbers["staffing"]}
    return staff_found(search_staff(paper.problem))


def _need(paper: PlanPaper, geography: Geography, code: OfficeCode, count: int) -> Need:
    """Return the office's need from the first to the last day on which it has more people than own places."""
    office = geography.office(code)
    begins, ends = max(geography.serves_from, office.opens_on), geography.last_day()
    if office.closes_on:
        ends = min(ends, office.closes_on - timedelta(days=1))
    regions = [region for region in paper.problem.regions if region.office == code]
    own = office.staff * office.observers_per_staff
    days = _days_above(paper, {region.code for region in regions}, own, begins=begins, ends=ends)
    languages = tuple(sorted({region.language for region in regions if region.language}))
    return Need(office=code, staff=count, begins=days[0], ends=days[1], languages=languages)


def _days_above(paper: PlanPaper, regions: set[str], own: int, *, begins: date, ends: date) -> tuple[date, date]:
    """Return the days between which more than *own* people are there; whose stay is not known is there throughout."""
    change: Counter[date] = Counter()
    for observer in paper.problem.observers:
        if paper.placements[observer.id] in regions:
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
