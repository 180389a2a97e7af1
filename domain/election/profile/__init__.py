"""The election profile: every rule of one election in one jurisdiction, as data that people can read and check."""

from domain.election.profile.access import Eligibility, EntryPath, Paper, RequiredDocument
from domain.election.profile.assignment import AssignmentRules, Fairness, SiteRules, StayingTogether
from domain.election.profile.calendar import Calendar, FilingWindow, Followed, FormerCalendar, Period, RunOff
from domain.election.profile.casework import CaseworkRules
from domain.election.profile.decisions import DecisionRules, ReasonRule, Remedy, Seat
from domain.election.profile.election import ElectionProfile
from domain.election.profile.evidence import Mark, RuleEvidence, rule_at
from domain.election.profile.letters import Briefing, LetterRules, QuietHours
from domain.election.profile.oversight import OversightRules, Witness
from domain.election.profile.publication import CredentialRules, Publication, PublicField
from domain.election.profile.roles import RoleRules
from domain.election.profile.stated import Election
from domain.election.unset import RuleUnsetError

__all__ = [
    "AssignmentRules",
    "Briefing",
    "Calendar",
    "CaseworkRules",
    "CredentialRules",
    "DecisionRules",
    "Election",
    "ElectionProfile",
    "Eligibility",
    "EntryPath",
    "Fairness",
    "FilingWindow",
    "Followed",
    "FormerCalendar",
    "LetterRules",
    "Mark",
    "OversightRules",
    "Paper",
    "Period",
    "PublicField",
    "Publication",
    "QuietHours",
    "ReasonRule",
    "Remedy",
    "RequiredDocument",
    "RoleRules",
    "RuleEvidence",
    "RuleUnsetError",
    "RunOff",
    "Seat",
    "SiteRules",
    "StayingTogether",
    "Witness",
    "rule_at",
]
