"""Policies: bans, caps, fees, gates. Dated records with authority and ground; decisions cite the version of the day.

A policy is never applied by the engine: it tells officers which files it covers, and the public what is in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from domain.application.application import Application
from domain.application.nomination import Nomination
from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.application.status import UNDECIDED, Status
from domain.election.unset import needed
from domain.organisations.organisation import Organisation, OrganisationKind
from domain.values import CountryCode, Frozen, OrganisationCode

PolicyId = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{1,31}$", description="such as FEE-2023")]
CountryGroup = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{2,31}$", description="a named list of countries")]
CountryGroups = Mapping[CountryGroup, tuple[CountryCode, ...] | None]
"""Named lists of countries; None where the profile leaves it to the operator to fill the list in."""


class PolicyKind(StrEnum):
    """What a policy does. Each departs from the same evidence test and clock for everybody, so each is declared."""

    BAN = "ban"
    CAP = "cap"
    FEE = "fee"
    INVITATION_GATE = "invitation_gate"
    STATUTORY_BAR = "statutory_bar"
    SITE_LIMIT = "site_limit"
    SCOPE_LIMIT = "scope_limit"
    NO_REMEDY = "no_remedy"
    DUTY = "duty"


class PolicyScope(Frozen):
    """Whom a policy covers: all conditions that are given hold together; none given covers everybody."""

    organisation_kinds: Annotated[tuple[OrganisationKind, ...], Field(description="people of these")] = ()
    organisations: Annotated[tuple[OrganisationCode, ...], Field(description="people of these organisations")] = ()
    roles: Annotated[tuple[Role, ...], Field(description="people who come as this")] = ()
    nationalities: Annotated[
        tuple[CountryCode | CountryGroup, ...], Field(description="any citizenship held; codes or names of groups")
    ] = ()
    sponsor_countries: Annotated[
        tuple[CountryCode | CountryGroup, ...], Field(description="country of the organisation; codes or groups")
    ] = ()


class FeeLine(Frozen):
    """One line of a table of fees; the first line that covers a file is its fee."""

    amount: Annotated[Decimal, Field(ge=0, description="in the currency's main unit")]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217")]
    payers: Annotated[str, Field(description="who pays it, in the words of the table")]
    scope: Annotated[PolicyScope, Field(description="who pays it, in codes")] = PolicyScope()


class PolicyCitation(Frozen):
    """What a decision names: the policy and the version that was in force that day."""

    policy: PolicyId
    version: Annotated[int, Field(ge=1)]

    @classmethod
    def read(cls, written: str) -> Self:
        """Return the citation written as ``FEE-2023:2``; raises ValueError for anything else."""
        policy, _, version = written.rpartition(":")
        return cls.model_validate({"policy": policy, "version": version})

    def __str__(self) -> str:
        return f"{self.policy}:{self.version}"


class Policy(Frozen):
    """One version of a policy, as its authority made it (practice: S6)."""

    id: PolicyId
    version: Annotated[int, Field(ge=1, description="a change is a new version")] = 1
    kind: Annotated[PolicyKind, Field(description="what it does")]
    authority: Annotated[str, Field(min_length=2, description="who made it")]
    ground: Annotated[str, Field(min_length=3, description="law or procedure it rests on")]
    text: Annotated[str, Field(min_length=3, description="what it says")]
    in_force_from: Annotated[date | None, Field(description="first day; unset: published_on, or always")] = None
    in_force_to: Annotated[date | None, Field(description="last day; unset: open, or until the next version")] = None
    published_on: Annotated[date | None, Field(description="day of publication")] = None
    reason: Annotated[ReasonCode | None, Field(description="the code a refusal under it would carry")] = None
    scopes: Annotated[tuple[PolicyScope, ...], Field(description="whom it covers: any of these; none: all")] = ()
    limit: Annotated[int | None, Field(ge=0, description="a cap's or site limit's number of people")] = None
    fees: Annotated[tuple[FeeLine, ...], Field(description="first line that covers a file counts")] = ()
    applies_to: Annotated[
        Literal["files_received_from", "decisions_taken_from"] | None,
        Field(description="which open files the first day divides; unset: not said, officers must find out"),
    ] = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.in_force_from and self.in_force_to and self.in_force_to < self.in_force_from:
            raise ValueError(f"policy {self.id}: in_force_to is before in_force_from")
        if self.kind is PolicyKind.FEE and not self.fees:
            raise ValueError(f"policy {self.id}: a fee has its table (fees)")
        return self

    @property
    def citation(self) -> PolicyCitation:
        """What a decision under this version names."""
        return PolicyCitation(policy=self.id, version=self.version)

    @property
    def boundaries(self) -> tuple[date, ...]:
        """The days on which it begins and is over, as far as they are said."""
        first = self.in_force_from or self.published_on
        over = self.in_force_to + timedelta(days=1) if self.in_force_to and self.in_force_to < date.max else None
        return tuple(day for day in (first, over) if day is not None)

    def is_in_force(self, on: date) -> bool:
        """Whether *on* lies within its dates; another version may still have replaced it."""
        return (self.in_force_from or self.published_on or date.min) <= on <= (self.in_force_to or date.max)


class PolicyFile(Frozen):
    """What of an open file policies look at: codes only, nothing that names a person."""

    application_id: UUID
    organisation: OrganisationCode
    organisation_kind: OrganisationKind
    sponsor_country: CountryCode
    nationalities: Annotated[tuple[CountryCode, ...], Field(repr=False)] = ()
    role: Role
    status: Status
    received_on: Annotated[date, Field(description="in the election's zone")]

    @classmethod
    def of(
        cls, application: Application, nomination: Nomination, organisation: Organisation, *, received_on: date
    ) -> Self:
        """Return the codes of a file; *received_on* is the day of receipt where the election is held."""
        return cls(
            application_id=application.id,
            organisation=application.organisation,
            organisation_kind=organisation.kind,
            sponsor_country=organisation.country,
            nationalities=nomination.nationalities,
            role=application.role,
            status=application.status,
            received_on=received_on,
        )


class PolicyChange(Frozen):
    """A day on which what is in force of a policy changes: a version begins, ends, or follows another."""

    policy: PolicyId
    on: Annotated[date, Field(description="first day of what is new")]
    begins: Policy | None = None
    ends: Policy | None = None


class Touch(StrEnum):
    """What a change of policy means for an open file."""

    COVERED = "covered"
    """the policy now covers it"""
    RELEASED = "released"
    """the version before covered it, what is in force now does not"""
    UNCERTAIN = "uncertain"
    """received before the first day, and the policy does not say whether it counts: officers must find out"""
    LOOKED_AT = "looked at again"
    """accredited before it counted: an officer looks at it again, and it stays accredited until then"""


class TouchedFile(Frozen):
    """A file and what the change means for it."""

    application_id: UUID
    organisation: OrganisationCode
    touch: Touch


def one_version_each(policies: Sequence[Policy]) -> tuple[Policy, ...]:
    """Return *policies* as they are; raises ValueError where an id has the same version twice."""
    seen: set[PolicyCitation] = set()
    for policy in policies:
        if policy.citation in seen:
            raise ValueError(f"policy {policy.citation} is given twice; a change needs a new version")
        seen.add(policy.citation)
    return tuple(policies)


def version_in_force(policies: Iterable[Policy], policy: PolicyId, *, on: date) -> Policy | None:
    """Return the version of *policy* in force on a day: the highest whose dates hold it, or None."""
    versions = [candidate for candidate in policies if candidate.id == policy and candidate.is_in_force(on)]
    return max(versions, key=lambda version: version.version, default=None)


def in_force(policies: Iterable[Policy], *, on: date) -> tuple[Policy, ...]:
    """Return what is in force on a day, one version of each policy, in the order of their ids."""
    known = tuple(policies)
    found = (version_in_force(known, policy, on=on) for policy in sorted({policy.id for policy in known}))
    return tuple(version for version in found if version is not None)


def covers(policy: Policy, file: PolicyFile, groups: CountryGroups) -> bool:
    """Whether *policy* is about this file, whatever the day.

    Raises :class:`domain.election.unset.RuleUnsetError` where it names a group of countries that nobody has filled in.
    """
    return not policy.scopes or any(_fits(scope, file, groups) for scope in policy.scopes)


def policy_changes(policies: Iterable[Policy], *, after: date, until: date) -> tuple[PolicyChange, ...]:
    """Return what changes after one day and until another, that day included, in the order of days."""
    known = tuple(policies)
    days = {day for policy in known for day in policy.boundaries if after < day <= until}
    found = (_change(known, policy, day) for day in sorted(days) for policy in sorted({policy.id for policy in known}))
    return tuple(change for change in found if change.begins != change.ends)


def touched(change: PolicyChange, files: Iterable[PolicyFile], groups: CountryGroups) -> tuple[TouchedFile, ...]:
    """Return the undecided files that *change* concerns, and how; decided ones keep the rule of their day."""
    found = ((file, _touch(change, file, groups)) for file in files if file.status in UNDECIDED)
    return tuple(
        TouchedFile(application_id=file.application_id, organisation=file.organisation, touch=touch)
        for file, touch in found
        if touch is not None
    )


def _change(policies: tuple[Policy, ...], policy: PolicyId, day: date) -> PolicyChange:
    ends = version_in_force(policies, policy, on=day - timedelta(days=1))
    return PolicyChange(policy=policy, on=day, begins=version_in_force(policies, policy, on=day), ends=ends)


def _touch(change: PolicyChange, file: PolicyFile, groups: CountryGroups) -> Touch | None:
    begins = change.begins
    if begins is None or not covers(begins, file, groups):
        return Touch.RELEASED if change.ends is not None and covers(change.ends, file, groups) else None
    if file.received_on >= change.on or begins.applies_to == "decisions_taken_from":
        return Touch.COVERED
    return Touch.UNCERTAIN if begins.applies_to is None else None


def _fits(scope: PolicyScope, file: PolicyFile, groups: CountryGroups) -> bool:
    return (
        _among(file.organisation_kind, scope.organisation_kinds)
        and _among(file.organisation, scope.organisations)
        and _among(file.role, scope.roles)
        and _from(file.nationalities, scope.nationalities, groups)
        and _from((file.sponsor_country,), scope.sponsor_countries, groups)
    )


def _among(code: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or code in wanted


def _from(held: tuple[CountryCode, ...], wanted: tuple[str, ...], groups: CountryGroups) -> bool:
    return not wanted or not set(_countries(wanted, groups)).isdisjoint(held)


def _countries(wanted: tuple[str, ...], groups: CountryGroups) -> Iterator[CountryCode]:
    for name in wanted:
        if name.isupper():
            yield name
        else:
            yield from needed(groups.get(name), f"country_groups.{name}")
