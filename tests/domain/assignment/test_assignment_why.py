"""Why not that region: the answer equals solving again with the pair forced."""

from __future__ import annotations

import numpy as np
import pytest

from domain.assignment.explanation import (
    Explainer,
    ImprovablePlanError,
    OtherProblemError,
    UnknownInPlanError,
    WhyNot,
    WhyNotKind,
    why,
)
from domain.assignment.invented_problems import Size, invented_problem
from domain.assignment.plan import Plan
from domain.assignment.planner.rules import SEATS_HELD_BY_PINS, rule_against
from domain.assignment.planner.solver import solve
from domain.assignment.policy import Level, Replanning
from domain.assignment.problem import Observer, Office, Problem, Region


def combined(plan: Plan) -> int:
    return sum(loss.amount * plan.certificate.weights[loss.level] for loss in plan.losses)


def forced(problem: Problem, person: str, region: str) -> Plan:
    """Return the best plan with the person in the region: a pin leaves exactly that one arc."""
    return solve(
        problem.revised(
            observers=tuple(
                observer.revised(pinned=region) if observer.id == person else observer for observer in problem.observers
            )
        )
    )


def replanned(seed: int) -> Problem:
    draw = np.random.default_rng(seed)
    problem = invented_problem(Size(80, 8, float(draw.choice([0.8, 1.0, 1.2]))), seed=seed)
    plan = solve(problem)
    told = [observer.revised(previous=plan.placements[observer.id]) for observer in problem.observers[5:]]
    told = [one.revised(pinned=one.previous) if draw.random() < 0.1 and one.previous else one for one in told]
    policy = problem.policy.revised(replanning=list(Replanning)[seed % 3])
    return problem.revised(observers=tuple(told), policy=policy)


def compare_with_forcing(seeds: range, questions: int) -> int:
    compared = 0
    for seed in seeds:
        problem, draw = replanned(seed), np.random.default_rng(seed)
        plan = solve(problem)
        explainer = Explainer.of(problem, plan)
        for _ in range(questions):
            observer = problem.observers[draw.integers(len(problem.observers))]
            region = problem.regions[draw.integers(len(problem.regions))]
            answer = explainer.why(observer.id, region.code)
            if answer.verdict is WhyNotKind.NOT_ELIGIBLE:
                assert answer.rule == (rule_against(observer, region) or SEATS_HELD_BY_PINS)
            elif answer.verdict is not WhyNotKind.PLACED_THERE:
                again = forced(problem, observer.id, region.code)
                assert again.placements[observer.id] == region.code
                assert combined(again) - combined(plan) == answer.price
                assert_consistent(answer)
                compared += 1
    return compared


def assert_consistent(answer: WhyNot) -> None:
    assert (answer.verdict is WhyNotKind.TIE) == (answer.price == 0)
    assert next((loss.amount for loss in answer.losses if loss.amount), 0) >= 0
    assert (answer.chain[0].observer, answer.chain[0].enters) == (answer.observer, answer.region)
    assert len({move.observer for move in answer.chain}) == len(answer.chain)


def test_a_price_is_what_forcing_the_pair_costs() -> None:
    assert compare_with_forcing(range(6), 12) > 20


@pytest.mark.full
def test_a_price_is_what_forcing_the_pair_costs_in_hundreds_of_cases() -> None:
    assert compare_with_forcing(range(6, 36), 25) >= 200


def test_a_tie_shows_its_lottery_number_and_nothing_lost() -> None:
    people = tuple(Observer(id=f"T{number}", organisation="ORG", preferences=("NORTH",)) for number in range(6))
    desk = Office(code="DESK", staff=1)
    problem = Problem(regions=(Region(code="NORTH", capacity=2, office="DESK"),), offices=(desk,), observers=people)
    plan = solve(problem)
    placed = [one for one, region in plan.placements.items() if region]
    for person in plan.unplaced:
        answer = why(problem, plan, person, "NORTH")
        assert (answer.verdict, answer.price, len(answer.chain)) == (WhyNotKind.TIE, 0, 2)
        assert all(loss.amount == 0 for loss in answer.losses)
        rivals = [why(problem, plan, one, "NORTH").ticket or 0 for one in placed]
        assert (answer.ticket or 0) > max(rivals)


def test_a_full_region_states_the_level_lost_and_the_chain() -> None:
    problem = invented_problem(Size(200, 8, 0.9), seed=6)
    explainer = Explainer.of(problem, solve(problem))
    answers = [explainer.why(observer.id, code) for observer in problem.observers for code in observer.preferences]
    prices = [answer for answer in answers if answer.verdict is WhyNotKind.PRICE]
    assert prices
    decided = {next(loss.level for loss in answer.losses if loss.amount) for answer in prices}
    assert decided <= set(Level)
    assert any(len(answer.chain) > 2 for answer in prices)


def test_strange_questions_are_refused() -> None:
    problem = invented_problem(Size(30, 4), seed=1)
    plan = solve(problem)
    with pytest.raises(UnknownInPlanError):
        why(problem, plan, "nobody", "R000")
    with pytest.raises(UnknownInPlanError):
        why(problem, plan, problem.observers[0].id, "NOWHERE")
    with pytest.raises(OtherProblemError):
        why(problem.revised(observers=problem.observers[1:]), plan, problem.observers[1].id, "R000")


def test_a_plan_that_can_be_improved_has_no_prices() -> None:
    problem = invented_problem(Size(30, 4), seed=1)
    plan = solve(problem)
    nowhere = plan.revised(placements=dict.fromkeys(plan.placements))
    with pytest.raises(ImprovablePlanError):
        why(problem, nowhere, problem.observers[0].id, "R000")
