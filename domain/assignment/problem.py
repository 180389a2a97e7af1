"""What the planner is given: regions, offices, observers and the policy. These models are the documented JSON.

Hard rules never appear as penalties: a pair of observer and region that a rule forbids is simply not
possible, whatever the need (see ``rules.py``). What is weighed is the six levels of ``Level``, strictly in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from domain.values import (
    CountryCode,
    Frozen,
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

RANK_POINTS: Final = (0, 1, 3, 6, 10)
"""Preference points of the first to the fifth choice."""

UNRANKED_POINTS: Final = 15
"""Preference points of a region the observer did not ask for."""

NEUTRAL_MULTIPLIER: Final = 10
"""Tenths by which the points of an organisation count when fairness weights are in force but not for it."""


def _as_set(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return *values* sorted and once each, so that their order in the input means nothing."""
    return tuple(sorted(set(values)))


class Level(StrEnum):
    """What a plan is judged by; each is a loss, the smaller the better."""

    COVERAGE = "coverage"
    """Minimum seats left empty, each times the weight of its region."""
    LANGUAGE = "language"
    """Seats of the language quotas without a speaker of the region's language."""
    PLACED = "placed"
    """People without a region."""
    SURGE = "surge"
    """People whom an office serves above its base places."""
    POINTS = "points"
    """Preference points (0, 1, 3, 6, 10 by rank; 15 unranked), times the fairness multipliers if there are any."""
    CHANGES = "changes"
    """People with a previous region who are now elsewhere or nowhere."""


SOFT_LEVELS: Final = (Level.COVERAGE, Level.LANGUAGE, Level.PLACED, Level.SURGE, Level.POINTS)


class Replanning(StrEnum):
    """How much the plan in force binds the new one."""

    FEWEST_CHANGES = "fewest_changes"
    """Among equally good plans the one that moves the fewest people."""
    NO_MOVES = "no_moves"
    """Nobody moves for the sake of preferences."""
    FROM_SCRATCH = "from_scratch"
    """The plan in force does not count."""


class Documented(Frozen):
    """A value whose JSON schema carries the descriptions of its fields."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Site(Documented):
    """A place of a region where people observe, such as a polling station; chosen after the regions."""

    code: SiteCode
    people: Annotated[int, Field(ge=1)] | None = None
    """Most people at once; ``None`` for any number."""


class Region(Documented):
    """A region, or a post abroad, on the day of the plan."""

    code: RegionCode
    capacity: Count
    minimum: Count = 0
    """Seats that should be filled before anything else; what exceeds the capacity stays missing."""
    weight: Annotated[int, Field(ge=1, le=4)] = 1
    language: LanguageCode | None = None
    language_quota: Count = 0
    """Seats that should go to speakers of ``language``."""
    security_level: Annotated[int, Field(ge=1, le=4)] = 1
    notices: Annotated[tuple[NoticeId, ...], AfterValidator(_as_set)] = ()
    """Security or status notices that whoever goes there must have accepted, every one."""
    opens: date | None = None
    """First day on which its observers must be there."""
    closes: date | None = None
    """Last day on which its observers must be there."""
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
    staff: Count
    observers_per_staff: Annotated[int, Field(ge=1, le=100)] = 12
    surge_places: Count = 0

    @property
    def base_places(self) -> int:
        """Observers that its own staff can look after."""
        return self.staff * self.observers_per_staff


class Exclusion(Documented):
    """A region where a rule, named, forbids this observer to serve."""

    region: RegionCode
    rule: RuleName


class Observer(Documented):
    """One approved application as the planner sees it: codes only; its text shows the id alone."""

    id: ObserverId
    organisation: OrganisationCode
    nationalities: Annotated[tuple[CountryCode, ...], AfterValidator(_as_set)] = ()
    gender: Literal["F", "M", "X"] | None = None
    languages: Annotated[tuple[LanguageCode, ...], AfterValidator(_as_set)] = ()
    accepted_notices: Annotated[tuple[NoticeId, ...], AfterValidator(_as_set)] = ()
    consent_level: Annotated[int, Field(ge=0, le=4)] = 1
    """The highest security level the observer agreed to; 0 agrees to none."""
    arrives: date | None = None
    leaves: date | None = None
    preferences: Annotated[tuple[RegionCode, ...], Field(max_length=5)] = ()
    excluded: tuple[Exclusion, ...] = ()
    previous: RegionCode | None = None
    """The region of the plan in force; it need not exist any more."""
    pinned: RegionCode | None = None
    """The only region that comes into question, and where the observer stays while the hard rules permit it."""
    delegation: DelegationId | None = None
    """People of one delegation asked to stay together."""
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


class SiteLimits(Documented):
    """How many people of one organisation may be at one site."""

    observers: Annotated[int, Field(ge=1)] = 2
    interpreters: Annotated[int, Field(ge=0)] = 1


class Policy(Documented):
    """How plans are compared and how ties are broken; published before the lottery is drawn."""

    order: tuple[Level, ...] = SOFT_LEVELS
    """The five levels besides changes, the most important first."""
    replanning: Replanning = Replanning.FEWEST_CHANGES
    seed: Annotated[str, StringConstraints(min_length=1, max_length=128)] = "unpublished"
    """Seed of the public lottery."""
    fairness: dict[OrganisationCode, Annotated[int, Field(ge=1, le=1000)]] = Field(default_factory=dict)
    """Tenths by which an organisation's points count (10 is neutral); empty: points count as they are."""
    site_limits: SiteLimits | None = None
    """Most people of one organisation at one site; ``None`` for any number."""
    interpreters_in_teams: bool = False
    """Whether an interpreter may be one of the two of a team; otherwise interpreters go with a team as a third."""

    @model_validator(mode="after")
    def _orders_every_level(self) -> Self:
        if sorted(self.order) != sorted(SOFT_LEVELS):
            raise ValueError("order must name each of " + ", ".join(SOFT_LEVELS) + " once")
        return self

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels in force, the most important first."""
        match self.replanning:
            case Replanning.FEWEST_CHANGES:
                return (*self.order, Level.CHANGES)
            case Replanning.FROM_SCRATCH:
                return self.order
            case Replanning.NO_MOVES:
                place = self.order.index(Level.POINTS)
                return (*self.order[:place], Level.CHANGES, *self.order[place:])

    def multiplier(self, organisation: OrganisationCode) -> int:
        """Return the factor of the organisation's points: tenths if fairness weights are in force, else 1."""
        return self.fairness.get(organisation, NEUTRAL_MULTIPLIER) if self.fairness else 1


def _repeated(codes: Iterable[str]) -> bool:
    listed = list(codes)
    return len(set(listed)) < len(listed)


class Problem(Documented):
    """Everything a plan depends on; the order of rows means nothing."""

    regions: tuple[Region, ...]
    offices: tuple[Office, ...]
    observers: tuple[Observer, ...]
    policy: Policy = Policy()

    @model_validator(mode="after")
    def _names_everything_once(self) -> Self:
        for kind, codes in (
            ("region", (region.code for region in self.regions)),
            ("office", (office.code for office in self.offices)),
            ("observer", (observer.id for observer in self.observers)),
        ):
            if _repeated(codes):
                raise ValueError(f"every {kind} must be listed once")
        return self

    @model_validator(mode="after")
    def _cites_only_what_it_lists(self) -> Self:
        offices = {office.code for office in self.offices}
        if strange := sorted({str(region.office) for region in self.regions if region.office} - offices):
            raise ValueError(f"regions are served by offices that are not listed: {', '.join(strange)}")
        regions = {region.code for region in self.regions}
        cited = {code for observer in self.observers for code in _cited_by(observer)}
        if strange := sorted(cited - regions):
            raise ValueError(f"observers cite regions that are not listed: {', '.join(strange)}")
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


def _cited_by(observer: Observer) -> Iterable[RegionCode]:
    yield from observer.preferences
    yield from (exclusion.region for exclusion in observer.excluded)
    if observer.pinned:
        yield observer.pinned
