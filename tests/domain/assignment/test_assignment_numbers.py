"""Plans in numbers, and who moves and why."""

from __future__ import annotations

from domain.assignment.explanation import WhyNotKind
from domain.assignment.invented_problems import Size, invented_problem
from domain.assignment.overview import in_numbers, moved
from domain.assignment.planner.solver import solve
from domain.assignment.policy import Level, PlanningPolicy, Replanning
from domain.assignment.problem import Office, Problem

PROBLEM = invented_problem(Size(200, 8, 1.0), seed=9)
PLAN = solve(PROBLEM)


def test_every_person_is_counted_once_in_each_table() -> None:
    counted = in_numbers(PROBLEM, PLAN)
    placed = sum(region is not None for region in PLAN.placements.values())
    assert sum(one.placed for one in counted.regions) == sum(one.placed for one in counted.offices) == placed
    for groups in (counted.organisations, counted.nationalities):
        assert sum(one.placed for one in groups) == placed
        assert sum(one.unplaced for one in groups) == len(PLAN.unplaced)
        assert all(sum(one.by_rank) + one.unranked == one.placed for one in groups)


def test_the_tables_add_up_to_the_losses() -> None:
    counted, weights = in_numbers(PROBLEM, PLAN), {one.code: one.weight for one in PROBLEM.regions}
    missing = sum(weights[one.region] * max(0, one.minimum - one.placed) for one in counted.regions)
    assert missing == PLAN.loss(Level.COVERAGE)
    assert sum(max(0, one.quota - one.speakers) for one in counted.regions) == PLAN.loss(Level.LANGUAGE)
    assert sum(one.surge_used for one in counted.offices) == PLAN.loss(Level.SURGE)
    assert all(one.staff_needed * 12 >= one.surge_used for one in counted.offices)


def test_whoever_moves_is_told_what_staying_would_break_or_cost() -> None:
    told = tuple(one.revised(previous=PLAN.placements[one.id] or "GONE") for one in PROBLEM.observers[10:])
    offices = tuple(Office(code=one.code, staff=one.staff // 2, surge_places=3) for one in PROBLEM.offices)
    policy = PlanningPolicy(seed="other", replanning=Replanning.FROM_SCRATCH)
    changed = Problem(regions=PROBLEM.regions, offices=offices, observers=told, policy=policy)
    plan = solve(changed)
    people = moved(changed, plan)
    assert len(people) == plan.moves > 0
    for one in people:
        assert plan.placements[one.observer] == one.enters != one.leaves
        assert (one.staying is None) == (one.leaves == "GONE")
        assert one.staying is None or one.staying.verdict is not WhyNotKind.PLACED_THERE
