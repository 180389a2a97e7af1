"""The election profile: every rule of one election in one jurisdiction, as data that people can read and check."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from domain.deadlines import Deadline, WorkCalendar, ZoneName, due_after, opening, resolve
from domain.identity.photo import PhotoRules
from domain.nomination import COLUMNS, DocumentKind
from domain.organisation import OrganisationKind
from domain.reasons import MEANING, ReasonCode
from domain.roles import WORD, Role
from domain.values import CountryCode, ElectionCode, Frozen, LanguageCode, UtcTime


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


class Calendar(Frozen):
    """Deadlines and periods. What the law leaves out stays unset and is shown as such."""

    opens: Deadline | None = None
    organisations_close: Deadline | None = None
    persons_close: Annotated[Deadline | None, Field(description="last moment for a nomination; later is late")] = None
    decisions_due: Annotated[Deadline | None, Field(description="no decision later than this")] = None
    collection_from: Deadline | None = None
    valid_from: Annotated[Deadline | None, Field(description="credentials valid from; unset: when issued")] = None
    ends: Annotated[Deadline, Field(description="end of every accreditation")]
    cure_hours: Annotated[int, Field(ge=1, description="time to mend a deficiency")]
    decision_days: Annotated[int, Field(ge=1, description="days to decide from a complete file")]
    review_hours: Annotated[int, Field(ge=1, description="time an officer has for a referred case")] = 48
    holidays: tuple[date, ...] = ()


class Eligibility(Frozen):
    """Who may be accredited."""

    minimum_age: Annotated[int | None, Field(ge=0, description="on election day")] = None
    roles_open_to_host_nationals: tuple[Role, ...] = (Role.INTERPRETER,)
    organisation_kinds: Annotated[tuple[OrganisationKind, ...], Field(min_length=1)]
    document_valid_days_after_election: Annotated[int, Field(ge=0)] = 0


class RequiredDocument(Frozen):
    """A document the profile lists; asking for more would need a legal ground of its own."""

    kind: DocumentKind
    roles: Annotated[tuple[Role, ...], Field(description="for these roles only; empty: for all")] = ()
    ground: str

    def is_required_of(self, role: Role) -> bool:
        """Whether somebody in *role* has to hand it in."""
        return not self.roles or role in self.roles


class ReasonRule(Frozen):
    """What founds a reason in this jurisdiction."""

    ground: Annotated[str, Field(min_length=3, description="article of the law or procedure")]
    wording: Annotated[str, Field(description="replaces the catalogue's sentence in letters; empty: keep it")] = ""


class Remedy(Frozen):
    """What a person can do against a decision, or the plain statement that the law gives nothing."""

    available: bool
    text: Annotated[str, Field(min_length=3, description="to whom, in what form; or that the law gives no remedy")]
    days: Annotated[int | None, Field(ge=1)] = None
    ground: str

    @model_validator(mode="after")
    def _has_a_period(self) -> Self:
        if self.available and self.days is None:
            raise ValueError("a remedy that is available has a period in days")
        return self


class Publication(Frozen):
    """What the public register shows."""

    names: Annotated[bool, Field(description="publish names; needs a ground")] = False
    ground: str = ""

    @model_validator(mode="after")
    def _names_need_a_ground(self) -> Self:
        if self.names and not self.ground:
            raise ValueError("publishing names needs its legal ground (publication.ground)")
        return self


class CredentialRules(Frozen):
    """How credentials are issued."""

    issuer: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,8}$", description="code in every token; TEST for rehearsals")]
    serial_prefix: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,6}$")]
    status_list_size: Annotated[int, Field(ge=1024, le=2**20)] = 2**17
    colours: Annotated[Mapping[Role, str], Field(description="badge colour of a role, #rrggbb")] = {}


class ElectionProfile(Frozen):
    """All rules of one election. Unknown keys are refused; every rule can be read, cited and changed as data."""

    profile_version: Annotated[str, Field(description="changes with every change of a rule")]
    status: Annotated[
        Literal["complete", "incomplete", "demonstration"],
        Field(description="incomplete: the sources leave something out; demonstration: invented"),
    ]
    sources: Annotated[tuple[str, ...], Field(description="where the rules come from")] = ()
    election: Election
    languages: Annotated[tuple[LanguageCode, ...], Field(min_length=1, description="official language first")]
    calendar: Calendar
    eligibility: Eligibility
    required_fields: Annotated[tuple[str, ...], Field(description="columns that must be filled")] = (
        "surname", "given_names", "birth_date", "nationality", "document_number", "document_issuer",
        "document_expiry", "email", "conflict_declared", "pledge_accepted_on",
    )  # fmt: skip
    documents: tuple[RequiredDocument, ...]
    photo: PhotoRules = PhotoRules()
    automatic_approval: Annotated[bool, Field(description="approve complete cases without findings by rule")]
    reasons: Annotated[Mapping[ReasonCode, ReasonRule], Field(description="codes in force; the others are off")]
    remedy: Remedy
    publication: Publication = Publication()
    credential: CredentialRules
    mass_mail_threshold: Annotated[int, Field(ge=1)] = 100_000

    @field_validator("required_fields")
    @classmethod
    def _are_columns(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [name for name in names if name not in COLUMNS]:
            raise ValueError(f"no such column: {', '.join(unknown)}; columns are {', '.join(COLUMNS)}")
        return names

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which deadlines and letters are read."""
        return ZoneInfo(self.election.timezone)

    def moment(self, deadline: Deadline) -> UtcTime:
        """Return the last moment that is in time for *deadline*."""
        return resolve(deadline, self.election.day, self.calendar.holidays)

    def beginning(self, deadline: Deadline) -> UtcTime:
        """Return the first moment of what *deadline* opens, such as the validity of credentials."""
        return opening(deadline, self.election.day, self.calendar.holidays)

    @property
    def working_days(self) -> WorkCalendar:
        """Which days count as working days, in the election's zone."""
        return WorkCalendar(timezone=self.election.timezone, holidays=frozenset(self.calendar.holidays))

    def cure_due(self, now: UtcTime) -> UtcTime:
        """Return when a deficiency noted *now* must be mended."""
        return due_after(now, hours=self.calendar.cure_hours)

    def decision_due(self, complete_at: UtcTime) -> UtcTime:
        """Return when a file complete since *complete_at* must be decided: the period, capped by the last day."""
        due = due_after(complete_at, days=self.calendar.decision_days, calendar=self.working_days)
        last = self.calendar.decisions_due
        return due if last is None else min(due, max(self.moment(last), complete_at))

    def remedy_due(self, decided_at: UtcTime) -> UtcTime | None:
        """Return the last moment for the remedy, or None where the law gives none."""
        if self.remedy.days is None:
            return None
        return due_after(decided_at, days=self.remedy.days, calendar=self.working_days)

    def is_late(self, received_at: UtcTime) -> bool:
        """Whether a nomination received then came after the deadline for persons."""
        close = self.calendar.persons_close
        return close is not None and received_at > self.moment(close)

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
