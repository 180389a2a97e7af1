"""Moving single people between regions of odd size, so that everybody can have a partner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

import numpy as np

from domain.assignment.certify import ABSENT
from domain.assignment.matching import best_pairs
from domain.assignment.problem import Level
from domain.assignment.tables import NOWHERE, Ints, Tables, as_numbers

MOST_MEETINGS: Final = 20
"""Third regions tried for one pair of odd regions."""

MOST_ROUNDS: Final = 6
"""Rounds of pairing odd regions; each leaves at most the pairs that office places made impossible."""


def repaired(tables: Tables, placed: Ints) -> Ints:
    """Return *placed* with single moves between odd regions, the cheapest pairs of regions first.

    Two odd regions become even when one person moves between them, or when both give one to a third region. A
    move obeys every hard rule, seat and office place, and leaves neither region with a nationality above half.
    """
    floor = Floor(tables, placed.copy())
    for _ in range(MOST_ROUNDS):
        before = len(floor.odd_regions())
        if before > 1:
            _pair_directly(floor)
            _meet_elsewhere(floor)
        if len(floor.odd_regions()) == before:
            break
    return floor.placed


@dataclass(slots=True)
class Floor:
    """A placement while people are being moved."""

    tables: Tables
    placed: Ints
    counted: tuple[Ints, Ints] | None = None
    """Loads of regions and offices as they stand; counted anew after a move."""

    def odd_regions(self) -> list[int]:
        """Return the columns of regions with an odd number of people who can be half of a team."""
        halves = self.placed[self.tables.halves & (self.placed != NOWHERE)]
        return as_numbers(np.flatnonzero(np.bincount(halves, minlength=len(self.tables.regions)) % 2 == 1))

    def movable(self, region: int) -> Ints:
        """Return who may leave *region* to make it even or odd."""
        return np.flatnonzero((self.placed == region) & self.tables.free & self.tables.halves)

    def loads(self) -> Ints:
        """Return the people in each region."""
        return self._counts()[0]

    def carried(self) -> Ints:
        """Return the people each office serves."""
        return self._counts()[1]

    def _counts(self) -> tuple[Ints, Ints]:
        if self.counted is None:
            tables = self.tables
            loads = np.bincount(self.placed[self.placed != NOWHERE], minlength=len(tables.regions)).astype(np.int64)
            served = tables.office != NOWHERE
            carried = np.bincount(tables.office[served], loads[served], minlength=len(tables.offices))
            self.counted = loads, np.asarray(carried, dtype=np.int64)
        return self.counted

    def cheapest_moves(self, region: int) -> tuple[Ints, Ints]:
        """Return for every region the combined loss of the cheapest move there from *region*, and who moves."""
        people = self.movable(region)
        if not len(people):
            return np.full(len(self.tables.regions), ABSENT), np.full(len(self.tables.regions), NOWHERE)
        length = self.tables.cost[people] - self.tables.cost[people, region][:, None]
        length = length + self._language_loss(people, region) + self.place_loss(region)
        length = np.where(self.tables.eligible[people], length, ABSENT)
        length[:, region] = ABSENT
        best = length.argmin(axis=0)
        return np.minimum(length[best, np.arange(length.shape[1])], ABSENT), people[best]

    def _language_loss(self, people: Ints, region: int) -> Ints:
        """Return the loss at the language level of each of *people* going to each region."""
        tables, settled = self.tables, np.flatnonzero(self.placed != NOWHERE)
        speaking = settled[tables.speaks[settled, self.placed[settled]]]
        spoken = np.bincount(self.placed[speaking], minlength=len(tables.regions))
        leaves = tables.speaks[people, region] & (spoken[region] <= tables.quota[region])
        gains = tables.speaks[people] & (spoken < tables.quota)
        loss = leaves[:, None].astype(np.int64) - gains.astype(np.int64)
        return np.asarray(loss * tables.weights[Level.LANGUAGE], dtype=np.int64)

    def place_loss(self, region: int) -> Ints:
        """Return the loss at coverage and surge of one person less here and one more there; ``ABSENT`` if full."""
        tables, load, carried = self.tables, self.loads(), self.carried()
        loss = np.where(load < tables.minimum, -tables.cover, 0)
        loss += tables.cover[region] if load[region] <= tables.minimum[region] else 0
        here = tables.office[region]
        other = (tables.office != here) & (tables.office != NOWHERE)
        relief = tables.weights[Level.SURGE] if carried[here] > tables.base[here] else 0
        strained = (carried >= tables.base)[tables.office]
        loss = loss + np.where(other, tables.weights[Level.SURGE] * strained - relief, 0)
        shut = (load >= tables.capacity) | (other & (carried >= tables.base + tables.surge)[tables.office])
        return np.where(shut, ABSENT, loss).astype(np.int64)

    def follow(self, steps: list[tuple[int, int]]) -> bool:
        """Make all moves of *steps*, or none if seats or places are short or a region would lose its partners."""
        people = [person for person, _ in steps]
        if len(set(people)) < len(people) or not self._has_room(steps):
            return False
        before = as_numbers(self.placed[people])
        for person, region in steps:
            self.placed[person] = region
        if all(self._mixed(region) for region in {*before, *(region for _, region in steps)}):
            self.counted = None
            return True
        self.placed[people] = before
        return False

    def _has_room(self, steps: list[tuple[int, int]]) -> bool:
        """Return whether regions and offices have room for all of *steps* together."""
        tables, (loads, carried) = self.tables, self._counts()
        seats, places = Counter[int](), Counter[int]()
        for person, region in steps:
            here = int(self.placed[person])
            seats[region] += 1
            seats[here] -= 1
            places[int(tables.office[region])] += 1
            places[int(tables.office[here])] -= 1
        return all(
            loads[region] + more <= tables.capacity[region] for region, more in seats.items() if more > 0
        ) and all(
            carried[desk] + more <= tables.base[desk] + tables.surge[desk] for desk, more in places.items() if more > 0
        )

    def _mixed(self, region: int) -> bool:
        """Return whether no nationality is more than half of the region, rounded up."""
        people = as_numbers(np.flatnonzero((self.placed == region) & self.tables.halves))
        states = Counter(state for row in people for state in self.tables.observers[row].nationalities)
        return max(states.values(), default=0) <= (len(people) + 1) // 2


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
        floor.follow([(int(moves[leaves][1][enters]), enters)])


def _cheapest_pairs(losses: dict[tuple[int, int], int]) -> list[tuple[int, int]]:
    """Return as many disjoint pairs as possible, the smallest sum of losses among those, cheapest first."""
    ceiling = max(losses.values(), default=0) + 1
    nodes = 1 + max((max(pair) for pair in losses), default=0)
    found = best_pairs(nodes, [(one, other, ceiling - loss) for (one, other), loss in losses.items()])
    pairs = [(min(pair), max(pair)) for pair in found]
    return sorted(pairs, key=lambda pair: (losses[pair], pair))


def _meet_elsewhere(floor: Floor) -> None:
    """Let two odd regions give one person each to a third with two seats left, or one to the other by a chain."""
    chains = Chains.of(floor)
    odd = floor.odd_regions()
    settled: set[int] = set()
    for one, other in combinations(odd, 2):
        if settled & {one, other}:
            continue
        if any(floor.follow(steps) for steps in chains.candidates(floor, one, other)):
            settled |= {one, other}
            chains.reached.clear()


@dataclass(slots=True)
class Chains:
    """The cheapest single moves between all regions, and chains of two made of them."""

    length: Ints
    mover: Ints
    reached: dict[int, Ints] = field(default_factory=dict[int, Ints])
    """Ways from a region as they stand; worked out anew after a move."""

    @classmethod
    def of(cls, floor: Floor) -> Chains:
        """Work out the R x R cheapest moves by points and changes alone."""
        tables, regions = floor.tables, len(floor.tables.regions)
        chains = cls(np.full((regions, regions), ABSENT), np.full((regions, regions), NOWHERE, dtype=np.int64))
        for region in range(regions):
            people = floor.movable(region)
            if len(people):
                length = tables.cost[people] - tables.cost[people, region][:, None]
                length = np.where(tables.eligible[people], length, ABSENT)
                length[:, region] = ABSENT
                best = length.argmin(axis=0)
                chains.length[region], chains.mover[region] = length[best, np.arange(regions)], people[best]
        return chains

    def candidates(self, floor: Floor, one: int, other: int) -> Iterator[list[tuple[int, int]]]:
        """Yield ways to make both regions even, the cheapest first."""
        first, second = self._reach(floor, one), self._reach(floor, other)
        direct = ((int(first[other]), (one, other)), (int(second[one]), (other, one)))
        ways = [(cost, [way]) for cost, way in direct if cost < ABSENT // 2]
        both = np.where((first < ABSENT // 2) & (second < ABSENT // 2), first + second, ABSENT)
        both[[one, other]] = ABSENT
        both[floor.tables.capacity - floor.loads() < 2] = ABSENT  # noqa: PLR2004 -- both come to it
        ways += [
            (int(both[meeting]), [(one, meeting), (other, meeting)])
            for meeting in as_numbers(np.argsort(both, kind="stable")[:MOST_MEETINGS])
            if both[meeting] < ABSENT
        ]
        for _, legs in sorted(ways):
            yield [step for start, end in legs for step in self._steps(start, end)]

    def _reach(self, floor: Floor, start: int) -> Ints:
        """Return the loss of one person less at *start* and one more in each region, by one move or two."""
        if start not in self.reached:
            self.reached[start] = self._from(floor, start)
        return self.reached[start]

    def _from(self, floor: Floor, start: int) -> Ints:
        through = (self.length[start][:, None] + self.length).min(axis=0)
        reach = np.minimum(np.minimum(self.length[start], through), ABSENT) + floor.place_loss(start)
        return np.where(reach < ABSENT // 2, reach, ABSENT)

    def _steps(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the moves of the cheapest way, as people and the regions they enter."""
        through = self.length[start] + self.length[:, end]
        middle = int(through.argmin())
        if self.length[start, end] <= through[middle]:
            return [(int(self.mover[start, end]), end)]
        return [(int(self.mover[start, middle]), middle), (int(self.mover[middle, end]), end)]
