"""An office that is reached otherwise, or a region that is called otherwise: whoever was told of it is told anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from db.store import Store
from domain.application.application import Application
from domain.application.case import Case
from domain.application.status import PLACED
from domain.election.geography import Geography, Office
from domain.letters.envelope import Envelope
from domain.values import OfficeCode, RegionCode
from flows.assignment.announcements import OfficeChange, change_letter, to_delegations
from flows.assignment.plans.places import Places
from flows.assignment.takeovers import OVERTAKEN, letters_of_places, stock_at
from flows.context import ElectionContext
from flows.letters.application_letters import competent_office
from notifications.letters.lines import CompetentOffice


def told_otherwise(store: Store, context: ElectionContext, before: Geography) -> dict[OfficeCode, list[Application]]:
    """Return who stays with their office and was told of it, or of their region, what is not so any more; by office.

    *before* is how places were. Who changes the office is told by :mod:`flows.assignment.takeovers`.
    """
    land = context.geography
    differing = {
        region.code: land.serving(region.office, on=context.day).code
        for region in land.regions
        if (said := _said(context, before, region.code)) and said != _said(context, land, region.code)
    }
    found: defaultdict[OfficeCode, list[Application]] = defaultdict(list)
    for application in store.applications.all_in(context.election, *PLACED) if differing else ():
        office = differing.get(application.region or "")
        if office and application.office == office:
            found[office].append(application)
    return dict(found)


def _said(context: ElectionContext, land: Geography, code: RegionCode) -> tuple[str, CompetentOffice] | None:
    """Return what a letter about a place in the region *code* says of it and of its office today."""
    region = next((region for region in land.regions if region.code == code), None)
    today = land.day_served(context.now.astimezone(context.profile.zone).date())
    return (region.name, competent_office(land, region.office, on=today)) if region else None


def tell_anew(
    store: Store, context: ElectionContext, before: Geography, told: Mapping[OfficeCode, Sequence[Application]],
) -> None:  # fmt: skip
    """Queue the letters to those whom :func:`told_otherwise` found, with those about badges that wait, under new keys.

    Where the office is reached otherwise, it hears of it too, with delegations, commissions and local administrations.
    """
    mark, plan = f"act-{store.statements.head(context.election)[0]}", store.plans.latest(context.election)
    places = Places.of(plan) if plan else None
    for office, here in told.items():
        ids = [application.id for application in here]
        people = store.people.current(ids)
        store.letters.overtake(context.election, OVERTAKEN, ids, now=context.now)
        cases = [Case(application, people[application.id]) for application in here if application.id in people]
        stock = {*stock_at(store, here, office=office)}
        letters = letters_of_places(store, context, cases, places, office=office, stock=stock)
        for letter in (*letters, *_about_the_office(context, before, office, here)):
            store.outbox.put(context.election, letter.revised(key=f"{letter.key}:{mark}"), now=context.now)


def _reached(office: Office) -> tuple[str, str, str, str]:
    return office.name, office.address, office.email, office.phone


def _about_the_office(
    context: ElectionContext, before: Geography, code: OfficeCode, here: Sequence[Application]
) -> Iterator[Envelope]:
    """Yield the letters to whoever works with an office that is reached otherwise; none where it is reached as ever."""
    land, day = context.geography, context.day
    was = {office.code: _reached(office) for office in before.offices}
    if was.get(code) == _reached(land.office(code)):
        return
    change = OfficeChange(code, "reached", day)
    yield change_letter(context, change, len(here), to=land.office(code).email, about=code)
    yield from to_delegations(context, change, here)
    regions = {application.region for application in here}
    for region in land.regions:
        count = sum(application.region == region.code for application in here)
        for whom, contact in (("commission", region.commission), ("administration", region.local_administration)):
            if contact and region.code in regions:
                yield change_letter(context, change, count, to=contact.email, about=f"{region.code}:{whom}")
