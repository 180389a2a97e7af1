"""Carrying a plan out: places recorded, letters with the partner's name, rosters; repeating changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias
from uuid import UUID

from db.store import Store, open_reader, open_store
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.case import Case
from domain.application.events import RegionAssigned
from domain.application.nomination import Nomination
from domain.application.status import ON_LISTS, PLACED
from domain.letters.envelope import Envelope, LetterKind
from domain.values import ElectionCode, NoticeId, SiteCode, UtcTime
from flows.assignment.acknowledgements import send_lists
from flows.assignment.plans.drafts import paper_of
from flows.assignment.plans.pictures import picture_notes, pictures, write_pictures, write_tables
from flows.assignment.plans.places import Places, places_of, who_they_are
from flows.assignment.plans.staffing import staffing
from flows.assignment.plans.views import delegation_rows
from flows.assignment.rosters import OfficeList, SentBefore, last_lists, office_lists, record_of
from flows.assignment.shifts import staff_sent
from flows.context import ElectionContext, database, election_context
from flows.letters.application_letters import ApplicationLetters

Told: TypeAlias = tuple[tuple[str, ...], SiteCode]
"""The ids of the partners, and the site, that somebody knows of."""
_NOBODY: Final[Mapping[UUID, NoticeId | None]] = MappingProxyType({})


def moved_to(
    context: ElectionContext,
    places: Places,
    application: Application,
    *,
    actor: Actor,
    ended: Mapping[UUID, NoticeId | None] = _NOBODY,
) -> RegionAssigned:
    """Return the event that places *application* as the plan says, with the office that serves the region.

    *ended* names who leaves where they are, as :func:`flows.assignment.misplaced.leaving` does.
    """
    code = places.regions.get(str(application.id))
    land = context.geography
    office = land.serving(land.region(code).office, on=context.day).code if code else None
    return RegionAssigned(
        application_id=application.id, at=context.now, actor=actor, region=code, office=office, plan_id=places.plan,
        unaccepted=ended.get(application.id),
        shut=True if application.id in ended and ended[application.id] is None else None,
    )  # fmt: skip


def placement_letter(
    context: ElectionContext, case: Case, partners: Sequence[Nomination], site: SiteCode | None
) -> Envelope:
    """Return the letter that says where somebody is expected and with whom: of partners nothing but their names."""
    names = ", ".join(partner.name for partner in partners)
    return ApplicationLetters.at(context).placement(case, on=context.day, partner_name=names, site=site or "")


def placed_by(
    store: Store,
    context: ElectionContext,
    places: Places,
    due: Sequence[Application],
    *,
    actor: Actor,
    ended: Mapping[UUID, NoticeId | None] = _NOBODY,
) -> Counter[str]:
    """Record the plan's places for all of *due* and queue their letters; returns how many are placed and at large.

    *ended* are those of them who leave a region because they do not accept its notice, or because it is shut.
    Whoever comes in a role that is not placed, and had no place, is told nothing of places.
    """
    mates = {case.id: [UUID(mate) for mate in places.partners.get(str(case.id), ())] for case in due}
    people = store.people.current([*mates, *(mate for both in mates.values() for mate in both)])
    store.letters.overtake(context.election, (LetterKind.PLACEMENT,), list(mates), now=context.now)
    counts: Counter[str] = Counter(placed=0, at_large=0)
    for application in due:
        moved = store.applications.record(application, moved_to(context, places, application, actor=actor, ended=ended))
        known = [people[mate] for mate in mates[moved.id] if mate in people]
        if application.region or moved.region or context.profile.role_rules(moved.role).placed:
            letter = placement_letter(context, Case(moved, people[moved.id]), known, places.sites.get(str(moved.id)))
            store.outbox.put(context.election, letter, now=context.now)
        counts["placed" if moved.region else "at_large"] += 1
    return counts


def finish_plan(plan: UUID, election: ElectionCode, *, now: UtcTime) -> int:
    """Send every office whose list changed its roster, tell people of new partners and sites, and close the plan.

    Returns the number of rosters. Repeating changes nothing.
    """
    context, places = election_context(election, now), places_of(plan)
    with open_reader(database()) as store:
        before = last_lists(store.plans.with_rosters(election), but=plan)
        people, staff = on_lists(store, election, before.values()), staff_sent(store, context)
    lists = office_lists(context, places, people, who_they_are, before, staff=staff)
    letters = partner_letters(context, places, people, told_before(before.values()))
    with open_store(database()) as store:
        queue_lists(store, context, plan, lists)
        for letter in letters:
            store.outbox.put(election, letter, now=now)
    return len(lists)


def queue_lists(store: Store, context: ElectionContext, plan: UUID, lists: Sequence[OfficeList]) -> None:
    """Queue the rosters and close the plan."""
    send_lists(store, context, lists)
    store.plans.finish(plan, now=context.now, rosters=record_of(lists))


def on_lists(store: Store, election: ElectionCode, before: Iterable[SentBefore]) -> dict[UUID, Application]:
    """Return everybody in the field or set aside, and whoever stood on a list before."""
    placed = {application.id: application for application in store.applications.all_in(election, *ON_LISTS)}
    gone = {UUID(line) for sent in before for line in sent.entries} - placed.keys()
    return placed | store.applications.get_many(sorted(gone))


def told_before(lists: Iterable[SentBefore]) -> dict[str, Told]:
    """Return the partners and the site that everybody on *lists* was told."""
    return {known: (entry.partners, entry.site) for sent in lists for known, entry in sent.entries.items()}


def partner_letters(
    context: ElectionContext, places: Places, people: Mapping[UUID, Application], earlier: Mapping[str, Told]
) -> list[Envelope]:
    """Return a letter to everybody who stays in the region with other partners than before, or at another site."""
    staying = [person for person in people.values() if person.status in PLACED and person.plan_id != places.plan]
    told = {
        application.id: [UUID(mate) for mate in places.partners.get(str(application.id), ())]
        for application in staying
        if earlier.get(str(application.id), now := _told(places, str(application.id))) != now
    }
    who = who_they_are(sorted({*told, *(mate for mates in told.values() for mate in mates)}))
    letters: list[Envelope] = []
    for known, mates in told.items():
        site = places.sites.get(str(known), "")
        if known in who:
            named = [who[mate] for mate in mates if mate in who]
            letter = placement_letter(context, Case(people[known], who[known]), named, site)
            letters.append(letter.revised(key=f"{letter.key}:{places.plan}"))
    return letters


def _told(places: Places, known: str) -> Told:
    return tuple(places.partners.get(known, ())), places.sites.get(known, "")


_OF_DELEGATIONS: Final = ("delegation", "people", "together")


def plan_notes(election: ElectionCode, *, now: UtcTime) -> list[str]:
    """Write the pictures of the plan in force and return what the report says about them; nothing without a plan."""
    with open_reader(database()) as store:
        stored = store.plans.latest(election)
    if stored is None:
        return []
    paper = paper_of(stored)
    context = election_context(election, now)
    # Who a delegation's liaison is stays in the database: what lies in a folder ends with no class of data.
    delegations = [{name: row[name] for name in _OF_DELEGATIONS} for row in delegation_rows(paper, context)]
    drawn = pictures(paper, context.geography)
    try:
        write_pictures(paper, drawn)
        write_tables(paper, {"staffing": staffing(paper, context.geography)["offices"],
                             "delegations": delegations})  # fmt: skip
    except OSError:
        return ["The plan's pictures could not be written; everything else is done."]
    return list(picture_notes(paper, drawn))
