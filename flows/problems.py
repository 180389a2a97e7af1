"""From applications to the planner's problem: codes only, and what the plan in force already told people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain import assignment as planning
from domain.application import Application
from domain.nomination import Nomination
from domain.status import Status
from domain.values import Frozen, OrganisationCode
from flows.desk import Desk


class Choices(Frozen):
    """What an officer chooses when a plan is drafted; it stands on the plan."""

    replanning: planning.Replanning = planning.Replanning.FEWEST_CHANGES
    fairness: bool = False
    together: Annotated[tuple[OrganisationCode, ...], Field(description="delegations that asked to stay together")] = ()
    pin_from: Annotated[date | None, Field(description="from this day on nobody who was told a place is moved")] = None
    pair_odd: Annotated[
        bool | None, Field(description="move odd people between regions to make pairs; unset: in a first plan only")
    ] = None

    def pins(self, on: date) -> bool:
        """Whether places that were told are kept on that day."""
        return self.pin_from is not None and self.pin_from <= on


def problem_of(
    at_desk: Desk,
    applications: Iterable[Application],
    people: Mapping[UUID, Nomination],
    *,
    choices: Choices | None = None,
) -> planning.Problem:
    """Return the assignment problem of *applications* on election day: codes only.

    Without *choices* everybody who has a region keeps it; with them places count as previous ones, and only those
    who hold a credential, or were told their place before the day from which places are kept, stay where they are.
    """
    geography = at_desk.geography
    codes = {region.code for region in geography.regions}
    chosen = choices or Choices(pin_from=at_desk.now.date())
    pinning = chosen.pins(at_desk.now.date())
    return planning.Problem(
        regions=tuple(_regions(at_desk)),
        offices=tuple(
            planning.Office(
                code=office.code,
                staff=office.staff,
                observers_per_staff=office.observers_per_staff,
                surge_places=office.surge_staff * office.observers_per_staff,
            )
            for office in geography.offices
        ),
        observers=tuple(
            _observer(one, people[one.id], codes, keeps=pinning or one.status is Status.CREDENTIALED, chosen=chosen)
            for one in applications
        ),
        policy=planning.Policy(seed=at_desk.election, replanning=chosen.replanning),
    )


def _regions(at_desk: Desk) -> Iterable[planning.Region]:
    day = at_desk.profile.election.day
    for region in at_desk.geography.regions:
        shut = region.no_deployment
        yield planning.Region(
            code=region.code,
            capacity=0 if shut else region.capacity,
            minimum=0 if shut else region.minimum_seats,
            weight=region.weight,
            language=next(iter(region.languages), None),
            language_quota=region.language_quota,
            security_level=region.security_level,
            notices=(region.notice.id,) if region.notice else (),
            office=at_desk.geography.serving(region.office, on=day).code,
            home_office=region.office,
        )


def _observer(
    application: Application, nomination: Nomination, codes: set[str], *, keeps: bool, chosen: Choices
) -> planning.Observer:
    return planning.Observer(
        id=str(application.id),
        organisation=application.organisation,
        nationalities=nomination.nationalities,
        gender=nomination.sex or None,
        languages=nomination.languages,
        accepted_notices=nomination.accepted_notices,
        # What a region demands is its notice, and nobody goes there who has not accepted that very version.
        consent_level=4,
        preferences=tuple(dict.fromkeys(code for code in nomination.preferred_regions if code in codes))[:5],
        previous=application.region,
        pinned=application.region if keeps and application.region in codes else None,
        delegation=application.organisation if application.organisation in chosen.together else None,
    )
