"""Plans under every shortage, in any row order, and when things change."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.assignment.checker.check import check
from domain.assignment.checker.teams import check_teams
from domain.assignment.explanation import Explainer
from domain.assignment.invented_problems import Size, invented_problem
from domain.assignment.plan import Plan
from domain.assignment.planner.arrays import lay_out
from domain.assignment.planner.delegations import Limits, kept_together
from domain.assignment.planner.fairness import rebalanced
from domain.assignment.planner.rules import rule_against
from domain.assignment.planner.solver import solve
from domain.assignment.planner.surge import whole_surge_staff
from domain.assignment.planner.weights import PlanTooLargeError, level_weights, require_exact
from domain.assignment.policy import Level, PlanningPolicy, Replanning
from domain.assignment.problem import Exclusion, Observer, Office, Problem, Region
from domain.assignment.teams.pairing import pair

SMALL = Size(60, 6, 1.0)


def a_region(code: str = "NORTH", **facts: object) -> Region:
    return Region.model_validate({"code": code, "capacity": 10, "office": "DESK"} | facts)


def an_observer(name: str = "A-1", **facts: object) -> Observer:
    return Observer.model_validate({"id": name, "organisation": "ORG"} | facts)


def a_problem(*observers: Observer, regions: tuple[Region, ...] = (a_region(),), **policy: object) -> Problem:
    desk = Office(code="DESK", staff=5, surge_places=5)
    return Problem(regions=regions, offices=(desk,), observers=observers, policy=PlanningPolicy.model_validate(policy))


def checked(problem: Problem) -> Plan:
    plan = solve(problem)
    assert check(problem, plan) == []
    return plan


ADVERSARIAL: dict[str, Callable[[Problem], Problem]] = {
    "nobody": lambda one: one.revised(observers=()),
    "no regions": lambda one: one.revised(
        regions=(), observers=tuple(p.revised(preferences=(), excluded=()) for p in one.observers)
    ),
    "nothing at all": lambda _: Problem(regions=(), offices=(), observers=()),
    "all offices closed": lambda one: one.revised(
        offices=(), regions=tuple(r.revised(office=None) for r in one.regions)
    ),
    "no staff": lambda one: one.revised(offices=tuple(o.revised(staff=0, surge_places=0) for o in one.offices)),
    "no seats": lambda one: one.revised(regions=tuple(r.revised(capacity=0) for r in one.regions)),
    "one seat": lambda one: one.revised(
        regions=tuple(r.revised(capacity=int(place == 0)) for place, r in enumerate(one.regions))
    ),
    "one region wanted by all": lambda one: one.revised(
        observers=tuple(p.revised(preferences=("R000",)) for p in one.observers)
    ),
    "nobody consents": lambda one: one.revised(observers=tuple(p.revised(consent_level=0) for p in one.observers)),
    "one nationality": lambda one: one.revised(
        observers=tuple(p.revised(nationalities=("XAA",)) for p in one.observers)
    ),
    "all pinned to one region": lambda one: one.revised(
        observers=tuple(p.revised(pinned="R001") for p in one.observers)
    ),
    "nobody speaks": lambda one: one.revised(observers=tuple(p.revised(languages=()) for p in one.observers)),
    "no languages": lambda one: one.revised(regions=tuple(r.revised(language=None) for r in one.regions)),
    "minimum above capacity": lambda one: one.revised(
        regions=tuple(r.revised(minimum=r.capacity + 50) for r in one.regions)
    ),
    "previous region gone": lambda one: one.revised(observers=tuple(p.revised(previous="GONE") for p in one.observers)),
}


@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_shortage_is_an_outcome_and_the_plan_stays_lawful(kind: str) -> None:
    problem = ADVERSARIAL[kind](invented_problem(SMALL, seed=3))
    plan = checked(problem)
    assert set(plan.unplaced) == {person for person, region in plan.placements.items() if region is None}


@pytest.mark.parametrize("kind", ADVERSARIAL)
def test_every_later_step_survives_shortage(kind: str) -> None:
    problem = ADVERSARIAL[kind](invented_problem(SMALL, seed=3))
    grouped = tuple(observer.revised(delegation=f"D{row // 3}") for row, observer in enumerate(problem.observers))
    problem = problem.revised(observers=grouped)
    plan = solve(problem)
    assert check_teams(problem, plan, pair(problem, plan)) == []
    together, fair = kept_together(problem, Limits(solves=5)), rebalanced(problem)
    staffed = whole_surge_staff(problem, most_solves=3)
    for step in (together, fair, staffed):
        assert check(step.problem, step.plan) == []
    explainer = Explainer.of(problem, plan)
    assert all(
        explainer.why(observer.id, region.code) for observer in problem.observers[:5] for region in problem.regions
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_order_of_rows_leaves_no_trace(seed: int, shuffle: random.Random) -> None:
    problem = invented_problem(Size(40, 5, 0.95), seed=seed)
    rows = {name: list(getattr(problem, name)) for name in ("regions", "offices", "observers")}
    for listed in rows.values():
        shuffle.shuffle(listed)
    shuffled = problem.revised(**{name: tuple(listed) for name, listed in rows.items()})
    assert shuffled.digest() == problem.digest()
    assert solve(shuffled) == solve(problem)


def test_another_seed_draws_another_of_the_equally_good_plans() -> None:
    people = [an_observer(f"A-{number}", preferences=("NORTH",)) for number in range(12)]
    regions = (a_region(capacity=3), a_region("SOUTH"))
    plans = [checked(a_problem(*people, regions=regions, seed=f"seed-{number}")) for number in range(5)]
    assert len({tuple(plan.placements.values()) for plan in plans}) > 1
    assert len({plan.losses for plan in plans}) == 1


def test_the_lowest_published_numbers_win_the_wanted_seats() -> None:
    people = [an_observer(f"A-{number}", preferences=("NORTH",)) for number in range(9)]
    plan = checked(a_problem(*people, regions=(a_region(capacity=3),), seed="2027-11-01"))
    numbers = {one.id: int(sha256(f"2027-11-01\n{one.id}\nNORTH".encode()).hexdigest()[:8], 16) for one in people}
    winners = {person for person, region in plan.placements.items() if region}
    assert winners == set(sorted(numbers, key=lambda person: numbers[person])[:3])


@pytest.mark.parametrize(
    ("observer", "region", "rule"),
    [
        (an_observer(), a_region(security_level=2), "security_consent"),
        (an_observer(accepted_notices=("N-1",)), a_region(notices=("N-1", "N-2")), "notice_not_accepted"),
        (an_observer(arrives=date(2027, 11, 6)), a_region(opens=date(2027, 11, 5)), "stay_too_short"),
        (an_observer(leaves=date(2027, 11, 6)), a_region(closes=date(2027, 11, 7)), "stay_too_short"),
        (an_observer(excluded=(Exclusion(region="NORTH", rule="own_state_post"),)), a_region(), "own_state_post"),
        (an_observer(), a_region(office=None), "no_open_office"),
    ],
)
def test_a_forbidden_region_stays_empty_whatever_the_need(observer: Observer, region: Region, rule: str) -> None:
    problem = a_problem(observer, regions=(region.revised(minimum=10, weight=4),))
    assert checked(problem).unplaced == {"A-1": rule}


def test_the_arrays_apply_the_same_rules_as_the_words() -> None:
    tables = lay_out(invented_problem(Size(120, 15), seed=8))
    spelled = [[rule_against(observer, region) is None for region in tables.regions] for observer in tables.observers]
    assert np.array_equal(tables.eligible, np.array(spelled))


def test_minimum_seats_come_before_wishes_and_wishes_before_nothing() -> None:
    north, south = a_region(minimum=1), a_region("SOUTH")
    one = an_observer(preferences=("SOUTH",))
    assert checked(a_problem(one, regions=(north, south))).placements == {"A-1": "NORTH"}
    order = (Level.POINTS, Level.COVERAGE, Level.LANGUAGE, Level.PLACED, Level.SURGE)
    assert checked(a_problem(one, regions=(north, south), order=order)).placements == {"A-1": "SOUTH"}


def test_a_pinned_person_keeps_the_region_against_everybody() -> None:
    people = [an_observer(f"A-{number}", preferences=("NORTH",)) for number in range(5)]
    pinned = an_observer("B", pinned="NORTH", preferences=("SOUTH",))
    plan = checked(a_problem(pinned, *people, regions=(a_region(capacity=1), a_region("SOUTH"))))
    assert plan.placements["B"] == "NORTH"


def _changed(problem: Problem, plan: Plan, replanning: Replanning) -> Problem:
    """Return the problem after three in a hundred withdrew and as many came late."""
    late = max(2, len(problem.observers) // 33)
    told = [observer.revised(previous=plan.placements[observer.id]) for observer in problem.observers[late:]]
    newcomers = [observer.revised(id=f"L{observer.id}") for observer in problem.observers[:late]]
    return problem.revised(observers=(*told, *newcomers), policy=problem.policy.revised(replanning=replanning))


def test_replanning_moves_few_people_at_equal_quality() -> None:
    problem = invented_problem(Size(600, 20, 0.95), seed=5)
    plan = solve(problem)
    few, none, cold = (checked(_changed(problem, plan, kind)) for kind in Replanning)
    assert few.losses[:5] == cold.losses
    assert few.moves <= cold.moves / 2
    assert none.moves <= few.moves
    assert none.losses[:4] == cold.losses[:4]


def test_weights_that_do_not_fit_are_refused_before_solving() -> None:
    problem = invented_problem(Size(30, 5), seed=1)
    with pytest.raises(PlanTooLargeError):
        require_exact(problem, level_weights(problem), nodes=10**15)


def test_each_level_outweighs_all_lower_ones_along_a_cycle() -> None:
    weights = level_weights(invented_problem(Size(30, 200), seed=1))
    assert [weights[level] for level in reversed(PlanningPolicy().levels)][:5] == [
        1,
        402,
        2_418_432,
        7_255_296,
        21_765_888,
    ]


@pytest.mark.parametrize(
    "fault",
    [
        {"regions": (a_region(), a_region())},
        {"regions": (a_region(office="NONE"),)},
        {"observers": (an_observer(preferences=("WEST",)),)},
        {"observers": (an_observer(pinned="WEST"),)},
    ],
)
def test_a_problem_that_contradicts_itself_is_refused(fault: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        a_problem(an_observer()).revised(**fault)


def test_the_text_of_an_observer_shows_the_id_alone() -> None:
    assert repr(an_observer(nationalities=("XAA",), gender="F")) == "Observer(A-1)"


def test_the_json_of_problem_and_plan_reads_back() -> None:
    problem = invented_problem(SMALL, seed=2)
    plan = solve(problem)
    assert Problem.model_validate_json(problem.model_dump_json()) == problem
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
