"""A placement while single people are being moved, and the cheapest ways from region to region."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from domain.assignment.planner.arrays import NOWHERE, Bools, Ints, Tables, as_numbers
from domain.assignment.planner.certificate import ABSENT
from domain.assignment.policy import Level

Steps = list[tuple[int, int, int]]
"""Moves: a person's row, the column of the region left and of the one entered."""


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
        length = self.lengths(people, region) + self.place_loss(region)
        best = length.argmin(axis=0)
        return np.minimum(length[best, np.arange(length.shape[1])], ABSENT), people[best]

    def lengths(self, people: Ints, region: int) -> Ints:
        """Return what each of *people* going from *region* to each region loses at points, changes and languages."""
        length = self.tables.cost[people] - self.tables.cost[people, region][:, None]
        length = np.where(self.tables.eligible[people], length + self._language_loss(people, region), ABSENT)
        length[:, region] = ABSENT
        return length

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

    def follow(self, steps: Steps) -> bool:
        """Make all moves of *steps*, or none if seats, places, partners or teams for interpreters would be short."""
        people = [person for person, _, _ in steps]
        leaves = [region for _, region, _ in steps]
        if len(set(people)) < len(people) or as_numbers(self.placed[people]) != leaves or not self._has_room(steps):
            return False
        for person, _, enters in steps:
            self.placed[person] = enters
        if all(self._mixed(leaves) and self._suits(person, enters) for person, leaves, enters in steps):
            self.counted = None
            return True
        self.placed[people] = leaves
        return False

    def _has_room(self, steps: Steps) -> bool:
        """Return whether regions and offices have room for all of *steps* together."""
        tables, (loads, carried) = self.tables, self._counts()
        seats, places = Counter[int](), Counter[int]()
        for _, leaves, enters in steps:
            seats.update({enters: 1, leaves: -1})
            places.update({int(tables.office[enters]): 1})
            places.update({int(tables.office[leaves]): -1})
        return all(
            loads[region] + more <= tables.capacity[region] for region, more in seats.items() if more > 0
        ) and all(
            carried[desk] + more <= tables.base[desk] + tables.surge[desk] for desk, more in places.items() if more > 0
        )

    def _suits(self, person: int, region: int) -> bool:
        """Return whether *region* still has partners for all, or for an interpreter a team to go with."""
        if self.tables.halves[person]:
            return self._mixed(region)
        here = self.tables.halves[self.placed == region]
        return int((~here).sum()) <= int(here.sum()) // 2

    def _mixed(self, region: int) -> bool:
        """Return whether no nationality is more than half of the region, rounded up."""
        people = as_numbers(np.flatnonzero((self.placed == region) & self.tables.halves))
        states = Counter(state for row in people for state in self.tables.observers[row].nationalities)
        return max(states.values(), default=0) <= (len(people) + 1) // 2


@dataclass(slots=True)
class Detours:
    """The cheapest single moves of some kind of people between all regions, and ways of two moves made of them."""

    length: Ints
    """R x R: combined loss of the cheapest move at points, changes and languages; ``ABSENT`` where there is none."""
    mover: Ints

    @classmethod
    def of(cls, floor: Floor, kind: Bools) -> Detours:
        """Work out the moves of the people of whom *kind* is true."""
        tables, regions = floor.tables, len(floor.tables.regions)
        ways = cls(np.full((regions, regions), ABSENT), np.full((regions, regions), NOWHERE, dtype=np.int64))
        for region in range(regions):
            people = np.flatnonzero((floor.placed == region) & tables.free & kind)
            if len(people):
                length = floor.lengths(people, region)
                best = length.argmin(axis=0)
                ways.length[region], ways.mover[region] = length[best, np.arange(regions)], people[best]
        return ways

    def reach(self, start: int) -> Ints:
        """Return the loss of one person less at *start* and one more in each region, by one move or two."""
        through = (self.length[start][:, None] + self.length).min(axis=0)
        return _capped(np.minimum(self.length[start], through))

    def reaching(self, end: int) -> Ints:
        """Return the loss of one person less in each region and one more at *end*, by one move or two."""
        through = (self.length + self.length[:, end]).min(axis=1)
        return _capped(np.minimum(self.length[:, end], through))

    def steps(self, start: int, end: int) -> Steps:
        """Return the moves of the cheapest way, as people and the regions they enter."""
        through = self.length[start] + self.length[:, end]
        middle = int(through.argmin())
        if self.length[start, end] <= through[middle]:
            return [(int(self.mover[start, end]), start, end)]
        return [(int(self.mover[start, middle]), start, middle), (int(self.mover[middle, end]), middle, end)]


def _capped(length: Ints) -> Ints:
    return np.where(length < ABSENT // 2, length, ABSENT)
