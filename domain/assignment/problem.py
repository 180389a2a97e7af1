"""What the planner is given: regions, offices, observers and the policy. These models are the documented JSON.

Hard rules never appear as penalties: a pair of observer and region that a rule forbids is simply not
possible, whatever the need (see ``rules.py``). What is weighed is the six levels of ``Level``, strictly in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from domain.assignment.policy import Documented, PlanningPolicy
from domain.values import (
    CountryCode,
    LanguageCode,
    OfficeCode,
    OrganisationCode,
    RegionCode,
    RuleName,
    SiteCode,
)

ObserverId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
NoticeId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
DelegationId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]

_MOST_NAMED: Final = 10
"""Codes named in an error; the rest are counted."""


def _as_set(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return *values* sorted and once each, so that their order in the input means nothing."""
    return tuple(sorted(set(values)))


class Site(Documented):
    """A place of a region where people observe, such as a polling station; chosen after the regions."""

    code: SiteCode
    """Its code, known within its region."""
    people: Annotated[int, Field(ge=1)] | None = None
    """Most people at once; ``None`` for any number."""


class Region(Documented):
    """A region, or a post abroad, on the day of the plan."""

    code: RegionCode
    """Its code; capital letters, digits and hyphens, at most 16."""
    capacity: Count
    """Most people at once."""
    minimum: Count = 0
    """Seats that should be filled before anything else; what exceeds the capacity stays missing."""
    weight: Annotated[int, Field(ge=1, le=4)] = 1
    """How much one of its minimum seats counts against those of other regions."""
    language: LanguageCode | None = None
    """The language of the region that counts for the quota and in teams; an ISO 639 code."""
    language_quota: Count = 0
    """Seats that should go to speakers of ``language``."""
    security_level: Annotated[int, Field(ge=1, le=4)] = 1
    """Only who agreed to this level or a higher one (``consent_level``) may go there."""
    notices: Annotated[tuple[NoticeId, ...], AfterValidator(_as_set)] = ()
    """Security or status notices that whoever goes there must have accepted, every one."""
    opens: date | None = None
    """First day on which its observers must be there; without ``closes`` the only one."""
    closes: date | None = None
    """Last day on which its observers must be there, not before ``opens``; without ``opens`` the only one."""
    office: OfficeCode | None
    """The office that serves it on the day (its own or the acting one); ``None`` if none is open."""
    home_office: OfficeCode | None = None
    """The office it belongs to, for reports only."""
    sites: tuple[Site, ...] = ()
    """Its sites; without any, nobody is given one."""

    @property
    def first_day(self) -> date | None:
        """The day by which its observers must have arrived."""
        return self.opens or self.closes

    @property
    def last_day(self) -> date | None:
        """The day before which none of its observers may leave."""
        return self.closes or self.opens


class Office(Documented):
    """An open office; its places are shared by all regions it serves."""

    code: OfficeCode
    """Its code; capital letters, digits and hyphens, at most 16."""
    staff: Count
    """Its own staff."""
    observers_per_staff: Annotated[int, Field(ge=1, le=100)] = 12
    """How many people one member of staff can look after."""
    surge_places: Count = 0
    """People it could serve besides, with staff sent to it; each of them is a loss at ``surge``."""

    @property
    def base_places(self) -> int:
        """Observers that its own staff can look after."""
        return self.staff * self.observers_per_staff


class Exclusion(Documented):
    """A region where a rule, named, forbids this observer to serve."""

    region: RegionCode
    """The region that is forbidden."""
    rule: RuleName
    """Why, in a word of your own such as ``declared_conflict``; answers cite it."""


class Observer(Documented):
    """One approved application as the planner sees it: codes only; its text shows the id alone."""

    id: ObserverId
    """Known once in the problem, at most 64 characters; never a name."""
    organisation: OrganisationCode
    """The organisation that sent the person."""
    nationalities: Annotated[tuple[CountryCode, ...], AfterValidator(_as_set)] = ()
    """Three capital letters each; without any the person can be in no team."""
    gender: Literal["F", "M", "X"] | None = None
    """Counts for mixed teams alone."""
    languages: Annotated[tuple[LanguageCode, ...], AfterValidator(_as_set)] = ()
    """Languages spoken; ISO 639 codes."""
    accepted_notices: Annotated[tuple[NoticeId, ...], AfterValidator(_as_set)] = ()
    """Notices of regions that the person has accepted."""
    consent_level: Annotated[int, Field(ge=0, le=4)] = 1
    """The highest security level the observer agreed to; 0 agrees to none."""
    arrives: date | None = None
    """First day there; unset: in time."""
    leaves: date | None = None
    """Last day there, not before ``arrives``; unset: not before the end."""
    preferences: Annotated[tuple[RegionCode, ...], Field(max_length=5)] = ()
    """Up to five regions, the dearest first."""
    excluded: tuple[Exclusion, ...] = ()
    """Regions where a rule of yours forbids the person to serve."""
    previous: RegionCode | None = None
    """The region of the plan in force; it need not exist any more."""
    pinned: RegionCode | None = None
    """The only region that comes into question, and where the observer stays while the hard rules permit it."""
    delegation: DelegationId | None = None
    """Who asked to stay together with others of this code; a step of ``accredit plan draft``. ``solve`` counts them
    and does not heed it."""
    interpreter: bool = False
    """Whether the person accompanies observers: beside a team, and at sites counted apart."""

    @model_validator(mode="after")
    def _ranks_a_region_once(self) -> Self:
        if len(set(self.preferences)) < len(self.preferences):
            raise ValueError("a region is ranked at most once")
        return self

    def __str__(self) -> str:
        return f"Observer({self.id})"

    __repr__ = __str__


class Problem(Documented):
    """Everything a plan depends on; the order of rows means nothing."""

    regions: tuple[Region, ...]
    """Where people can be placed."""
    offices: tuple[Office, ...]
    """The open offices; closed ones are left out."""
    observers: tuple[Observer, ...]
    """Who is to be placed."""
    policy: PlanningPolicy = PlanningPolicy()
    """How plans are compared and how ties are broken."""

    @model_validator(mode="after")
    def _names_everything_once(self) -> Self:
        for kind, codes in (
            ("region", (region.code for region in self.regions)),
            ("office", (office.code for office in self.offices)),
            ("observer", (observer.id for observer in self.observers)),
        ):
            if repeated := sorted(code for code, times in Counter(codes).items() if times > 1):
                raise ValueError(f"every {kind} must be listed once: {_some(repeated)}")
        return self

    @model_validator(mode="after")
    def _cites_only_what_it_lists(self) -> Self:
        offices = {office.code for office in self.offices}
        if strange := sorted({str(region.office) for region in self.regions if region.office} - offices):
            raise ValueError(f"regions are served by offices that are not listed: {_some(strange)}")
        regions = {region.code for region in self.regions}
        cited = {code for observer in self.observers for code in _cited_by(observer)}
        if strange := sorted(cited - regions):
            raise ValueError(f"observers cite regions that are not listed: {_some(strange)}")
        return self

    def is_half(self, observer: Observer) -> bool:
        """Return whether the person may be one of the two of a team."""
        return self.policy.interpreters_in_teams or not observer.interpreter

    def digest(self) -> str:
        """Return the SHA-256 (hex) of the problem; the order of rows does not change it."""
        policy = self.policy.revised(fairness=dict(sorted(self.policy.fairness.items())))
        # Plans from before this rule was a choice keep their digest.
        unset = None if policy.interpreters_in_teams else {"interpreters_in_teams"}
        rows = [policy.model_dump_json(exclude=unset)]
        rows += [region.model_dump_json() for region in sorted(self.regions, key=lambda region: region.code)]
        rows += [office.model_dump_json() for office in sorted(self.offices, key=lambda office: office.code)]
        rows += [observer.model_dump_json() for observer in sorted(self.observers, key=lambda observer: observer.id)]
        return sha256("\n".join(rows).encode()).hexdigest()


def reversed_days(problem: Problem) -> list[str]:
    """Return the regions that close before they open and the observers who leave before they arrive, by code and id.

    Nobody could be placed by such days; in a file they are a mistake.
    """
    regions = (region.code for region in problem.regions if _are_reversed(region.opens, region.closes))
    people = (person.id for person in problem.observers if _are_reversed(person.arrives, person.leaves))
    return [*regions, *people]


def _are_reversed(first: date | None, last: date | None) -> bool:
    return first is not None and last is not None and last < first


def _some(codes: list[str]) -> str:
    more = f" and {len(codes) - _MOST_NAMED} more" if len(codes) > _MOST_NAMED else ""
    return ", ".join(codes[:_MOST_NAMED]) + more


def _cited_by(observer: Observer) -> Iterable[RegionCode]:
    yield from observer.preferences
    yield from (exclusion.region for exclusion in observer.excluded)
    if observer.pinned:
        yield observer.pinned
