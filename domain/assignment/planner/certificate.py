"""The certificate: a plan is optimal exactly if its condensed residual network has no negative cycle.

Nodes: R regions, R groups of speakers, O offices, the outside; the same order as in ``network.py`` without observers.
Every observer's only residual arcs leave the node where the observer is now, so contracting observers loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from domain.assignment.planner.arrays import NOWHERE, Bools, Ints, Tables
from domain.assignment.policy import Level

ABSENT: Final = np.int64(1 << 60)
"""Length of an arc that does not exist; far above every real path and far below overflow."""


@dataclass(frozen=True, slots=True)
class Residual:
    """The condensed residual network of one placement, as a matrix of arc lengths and who would move along each."""

    length: Ints
    mover: Ints
    """Row of the observer behind an arc, or ``NOWHERE`` for arcs of regions and offices."""
    attached: Ints
    """N: node where each observer is."""


def node_names(tables: Tables) -> list[str]:
    """Return the names of the nodes as the certificate writes them."""
    regions = [region.code for region in tables.regions]
    named = [f"region:{code}" for code in regions] + [f"speakers:{code}" for code in regions]
    return [*named, *(f"office:{office.code}" for office in tables.offices), "outside"]


def attach(tables: Tables, placed: Ints) -> Ints:
    """Return the node of each observer under *placed* (region columns or ``NOWHERE``)."""
    regions, outside = len(tables.regions), 2 * len(tables.regions) + len(tables.offices)
    people = np.arange(len(placed))
    if not regions:
        return np.full(len(placed), outside, dtype=np.int64)
    speaking = tables.speaks[people, np.maximum(placed, 0)]
    return np.where(placed == NOWHERE, outside, placed + regions * speaking).astype(np.int64)


def condense(tables: Tables, placed: Ints) -> Residual:
    """Return the residual network of *placed*: one pass over all eligible pairs, then the static arcs."""
    regions, nodes = len(tables.regions), 2 * len(tables.regions) + len(tables.offices) + 1
    length = np.full((nodes, nodes), ABSENT, dtype=np.int64)
    mover = np.full((nodes, nodes), NOWHERE, dtype=np.int64)
    attached = attach(tables, placed)
    residual = Residual(length, mover, attached)
    rows = np.flatnonzero(tables.free)
    order = rows[np.argsort(attached[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(attached[order], prepend=-1))
    for group in np.split(order, starts[1:]) if len(order) else []:
        _condense_group(tables, residual, group, placed)
    np.fill_diagonal(length, ABSENT)
    _static_arcs(tables, residual, np.bincount(attached, minlength=nodes)[: 2 * regions])
    return residual


def _condense_group(tables: Tables, residual: Residual, group: Ints, placed: Ints) -> None:
    """Enter the cheapest move from the node where all of *group* are to every other node."""
    node = residual.attached[group[0]]
    regions, outside = len(tables.regions), len(residual.length) - 1
    column = placed[group[0]]
    present = tables.outside_cost[group] if column == NOWHERE else tables.cost[group, column]
    gain = np.where(tables.eligible[group], tables.cost[group] - present[:, None], ABSENT)
    speaks = tables.speaks[group]
    for offset, moves in ((0, np.where(speaks, ABSENT, gain)), (regions, np.where(speaks, gain, ABSENT))):
        if regions:
            best = moves.argmin(axis=0)
            residual.length[node, offset : offset + regions] = moves[best, np.arange(regions)]
            residual.mover[node, offset : offset + regions] = group[best]
    leave = tables.outside_cost[group] - present
    residual.length[node, outside] = leave.min()
    residual.mover[node, outside] = group[leave.argmin()]


def _enter(residual: Residual, tail: Ints, head: Ints, length: Ints | int, exists: Bools) -> None:
    """Keep the shorter of what is there and the arcs that exist."""
    tails, heads = tail[exists], head[exists]
    offered = (np.zeros(len(tail), dtype=np.int64) + length)[exists]
    better = offered < residual.length[tails, heads]
    residual.length[tails[better], heads[better]] = offered[better]
    residual.mover[tails[better], heads[better]] = NOWHERE


def _static_arcs(tables: Tables, residual: Residual, inside: Ints) -> None:
    """Enter the arcs of quotas, minimum seats, base and surge places that still have room, both ways."""
    regions, offices = len(tables.regions), len(tables.offices)
    plain, speakers = np.arange(regions), regions + np.arange(regions)
    spoken, load = inside[regions:], inside[:regions] + inside[regions:]
    language, surge = tables.weights[Level.LANGUAGE], tables.weights[Level.SURGE]
    counted = np.minimum(spoken, tables.quota)
    _enter(residual, speakers, plain, 0, np.ones(regions, dtype=bool))
    _enter(residual, speakers, plain, -language, counted < tables.quota)
    _enter(residual, plain, speakers, 0, spoken > counted)
    _enter(residual, plain, speakers, language, counted > 0)
    open_ = np.flatnonzero(tables.office != NOWHERE)
    served = 2 * regions + tables.office
    covered = np.minimum(load, tables.minimum)
    spare = load - covered < tables.capacity - tables.minimum
    for tail, head, length, exists in (
        (plain, served, -tables.cover, covered < tables.minimum),
        (plain, served, 0 * tables.cover, spare),
        (served, plain, 0 * tables.cover, load > covered),
        (served, plain, tables.cover, covered > 0),
    ):
        _enter(residual, tail[open_], head[open_], length[open_], exists[open_])
    desks = 2 * regions + np.arange(offices)
    outside = np.full(offices, 2 * regions + offices)
    carried = np.bincount(tables.office[open_], weights=load[open_], minlength=offices).astype(np.int64)
    own = np.minimum(carried, tables.base)
    _enter(residual, desks, outside, 0, own < tables.base)
    _enter(residual, desks, outside, surge, carried - own < tables.surge)
    _enter(residual, outside, desks, 0, own > 0)
    _enter(residual, outside, desks, -surge, carried > own)


def potentials(residual: Residual) -> Ints | None:
    """Return d with ``length[p, q] + d[p] - d[q] >= 0`` everywhere, or ``None`` if a cycle is negative.

    Bellman and Ford from all nodes at once; at most as many rounds as nodes.
    """
    reached = np.zeros(len(residual.length), dtype=np.int64)
    for _ in range(len(reached) + 1):
        shorter = np.minimum(reached, (residual.length + reached[:, None]).min(axis=0))
        if np.array_equal(shorter, reached):
            return reached
        reached = shorter
    return None
