"""The profile as a whole, and what follows from its rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from domain.application.nomination import COLUMNS, DocumentKind
from domain.application.reasons import MEANING, ReasonCode
from domain.application.roles import WORD, Role
from domain.election.deadlines import Deadline, WorkCalendar, ZoneName, due_after, opening, resolve
from domain.election.pledge import PledgeRules
from domain.election.policies import CountryGroup, Policy, PolicyCitation, in_force, one_version_each
from domain.election.profile.access import Eligibility, Paper, RequiredDocument
from domain.election.profile.assignment import AssignmentRules
from domain.election.profile.calendar import Calendar, RunOff
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
from domain.election.profile.publication import CredentialRules, Publication
from domain.election.profile.retention import Retention
from domain.election.unset import RuleUnsetError, needed
from domain.identity.file_rules import PhotoRules
from domain.organisations.organisation import OrganisationKind
from domain.values import CountryCode, ElectionCode, Frozen, LanguageCode, UtcTime

_ABOUT_THE_PROFILE = {"profile_version", "status", "sources", "evidence"}


@lru_cache(maxsize=64)
def _work_calendar(
    timezone: ZoneName, holidays: tuple[date, ...], days_worked: tuple[date, ...], weekend: frozenset[int]
) -> WorkCalendar:
    return WorkCalendar(
        timezone=timezone, holidays=frozenset(holidays), working_days=frozenset(days_worked), weekend=weekend
    )


@lru_cache(maxsize=1024)
def _resolved(deadline: Deadline, day: date, calendar: WorkCalendar) -> UtcTime:
    """Return the last moment of *deadline*; it is asked for every row of a file, and the same for all of them."""
    return resolve(deadline, day, calendar)


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


class ElectionProfile(Rules):
    """All rules of one election. Unknown keys are refused; every rule can be read, cited and changed as data."""

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
    assignment: Annotated[AssignmentRules, Field(description="how people are placed")] = AssignmentRules()
    run_off: Annotated[RunOff | None, Field(description="a second round, or a later vote")] = None
    publication: Publication = Publication()
    credential: CredentialRules
    retention: Annotated[Retention, Field(description="how long personal data is kept")] = Retention()
    desk: Annotated[CaseworkRules, Field(description="how officers work: limits of the house, not of a law")] = (
        CaseworkRules()
    )
    mass_mail_threshold: Annotated[int, Field(ge=1)] = 100_000
    letters: Annotated[LetterRules, Field(description="how letters are written and when they go")] = LetterRules()

    @field_validator("required_fields")
    @classmethod
    def _are_columns(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [name for name in names if name not in COLUMNS]:
            raise ValueError(f"no such column: {', '.join(unknown)}; columns are {', '.join(COLUMNS)}")
        return names

    @field_validator("policies")
    @classmethod
    def _versions_are_told_apart(cls, policies: tuple[Policy, ...]) -> tuple[Policy, ...]:
        return one_version_each(policies)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        check_evidence(self, self.evidence, self.sources)
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
    def unset(self) -> tuple[str, ...]:
        """Paths of the rules that the profile leaves unset."""
        return tuple(unset(self))

    @property
    def unproved(self) -> tuple[str, ...]:
        """Paths of the rules that are set without evidence, neither their own nor that of their section."""
        found = (path for path in said(self) if path.split(".", maxsplit=1)[0] not in _ABOUT_THE_PROFILE)
        return tuple(without_evidence(found, self.evidence))

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which deadlines and letters are read."""
        return ZoneInfo(self.election.timezone)

    @property
    def working_days(self) -> WorkCalendar:
        """Which days count as working days, in the election's zone."""
        calendar = self.calendar
        return _work_calendar(self.election.timezone, calendar.holidays, calendar.days_worked, calendar.weekend)

    def moment(self, deadline: Deadline) -> UtcTime:
        """Return the last moment that is in time for *deadline*."""
        return _resolved(deadline, self.election.day, self.working_days)  # pyright: ignore[reportArgumentType] -- frozen models are hashable

    @property
    def kept_until(self) -> UtcTime | None:
        """The last moment of the time for which personal data is kept; None where the profile does not say."""
        if self.retention.after is None:
            return None
        ends = [self.moment(self.calendar.ends)] if self.calendar.ends else []
        last = max([self.working_days.last_moment(self.election.day), *ends])
        return self.retention.after.end(last, self.working_days)

    def beginning(self, deadline: Deadline) -> UtcTime:
        """Return the first moment of what *deadline* opens, such as the validity of credentials."""
        return opening(deadline, self.election.day, self.working_days)

    def cure_due(self, now: UtcTime) -> UtcTime:
        """Return when a deficiency noted *now* must be mended; raises :class:`RuleUnsetError`."""
        return due_after(now, hours=needed(self.calendar.cure_hours, "calendar.cure_hours"))

    def decision_due(self, complete_at: UtcTime) -> UtcTime:
        """Return when a file complete since *complete_at* must be decided: the period, capped by the last day.

        Where only the period or only the last day is set, that alone counts; raises :class:`RuleUnsetError` where
        neither is.
        """
        calendar = self.calendar
        last = calendar.decisions_due
        if calendar.decision_days is None and calendar.decision_working_days is None:
            return max(self.moment(needed(last, "calendar.decision_days")), complete_at)
        due = due_after(
            complete_at,
            days=calendar.decision_days or 0,
            working_days=calendar.decision_working_days or 0,
            calendar=self.working_days,
        )
        return due if last is None else min(due, max(self.moment(last), complete_at))

    def organisation_decision_due(self, filed_at: UtcTime) -> UtcTime:
        """Return when an organisation that applied at *filed_at* must have its answer: the earlier of the two limits.

        Raises :class:`RuleUnsetError` where the profile has neither.
        """
        days, last = self.calendar.organisation_decision_days, self.calendar.organisations_decided_by
        limits = [due_after(filed_at, days=days, calendar=self.working_days)] if days else []
        limits += [max(self.moment(last), filed_at)] if last else []
        if not limits:
            raise RuleUnsetError("calendar.organisation_decision_days")
        return min(limits)

    def remedy_due(self, decided_at: UtcTime) -> UtcTime | None:
        """Return the last moment for the remedy, or None where the law gives none.

        Raises :class:`RuleUnsetError` where the profile does not know whether there is one, or for how long.
        """
        remedy = needed(self.remedy, "remedy")
        if not remedy.available:
            return None
        if remedy.hours is not None:
            return due_after(decided_at, hours=remedy.hours)
        days = needed(remedy.days, "remedy.days")
        working = remedy.days_are_working_days
        return due_after(
            decided_at, days=0 if working else days, working_days=days if working else 0, calendar=self.working_days
        )

    def closing(self, kind: OrganisationKind | None = None, *, step: str = "person") -> UtcTime | None:
        """Return the last moment to file in *step* for nominators of *kind*; None where nothing closes.

        Where the kind is not known and categories close apart, it is the latest of them: nobody is late by mistake.
        """
        return max((self.moment(deadline) for deadline in self.calendar.closing(kind, step)), default=None)

    def papers_of(self, whom: Literal["organisation", "person"], kind: OrganisationKind | None) -> tuple[Paper, ...]:
        """Return the papers that nominators of *kind* hand in, their own or their people's.

        A request letter among the documents is a paper of the organisation: it comes once, not with every person.
        """
        letters = (
            Paper(name=document.kind.value, of="organisation", ground=document.ground)
            for document in self.documents
            if document.kind is DocumentKind.REQUEST_LETTER
        )
        return tuple(paper for paper in (*letters, *self.papers) if paper.of == whom and paper.is_asked_of(kind))

    def refusal_told_by(self, decided_at: UtcTime) -> UtcTime | None:
        """Return until when a refusal decided then must be told; None where the profile does not say."""
        within = self.decision.refusal_told_within
        return within.end(decided_at, self.working_days) if within else None

    def is_late(self, received_at: UtcTime, kind: OrganisationKind | None = None) -> bool:
        """Whether a nomination received then came after the deadline for persons."""
        close = self.closing(kind)
        return close is not None and received_at > close

    def effective(self, issued_at: UtcTime, *, registered_at: UtcTime | None = None) -> UtcTime:
        """Return from when an accreditation counts: its issue or entry in the register, and the law's delay."""
        begun = max(issued_at, registered_at or issued_at)
        delay, first = self.calendar.takes_effect_after, self.calendar.valid_from
        effective = delay.effect(begun, self.working_days) if delay else begun
        if first is None:
            return effective
        return max(self.beginning(first), effective) if delay else self.beginning(first)

    def valid_until(self, valid_from: UtcTime) -> UtcTime:
        """Return the last moment of an accreditation that counts from *valid_from*; raises :class:`RuleUnsetError`."""
        if self.calendar.valid_for is not None:
            return self.calendar.valid_for.end(valid_from, self.working_days)
        if self.calendar.end_event_on is not None:
            happened, after = self.working_days.last_moment(self.calendar.end_event_on), self.calendar.ends_after_event
            return after.end(happened, self.working_days) if after else happened
        return self.moment(needed(self.calendar.ends, "calendar.ends"))

    def policies_on(self, moment: UtcTime) -> tuple[Policy, ...]:
        """Return the policies in force on the day that *moment* falls on where the election is held."""
        return in_force(self.policies, on=moment.astimezone(self.zone).date())

    def cited(self, reasons: Iterable[ReasonCode], decided_at: UtcTime) -> tuple[PolicyCitation, ...]:
        """Return what a decision for *reasons* names: the versions in force that day which found one of them."""
        codes = set(reasons)
        return tuple(policy.citation for policy in self.policies_on(decided_at) if policy.reason in codes)

    def for_day(self, day: date) -> Self:
        """Return the same rules for another election day, counted anew: early elections move all windows at once."""
        return self.revised(election=self.election.revised(day=day), calendar=self.calendar.unpublished())

    def for_run_off(self) -> Self:
        """Return the rules of the second round; raises :class:`RuleUnsetError` where its day is not known."""
        second = needed(self.run_off, "run_off")
        anew = self.for_day(needed(second.day, "run_off.day"))
        said_apart = {name: getattr(second, name) for name in ("opens", "persons_close", "decisions_due")}
        kept = {name: deadline for name, deadline in said_apart.items() if deadline is not None}
        return anew.revised(calendar=anew.calendar.revised(**kept))

    def wording(self, code: ReasonCode) -> str:
        """Return the sentence for *code* in letters."""
        rule = self.reasons.get(code)
        return (rule.wording if rule else "") or MEANING[code]

    def ground(self, code: ReasonCode) -> str:
        """Return the legal ground of *code*; raises KeyError where the profile leaves the code off."""
        return self.reasons[code].ground

    def colour(self, role: Role) -> str:
        """Return the badge colour of *role* as #rrggbb."""
        return self.credential.colours.get(role, "#1f4e79")

    def role_word(self, role: Role) -> str:
        """Return the word for *role* on badges and in letters."""
        return WORD[role]
