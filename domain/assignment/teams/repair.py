"""Moving single people between regions of odd size, so that everybody can have a partner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, Self

import numpy as np

from domain.assignment.planner.arrays import Ints, Tables, as_numbers
from domain.assignment.planner.certificate import ABSENT
from domain.assignment.teams.floor import Detours, Floor, Steps
from domain.assignment.teams.matching import best_pairs

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


MOST_MEETINGS: Final = 20
"""Third regions tried for one pair of odd regions."""

MOST_ROUNDS: Final = 6
"""Rounds of pairing odd regions; each leaves at most the pairs that office places made impossible."""


def repaired(tables: Tables, placed: Ints) -> Ints:
    """Return *placed* with single moves between odd regions, the cheapest pairs of regions first.

    Two odd regions become even when one person moves between them, when both give one to a third region, or when
    somebody changes places with an interpreter, who is no half of a team: that helps where all seats are taken. A
    move obeys every hard rule, seat and office place, and leaves neither region with a nationality above half.
    """
    floor = Floor(tables, placed.copy())
    for _ in range(MOST_ROUNDS):
        before = len(floor.odd_regions())
        if before > 1:
            _pair_directly(floor)
            _meet_elsewhere(floor)
            _exchange(floor)
        if len(floor.odd_regions()) == before:
            break
    return floor.placed


def _pair_directly(floor: Floor) -> None:
    """Pair the odd regions at the smallest sum of losses and move one person within each pair."""
    odd = floor.odd_regions()
    moves = {region: floor.cheapest_moves(region) for region in odd}
    offers = {
        (one, other): min((int(moves[a][0][b]), a, b) for a, b in ((one, other), (other, one)))
        for one, other in combinations(odd, 2)
    }
    possible = {pair: offer for pair, offer in offers.items() if offer[0] < ABSENT // 2}
    for pair in _cheapest_pairs({pair: offer[0] for pair, offer in possible.items()}):
        _, leaves, enters = possible[pair]
        floor.follow([(int(moves[leaves][1][enters]), leaves, enters)])


def _cheapest_pairs(losses: dict[tuple[int, int], int]) -> list[tuple[int, int]]:
    """Return as many disjoint pairs as possible, the smallest sum of losses among those, cheapest first."""
    ceiling = max(losses.values(), default=0) + 1
    nodes = 1 + max((max(pair) for pair in losses), default=0)
    found = best_pairs(nodes, [(one, other, ceiling - loss) for (one, other), loss in losses.items()])
    pairs = [(min(pair), max(pair)) for pair in found]
    return sorted(pairs, key=lambda pair: (losses[pair], pair))


def _meet_elsewhere(floor: Floor) -> None:
    """Let two odd regions give one person each to a third with two seats left, or one to the other by a chain."""
    odd, settled = floor.odd_regions(), set[int]()
    if len(odd) < 2:  # noqa: PLR2004 -- two regions make a pair
        return
    chains = _Chains(floor, Detours.of(floor, floor.tables.halves))
    for one, other in combinations(odd, 2):
        if settled & {one, other}:
            continue
        if any(floor.follow(steps) for steps in chains.candidates(one, other)):
            settled |= {one, other}
            chains.reached.clear()


def _exchange(floor: Floor) -> None:
    """Let odd regions change places with one another's interpreters, or with those of a third region."""
    odd = floor.odd_regions()
    if len(odd) > 1 and not floor.tables.halves.all():
        exchanges = Exchanges.of(floor, odd)
        for pair in _cheapest_pairs(exchanges.losses()):
            any(floor.follow(steps) for steps in exchanges.candidates(*pair))


@dataclass(slots=True)
class _Chains:
    """Ways to make two odd regions even by moving people who can be half of a team."""

    floor: Floor
    ways: Detours
    reached: dict[int, Ints] = field(default_factory=dict[int, Ints])
    """Ways from a region as they stand; worked out anew after a move."""

    def candidates(self, one: int, other: int) -> Iterator[Steps]:
        """Yield ways to make both regions even, the cheapest first."""
        first, second = self._reach(one), self._reach(other)
        direct = ((int(first[other]), (one, other)), (int(second[one]), (other, one)))
        found = [(cost, [way]) for cost, way in direct if cost < ABSENT // 2]
        both = np.where((first < ABSENT // 2) & (second < ABSENT // 2), first + second, ABSENT)
        both[[one, other]] = ABSENT
        both[self.floor.tables.capacity - self.floor.loads() < 2] = ABSENT  # noqa: PLR2004 -- both come to it
        found += [
            (int(both[meeting]), [(one, meeting), (other, meeting)])
            for meeting in as_numbers(np.argsort(both, kind="stable")[:MOST_MEETINGS])
            if both[meeting] < ABSENT
        ]
        for _, legs in sorted(found):
            yield [step for start, end in legs for step in self.ways.steps(start, end)]

    def _reach(self, start: int) -> Ints:
        if start not in self.reached:
            reach = self.ways.reach(start) + self.floor.place_loss(start)
            self.reached[start] = np.where(reach < ABSENT // 2, reach, ABSENT)
        return self.reached[start]
