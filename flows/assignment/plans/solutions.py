"""Solving a posed problem as the rules and an officer want it: fairness, delegations, staff, and other ways' prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from db.assignment.plans import StoredPlan
from domain.assignment.plan import Plan
from domain.assignment.planner.delegations import Limits, kept_together
from domain.assignment.planner.fairness import FairnessGoal, FairPlan, measured, rebalanced
from domain.assignment.planner.solver import solve
from domain.assignment.planner.surge import SurgeStaff, whole_surge_staff
from domain.assignment.policy import Level, Replanning
from domain.assignment.problem import Observer, Problem
from domain.election.profile import Fairness, StayingTogether
from domain.values import RegionCode
from flows.assignment.plans.problems import Choices
from flows.context import ElectionContext

MOST_STAFFED: Final = 3000
"""People up to whom whole staff are searched for with many plans; above that with few."""


def solved(
    context: ElectionContext, problem: Problem, choices: Choices, before: StoredPlan | None = None
) -> tuple[Problem, Plan, dict[str, Any]]:
    """Return the problem as solved, its plan, and what fairness, staying together and fewest staff brought and cost.

    Under fairness the weights of the plan *before* stay in force, except from scratch: nobody moves for new ones.
    """
    notes: dict[str, Any] = {}
    plan: Plan | None = None
    if declared := declared_fairness(context, choices):
        fair = _evened_out(problem, declared, before)
        problem, plan = fair.problem, fair.plan
        notes["fairness"] = [rebalancing.model_dump(mode="json") for rebalancing in fair.rounds]
        notes["fairness_goal"] = declared.model_dump(mode="json")
    if any(observer.delegation for observer in problem.observers):
        together = kept_together(problem, limits_of(context))
        problem, plan = together.problem, together.plan
        notes["together"] = together.model_dump(mode="json", include={"kept", "apart", "cost"})
    if choices.fewest_staff:
        staffed = search_staff(problem)
        problem, plan = staffed.problem, staffed.plan
        notes["staffing"] = staff_found(staffed)
    return problem, plan or solve(problem), notes


def declared_fairness(context: ElectionContext, choices: Choices) -> Fairness | None:
    """Return how organisations are evened out: as the profile says, or as an officer asks."""
    return context.profile.assignment.fairness or (Fairness() if choices.fairness else None)


def limits_of(context: ElectionContext) -> Limits:
    """Return how far keeping delegations together goes."""
    rules = context.profile.assignment.staying_together or StayingTogether()
    return Limits(size=rules.largest, regions=rules.regions_tried, solves=rules.plans_made)


def _evened_out(problem: Problem, declared: Fairness, before: StoredPlan | None) -> FairPlan:
    weights = before.problem["policy"].get("fairness") if before else None
    if not weights or problem.policy.replanning is Replanning.FROM_SCRATCH:
        goal = FairnessGoal(fall=declared.fall, most_loss=declared.most_loss, rounds=declared.rounds)
        return rebalanced(problem, goal)
    weighted = problem.revised(policy=problem.policy.revised(fairness=weights))
    plan = solve(weighted)
    return FairPlan(problem=weighted, plan=plan, rounds=(measured(weighted, plan),))


def plain_losses(problem: Problem, plan: Plan) -> dict[str, int]:
    """Return what *plan* loses by level, wishes counted alike for all organisations also under a fairness policy."""
    plain = problem.policy.fairness and {Level.POINTS: measured(problem, plan).points}
    return {loss.level.value: (plain or {}).get(loss.level, loss.amount) for loss in plan.losses}


def search_staff(problem: Problem) -> SurgeStaff:
    """Return the plan with the fewest whole staff that can be found in reasonable time."""
    return whole_surge_staff(problem, most_solves=20 if len(problem.observers) <= MOST_STAFFED else 4)


def staff_found(found: SurgeStaff) -> dict[str, Any]:
    """Return what a search for whole staff found."""
    return {"fewest": found.needed, "bound": found.bound, "exact": found.exact}


def alternatives(problem: Problem, plan: Plan, places: tuple[Mapping[UUID, RegionCode | None], ...]) -> dict[str, Any]:
    """Return what each way to re-plan loses and moves; nothing where nobody has a place yet.

    *places* are those before people were moved to make pairs, by which changes are counted, and those they were told.
    """
    if not any(observer.previous for observer in problem.observers):
        return {}
    planned, told = places
    found: dict[str, Any] = {}
    for way in Replanning:
        before = {**told, **planned} if way is Replanning.FEWEST_CHANGES else told
        people = tuple(_from(observer, before) for observer in problem.observers)
        other = problem.revised(policy=problem.policy.revised(replanning=way), observers=people)
        made = plan if way is problem.policy.replanning else solve(other)
        found[way.value] = {"moves": made.moves, **plain_losses(other, made)}
    return {"alternatives": found}


def _from(observer: Observer, places: Mapping[UUID, RegionCode | None]) -> Observer:
    """Return *observer* with the place that counts as the one before; who is kept keeps it."""
    return observer if observer.pinned else observer.revised(previous=places.get(UUID(observer.id)))
