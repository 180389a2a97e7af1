"""From flows back to people, and from people to what a plan loses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from domain.assignment.planner.arrays import NOWHERE, Bools, Ints, Tables, as_numbers
from domain.assignment.planner.lottery import ticket
from domain.assignment.planner.network import Network
from domain.assignment.planner.rules import (
    NO_REGIONS,
    OFFICES_FULL,
    OUTWEIGHED,
    PIN_DOES_NOT_FIT,
    REGIONS_FULL,
    rule_against,
)
from domain.assignment.policy import RANK_POINTS, UNRANKED_POINTS, Level
from domain.assignment.problem import Observer
from domain.values import RegionCode, RuleName


def placed_by(tables: Tables, network: Network, flow: Ints) -> Ints:
    """Return each observer's region column; seats reached through a class are dealt in lottery order."""
    layout, arcs = network.layout, network.arcs
    placed = np.full(layout.observers, NOWHERE, dtype=np.int64)
    used = flow > 0
    leaving = used & (arcs.tail < layout.observers)
    direct = leaving & (arcs.head < layout.office)
    placed[arcs.tail[direct]] = (arcs.head[direct] - layout.region) % max(layout.regions, 1)
    through = leaving & (arcs.head >= layout.classes)
    people, classes = arcs.tail[through], arcs.head[through]
    drawn = np.lexsort((people, classes))
    dealt = used & (arcs.tail >= layout.classes)
    tails, heads, seats = arcs.tail[dealt], (arcs.head[dealt] - layout.region) % max(layout.regions, 1), flow[dealt]
    numbers = region_tickets(tables)
    by_class = np.lexsort((numbers[heads], tails))
    placed[people[drawn]] = np.repeat(heads[by_class], seats[by_class])
    return placed


def region_tickets(tables: Tables) -> Ints:
    """Return the lottery number of each region, for seats that nobody asked for."""
    seed = tables.problem.policy.seed
    return np.array([ticket(seed, "region", region.code) for region in tables.regions], dtype=np.int64)


def losses(tables: Tables, placed: Ints) -> dict[Level, int]:
    """Return what *placed* (region columns or ``NOWHERE``) loses at every level, in force or not."""
    return collective_losses(tables, placed) | personal_losses(tables, placed, range(len(placed)))


def collective_losses(tables: Tables, placed: Ints) -> dict[Level, int]:
    """Return the losses that follow from counts of people."""
    regions, offices = len(tables.regions), len(tables.offices)
    settled = np.flatnonzero(placed != NOWHERE)
    columns = placed[settled]
    load = np.bincount(columns, minlength=regions)
    spoken = np.bincount(columns[tables.speaks[settled, columns]], minlength=regions) if len(settled) else 0 * load
    weight = np.array([region.weight for region in tables.regions], dtype=np.int64)
    asked = np.array([region.minimum for region in tables.regions], dtype=np.int64)
    open_ = tables.office != NOWHERE
    carried = np.bincount(tables.office[open_], weights=load[open_], minlength=offices).astype(np.int64)
    return {
        Level.COVERAGE: int((weight * np.maximum(asked - load, 0)).sum()),
        Level.LANGUAGE: int(np.maximum(tables.quota - spoken, 0).sum()),
        Level.PLACED: len(placed) - len(settled),
        Level.SURGE: int(np.maximum(carried - tables.base, 0).sum()),
    }


def personal_losses(tables: Tables, placed: Ints, rows: Sequence[int]) -> dict[Level, int]:
    """Return preference points and changes, summed over the people in *rows*."""
    points, moves, policy = 0, 0, tables.problem.policy
    codes, columns = [region.code for region in tables.regions], as_numbers(placed)
    for row in rows:
        observer, column = tables.observers[row], columns[row]
        code = None if column == NOWHERE else codes[column]
        points += 0 if code is None else preference_points(observer, code) * policy.multiplier(observer.organisation)
        moves += observer.previous is not None and code != observer.previous
    return {Level.POINTS: points, Level.CHANGES: moves}


def preference_points(observer: Observer, region: RegionCode) -> int:
    """Return 0, 1, 3, 6, 10 by rank, 15 for a region the observer did not rank."""
    return RANK_POINTS[observer.preferences.index(region)] if region in observer.preferences else UNRANKED_POINTS


def reasons(tables: Tables, placed: Ints) -> dict[str, RuleName]:
    """Return for each person without a region the rule, or the shortage, that binds."""
    load = np.bincount(placed[placed != NOWHERE], minlength=len(tables.regions))
    open_ = tables.office != NOWHERE
    carried = np.bincount(tables.office[open_], weights=load[open_], minlength=len(tables.offices))
    seats_gone = load >= tables.capacity
    served = (carried >= tables.base + tables.surge)[tables.office] if len(tables.offices) else np.ones_like(seats_gone)
    shut = seats_gone | served
    return {
        tables.observers[row].id: _reason(tables, row, tables.eligible[row], (seats_gone, shut))
        for row in as_numbers(np.flatnonzero(placed == NOWHERE))
    }


def _reason(tables: Tables, row: int, possible: Bools, full: tuple[Bools, Bools]) -> RuleName:
    seats_gone, shut = full
    if not possible.any():
        return _barring_rule(tables, tables.observers[row])
    if seats_gone[possible].all():
        return REGIONS_FULL
    return OFFICES_FULL if shut[possible].all() else OUTWEIGHED


def _barring_rule(tables: Tables, observer: Observer) -> RuleName:
    """Return the rule against the pin, else the one that bars the most regions; by name if several do."""
    if observer.pinned:
        pinned = next(region for region in tables.regions if region.code == observer.pinned)
        return rule_against(observer, pinned) or PIN_DOES_NOT_FIT
    barred = [rule for region in tables.regions if (rule := rule_against(observer, region))]
    return max(sorted(set(barred)), key=barred.count, default=NO_REGIONS)
