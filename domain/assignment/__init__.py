"""Regional assignment: a provably best plan that explains itself and barely moves when things change."""

from domain.assignment.check import check
from domain.assignment.delegations import Limits, Together, kept_together
from domain.assignment.fairness import FairnessGoal, FairPlan, rebalanced
from domain.assignment.interpreters import accompanied
from domain.assignment.overview import Moved, Numbers, in_numbers, moved
from domain.assignment.plan import Certificate, Loss, Move, Plan, Team, Teaming
from domain.assignment.planning import solve
from domain.assignment.policy import Level, Policy, Replanning, SiteLimits
from domain.assignment.problem import Exclusion, Observer, Office, Problem, Region, Site
from domain.assignment.recount import Violation
from domain.assignment.rules import rule_against
from domain.assignment.sites import fewest_without_site, sited
from domain.assignment.surge import SurgeStaff, whole_surge_staff
from domain.assignment.teamcheck import check_teams
from domain.assignment.teams import carried_over, lost_by, pair, without_team
from domain.assignment.why import Answer, Explainer, Verdict, why

__all__ = [
    "Answer",
    "Certificate",
    "Exclusion",
    "Explainer",
    "FairPlan",
    "FairnessGoal",
    "Level",
    "Limits",
    "Loss",
    "Move",
    "Moved",
    "Numbers",
    "Observer",
    "Office",
    "Plan",
    "Policy",
    "Problem",
    "Region",
    "Replanning",
    "Site",
    "SiteLimits",
    "SurgeStaff",
    "Team",
    "Teaming",
    "Together",
    "Verdict",
    "Violation",
    "accompanied",
    "carried_over",
    "check",
    "check_teams",
    "fewest_without_site",
    "in_numbers",
    "kept_together",
    "lost_by",
    "moved",
    "pair",
    "rebalanced",
    "rule_against",
    "sited",
    "solve",
    "whole_surge_staff",
    "why",
    "without_team",
]
