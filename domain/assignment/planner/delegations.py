"""Delegations that asked to stay together: a bounded second step whose cost is shown at each level.

Keeping groups together is a generalised assignment problem, no longer a flow. So delegations are taken one by one
in lottery order, their members are pinned to the region whose duality bound is lowest, and the problem is solved
again; what was gained before is kept.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field

from domain.assignment.plan import Loss, Plan
from domain.assignment.planner.extraction import preference_points
from domain.assignment.planner.lottery import drawn_order
from domain.assignment.planner.rules import rule_against
from domain.assignment.planner.solver import solve
from domain.assignment.policy import Level, Replanning
from domain.assignment.problem import DelegationId, Observer, Problem, Region
from domain.values import Frozen, RegionCode, RuleName

TOO_LARGE: Final[RuleName] = "delegation_too_large"
NO_COMMON_REGION: Final[RuleName] = "no_region_open_to_all_members"
COSTS_A_HIGHER_LEVEL: Final[RuleName] = "would_cost_a_higher_level"
NOT_TRIED: Final[RuleName] = "not_tried_within_the_bound"

PRIVATE: Final = frozenset({Level.POINTS, Level.CHANGES})
"""Levels that concern wishes and may pay for staying together (changes not where nobody is to move); no other may."""


class Limits(Frozen):
    """How far the second step goes."""

    size: Annotated[int, Field(ge=2)] = 8
    """Members of the largest delegation that may ask."""
    regions: Annotated[int, Field(ge=1)] = 3
    """Regions tried for each delegation."""
    solves: Annotated[int, Field(ge=0)] = 60
    """Plans made in all."""


class KeptTogether(Frozen):
    """A delegation in one region, and what that cost at each level in force when it was decided."""

    delegation: DelegationId
    region: RegionCode
    cost: tuple[Loss, ...]


class Together(Frozen):
    """The plan after the second step; ``problem`` carries the pins it is optimal for."""

    problem: Problem
    plan: Plan
    kept: tuple[KeptTogether, ...]
    apart: dict[DelegationId, RuleName]
    cost: tuple[Loss, ...]
    """What staying together cost in all, against the plan without the step."""


@dataclass(slots=True)
class _Step:
    """The problem and plan as they stand, and the plans still allowed."""

    problem: Problem
    plan: Plan
    left: int


def kept_together(problem: Problem, limits: Limits | None = None) -> Together:
    """Return the plan with as many delegations together as the bounded step finds, and why the others are not."""
    limits = limits or Limits()
    plain = solve(problem)
    step = _Step(problem, plain, limits.solves)
    kept: list[KeptTogether] = []
    apart: dict[DelegationId, RuleName] = {}
    for delegation, members in _drawn_delegations(problem):
        found = _settle(step, delegation, members, limits)
        if isinstance(found, KeptTogether):
            kept.append(found)
        else:
            apart[delegation] = found
    plan = solve(step.problem) if step.plan.problem != step.problem.digest() else step.plan
    return Together(problem=step.problem, plan=plan, kept=tuple(kept), apart=apart, cost=_cost(plain, plan))


def _drawn_delegations(problem: Problem) -> list[tuple[DelegationId, list[str]]]:
    """Return the delegations with more than one member, in lottery order."""
    members: defaultdict[DelegationId, list[str]] = defaultdict(list)
    for observer in sorted(problem.observers, key=lambda observer: observer.id):
        if observer.delegation is not None:
            members[observer.delegation].append(observer.id)
    seed = problem.policy.seed
    drawn = sorted(members.items(), key=lambda pair: drawn_order(seed, f"delegation {pair[0]}"))
    return [(delegation, people) for delegation, people in drawn if len(people) > 1]


def _settle(step: _Step, delegation: DelegationId, members: list[str], limits: Limits) -> KeptTogether | RuleName:
    """Pin the delegation where it is or where it costs least; return how it ended."""
    if len(members) > limits.size:
        return TOO_LARGE
    places = {step.plan.placements[member] for member in members}
    region = places.pop()
    if region is not None and not places:
        step.problem = _pinned(step.problem, members, region)
        return KeptTogether(delegation=delegation, region=region, cost=_cost(step.plan, step.plan))
    candidates = _candidates(step, members)
    if not candidates:
        return NO_COMMON_REGION
    for candidate in candidates[: limits.regions]:
        if step.left == 0:
            return NOT_TRIED
        step.left -= 1
        if cost := _try(step, members, candidate):
            return KeptTogether(delegation=delegation, region=candidate, cost=cost)
    return COSTS_A_HIGHER_LEVEL


def _try(step: _Step, members: list[str], region: RegionCode) -> tuple[Loss, ...]:
    """Solve with the members pinned to *region*; keep the result and return its cost if only wishes pay."""
    problem = _pinned(step.problem, members, region)
    plan = solve(problem)
    cost = _cost(step.plan, plan)
    together = all(plan.placements[member] == region for member in members)
    told = {Level.CHANGES} if problem.policy.replanning is Replanning.NO_MOVES else set[Level]()
    if not together or any(loss.amount > 0 for loss in cost if loss.level not in PRIVATE - told):
        return ()
    step.problem, step.plan = problem, plan
    return cost


def _pinned(problem: Problem, members: list[str], region: RegionCode) -> Problem:
    chosen = set(members)
    return problem.revised(
        observers=tuple(
            observer.revised(pinned=region) if observer.id in chosen else observer for observer in problem.observers
        )
    )


def _cost(before: Plan, after: Plan) -> tuple[Loss, ...]:
    return tuple(Loss(level=loss.level, amount=loss.amount - before.loss(loss.level)) for loss in after.losses)


def _candidates(step: _Step, members: list[str]) -> list[RegionCode]:
    """Return the regions open to all members, the smallest lower bound on the combined loss first."""
    chosen = set(members)
    people = [observer for observer in step.problem.observers if observer.id in chosen]
    common = [
        region for region in step.problem.regions if all(rule_against(observer, region) is None for observer in people)
    ]
    bounds = {region.code: sum(_reduced(step, person, region) for person in people) for region in common}
    roomy = [region.code for region in common if region.capacity >= len(members)]
    return sorted(roomy, key=lambda code: (bounds[code], code))


def _reduced(step: _Step, observer: Observer, region: Region) -> int:
    """Return cost minus potential: summed, what separates regions in the duality bound of forcing people there."""
    proof, policy = step.plan.certificate, step.problem.policy
    moved = observer.previous not in {None, region.code}
    points = policy.multiplier(observer.organisation) * preference_points(observer, region.code)
    node = "speakers" if region.language in observer.languages else "region"
    cost = proof.weights[Level.POINTS] * points + proof.weights.get(Level.CHANGES, 0) * moved
    return cost - proof.potentials[f"{node}:{region.code}"]
