"""Solving: one min-cost flow for all levels, a second on its optimal face for the public lottery."""

from __future__ import annotations

import numpy as np

from domain.assignment.plan import Certificate, Loss, Plan
from domain.assignment.planner.arrays import NOWHERE, Bools, Ints, Tables, as_numbers, lay_out
from domain.assignment.planner.certificate import attach, condense, node_names, potentials
from domain.assignment.planner.extraction import losses, placed_by, reasons, region_tickets
from domain.assignment.planner.lottery import ticket
from domain.assignment.planner.network import Arcs, Network, build, solve_flow
from domain.assignment.planner.weights import require_exact
from domain.assignment.policy import Level
from domain.assignment.problem import Problem


def solve(problem: Problem) -> Plan:
    """Return the best plan for *problem*, its ties broken by the lottery, with a certificate.

    The same problem and seed give the same plan whatever the order of rows. People who cannot be placed are left
    unplaced with the binding reason; shortage is an outcome, never an error. Raises ``PlanTooLargeError`` when the
    levels do not fit into 64 bits (thousands of regions).
    """
    tables = lay_out(problem)
    placed, prices = optimise(tables)
    return drawn_up(tables, placed, prices)


def optimise(tables: Tables) -> tuple[Ints, Ints]:
    """Return each observer's region column (or ``NOWHERE``) and the potentials that prove it optimal."""
    network = build(tables)
    require_exact(tables.problem, tables.weights, nodes=len(network.supply))
    first = placed_by(tables, network, solve_flow(network.arcs, network.supply))
    prices = potentials(condense(tables, first))
    if prices is None:
        raise AssertionError("the flow solver returned a plan with a negative residual cycle")
    return _drawn(tables, network, placed=first, prices=prices), prices


def drawn_up(tables: Tables, placed: Ints, prices: Ints) -> Plan:
    """Return *placed* as a plan with its losses, reasons and certificate."""
    problem = tables.problem
    lost = losses(tables, placed)
    codes = [region.code for region in tables.regions]
    where = {
        observer.id: None if column == NOWHERE else codes[column]
        for observer, column in zip(tables.observers, as_numbers(placed), strict=True)
    }
    proof = Certificate(
        weights={level: tables.weights[level] for level in problem.policy.levels},
        potentials=dict(zip(node_names(tables), as_numbers(prices), strict=True)),
    )
    return Plan(
        problem=problem.digest(),
        seed=problem.policy.seed,
        losses=tuple(Loss(level=level, amount=lost[level]) for level in problem.policy.levels),
        moves=lost[Level.CHANGES],
        placements=dict(sorted(where.items())),
        unplaced=dict(sorted(reasons(tables, placed).items())),
        certificate=proof,
    )


def _drawn(tables: Tables, network: Network, *, placed: Ints, prices: Ints) -> Ints:
    """Return the plan with the smallest lottery numbers among all optimal ones.

    On the optimal face arcs of positive reduced cost carry nothing, those of negative reduced cost are full, and
    the rest is free; the flows that respect this are exactly the optimal ones (complementary slackness).
    """
    arcs, supply = network.arcs, network.supply.copy()
    height = _heights(tables, network, placed=placed, prices=prices)
    reduced = arcs.cost + height[arcs.tail] - height[arcs.head]
    full, open_ = reduced < 0, reduced == 0
    np.subtract.at(supply, arcs.tail[full], arcs.capacity[full])
    np.add.at(supply, arcs.head[full], arcs.capacity[full])
    flow = np.where(full, arcs.capacity, 0)
    face = Arcs(arcs.tail[open_], arcs.head[open_], arcs.capacity[open_], _numbers(tables, network, open_))
    flow[open_] = solve_flow(face, supply)
    drawn = placed_by(tables, network, flow)
    then, now = losses(tables, placed), losses(tables, drawn)
    if any(then[level] != now[level] for level in tables.problem.policy.levels):
        raise AssertionError("the lottery left the set of best plans")
    return drawn


def _heights(tables: Tables, network: Network, *, placed: Ints, prices: Ints) -> Ints:
    """Return potentials for every node of the compressed network, extended from the condensed ones."""
    layout = network.layout
    nodes = attach(tables, placed)
    people = np.arange(layout.observers)
    present = np.where(
        placed == NOWHERE, tables.outside_cost, tables.cost[people, placed] if layout.regions else tables.outside_cost
    )
    height = np.full(len(network.supply), np.iinfo(np.int64).min, dtype=np.int64)
    height[: layout.observers] = prices[nodes] - present
    height[layout.region : layout.classes] = prices
    for tail, head in network.class_reach:
        np.maximum.at(height, tail, height[head])
    return height


def _numbers(tables: Tables, network: Network, open_: Bools) -> Ints:
    """Return the lottery numbers of the arcs in *open_*: of a person and a region, or of an unasked-for region."""
    layout, arcs, seed = network.layout, network.arcs, tables.problem.policy.seed
    tails, heads = arcs.tail[open_], arcs.head[open_]
    numbers = np.zeros(len(tails), dtype=np.int64)
    choosing = np.flatnonzero((tails < layout.observers) & (heads != layout.outside))
    for place in as_numbers(choosing):
        head = int(heads[place])
        person = tables.observers[int(tails[place])].id
        region = (tables.regions[(head - layout.region) % layout.regions].code,) if head < layout.office else ()
        numbers[place] = ticket(seed, person, *region)
    unasked = np.flatnonzero(tails >= layout.classes)
    numbers[unasked] = region_tickets(tables)[(heads[unasked] - layout.region) % max(layout.regions, 1)]
    return numbers
