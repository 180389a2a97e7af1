"""Regional assignment: a provably best plan that explains itself and barely moves when things change."""

from domain.assignment.check import check
from domain.assignment.plan import Certificate, Loss, Plan
from domain.assignment.planning import solve
from domain.assignment.problem import Exclusion, Level, Observer, Office, Policy, Problem, Region, Replanning
from domain.assignment.recount import Violation
from domain.assignment.rules import rule_against

__all__ = [
    "Certificate",
    "Exclusion",
    "Level",
    "Loss",
    "Observer",
    "Office",
    "Plan",
    "Policy",
    "Problem",
    "Region",
    "Replanning",
    "Violation",
    "check",
    "rule_against",
    "solve",
]
