"""Regional assignment: a provably best plan that explains itself and barely moves when things change."""

from domain.assignment.check import check
from domain.assignment.plan import Certificate, Loss, Plan
from domain.assignment.planning import solve
from domain.assignment.problem import Exclusion, Level, Observer, Office, Policy, Problem, Region, Replanning
from domain.assignment.recount import Violation
from domain.assignment.rules import rule_against
from domain.assignment.why import Answer, Explainer, Move, Verdict, why

__all__ = [
    "Answer",
    "Certificate",
    "Exclusion",
    "Explainer",
    "Level",
    "Loss",
    "Move",
    "Observer",
    "Office",
    "Plan",
    "Policy",
    "Problem",
    "Region",
    "Replanning",
    "Verdict",
    "Violation",
    "check",
    "rule_against",
    "solve",
    "why",
]
