"""What comes after the plan: fairness between organisations, delegations together, whole surge staff."""

from __future__ import annotations

import pytest

from domain.assignment.checker.check import check
from domain.assignment.invented_problems import Size, invented_problem
from domain.assignment.planner.delegations import Limits, kept_together
from domain.assignment.planner.fairness import FairnessGoal, gini, measured, rebalanced
from domain.assignment.planner.solver import solve
from domain.assignment.planner.surge import whole_surge_staff
from domain.assignment.policy import Level
from domain.assignment.problem import Exclusion, Observer, Office, Problem, Region


def test_gini_is_zero_for_equals_and_grows_with_inequality() -> None:
    assert gini([]) == gini([0.0, 0.0]) == gini([2.0, 2.0]) == 0
    assert gini([1.0, 2.0]) == pytest.approx(1 / 6)
    assert gini([0.0, 3.0]) == pytest.approx(1 / 2)


@pytest.mark.parametrize("seed", [1, 2])
def test_fairness_lowers_inequality_within_the_loss_and_above_the_points_nothing_changes(seed: int) -> None:
    problem = invented_problem(Size(800, 20), seed=seed)
    plain, fair = solve(problem), rebalanced(problem)
    start = fair.rounds[0]
    reached = min((draw for draw in fair.rounds if draw.points <= 1.01 * start.points), key=lambda draw: draw.gini)
    assert reached.gini < 0.9 * start.gini
    assert check(fair.problem, fair.plan) == []
    assert fair.plan.losses[:4] == plain.losses[:4]


def test_a_fairness_goal_that_allows_no_loss_costs_nobody_a_point() -> None:
    problem = invented_problem(Size(300, 10), seed=3)
    fair = rebalanced(problem, FairnessGoal(most_loss=0.0, rounds=1))
    assert measured(fair.problem, fair.plan).points <= fair.rounds[0].points


def delegation_of(problem: Problem, size: int, count: int) -> Problem:
    observers = tuple(
        observer.revised(delegation=f"D{place // size}" if place < size * count else None)
        for place, observer in enumerate(problem.observers)
    )
    return problem.revised(observers=observers)


def test_delegations_are_together_or_told_why_and_only_wishes_pay() -> None:
    problem = delegation_of(invented_problem(Size(300, 10, 1.2), seed=4), size=4, count=10)
    result = kept_together(problem)
    plan, regions = result.plan, {kept.delegation: kept.region for kept in result.kept}
    assert len(result.kept) + len(result.apart) == 10
    assert len(result.kept) >= 5
    for observer in problem.observers:
        if observer.delegation in regions:
            assert plan.placements[observer.id] == regions[observer.delegation]
    assert check(result.problem, plan) == []
    cost = {loss.level: loss.amount for loss in result.cost}
    assert all(cost[level] == 0 for level in (Level.COVERAGE, Level.LANGUAGE, Level.PLACED, Level.SURGE))
    assert cost[Level.POINTS] == sum(
        loss.amount for kept in result.kept for loss in kept.cost if loss.level == "points"
    )


def test_a_delegation_that_cannot_be_together_is_told_the_reason() -> None:
    regions = tuple(Region(code=code, capacity=3, office="DESK") for code in ("NORTH", "SOUTH"))
    barred = [Exclusion(region="NORTH", rule="declared_conflict"), Exclusion(region="SOUTH", rule="declared_conflict")]
    apart = [Observer(id=f"A{n}", organisation="ORG", excluded=(barred[n],), delegation="A") for n in range(2)]
    large = [Observer(id=f"B{n}", organisation="ORG", delegation="B") for n in range(3)]
    problem = Problem(regions=regions, offices=(Office(code="DESK", staff=1),), observers=(*apart, *large))
    result = kept_together(problem, Limits(size=2))
    assert result.apart == {"A": "no_region_open_to_all_members", "B": "delegation_too_large"}
    assert result.plan == solve(problem)
    unbounded = kept_together(problem, Limits(solves=0))
    assert unbounded.apart["A"] == "no_region_open_to_all_members"


def few_offices(seats: int) -> Problem:
    """Three offices with one place less than the seats of their region, so that surge is needed."""
    regions = tuple(Region(code=f"R{n}", capacity=seats, minimum=seats - 3, office=f"O{n}") for n in range(3))
    offices = tuple(
        Office(code=f"O{n}", staff=1, observers_per_staff=seats - 2, surge_places=seats - 2) for n in range(3)
    )
    people = tuple(Observer(id=f"A{n:02d}", organisation="ORG") for n in range(3 * (seats - 2) + 2))
    return Problem(regions=regions, offices=offices, observers=people)


def test_two_people_too_many_take_one_staff_member_not_two() -> None:
    result = whole_surge_staff(few_offices(6))
    assert (result.needed, result.exact) == (1, True)
    assert len(result.plan.unplaced) == 0
    assert check(result.problem, result.plan) == []


def test_whole_surge_staff_lose_nothing_above_and_state_the_bound() -> None:
    problem = invented_problem(Size(500, 24, 1.05), seed=2)
    result, plain = whole_surge_staff(problem, most_solves=8), solve(problem)
    assert result.plan.losses[:3] == plain.losses[:3]
    assert result.bound <= result.needed == sum(result.staff.values())
    carried = result.plan.loss(Level.SURGE)
    assert carried <= result.needed * 12
    assert check(result.problem, result.plan) == []


def test_staff_that_single_offices_cannot_do_without_are_proved_needed() -> None:
    regions = tuple(Region(code=f"R{n}", capacity=3, minimum=3, office=f"O{n}") for n in range(7))
    offices = tuple(Office(code=f"O{n}", staff=1, observers_per_staff=2, surge_places=2) for n in range(7))
    people = tuple(Observer(id=f"A{n:02d}", organisation="ORG") for n in range(21))
    result = whole_surge_staff(Problem(regions=regions, offices=offices, observers=people))
    assert (result.needed, result.bound, result.exact) == (7, 7, True)
