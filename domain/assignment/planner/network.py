"""The flow network, compressed: observers with the same eligible regions share the arcs to regions nobody asked for.

Nodes in this order: N observers, R regions, R groups of speakers, O offices, the outside, classes, classes by
language. Compression is exact: a ranked or previous region reached through a class costs at least its direct arc.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from ortools.graph.python import min_cost_flow

from domain.assignment.planner.arrays import NOWHERE, Bools, Ints, Tables
from domain.assignment.policy import UNRANKED_POINTS, Level

SMALLEST_CLASS: Final = 3
"""Classes with fewer members keep direct arcs: sharing would save nothing."""


@dataclass(frozen=True, slots=True)
class NetworkLayout:
    """Where each kind of node starts."""

    observers: int
    regions: int
    offices: int

    @property
    def region(self) -> int:
        """First region node."""
        return self.observers

    @property
    def speakers(self) -> int:
        """First node of a region's speakers."""
        return self.observers + self.regions

    @property
    def office(self) -> int:
        """First office node."""
        return self.observers + 2 * self.regions

    @property
    def outside(self) -> int:
        """The sink."""
        return self.office + self.offices

    @property
    def classes(self) -> int:
        """First class node."""
        return self.outside + 1


@dataclass(frozen=True, slots=True)
class Arcs:
    """Arcs as four parallel arrays."""

    tail: Ints
    head: Ints
    capacity: Ints
    cost: Ints

    @classmethod
    def of(cls, tail: Ints, head: Ints, capacity: Ints | int, cost: Ints | int) -> Arcs:
        """Return arcs from *tail* to *head*; one number stands for all of them."""
        full = np.ones(len(tail), dtype=np.int64)
        return cls(tail.astype(np.int64), head.astype(np.int64), full * capacity, full * cost)

    @classmethod
    def joined(cls, parts: list[Arcs]) -> Arcs:
        """Return all arcs of *parts* in their order."""
        return cls(
            np.concatenate([part.tail for part in parts]),
            np.concatenate([part.head for part in parts]),
            np.concatenate([part.capacity for part in parts]),
            np.concatenate([part.cost for part in parts]),
        )


@dataclass(frozen=True, slots=True)
class Network:
    """All arcs, the supply of every node, and the regions each class may serve in."""

    layout: NetworkLayout
    arcs: Arcs
    supply: Ints
    class_reach: tuple[tuple[Ints, Ints], ...]
    """Class arcs as (class node, region or speakers node) pairs, for the potentials of class nodes."""


def build(tables: Tables) -> Network:
    """Return the compressed network of *tables*; every observer supplies one unit, the outside takes all."""
    layout = NetworkLayout(len(tables.observers), len(tables.regions), len(tables.offices))
    group, size = _classes(tables)
    members = np.flatnonzero(group != NOWHERE)
    rows = _class_rows(tables, group, len(size))
    reach, entries, nodes = _class_arcs(tables, layout, rows, group)
    parts = [_direct(tables, layout, group), _left_out(tables, layout)]
    through = _unranked_cost(tables)
    parts.append(Arcs.of(members, layout.classes + group[members], 1, through[members]))
    parts.append(Arcs.of(entries[0], entries[1], 1, through[entries[0]]))
    for tail, head in reach:
        seats = np.minimum(tables.capacity[_region_of(layout, head)], len(tables.observers))
        parts.append(Arcs.of(tail, head, seats, 0))
    parts += _static(tables, layout)
    supply = np.zeros(nodes, dtype=np.int64)
    supply[: layout.observers] = 1
    supply[layout.outside] = -layout.observers
    return Network(layout, Arcs.joined(parts), supply, reach)


def solve_flow(arcs: Arcs, supply: Ints) -> Ints:
    """Return an optimal flow on *arcs*; the network must admit one, which every network of ``build`` does."""
    solver = cast("Any", min_cost_flow).SimpleMinCostFlow()
    ids = solver.add_arcs_with_capacity_and_unit_cost(
        arcs.tail.astype(np.int32), arcs.head.astype(np.int32), arcs.capacity, arcs.cost
    )
    solver.set_nodes_supplies(np.arange(len(supply), dtype=np.int32), supply)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise AssertionError(f"the flow solver answered {status}")
    return np.asarray(solver.flows(ids), dtype=np.int64)


def _region_of(layout: NetworkLayout, head: Ints) -> Ints:
    """Return the region column of region or speakers nodes."""
    return (head - layout.region) % max(layout.regions, 1)


def _unranked_cost(tables: Tables) -> Ints:
    policy, weights = tables.problem.policy, tables.weights
    changes = weights.get(Level.CHANGES, 0)
    return np.array(
        [
            UNRANKED_POINTS * weights[Level.POINTS] * policy.multiplier(observer.organisation)
            + (changes if observer.previous is not None else 0)
            for observer in tables.observers
        ],
        dtype=np.int64,
    )


def _classes(tables: Tables) -> tuple[Ints, Ints]:
    """Return each observer's class, or ``NOWHERE`` without one, and the sizes of the classes."""
    packed = np.packbits(tables.eligible, axis=1)
    keys = (
        np.ascontiguousarray(packed).view(np.dtype((np.void, max(packed.shape[1], 1)))).ravel() if packed.size else None
    )
    if keys is None:
        return np.full(len(tables.observers), NOWHERE, dtype=np.int64), np.zeros(0, dtype=np.int64)
    _, first, inverse, count = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    shared = (count >= SMALLEST_CLASS) & tables.eligible[first].any(axis=1)
    number = np.where(shared, np.cumsum(shared) - 1, NOWHERE)
    group = number[inverse.ravel()]
    group[~tables.free] = NOWHERE
    return group.astype(np.int64), count[shared].astype(np.int64)


def _class_rows(tables: Tables, group: Ints, classes: int) -> Bools:
    rows = np.zeros((classes, len(tables.regions)), dtype=bool)
    members = np.flatnonzero(group != NOWHERE)
    rows[group[members]] = tables.eligible[members]
    return rows


def _class_arcs(
    tables: Tables, layout: NetworkLayout, rows: Bools, group: Ints
) -> tuple[tuple[tuple[Ints, Ints], ...], tuple[Ints, Ints], int]:
    """Return class-to-region arcs (plain and by language), observer-to-class-by-language arcs, and the node count."""
    tongues = sorted({region.language for region in tables.regions if region.language})
    spoken = {tongue: place for place, tongue in enumerate(tongues)}
    tongue = np.array([spoken[area.language] if area.language else NOWHERE for area in tables.regions], dtype=np.int64)
    kind, region = np.nonzero(rows)
    plain = (layout.classes + kind, layout.region + region)
    # Without a quota a speaker is worth no more than anybody else, so the common arc will do.
    local = (tongue[region] != NOWHERE) & (tables.quota[region] > 0)
    pair = kind[local] * len(tongues) + tongue[region[local]]
    pairs = np.unique(pair)
    first = layout.classes + len(rows)
    by_language = (first + np.searchsorted(pairs, pair), layout.speakers + region[local])
    wanted = [
        (row, int(group[row]) * len(tongues) + spoken[language])
        for row, observer in enumerate(tables.observers)
        if group[row] != NOWHERE
        for language in observer.languages
        if language in spoken
    ]
    people, asked = np.array(wanted, dtype=np.int64).reshape(-1, 2).T
    exists = np.isin(asked, pairs)
    entries = (people[exists], first + np.searchsorted(pairs, asked[exists]))
    return (plain, by_language), entries, first + len(pairs)


def _direct(tables: Tables, layout: NetworkLayout, group: Ints) -> Arcs:
    people, region = np.nonzero(tables.eligible & (tables.listed | (group == NOWHERE)[:, None]))
    first = np.where(tables.speaks[people, region], layout.speakers, layout.region)
    return Arcs.of(people, first + region, 1, tables.cost[people, region])


def _left_out(tables: Tables, layout: NetworkLayout) -> Arcs:
    people = np.flatnonzero(tables.held == NOWHERE)
    return Arcs.of(people, np.full(len(people), layout.outside), 1, tables.outside_cost[people])


def _static(tables: Tables, layout: NetworkLayout) -> list[Arcs]:
    regions, offices = np.arange(layout.regions), np.arange(layout.offices)
    speakers, plain = layout.speakers + regions, layout.region + regions
    open_ = np.flatnonzero(tables.office != NOWHERE)
    served, office = layout.region + open_, layout.office + tables.office[open_]
    outside = np.full(layout.offices, layout.outside)
    return [
        Arcs.of(speakers, plain, tables.quota, -tables.weights[Level.LANGUAGE]),
        Arcs.of(speakers, plain, layout.observers, 0),
        Arcs.of(served, office, tables.minimum[open_], -tables.cover[open_]),
        Arcs.of(served, office, (tables.capacity - tables.minimum)[open_], 0),
        Arcs.of(layout.office + offices, outside, tables.base, 0),
        Arcs.of(layout.office + offices, outside, tables.surge, tables.weights[Level.SURGE]),
    ]
