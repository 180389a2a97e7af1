"""From applications to the planner's problem: codes only, and what the plan in force already told people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import Field

from db.store import Store
from domain.application.application import Application
from domain.application.nomination import Nomination
from domain.application.roles import Role
from domain.application.status import Status
from domain.assignment.consents import ENDS_A_PLACE, NO_CONSENTS, Consent, Consents
from domain.assignment.orders import ROLE_NOT_PLACED, Orders, exclusions
from domain.assignment.policy import Level, PlanningPolicy, Replanning, SiteLimits
from domain.assignment.problem import Exclusion, Observer, Problem, Region, Site
from domain.assignment.problem import Office as Office_of_plan
from domain.election.geography import Office
from domain.values import ElectionCode, Frozen, NoticeId, OrganisationCode, RegionCode
from flows.assignment.plans.places import Who
from flows.context import ElectionContext

NO_ORDERS: Final = Orders()


AT_ONCE: Final = 500
"""Of how many people it is asked at once who they are."""


class Choices(Frozen):
    """What an officer chooses when a plan is drafted; it stands on the plan."""

    replanning: Replanning = Replanning.FEWEST_CHANGES
    fairness: bool = False
    fewest_staff: Annotated[bool, Field(description="send as few whole staff to offices as the search finds")] = False
    together: Annotated[tuple[OrganisationCode, ...], Field(description="delegations that asked to stay together")] = ()
    pin_from: Annotated[date | None, Field(description="from this day on nobody who was told a place is moved")] = None
    pair_odd: Annotated[
        bool | None, Field(description="move odd people between regions to make pairs; unset: in a first plan only")
    ] = None

    def pins(self, on: date) -> bool:
        """Whether places that were told are kept on that day."""
        return self.pin_from is not None and self.pin_from <= on


@dataclass(frozen=True, slots=True)
class Binding:
    """What binds a plan besides the rules: what officers ordered, and what people themselves answered to notices."""

    orders: Mapping[UUID, Orders] = field(default_factory=dict[UUID, Orders])
    consents: Consents = NO_CONSENTS
    moves: bool = True
    """Whether the plan may move who has to leave; one that only adds people leaves everybody where they are."""

    @classmethod
    def of(cls, store: Store, election: ElectionCode) -> Self:
        """Return what binds the plans of *election* now."""
        return cls(store.applications.placement_orders(election), store.consents.standing(election))

    def moving_nobody(self) -> Self:
        """Return the same where nobody loses a place by answers or changed regions: for plans that only add people."""
        return replace(self, consents=self.consents.yes_only(), moves=False)


def carried_places(store: Store, applications: Sequence[Application]) -> dict[UUID, RegionCode]:
    """Return where those were in the election that theirs follows who have no place yet: a plan moves few of them."""
    waiting = [application for application in applications if application.status is Status.APPROVED]
    if not waiting:
        return {}
    election = waiting[0].election
    there = {region.code for region in store.elections.geography(election).regions}
    places = store.applications.places_carried(election)
    return {case.id: places[case.id] for case in waiting if places.get(case.id) in there}


def problem_of(
    context: ElectionContext,
    applications: Sequence[Application],
    who: Who,
    *,
    choices: Choices | None = None,
    binding: Binding | None = None,
    planned: Mapping[UUID, RegionCode] | None = None,
) -> Problem:
    """Return the assignment problem of *applications* on election day: codes only.

    Without *choices* everybody who has a region keeps it; with them places count as previous ones, and only those
    who hold a credential, or were told their place before the day from which places are kept, stay where they are.
    *planned* says where people were before they were moved to make pairs; that counts as their place. Nobody new goes
    where a notice is in force that they have not accepted themselves.
    """
    geography, day = context.geography, context.profile.election.day
    chosen = choices or Choices(pin_from=context.now.date())
    pinning = chosen.pins(context.now.date()) or (chosen.pin_from is None and keeps_places(context))
    binding = binding or Binding()
    drawing = _Drawing(context, chosen, binding, planned or {})
    staying = () if binding.moves else applications
    return Problem(
        regions=tuple(_regions(context, Counter(application.region for application in staying))),
        offices=tuple(_office(office) for office in geography.offices if geography.is_open(office.code, on=day)),
        observers=tuple(_observers(drawing, applications, who, keeps=pinning)),
        policy=planning_policy(context, chosen),
    )


def changed_since(context: ElectionContext, drawn: Mapping[str, Any], choices: Choices) -> list[str]:
    """Return the codes of regions and offices, and the rules, that differ from the stored problem."""
    now = problem_of(context, (), lambda _: {}, choices=choices).model_dump(mode="json")
    limits = {"surge_places"} if choices.fewest_staff else set[str]()
    known, current = _by_code(drawn, limits), _by_code(now, limits)
    changed = sorted(code for code in known.keys() | current.keys() if known.get(code) != current.get(code))
    rules: dict[str, Any] = now["policy"]
    others = (name for name in rules if name != "fairness" and drawn["policy"].get(name, rules[name]) != rules[name])
    return [*changed, *sorted(others)]


def _by_code(problem: Mapping[str, Any], left_out: set[str]) -> dict[str, dict[str, Any]]:
    return {
        row["code"]: {name: cell for name, cell in row.items() if name not in left_out}
        for row in (*problem["regions"], *problem["offices"])
    }


def _observers(drawing: _Drawing, applications: Sequence[Application], who: Who, *, keeps: bool) -> Iterator[Observer]:
    """Yield everybody as planned for; who they are is asked for in parts, and forgotten."""
    for start in range(0, len(applications), AT_ONCE):
        part = applications[start : start + AT_ONCE]
        people = who([application.id for application in part])
        for application in part:
            yield drawing.observer(
                application, people[application.id], keeps=keeps or application.status is Status.CREDENTIALED
            )


def planning_policy(context: ElectionContext, chosen: Choices) -> PlanningPolicy:
    """Return the rules of a plan as the profile sets them."""
    rules = context.profile.assignment
    limits = rules.site_limits
    return PlanningPolicy(
        order=tuple(Level(level) for level in rules.order),
        replanning=chosen.replanning,
        seed=context.election,
        site_limits=SiteLimits(observers=limits.observers, interpreters=limits.interpreters) if limits else None,
        interpreters_in_teams=rules.interpreters_in_teams,
    )


def _office(office: Office) -> Office_of_plan:
    return Office_of_plan(
        code=office.code,
        staff=office.staff,
        observers_per_staff=office.observers_per_staff,
        surge_places=office.surge_staff * office.observers_per_staff,
    )


def keeps_places(context: ElectionContext) -> bool:
    """Whether the profile's day has come from which nobody who was told a place is moved."""
    begins = context.profile.assignment.places_kept_from
    return begins is not None and context.now >= context.profile.moment(begins)


def _regions(context: ElectionContext, staying: Mapping[RegionCode | None, int]) -> Iterable[Region]:
    """Yield the regions as planned; who stays in a region that is shut, or has fewer seats, has a seat."""
    day = context.profile.election.day
    for region in context.geography.regions:
        shut = region.no_deployment
        yield Region(
            code=region.code,
            capacity=max(0 if shut else region.capacity, staying.get(region.code, 0)),
            minimum=0 if shut else region.minimum_seats,
            weight=region.weight,
            language=next(iter(region.languages), None),
            language_quota=region.language_quota,
            security_level=region.security_level,
            notices=(region.notice.id,) if region.notice else (),
            opens=region.present_from or day,
            closes=region.present_until or region.present_from or day,
            office=context.geography.serving(region.office, on=day).code,
            home_office=region.office,
            sites=tuple(Site(code=site.code, people=site.people) for site in region.sites),
        )


def posts_kept_from(context: ElectionContext) -> dict[str, str]:
    """Return the posts abroad whose own nationals are kept from them, each with its state."""
    if context.profile.assignment.own_state_posts:
        return {}
    return {region.code: region.country for region in context.geography.regions if region.abroad and region.country}


class _Drawing:
    """Draws up observers; what is the same for all of them is looked up once."""

    def __init__(
        self,
        context: ElectionContext,
        chosen: Choices,
        binding: Binding,
        planned: Mapping[UUID, RegionCode],
    ) -> None:
        rules, regions = context.profile.assignment, context.geography.regions
        self._codes = {region.code for region in regions}
        self._posts = posts_kept_from(context)
        self._notices = {region.code: region.notice.id for region in regions if region.notice}
        self._organisations, self._profile = context.organisations, context.profile
        self._orders = binding.orders
        self._planned = planned
        self._consents, self._now = binding.consents, context.now
        self._shut = {region.code for region in regions if region.no_deployment and binding.moves}
        self._together = frozenset(chosen.together)
        self._asked = rules.staying_together is not None

    def observer(self, application: Application, nomination: Nomination, *, keeps: bool) -> Observer:
        """Return the planner's observer; *keeps* says that a place which was told is not changed."""
        codes, organisation = self._codes, application.organisation
        orders = self._orders.get(application.id, NO_ORDERS)
        told = application.region if keeps and self._may_stay(application) else None
        asked = organisation in self._together or (self._asked and nomination.stay_together)
        return Observer(
            id=str(application.id),
            organisation=organisation,
            nationalities=nomination.nationalities,
            gender=nomination.sex or None,
            languages=nomination.languages,
            accepted_notices=self._accepted(application, told),
            # What a region demands is its notice, and nobody goes there who has not accepted that very version.
            consent_level=4,
            arrives=nomination.arrival,
            leaves=nomination.departure,
            preferences=tuple(dict.fromkeys(code for code in nomination.preferred_regions if code in codes))[:5],
            excluded=tuple(self._excluded(application, nomination, orders, keeps=told)),
            previous=told or self._planned.get(application.id, application.region),
            pinned=next((code for code in (told, orders.pinned) if code in codes), None),
            delegation=organisation if asked else None,
            interpreter=application.role == Role.INTERPRETER,
        )

    def _may_stay(self, application: Application) -> bool:
        """Whether the person's own answer, and the region, leave a place as it is, also where a badge names it."""
        if application.region in self._shut:
            return False
        notice = self._notices.get(application.region or "")
        if notice is None:
            return True
        return self._consents.of(application.id, notice, now=self._now) not in ENDS_A_PLACE

    def _accepted(self, application: Application, told: RegionCode | None) -> tuple[NoticeId, ...]:
        """Return the notices that count as accepted: the person's own, and that of a place while time to answer runs.

        So does that of a place which is kept, until the person has been asked.
        """
        accepted, here = self._consents.accepted(application.id), self._notices.get(application.region or "")
        if here is None or here in accepted:
            return accepted
        runs = self._consents.of(application.id, here, now=self._now) is Consent.ASKED
        return (*accepted, here) if told or runs else accepted

    def _excluded(
        self, application: Application, nomination: Nomination, orders: Orders, *, keeps: RegionCode | None
    ) -> Iterable[Exclusion]:
        """Yield what is forbidden; a place that is kept was lawful when it was told, and only an order ends it.

        Whoever comes in a role that is not placed goes nowhere, but where officers pinned the person.
        """
        found = exclusions(nomination, self._organisations[application.organisation], orders, posts=self._posts)
        if not self._profile.role_rules(application.role).placed:
            found = dict.fromkeys(self._codes - {orders.pinned}, ROLE_NOT_PLACED) | found
        for code, rule in sorted(found.items()):
            if code in self._codes and (code != keeps or code in orders.excluded):
                yield Exclusion(region=code, rule=rule)
