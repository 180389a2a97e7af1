"""How full regions and offices are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from db.store import Store, open_reader
from domain.application.application import Application
from domain.application.status import PLACED
from domain.assignment.planner.rules import rule_against
from domain.values import ElectionCode
from flows.assignment.plans.problems import Binding, problem_of
from flows.context import ElectionContext, database

Cell = str | int | float


def occupancy(election: ElectionCode) -> list[dict[str, Cell]]:
    """Return places by region: seats, minimum, how many are placed, and by whom they are served."""
    with open_reader(database()) as store:
        geography = store.elections.geography(election)
        day = store.elections.profile(election).election.day
        placed = store.applications.all_in(election, *PLACED)
    here = Counter(application.region for application in placed)
    rows: list[dict[str, Cell]] = [
        {
            "region": region.code,
            "name": region.name,
            "placed": here[region.code],
            "minimum": region.minimum_seats,
            "capacity": region.capacity,
            "office": region.office,
            "served by": geography.serving(region.office, on=day).code,
            "notice": region.notice.id if region.notice else "",
        }
        for region in geography.regions
    ]
    at_large: dict[str, Cell] = dict.fromkeys(("minimum", "capacity", "office", "served by", "notice"), "")
    at_large |= {"region": "", "name": "at large", "placed": here[None]}
    return [*rows, at_large]


def seat_for_somebody(store: Store, context: ElectionContext, waiting: Sequence[Application]) -> bool:
    """Whether a seat with a place at its office is free that the hard rules open to one of *waiting*."""
    placed = [application for application in store.applications.all_in(context.election, *PLACED) if application.region]
    here, served = (
        Counter(application.region for application in placed),
        Counter(application.office for application in placed),
    )
    binding = Binding.of(store, context.election)
    problem = problem_of(context, waiting, store.people.current, binding=binding)
    places = {office.code: office.base_places + office.surge_places - served[office.code] for office in problem.offices}
    free = [
        region
        for region in problem.regions
        if region.capacity > here[region.code] and region.office and places[region.office] > 0
    ]
    return any(rule_against(observer, region) is None for observer in problem.observers for region in free)


def by_office(election: ElectionCode) -> list[dict[str, Cell]]:
    """Return how many people each office looks after, for whom it acts, and how many its staff can look after."""
    with open_reader(database()) as store:
        geography = store.elections.geography(election)
        day = store.elections.profile(election).election.day
        placed = store.applications.all_in(election, *PLACED)
    here = Counter(application.office for application in placed)
    acting: dict[str, set[str]] = {}
    for region in geography.regions:
        acting.setdefault(geography.serving(region.office, on=day).code, set()).add(region.office)
    return [
        {
            "office": office.code,
            "name": office.name,
            "open": geography.is_open(office.code, on=day),
            "placed": here[office.code],
            "staff places": office.staff * office.observers_per_staff,
            "acts for": ", ".join(sorted(acting.get(office.code, set()) - {office.code})),
        }
        for office in geography.offices
    ]
