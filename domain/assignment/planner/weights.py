"""Six strictly ordered levels in one integer cost.

A plan that minimises the sum of weight times loss is lexicographically best if each weight exceeds what all lower
levels together can gain along one simple cycle of the residual network. Such a cycle visits each region's two nodes
and the outside at most once, so it moves at most ``2 R + 1`` people; the bounds below follow from that.
"""

from __future__ import annotations

from itertools import chain
from typing import Final

from domain.assignment.policy import UNRANKED_POINTS, Level
from domain.assignment.problem import Problem
from domain.errors import BadInputError

SOLVER_RANGE: Final = 2**63 - 1
"""The solver multiplies every cost by the number of nodes plus one, in 64 bits."""


class PlanTooLargeError(BadInputError):
    """The levels of this problem do not fit into one 64-bit cost; nothing was planned."""

    def __init__(self, regions: int, nodes: int) -> None:
        super().__init__(
            "problem",
            f"{regions} regions and {nodes} nodes exceed the solver's exact range.",
            remedy="Plan groups of regions separately.",
        )


def cycle_bounds(problem: Problem) -> dict[Level, int]:
    """Return for each level the most that one residual cycle can change it."""
    moved = 2 * len(problem.regions) + 1
    multiplier = max((problem.policy.multiplier(observer.organisation) for observer in problem.observers), default=1)
    return {
        Level.COVERAGE: sum(region.weight for region in problem.regions),
        Level.LANGUAGE: 2 * len(problem.regions),
        Level.PLACED: 2,
        Level.SURGE: 2,
        Level.POINTS: UNRANKED_POINTS * multiplier * moved,
        Level.CHANGES: moved,
    }


def level_weights(problem: Problem) -> dict[Level, int]:
    """Return the weight of each level in force, lowest weight 1; exact Python integers."""
    bounds = cycle_bounds(problem)
    weights: dict[Level, int] = {}
    for level in reversed(problem.policy.levels):
        weights[level] = 1 + sum(weights[lower] * bounds[lower] for lower in weights)
    return weights


def require_exact(problem: Problem, weights: dict[Level, int], *, nodes: int) -> None:
    """Raise ``PlanTooLargeError`` unless every scaled cost fits into 64 bits."""
    regions = (region.weight for region in problem.regions)
    fairness = (UNRANKED_POINTS * problem.policy.multiplier(observer.organisation) for observer in problem.observers)
    points, changes = weights[Level.POINTS], weights.get(Level.CHANGES, 0)
    largest = max(
        weights[Level.COVERAGE] * max(chain(regions, [1])),
        max(weights.values()) + changes,
        points * max(chain(fairness, [UNRANKED_POINTS])) + changes,
    )
    if largest * (nodes + 1) > SOLVER_RANGE:
        raise PlanTooLargeError(len(problem.regions), nodes)
