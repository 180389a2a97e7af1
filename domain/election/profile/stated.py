"""What a profile states: every rule under its key, and what must hold between them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, ClassVar, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from domain.application.nomination import COLUMNS
from domain.application.reasons import ASKED, ReasonCode
from domain.application.roles import USUAL_ROLES, Role
from domain.election.deadlines import WorkCalendar, ZoneName
from domain.election.pledge import PledgeRules
from domain.election.policies import CountryGroup, Policy, one_version_each
from domain.election.profile.access import Eligibility, Paper, RequiredDocument
from domain.election.profile.assignment import AssignmentRules
from domain.election.profile.calendar import Calendar, Followed, FormerCalendar, RunOff
from domain.election.profile.casework import CaseworkRules
from domain.election.profile.decisions import DecisionRules, ReasonRule, Remedy
from domain.election.profile.evidence import (
    RuleEvidence,
    RulePath,
    Rules,
    check_evidence,
    said,
    unset,
    without_evidence,
)
from domain.election.profile.letters import LetterRules
from domain.election.profile.oversight import OversightRules
from domain.election.profile.publication import CredentialRules, Publication
from domain.election.profile.retention import DataRights, Retention
from domain.election.profile.roles import RoleRules, check_roles
from domain.identity.file_rules import PhotoRules
from domain.values import CountryCode, ElectionCode, Frozen, Grown, LanguageCode

_ABOUT_THE_PROFILE = {"profile_version", "status", "sources", "evidence"}


@lru_cache(maxsize=64)
def _work_calendar(
    timezone: ZoneName, holidays: tuple[date, ...], days_worked: tuple[date, ...], weekend: frozenset[int]
) -> WorkCalendar:
    return WorkCalendar(
        timezone=timezone, holidays=frozenset(holidays), working_days=frozenset(days_worked), weekend=weekend
    )


def working_days_of(timezone: ZoneName, calendar: Calendar) -> WorkCalendar:
    """Return which days count as working days by *calendar*, which need not be the one in force."""
    return _work_calendar(timezone, calendar.holidays, calendar.days_worked, calendar.weekend)


class Election(Frozen):
    """Which election, and by whom it is held."""

    code: ElectionCode
    title: str
    day: date
    timezone: Annotated[ZoneName, Field(description="in which people read times")]
    host_body: Annotated[str, Field(description="the authority that decides")]
    host_country: CountryCode
    contact_email: str
    contact_phone: str = ""
    officers_email: Annotated[str, Field(description="the officers' mailbox: referrals and digests go there")]
    signatory: Annotated[str, Field(description="office of the person in whose name letters go out")]


class StatedRules(Rules, Grown):
    """All rules of one election as they are written. Unknown keys are refused."""

    later: ClassVar = ("former_calendars", "roles", "follows")

    profile_version: Annotated[str, Field(description="changes with every change of a rule")]
    status: Annotated[
        Literal["complete", "incomplete", "demonstration"],
        Field(description="incomplete: the sources leave something out; demonstration: invented"),
    ]
    sources: Annotated[tuple[str, ...], Field(description="where the rules come from")] = ()
    evidence: Annotated[
        Mapping[RulePath, RuleEvidence],
        Field(description="how sure each rule, or section of rules, is, and by which source"),
    ] = {}
    election: Election
    languages: Annotated[tuple[LanguageCode, ...], Field(min_length=1, description="official language first")]
    calendar: Calendar
    former_calendars: Annotated[
        tuple[FormerCalendar, ...], Field(description="kept by the engine each time election day moves")
    ] = ()
    eligibility: Eligibility
    required_fields: Annotated[tuple[str, ...], Field(description="columns that must be filled")] = (
        "surname", "given_names", "birth_date", "nationality", "document_number", "document_issuer",
        "document_expiry", "email", "conflict_declared", "pledge_accepted_on",
    )  # fmt: skip
    documents: tuple[RequiredDocument, ...]
    papers: Annotated[tuple[Paper, ...], Field(description="what officers look at besides the documents")] = ()
    photo: PhotoRules = PhotoRules()
    pledge: Annotated[PledgeRules | None, Field(description="texts of the code of conduct; unset: on paper only")] = (
        None
    )
    automatic_approval: Annotated[bool, Field(description="approve complete cases without findings by rule")]
    decision: Annotated[DecisionRules, Field(description="who decides, and how it is told")] = DecisionRules()
    reasons: Annotated[Mapping[ReasonCode, ReasonRule], Field(description="codes in force; the others are off")]
    remedy: Annotated[Remedy | None, Field(description="unset: not known, which is not the same as none")] = None
    policies: Annotated[tuple[Policy, ...], Field(description="bans, caps, fees, gates: every version, dated")] = ()
    country_groups: Annotated[
        Mapping[CountryGroup, tuple[CountryCode, ...] | None],
        Field(description="lists of countries that policies name; null: the operator fills it in"),
    ] = {}
    roles: Annotated[
        Mapping[Role, RoleRules],
        Field(
            description="kinds of accreditation: what holds otherwise for a role, one of the profile's own or of "
            f"{', '.join(USUAL_ROLES)}"
        ),
    ] = {}
    assignment: Annotated[AssignmentRules, Field(description="how people are placed")] = AssignmentRules()
    run_off: Annotated[RunOff | None, Field(description="a second round, or a later vote")] = None
    follows: Annotated[
        Followed | None, Field(description="kept by the engine: the election that this is a run-off or a repeat of")
    ] = None
    publication: Publication = Publication()
    credential: CredentialRules
    retention: Annotated[Retention, Field(description="how long personal data is kept")] = Retention()
    data_rights: Annotated[DataRights, Field(description="what people are owed whose data is held")] = DataRights()
    desk: Annotated[CaseworkRules, Field(description="how officers work: limits of the house, not of a law")] = (
        CaseworkRules()
    )
    mass_mail_threshold: Annotated[int, Field(ge=1)] = 100_000
    letters: Annotated[LetterRules, Field(description="how letters are written and when they go")] = LetterRules()
    oversight: Annotated[OversightRules, Field(description="who watches the log from outside")] = OversightRules()

    @field_validator("required_fields")
    @classmethod
    def _are_columns(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [name for name in names if name not in COLUMNS]:
            raise ValueError(f"no such column: {', '.join(unknown)}; columns are {', '.join(COLUMNS)}")
        return names

    @field_validator("roles")
    @classmethod
    def _ask_for_columns(cls, roles: Mapping[Role, RoleRules]) -> Mapping[Role, RoleRules]:
        for rules in roles.values():
            cls._are_columns(rules.required_fields or ())
        return roles

    @field_validator("policies")
    @classmethod
    def _versions_are_told_apart(cls, policies: tuple[Policy, ...]) -> tuple[Policy, ...]:
        return one_version_each(policies)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        check_evidence(self, self.evidence, self.sources)
        check_roles(self.roles, self._roles_named, self.reasons)
        if self.status != "incomplete" and (lacking := self.needed_to_run):
            hint = " (a remedy that is available has a period in days or hours)" if "remedy.days" in lacking else ""
            raise ValueError(f"not set: {', '.join(lacking)}{hint}; an incomplete profile says status: incomplete")
        return self

    @property
    def needed_to_run(self) -> tuple[str, ...]:
        """Paths of rules without which an election cannot be run from intake to credentials."""
        lacking = set(self.unset)
        needs = ("calendar.ends", "calendar.cure_hours", "calendar.decision_days", "remedy")
        period = ("remedy.days",) if self.remedy and self.remedy.available and not self.remedy.has_period else ()
        return tuple(rule for rule in needs if rule in lacking) + period

    @property
    def needed_to_ask(self) -> tuple[str, ...]:
        """Paths of the reasons without whose ground nobody can be asked to mend what intake finds."""
        return tuple(f"reasons.{code}" for code in ASKED if code not in self.reasons)

    @property
    def unset(self) -> tuple[str, ...]:
        """Paths of the rules that the profile leaves unset."""
        return tuple(unset(self))

    @property
    def unproved(self) -> tuple[str, ...]:
        """Paths of the rules that are set without evidence, neither their own nor that of their section."""
        found = (path for path in said(self) if path.split(".", maxsplit=1)[0] not in _ABOUT_THE_PROFILE)
        return tuple(without_evidence(found, self.evidence))

    @property
    def _roles_named(self) -> Mapping[str, tuple[Role, ...]]:
        """Roles that rules name, by the place where they do; policies may come later and are checked when they do."""
        return {
            "eligibility.roles_open_to_host_nationals": self.eligibility.roles_open_to_host_nationals,
            "documents": tuple(role for document in self.documents for role in document.roles),
            "papers": tuple(role for paper in self.papers for role in paper.roles),
            "credential.colours": tuple(self.credential.colours),
        }

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which deadlines and letters are read."""
        return ZoneInfo(self.election.timezone)

    @property
    def working_days(self) -> WorkCalendar:
        """Which days count as working days, in the election's zone."""
        return working_days_of(self.election.timezone, self.calendar)
