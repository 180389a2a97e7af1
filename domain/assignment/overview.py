"""A plan in numbers: by region, office, organisation and nationality, and who moves against the plan in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import ceil

from domain.assignment.explanation import Explainer, WhyNot
from domain.assignment.plan import Plan
from domain.assignment.problem import ObserverId, Problem
from domain.values import Frozen, LanguageCode, OfficeCode, RegionCode


class RegionNumbers(Frozen):
    """One region: people, seats, and speakers of its language."""

    region: RegionCode
    office: OfficeCode | None
    home_office: OfficeCode | None
    placed: int
    capacity: int
    minimum: int
    language: LanguageCode | None
    speakers: int
    quota: int


class OfficeNumbers(Frozen):
    """One open office: people served, and the whole staff it needs above its own."""

    office: OfficeCode
    placed: int
    base_places: int
    surge_places: int
    surge_used: int
    staff_needed: int


class GroupNumbers(Frozen):
    """People with one organisation or nationality in common; a dual national counts in both groups."""

    code: str
    placed: int
    unplaced: int
    by_rank: tuple[int, ...]
    """Placed in the first to the fifth choice."""
    unranked: int


class Numbers(Frozen):
    """A plan in numbers, each list sorted by code."""

    regions: tuple[RegionNumbers, ...]
    offices: tuple[OfficeNumbers, ...]
    organisations: tuple[GroupNumbers, ...]
    nationalities: tuple[GroupNumbers, ...]


class Moved(Frozen):
    """Somebody who leaves the region of the plan in force, and why they could not stay."""

    observer: ObserverId
    leaves: RegionCode
    enters: RegionCode | None
    staying: WhyNot | None
    """What staying would break or cost; nothing if the region is no longer in the problem."""


def in_numbers(problem: Problem, plan: Plan) -> Numbers:
    """Return *plan* in numbers."""
    by_region: defaultdict[RegionCode | None, list[int]] = defaultdict(list)
    for row, observer in enumerate(problem.observers):
        by_region[plan.placements[observer.id]].append(row)
    organisations = ((observer.organisation, row) for row, observer in enumerate(problem.observers))
    states = ((state, row) for row, observer in enumerate(problem.observers) for state in observer.nationalities)
    return Numbers(
        regions=tuple(_regions(problem, by_region)),
        offices=tuple(_offices(problem, by_region)),
        organisations=tuple(_groups(problem, plan, organisations)),
        nationalities=tuple(_groups(problem, plan, states)),
    )


def _regions(problem: Problem, by_region: dict[RegionCode | None, list[int]]) -> Iterable[RegionNumbers]:
    for region in sorted(problem.regions, key=lambda region: region.code):
        people = by_region.get(region.code, [])
        yield RegionNumbers(
            region=region.code,
            office=region.office,
            home_office=region.home_office,
            placed=len(people),
            capacity=region.capacity,
            minimum=region.minimum,
            language=region.language,
            speakers=sum(region.language in problem.observers[row].languages for row in people),
            quota=region.language_quota,
        )


def _offices(problem: Problem, by_region: dict[RegionCode | None, list[int]]) -> Iterable[OfficeNumbers]:
    for office in sorted(problem.offices, key=lambda office: office.code):
        placed = sum(len(by_region.get(region.code, [])) for region in problem.regions if region.office == office.code)
        used = max(0, placed - office.base_places)
        yield OfficeNumbers(
            office=office.code,
            placed=placed,
            base_places=office.base_places,
            surge_places=office.surge_places,
            surge_used=used,
            staff_needed=ceil(used / office.observers_per_staff),
        )


def _groups(problem: Problem, plan: Plan, members: Iterable[tuple[str, int]]) -> Iterable[GroupNumbers]:
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for code, row in members:
        rows[code].append(row)
    for code, people in sorted(rows.items()):
        ranks = [_rank(problem, plan, row) for row in people]
        placed = [rank for rank in ranks if rank is not None]
        yield GroupNumbers(
            code=code,
            placed=len(placed),
            unplaced=len(ranks) - len(placed),
            by_rank=tuple(placed.count(rank) for rank in range(5)),
            unranked=placed.count(_UNRANKED),
        )


_UNRANKED = -1


def _rank(problem: Problem, plan: Plan, row: int) -> int | None:
    """Return the rank of the observer's region from 0, ``_UNRANKED``, or ``None`` without a region."""
    observer = problem.observers[row]
    region = plan.placements[observer.id]
    if region is None:
        return None
    return observer.preferences.index(region) if region in observer.preferences else _UNRANKED


def moved(problem: Problem, plan: Plan) -> tuple[Moved, ...]:
    """Return who leaves the region of the plan in force, by id, each with what staying would break or cost."""
    explainer = Explainer.of(problem, plan)
    leaving = [
        (placed.id, placed.previous)
        for placed in sorted(problem.observers, key=lambda observer: observer.id)
        if placed.previous is not None and plan.placements[placed.id] != placed.previous
    ]
    return tuple(
        Moved(
            observer=person,
            leaves=previous,
            enters=plan.placements[person],
            staying=explainer.why(person, previous) if previous in explainer.column else None,
        )
        for person, previous in leaving
    )
