"""The election profile: every rule of one election in one jurisdiction, as data that people can read and check."""

from domain.profile.access import Eligibility, EntryPath, Paper, RequiredDocument
from domain.profile.calendar import Calendar, FilingWindow, Period, RunOff
from domain.profile.correspondence import Briefing, LetterRules, QuietHours
from domain.profile.decision import DecisionRules, ReasonRule, Remedy, Seat
from domain.profile.deployment import AssignmentRules, Fairness, SiteLimits, StayingTogether
from domain.profile.desk import DeskRules
from domain.profile.election import Election, ElectionProfile
from domain.profile.evidence import Evidence, Mark, rule_at
from domain.profile.publication import CredentialRules, Publication, PublicField
from domain.unset import RuleUnsetError

__all__ = [
    "AssignmentRules",
    "Briefing",
    "Calendar",
    "CredentialRules",
    "DecisionRules",
    "DeskRules",
    "Election",
    "ElectionProfile",
    "Eligibility",
    "EntryPath",
    "Evidence",
    "Fairness",
    "FilingWindow",
    "LetterRules",
    "Mark",
    "Paper",
    "Period",
    "PublicField",
    "Publication",
    "QuietHours",
    "ReasonRule",
    "Remedy",
    "RequiredDocument",
    "RuleUnsetError",
    "RunOff",
    "Seat",
    "SiteLimits",
    "StayingTogether",
    "rule_at",
]
