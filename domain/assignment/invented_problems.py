"""Invented planning problems of any size, the same for the same seed: for trying, tests and benchmarks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from string import ascii_lowercase, ascii_uppercase
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.assignment.planner.arrays import as_floats, as_numbers
from domain.assignment.policy import PlanningPolicy
from domain.assignment.problem import Exclusion, Observer, Office, Problem, Region

POLLING_DAY: Final = date(2027, 11, 7)
LANGUAGES: Final = tuple("q" + first + second for first, second in product(ascii_lowercase[:2], "abcd"))
STATES: Final = tuple("X" + first + second for first, second in product("ABC", ascii_uppercase))[:60]
CLOSED: Final = 0.2
"""Share of the offices that are closed and covered by another."""
WINDOWS: Final = ((-3, 1), (-7, 2), (-14, 7))


@dataclass(frozen=True, slots=True)
class Size:
    """How large an invented problem is, and its seats per observer."""

    observers: int
    regions: int
    capacity: float = 1.08


def invented_problem(size: Size, *, seed: int) -> Problem:
    """Return a problem with the shape of a large mission: skewed regions, closed offices, popular first choices."""
    draw = np.random.default_rng(seed)
    popularity = draw.gamma(1.5, size=size.regions)
    regions, offices = _regions(size, draw)
    taste = np.log(popularity + 0.05)
    codes = tuple(region.code for region in regions)
    observers = tuple(_observer(number, codes, taste, draw, size) for number in range(size.observers))
    return Problem(
        regions=regions, offices=offices, observers=observers, policy=PlanningPolicy(seed=f"invented-{seed}")
    )


def _regions(size: Size, draw: np.random.Generator) -> tuple[tuple[Region, ...], tuple[Office, ...]]:
    shares = draw.gamma(2.0, size=size.regions)
    seats = [max(1, round(share)) for share in as_floats(shares / shares.sum() * size.capacity * size.observers)]
    desks = [f"O{number:03d}" for number in range(max(1, size.regions // 2))]
    open_ = [desk for desk in desks if draw.random() > CLOSED] or desks[:1]
    regions: list[Region] = []
    for number, capacity in enumerate(seats):
        home = desks[number % len(desks)]
        minimum = int(capacity * draw.uniform(0.5, 0.85))
        opens, closes = WINDOWS[int(draw.choice(3, p=[0.6, 0.3, 0.1]))]
        level = int(draw.choice(4, p=[0.5, 0.3, 0.15, 0.05])) + 1
        regions.append(
            Region(
                code=f"R{number:03d}",
                capacity=capacity,
                minimum=minimum,
                weight=int(draw.integers(1, 5)),
                language=LANGUAGES[int(draw.integers(len(LANGUAGES)))],
                language_quota=int(0.2 * minimum),
                security_level=level,
                notices=("N-1",) if level == 4 else (),  # noqa: PLR2004 -- the highest level
                opens=POLLING_DAY + timedelta(days=opens),
                closes=POLLING_DAY + timedelta(days=closes),
                office=home if home in open_ else open_[int(draw.integers(len(open_)))],
                home_office=home,
            )
        )
    return tuple(regions), tuple(_office(code, regions) for code in open_)


def _office(code: str, regions: list[Region]) -> Office:
    seats = sum(region.capacity for region in regions if region.office == code)
    staff = max(1, round(seats * 0.92 / 12))
    return Office(code=code, staff=staff, observers_per_staff=12, surge_places=round(staff * 12 * 0.15))


def _observer(
    number: int, codes: tuple[str, ...], taste: NDArray[np.float64], draw: np.random.Generator, size: Size
) -> Observer:
    wished = np.argsort(-(taste + draw.gumbel(size=len(codes))))[:5]
    state = int(draw.integers(len(STATES)))
    excluded = [Exclusion(region=codes[state % len(codes)], rule="own_state_post")]
    if draw.random() < 0.03:  # noqa: PLR2004 -- three in a hundred declare a conflict
        excluded.append(Exclusion(region=codes[int(draw.integers(len(codes)))], rule="declared_conflict"))
    before, after = WINDOWS[int(draw.choice(3, p=[0.3, 0.3, 0.4]))]
    consent = int(draw.choice(4, p=[0.1, 0.2, 0.3, 0.4])) + 1
    organisations = max(1, size.observers // 15)
    return Observer(
        id=f"A{number:06d}",
        organisation=f"G{int(organisations * draw.power(0.6)):05d}",
        nationalities=(STATES[state],),
        gender=("F", "M")[int(draw.integers(2))],
        languages=tuple(tongue for tongue, speaks in zip(LANGUAGES, draw.random(8) < 0.22, strict=True) if speaks),  # noqa: PLR2004 -- the share that speaks it
        accepted_notices=("N-1",) if draw.random() < 0.7 else (),  # noqa: PLR2004 -- the share that accepts
        consent_level=consent,
        arrives=POLLING_DAY + timedelta(days=before),
        leaves=POLLING_DAY + timedelta(days=after),
        preferences=tuple(codes[place] for place in as_numbers(wished)),
        excluded=tuple(excluded),
    )
