"""What follows changed rules, in the transaction that changes them; and, for the draft, whom it would concern."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from db.store import Store
from domain.application.status import ON_LISTS, REVIEWED, REVOCABLE
from domain.election.geography import Geography
from domain.election.moving import Rules
from domain.values import ElectionCode, RegionCode, UtcTime
from flows.assignment.consents import ask_for_consents, to_be_asked
from flows.assignment.misplaced import in_shut_regions
from flows.assignment.shifts import tell_of_shifts
from flows.assignment.takeovers import take_over, takeovers
from flows.assignment.told_anew import tell_anew, told_otherwise
from flows.context import ElectionContext
from flows.letters.forwarding import forward
from flows.vetting.reference_lists import look_at_lists
from flows.vetting.second_looks import look_at_rules


def follow_rules(store: Store, before: Rules, *, now: UtcTime) -> bool:
    """Let places, letters, shifts, consents and second looks follow the rules that *store* has just been given.

    Policies were looked at when they were put. Lists of names are gone through afterwards, and lists of offices where
    this returns that they differ.
    """
    store.flush()
    context = ElectionContext.of(store, before.profile.election.code, now=now)
    told = told_otherwise(store, context, before.land)
    moved = take_over(store, context)
    store.flush()
    tell_anew(store, context, before.land, told)
    store.flush()
    forward(store, context, before)
    shifts = tell_of_shifts(store, context)
    ask_for_consents(store, context)
    look_at_rules(store, context, before=before.profile)
    return bool(moved or shifts)


def cases_touched(store: Store, before: Rules, *, lists_changed: bool, now: UtcTime) -> set[UUID]:
    """Return for whom something changes by the rules that *store* has been given, in a transaction that is undone.

    That is who changes the office, on the day or later; whose letter names what is not so any more; who is asked about
    a notice; of whom policies, rules or lists say something that officers have not judged.
    """
    store.flush()
    context = ElectionContext.of(store, before.profile.election.code, now=now)
    told = told_otherwise(store, context, before.land)
    touched = {application.id for here in told.values() for application in here}
    touched |= {application.id for takeover in takeovers(store, context) for application in takeover.people}
    regions = _served_otherwise(context, before.land)
    people = store.applications.all_in(context.election, *ON_LISTS) if regions else []
    touched |= {application.id for application in people if application.region in regions}
    touched |= {case.application.id for case, _, _ in to_be_asked(store, context)}
    return touched | _looked_at(store, context, before, lists_changed=lists_changed)


def cases_to_move(store: Store, before: Geography, election: ElectionCode) -> set[UUID]:
    """Return who is in a region to which nobody is sent any more, and was sent *before*: the next plan moves them."""
    sent = {region.code for region in before.regions if not region.no_deployment}
    found = store.applications.get_many(in_shut_regions(store, election))
    return {application.id for application in found.values() if application.region in sent}


def _served_otherwise(context: ElectionContext, before: Geography) -> set[RegionCode]:
    """Return the regions that another office serves, today or on a later day, than would have."""
    land, today = context.geography, context.day
    days = {today, *(day for day in (*before.days_of_change(), *land.days_of_change()) if day > today)}
    return {
        region.code for region in land.regions
        if any(_office(before, region.code, day) != _office(land, region.code, day) for day in days)
    }  # fmt: skip


def _office(land: Geography, code: RegionCode, day: date) -> str:
    region = next((region for region in land.regions if region.code == code), None)
    return land.serving(region.office, on=land.day_served(day)).code if region else ""


def _looked_at(store: Store, context: ElectionContext, before: Rules, *, lists_changed: bool) -> set[UUID]:
    """Return whom officers look at again; they are given to them, in the transaction that is undone."""
    ids = store.applications.ids_in(context.election, *REVIEWED, *REVOCABLE)
    known = store.people.findings_on(ids)
    look_at_rules(store, context, before=before.profile)
    store.flush()
    if lists_changed:
        look_at_lists(store, context, ids)
    store.flush()
    found = store.people.findings_on(ids)
    return {*store.applications.moved} | {case for case in ids if found.get(case) != known.get(case)}
