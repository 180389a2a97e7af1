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
    assert (
        sum(region.placed for region in counted.regions) == sum(office.placed for office in counted.offices) == placed
    )
    for groups in (counted.organisations, counted.nationalities):
        assert sum(group.placed for group in groups) == placed
        assert sum(group.unplaced for group in groups) == len(PLAN.unplaced)
        assert all(sum(group.by_rank) + group.unranked == group.placed for group in groups)


def test_the_tables_add_up_to_the_losses() -> None:
    counted, weights = in_numbers(PROBLEM, PLAN), {region.code: region.weight for region in PROBLEM.regions}
    missing = sum(weights[region.region] * max(0, region.minimum - region.placed) for region in counted.regions)
    assert missing == PLAN.loss(Level.COVERAGE)
    assert sum(max(0, region.quota - region.speakers) for region in counted.regions) == PLAN.loss(Level.LANGUAGE)
    assert sum(office.surge_used for office in counted.offices) == PLAN.loss(Level.SURGE)
    assert all(office.staff_needed * 12 >= office.surge_used for office in counted.offices)


def test_whoever_moves_is_told_what_staying_would_break_or_cost() -> None:
    told = tuple(
        observer.revised(previous=PLAN.placements[observer.id] or "GONE") for observer in PROBLEM.observers[10:]
    )
    offices = tuple(Office(code=office.code, staff=office.staff // 2, surge_places=3) for office in PROBLEM.offices)
    policy = PlanningPolicy(seed="other", replanning=Replanning.FROM_SCRATCH)
    changed = Problem(regions=PROBLEM.regions, offices=offices, observers=told, policy=policy)
    plan = solve(changed)
    people = moved(changed, plan)
    assert len(people) == plan.moves > 0
    for person in people:
        assert plan.placements[person.observer] == person.enters != person.leaves
        assert (person.staying is None) == (person.leaves == "GONE")
        assert person.staying is None or person.staying.verdict is not WhyNotKind.PLACED_THERE
