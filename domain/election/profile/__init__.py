"""The election profile: every rule of one election in one jurisdiction, as data that people can read and check."""

from domain.election.profile.access import Eligibility, EntryPath, Paper, RequiredDocument
from domain.election.profile.assignment import AssignmentRules, Fairness, SiteLimits, StayingTogether
from domain.election.profile.calendar import Calendar, FilingWindow, Period, RunOff
from domain.election.profile.casework import DeskRules
from domain.election.profile.decisions import DecisionRules, ReasonRule, Remedy, Seat
from domain.election.profile.election import Election, ElectionProfile
from domain.election.profile.evidence import Evidence, Mark, rule_at
from domain.election.profile.letters import Briefing, LetterRules, QuietHours
from domain.election.profile.publication import CredentialRules, Publication, PublicField
from domain.election.unset import RuleUnsetError

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
