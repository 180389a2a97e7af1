"""Fairness between organisations: points of organisations that fared worse than others count more in the next round.

A declared policy, never a silent one: it changes what the points level means, and the multipliers stand in the
problem that the resulting plan cites.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from math import exp, sqrt
from typing import Final

from domain.assignment.plan import Plan
from domain.assignment.planner.extraction import preference_points
from domain.assignment.planner.solver import solve
from domain.assignment.policy import NEUTRAL_MULTIPLIER
from domain.assignment.problem import Problem
from domain.values import Frozen, OrganisationCode

SMALLEST_ORGANISATION: Final = 10
"""Smaller organisations have means that say nothing; their points keep counting as they are."""

STEP: Final = 0.25
LOWEST, HIGHEST = 0.5, 4.0


class FairnessGoal(Frozen):
    """When re-weighting stops."""

    fall: float = 0.25
    """Share by which the Gini coefficient should fall."""
    most_loss: float = 0.01
    """Share by which the preference points of all may rise."""
    rounds: int = 4


class FairnessRound(Frozen):
    """One plan on the way: inequality between organisations, and the unweighted points of all."""

    gini: float
    points: int


class FairPlan(Frozen):
    """The fairest plan within the loss; ``problem`` carries the multipliers in its policy."""

    problem: Problem
    plan: Plan
    rounds: tuple[FairnessRound, ...]
    """The plain plan first; rounds that lost too much are listed and not used."""


def gini(values: list[float]) -> float:
    """Return the Gini coefficient of *values*: 0 if all are equal, towards 1 if one has all.

    >>> gini([1.0, 1.0, 1.0]), gini([0.0, 0.0, 3.0])
    (0.0, 0.6666666666666666)
    """
    total, size = sum(values), len(values)
    ranked = sum((2 * place - size - 1) * value for place, value in enumerate(sorted(values), start=1))
    return ranked / (size * total) if total else 0.0


def organisation_means(problem: Problem, plan: Plan) -> dict[OrganisationCode, float]:
    """Return the mean unweighted points of the placed members of each organisation with enough of them."""
    points: defaultdict[OrganisationCode, list[int]] = defaultdict(list)
    for observer in problem.observers:
        region = plan.placements[observer.id]
        if region is not None:
            points[observer.organisation].append(preference_points(observer, region))
    large = {code: listed for code, listed in points.items() if len(listed) >= SMALLEST_ORGANISATION}
    return {code: sum(listed) / len(listed) for code, listed in sorted(large.items())}


def rebalanced(problem: Problem, goal: FairnessGoal | None = None) -> FairPlan:
    """Return the first plan that reaches *goal*, else the fairest one whose points rise within the limit.

    Each round solves the whole problem again; levels above the points stay what they were.
    """
    goal = goal or FairnessGoal()
    fairest, fair = _round(problem, {})
    rounds, most = [fair], (1 + goal.most_loss) * fair.points
    factors = _next_factors(problem, organisation_means(problem, fairest[1]), {})
    while factors and len(rounds) <= goal.rounds and fair.gini > (1 - goal.fall) * rounds[0].gini:
        tried, reached = _round(problem, factors)
        rounds.append(reached)
        if reached.points > most:
            # Half the step, geometrically: the multipliers move back towards neutral.
            factors = {code: sqrt(factor) for code, factor in factors.items()}
            continue
        if reached.gini < fair.gini:
            fairest, fair = tried, reached
        factors = _next_factors(problem, organisation_means(problem, tried[1]), factors)
    return FairPlan(problem=fairest[0], plan=fairest[1], rounds=tuple(rounds))


def _round(problem: Problem, factors: Mapping[OrganisationCode, float]) -> tuple[tuple[Problem, Plan], FairnessRound]:
    tenths = {code: round(NEUTRAL_MULTIPLIER * factor) for code, factor in factors.items()}
    weighted = problem.revised(policy=problem.policy.revised(fairness=tenths))
    plan = solve(weighted)
    return (weighted, plan), measured(weighted, plan)


def measured(problem: Problem, plan: Plan) -> FairnessRound:
    """Return inequality and unweighted points of *plan*."""
    places = ((observer, plan.placements[observer.id]) for observer in problem.observers)
    points = sum(preference_points(one, region) for one, region in places if region is not None)
    return FairnessRound(gini=gini(list(organisation_means(problem, plan).values())), points=points)


def _next_factors(
    problem: Problem, means: Mapping[OrganisationCode, float], factors: Mapping[OrganisationCode, float]
) -> dict[OrganisationCode, float]:
    """Return the multipliers of the next round, their mean by members 1 before they are clipped."""
    members: defaultdict[OrganisationCode, int] = defaultdict(int)
    for observer in problem.observers:
        members[observer.organisation] += observer.organisation in means
    everybody = sum(members.values())
    overall = sum(means[code] * members[code] for code in means) / everybody if everybody else 0.0
    if not overall:
        return {}
    moved = {code: factors.get(code, 1.0) * exp(STEP * (mean - overall) / overall) for code, mean in means.items()}
    level = sum(moved[code] * members[code] for code in moved) / everybody
    return {code: min(HIGHEST, max(LOWEST, factor / level)) for code, factor in moved.items()}
