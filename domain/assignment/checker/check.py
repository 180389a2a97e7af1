"""The independent checker: verifies a stored plan against its problem without any code of the planner.

It reads only the two documented models. Rules, seats, office places, losses and reasons are recounted in
``recount.py``; ``proof.py`` verifies the certificate.
"""

from __future__ import annotations

from domain.assignment.checker.proof import unproved
from domain.assignment.checker.recount import Tally, Violation, miscounted, misplaced, tallied
from domain.assignment.plan import Plan
from domain.assignment.problem import Problem


def check(problem: Problem, plan: Plan) -> list[Violation]:
    """Return everything that is wrong with *plan*; an empty list means it is lawful, honest and optimal.

    What the checker cannot see from the plan alone is whether the lottery chose between equally good plans:
    solving again must reproduce the plan.
    """
    found = _about_another_problem(problem, plan)
    if found:
        return found
    tally = tallied(problem, plan)
    return [*misplaced(problem, plan, tally), *miscounted(problem, plan, tally), *_proof(problem, plan, tally)]


def _proof(problem: Problem, plan: Plan, tally: Tally) -> list[Violation]:
    """Return the faults of the certificate, once the plan is coherent enough to have one."""
    known = {region.code for region in problem.regions}
    coherent = {observer.id for observer in problem.observers} == set(plan.placements)
    if not coherent or not {code for code in plan.placements.values() if code} <= known:
        return []
    return unproved(problem, plan, tally)


def _about_another_problem(problem: Problem, plan: Plan) -> list[Violation]:
    found: list[Violation] = []
    if plan.problem != problem.digest():
        found.append(Violation(fault="other_problem", subject=plan.problem[:12]))
    if plan.seed != problem.policy.seed:
        found.append(Violation(fault="other_seed", subject=plan.seed))
    if plan.order != problem.policy.levels:
        found.append(Violation(fault="other_order", subject=" ".join(plan.order)))
    return found
