"""Changing places with interpreters: two regions become even although every seat of both is taken."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final, Self

import numpy as np

from domain.assignment.planner.arrays import Ints, as_numbers
from domain.assignment.planner.certificate import ABSENT
from domain.assignment.teams.floor import Detours, Floor, Steps

MOST_THIRD_REGIONS: Final = 8
"""Third regions tried where two odd regions cannot change places with one another."""


class Exchanges:
    """Who can be half of a team leaves an odd region for another, and an interpreter comes back in return.

    Interpreters are no halves, so both regions change from odd to even or back, and nobody needs a free seat.
    """

    def __init__(self, halves: Detours, beside: Detours, odd: list[int]) -> None:
        """Work out the loss of each exchange of one of the *odd* regions with any region."""
        self._halves, self._beside, self._odd = halves, beside, odd
        self._loss = {region: _capped(halves.reach(region) + beside.reaching(region)) for region in odd}

    @classmethod
    def of(cls, floor: Floor, odd: list[int]) -> Self:
        """Work out the exchanges of *floor* as it stands."""
        return cls(Detours.of(floor, floor.tables.halves), Detours.of(floor, ~floor.tables.halves), odd)

    def losses(self) -> dict[tuple[int, int], int]:
        """Return the smallest loss at which each two odd regions become even, for those that can."""
        cheapest = {pair: min((loss for loss, _ in self._ways(*pair)), default=ABSENT) for pair in self._pairs()}
        return {pair: int(loss) for pair, loss in cheapest.items() if loss < ABSENT}

    def candidates(self, one: int, other: int) -> Iterator[Steps]:
        """Yield ways to make both regions even, the cheapest first."""
        for _, exchanges in sorted(self._ways(one, other)):
            yield [
                step
                for start, end in exchanges
                for step in (*self._halves.steps(start, end), *self._beside.steps(end, start))
            ]

    def _pairs(self) -> Iterator[tuple[int, int]]:
        return combinations(self._odd, 2)

    def _ways(self, one: int, other: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """Yield the loss and the exchanges of each way: with one another, or both with a third region."""
        for start, end in ((one, other), (other, one)):
            if (loss := int(self._loss[start][end])) < ABSENT:
                yield loss, [(start, end)]
        both = _capped(self._loss[one] + self._loss[other])
        both[[one, other]] = ABSENT
        for third in as_numbers(np.argsort(both, kind="stable")[:MOST_THIRD_REGIONS]):
            if both[third] < ABSENT:
                yield int(both[third]), [(one, third), (other, third)]


def _capped(loss: Ints) -> Ints:
    return np.where(loss < ABSENT // 2, loss, ABSENT)
