"""The problem as arrays: rows are observers in lottery order, columns are regions by code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from domain.assignment.planner.lottery import drawn_order
from domain.assignment.planner.weights import level_weights
from domain.assignment.policy import RANK_POINTS, UNRANKED_POINTS, Level
from domain.assignment.problem import Observer, Office, Problem, Region

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NOWHERE: Final = -1
"""Stands in an array of region columns for *unplaced*, *no previous region* and *no office*."""

_ALWAYS: Final = 10_000_000
"""A day number beyond every date."""


@dataclass(frozen=True, slots=True)
class Tables:
    """One problem, laid out once for building, certifying and explaining. N observers, R regions, O offices."""

    problem: Problem
    observers: tuple[Observer, ...]
    regions: tuple[Region, ...]
    offices: tuple[Office, ...]
    weights: dict[Level, int]
    eligible: Bools
    """N x R: no hard rule forbids the pair, pins included."""
    speaks: Bools
    """N x R: the observer speaks the region's language."""
    cost: Ints
    """N x R: combined cost of points and changes."""
    listed: Bools
    """N x R: ranked by the observer, or the observer's previous region."""
    outside_cost: Ints
    """N: combined cost of leaving the observer unplaced."""
    held: Ints
    """N: the column of the region a pinned observer keeps, else ``NOWHERE``."""
    free: Bools
    """N: whether the observer may be moved, placed or left out at all."""
    halves: Bools
    """N: whether the observer may be one of the two of a team."""
    capacity: Ints
    minimum: Ints
    quota: Ints
    cover: Ints
    """R: combined cost saved by one filled minimum seat."""
    office: Ints
    """R: row of the serving office, or ``NOWHERE``."""
    base: Ints
    surge: Ints


def lay_out(problem: Problem) -> Tables:
    """Return *problem* as arrays; the order of its rows leaves no trace."""
    seed = problem.policy.seed
    observers = tuple(sorted(problem.observers, key=lambda observer: drawn_order(seed, observer.id)))
    regions = tuple(sorted(problem.regions, key=lambda region: region.code))
    offices = tuple(sorted(problem.offices, key=lambda office: office.code))
    weights = level_weights(problem)
    column = {region.code: place for place, region in enumerate(regions)}
    row = {office.code: place for place, office in enumerate(offices)}
    eligible = _eligible(observers, regions, column)
    served = np.array([row[region.office] if region.office else NOWHERE for region in regions], dtype=np.int64)
    cost, listed = _costs(problem, observers, column, weights)
    held = _held_pins(observers, eligible, _Room.of(regions, offices, served), column)
    pinned = np.array([observer.pinned is not None for observer in observers], dtype=bool)
    eligible[pinned] = False
    eligible[np.flatnonzero(held != NOWHERE), held[held != NOWHERE]] = True
    changes = weights.get(Level.CHANGES, 0)
    uprooted = np.array([observer.previous is not None for observer in observers], dtype=np.int64)
    return Tables(
        problem=problem,
        observers=observers,
        regions=regions,
        offices=offices,
        weights=weights,
        eligible=eligible,
        speaks=_speaks(observers, regions),
        cost=cost,
        listed=listed,
        outside_cost=weights[Level.PLACED] + changes * uprooted,
        held=held,
        free=~pinned,
        halves=np.array([problem.is_half(observer) for observer in observers], dtype=bool),
        capacity=_ints([region.capacity for region in regions]),
        minimum=_ints([min(region.minimum, region.capacity) for region in regions]),
        quota=_ints([region.language_quota if region.language else 0 for region in regions]),
        cover=_ints([region.weight * weights[Level.COVERAGE] for region in regions]),
        office=served,
        base=_ints([office.base_places for office in offices]),
        surge=_ints([office.surge_places for office in offices]),
    )


def as_numbers(array: Ints) -> list[int]:
    """Return *array* as Python integers."""
    return cast("list[int]", array.tolist())


def as_floats(array: NDArray[np.float64]) -> list[float]:
    """Return *array* as Python floats."""
    return cast("list[float]", array.tolist())


def _ints(numbers: list[int]) -> Ints:
    return np.array(numbers, dtype=np.int64)


def _speaks(observers: tuple[Observer, ...], regions: tuple[Region, ...]) -> Bools:
    tongues = sorted({region.language for region in regions if region.language})
    known = {tongue: place for place, tongue in enumerate(tongues)}
    table = np.zeros((len(observers), len(tongues) + 1), dtype=bool)
    for row, observer in enumerate(observers):
        for tongue in observer.languages:
            if tongue in known:
                table[row, known[tongue]] = True
    return table[:, _ints([known[region.language] if region.language else len(tongues) for region in regions])]


def _eligible(observers: tuple[Observer, ...], regions: tuple[Region, ...], column: dict[str, int]) -> Bools:
    """Return N x R, every rule of ``rules.py`` applied except pins."""
    consent = _ints([observer.consent_level for observer in observers])
    arrives = _ints([observer.arrives.toordinal() if observer.arrives else 0 for observer in observers])
    leaves = _ints([observer.leaves.toordinal() if observer.leaves else _ALWAYS for observer in observers])
    first = _ints([region.first_day.toordinal() if region.first_day else _ALWAYS for region in regions])
    last = _ints([region.last_day.toordinal() if region.last_day else 0 for region in regions])
    possible = consent[:, None] >= _ints([region.security_level for region in regions])
    possible &= arrives[:, None] <= first
    possible &= leaves[:, None] >= last
    possible &= np.array([region.office is not None for region in regions], dtype=bool)
    _apply_notices(possible, observers, regions)
    rows = [row for row, observer in enumerate(observers) for _ in observer.excluded]
    columns = [column[exclusion.region] for observer in observers for exclusion in observer.excluded]
    possible[_ints(rows), _ints(columns)] = False
    return possible


def _apply_notices(possible: Bools, observers: tuple[Observer, ...], regions: tuple[Region, ...]) -> None:
    for notice in sorted({notice for region in regions for notice in region.notices}):
        accepted = np.array([notice in observer.accepted_notices for observer in observers], dtype=bool)
        required = np.array([notice in region.notices for region in regions], dtype=bool)
        possible &= accepted[:, None] | ~required


def _costs(
    problem: Problem, observers: tuple[Observer, ...], column: dict[str, int], weights: dict[Level, int]
) -> tuple[Ints, Bools]:
    """Return the combined cost of points and changes, N x R, and which pairs are ranked or previous."""
    multipliers = _ints([problem.policy.multiplier(observer.organisation) for observer in observers])
    ranked = [
        (row, rank, column[code])
        for row, observer in enumerate(observers)
        for rank, code in enumerate(observer.preferences)
    ]
    rows, ranks, columns = np.array(ranked, dtype=np.int64).reshape(-1, 3).T
    cost = np.full((len(observers), len(column)), UNRANKED_POINTS, dtype=np.int64)
    cost[rows, columns] = np.array(RANK_POINTS, dtype=np.int64)[ranks]
    cost *= (multipliers * weights[Level.POINTS])[:, None]
    listed = np.zeros(cost.shape, dtype=bool)
    listed[rows, columns] = True
    told = [(row, observer.previous) for row, observer in enumerate(observers) if observer.previous is not None]
    changes = weights.get(Level.CHANGES, 0)
    cost[_ints([row for row, _ in told])] += changes
    staying = [(row, column[code]) for row, code in told if code in column]
    stay_rows, stay_columns = _ints([row for row, _ in staying]), _ints([place for _, place in staying])
    cost[stay_rows, stay_columns] -= changes
    listed[stay_rows, stay_columns] = True
    return cost, listed


@dataclass(slots=True)
class _Room:
    """Seats and office places still free while pins are granted."""

    seats: list[int]
    places: list[int]
    office: list[int]

    @classmethod
    def of(cls, regions: tuple[Region, ...], offices: tuple[Office, ...], served: Ints) -> _Room:
        return cls(
            [region.capacity for region in regions],
            [office.base_places + office.surge_places for office in offices],
            [int(row) for row in served],
        )

    def takes(self, region: int) -> bool:
        """Return whether one more person fits, and count the person if so."""
        office = self.office[region]
        if self.seats[region] == 0 or self.places[office] == 0:
            return False
        self.seats[region] -= 1
        self.places[office] -= 1
        return True


def _held_pins(observers: tuple[Observer, ...], eligible: Bools, room: _Room, column: dict[str, int]) -> Ints:
    """Return the region each pinned observer keeps: in lottery order, while seats and office places last."""
    held = np.full(len(observers), NOWHERE, dtype=np.int64)
    for row, observer in enumerate(observers):
        region = column[observer.pinned] if observer.pinned else NOWHERE
        if region != NOWHERE and eligible[row, region] and room.takes(region):
            held[row] = region
    return held
