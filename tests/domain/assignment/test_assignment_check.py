"""The independent checker notices every kind of tampering."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain.assignment.checker.check import check
from domain.assignment.invented_problems import Size, invented_problem
from domain.assignment.plan import Plan
from domain.assignment.planner.solver import solve
from domain.assignment.policy import Level
from domain.assignment.problem import Problem

PROBLEM = invented_problem(Size(150, 8, 0.9), seed=11)
PLAN = solve(PROBLEM)
PEOPLE = {observer.id: observer for observer in PROBLEM.observers}
PLACED = [person for person, region in PLAN.placements.items() if region]
UNPLACED = sorted(PLAN.unplaced)


def moved(plan: Plan, **places: str | None) -> Plan:
    return plan.revised(placements=plan.placements | places)


def swapped_preferences(plan: Plan) -> Plan:
    """Exchange somebody on a first choice with somebody elsewhere who did not ask for it."""
    for one in PLACED:
        for other in PLACED:
            mine, theirs = plan.placements[one], plan.placements[other]
            if mine != theirs and mine == PEOPLE[one].preferences[0] and mine not in PEOPLE[other].preferences:
                return moved(plan, **{one: theirs, other: mine})
    raise AssertionError


def a_potential_changed(plan: Plan) -> Plan:
    heights = plan.certificate.potentials
    code = next(name for name in heights if name.startswith("region:"))
    return plan.revised(certificate=plan.certificate.revised(potentials=heights | {code: heights[code] + 10**9}))


def a_weight_lowered(plan: Plan) -> Plan:
    weights = plan.certificate.weights | {Level.COVERAGE: 1}
    return plan.revised(certificate=plan.certificate.revised(weights=weights))


def a_weight_inflated(plan: Plan) -> Plan:
    weights = plan.certificate.weights | {Level.COVERAGE: 10**40}
    return plan.revised(certificate=plan.certificate.revised(weights=weights))


def a_loss_embellished(plan: Plan) -> Plan:
    first, *rest = plan.losses
    return plan.revised(losses=(first.revised(amount=first.amount - 1), *rest))


def a_potential_withheld(plan: Plan) -> Plan:
    heights = dict(plan.certificate.potentials)
    heights.popitem()
    return plan.revised(certificate=plan.certificate.revised(potentials=heights))


def somebody_forgotten(plan: Plan) -> Plan:
    return plan.revised(placements={placement: plan.placements[placement] for placement in list(plan.placements)[1:]})


TAMPERINGS: dict[str, tuple[Callable[[Plan], Plan], str]] = {
    "people exchanged": (swapped_preferences, "wrong_loss"),
    "all in one region": (lambda plan: moved(plan, **dict.fromkeys(PLACED, "R001")), "region_overfull"),
    "all served by one office": (lambda plan: moved(plan, **dict.fromkeys(PLACED, "R001")), "office_overfull"),
    "own state's post": (
        lambda plan: moved(plan, **{PLACED[0]: PEOPLE[PLACED[0]].excluded[0].region}),
        "own_state_post",
    ),
    "sent nowhere": (lambda plan: moved(plan, **{PLACED[0]: None}), "reason_missing_or_idle"),
    "sent to an unknown region": (lambda plan: moved(plan, **{PLACED[0]: "NOPE"}), "region_unknown"),
    "stranger added": (lambda plan: moved(plan, Z="R001"), "person_unknown"),
    "somebody forgotten": (somebody_forgotten, "person_missing"),
    "loss embellished": (a_loss_embellished, "wrong_loss"),
    "moves embellished": (lambda plan: plan.revised(moves=7), "wrong_moves"),
    "reason invented": (
        lambda plan: plan.revised(unplaced=plan.unplaced | {UNPLACED[0]: "no_regions"}),
        "wrong_reason",
    ),
    "potential changed": (a_potential_changed, "improvable_person"),
    "potential withheld": (a_potential_withheld, "strange_potentials"),
    "weight lowered": (a_weight_lowered, "weak_weight"),
    "weight inflated": (a_weight_inflated, "strange_weights"),
    "seed changed": (lambda plan: plan.revised(seed="mine"), "other_seed"),
    "levels reordered": (lambda plan: plan.revised(losses=plan.losses[::-1]), "other_order"),
    "another problem": (lambda plan: plan.revised(problem="0" * 64), "other_problem"),
}


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_a_tampered_plan_fails(kind: str) -> None:
    tamper, fault = TAMPERINGS[kind]
    assert fault in {violation.fault for violation in check(PROBLEM, tamper(PLAN))}


def test_a_lawful_plan_that_is_worse_fails_even_with_honest_numbers() -> None:
    worse = PROBLEM.revised(policy=PROBLEM.policy.revised(order=PROBLEM.policy.order[::-1]))
    other = solve(worse)
    honest = {loss.level: loss for loss in other.losses}
    dressed = other.revised(
        problem=PLAN.problem, losses=tuple(honest[level] for level in PLAN.order), certificate=PLAN.certificate
    )
    assert {one.fault for one in check(PROBLEM, dressed)} & {"improvable_person", "improvable_region"}


def test_an_untouched_plan_passes() -> None:
    assert check(PROBLEM, PLAN) == []


def test_a_pin_that_fits_may_not_be_dropped() -> None:
    pinned: Problem = PROBLEM.revised(
        observers=tuple(
            observer.revised(pinned=PLAN.placements[observer.id]) if observer.id == PLACED[0] else observer
            for observer in PROBLEM.observers
        )
    )
    dropped = moved(solve(pinned), **{PLACED[0]: None})
    assert "pin_dropped" in {violation.fault for violation in check(pinned, dropped)}
