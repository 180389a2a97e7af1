"""What is announced between plans: renewed rosters, what comes up for people, offices that open or close."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from db.assignment.plans import PlanState
from db.store import Store, open_reader, open_store
from domain.application.application import Application
from domain.application.case import Case
from domain.application.status import PLACED
from domain.election.geography import Geography
from domain.election.profile import Briefing
from domain.letters.envelope import Envelope, LetterKind, OnlyWhile
from domain.values import ElectionCode, OfficeCode, UtcTime
from flows.assignment.acknowledgements import send_lists
from flows.assignment.placements import on_lists
from flows.assignment.plans.places import Places, who_they_are
from flows.assignment.rosters import last_lists, office_lists, record_of
from flows.assignment.shifts import staff_sent, tell_of_shifts
from flows.context import ElectionContext, database, election_context
from flows.letters.addressing import to_authority
from flows.letters.application_letters import ApplicationLetters, competent_office
from flows.letters.calendar_files import of_briefing, of_stay, with_calendar
from notifications.letters.lines import Letterhead
from notifications.letters.office import OfficeChangeLetter

_NO_PLAN = UUID(int=0)


def renew_rosters(election: ElectionCode, *, now: UtcTime) -> int:
    """Queue the next version for every office whose people, partners or credentials changed; returns how many.

    Repeating changes nothing. While a plan is being carried out its own rosters are on their way, and none is renewed.
    """
    context = election_context(election, now)
    with open_reader(database()) as store:
        plan = store.plans.latest(election)
        if plan is None or plan.state is not PlanState.FINISHED:
            return 0
        before = last_lists(store.plans.with_rosters(election), but=_NO_PLAN)
        people, staff = on_lists(store, election, before.values()), staff_sent(store, context)
    lists = office_lists(context, Places.of(plan), people, who_they_are, before, staff=staff)
    with open_store(database()) as store:
        send_lists(store, context, lists, renewed=True)
        store.plans.amend_rosters(plan.id, record_of(lists))
    return len(lists)


def follow_shifts(election: ElectionCode, *, now: UtcTime) -> None:
    """Let letters and lists say how shifts stand now. Repeating changes nothing."""
    context = election_context(election, now)
    with open_store(database()) as store:
        tell_of_shifts(store, context)
    renew_rosters(election, now=now)


def remind_of_briefings(store: Store, context: ElectionContext) -> Counter[str]:
    """Queue a reminder for each placed person once, from the day that the profile says."""
    due = [briefing for briefing in context.profile.letters.briefings if is_near(briefing, context)]
    cases = placed_cases(store, context) if due else []
    for briefing in due:
        for case in cases:
            store.outbox.put(context.election, _of_briefing(context, case, briefing), now=context.now)
    return Counter(briefings=len(due) * len(cases))


def remind_of_stays(store: Store, context: ElectionContext) -> Counter[str]:
    """Queue a reminder for everybody placed who arrives within so many days, and anew where it has changed."""
    days = context.profile.letters.stay_reminder_days
    if days is None:
        return Counter()
    today = context.now.astimezone(context.profile.zone).date()
    last = today + timedelta(days=days)
    near = [
        case
        for case in placed_cases(store, context)
        if case.nomination.arrival and today <= case.nomination.arrival <= last
    ]
    for case in near:
        store.outbox.put(context.election, _of_stay(context, case), now=context.now)
    return Counter(stays=len(near))


def placed_cases(store: Store, context: ElectionContext) -> list[Case]:
    """Return everybody who is placed, at large or not."""
    placed = store.applications.all_in(context.election, *PLACED)
    people = store.people.current([application.id for application in placed])
    return [Case(application, people[application.id]) for application in placed if application.id in people]


def is_near(briefing: Briefing, context: ElectionContext) -> bool:
    """Whether the days have come in which people are reminded of *briefing*."""
    return briefing.begins - timedelta(days=briefing.remind_days) <= context.now < briefing.begins


def _of_briefing(context: ElectionContext, case: Case, briefing: Briefing) -> Envelope:
    """Return the reminder of one briefing: where its time or place changes before it leaves, another takes over."""
    letter = ApplicationLetters.at(context).briefing(case, briefing)
    key = f"reminder:{case.application.id}:briefing:{briefing.mark}"
    rests_on = OnlyWhile(statuses=tuple(sorted(PLACED)), before=briefing.begins, briefing=briefing.mark)
    appointment = of_briefing(context.profile, briefing)
    return with_calendar(letter.revised(key=key, only_while=rests_on), context, [appointment])


def _of_stay(context: ElectionContext, case: Case) -> Envelope:
    """Return the reminder of one nomination and one region: where either changes before it leaves, another takes over.

    Who comes back to a region after being told of it is not told again; the letter on the placement says so.
    """
    nomination, application = case.nomination, case.application
    arrival = nomination.arrival or context.now.date()
    letter = ApplicationLetters.at(context).stay(case, on=arrival)
    key = f"reminder:{application.id}:stay:{application.person_version}:{application.region or 'at-large'}"
    rests_on = OnlyWhile(
        statuses=tuple(sorted(PLACED)),
        person_version=application.person_version,
        region=application.region or "",
        before=datetime.combine(arrival + timedelta(days=1), time(), tzinfo=context.profile.zone),
    )
    appointment = of_stay(context.profile, case)
    return with_calendar(letter.revised(key=key, only_while=rests_on), context, [appointment] if appointment else [])


@dataclass(frozen=True, slots=True)
class OfficeChange:
    """What changes at an office, and from which day on."""

    office: OfficeCode
    change: Literal["opens", "acting", "reached"]
    begins_on: date
    ends_on: date | None = None


def announce_office_changes(store: Store, context: ElectionContext) -> Counter[str]:
    """Queue letters about changes within the profile's days: to the offices, and to organisations with people there."""
    near = changes_near(context)
    if not near:
        return Counter()
    placed = store.applications.all_in(context.election, *PLACED)
    letters = {letter.key: letter for change in near for letter in _letters(context, change, placed)}
    for letter in letters.values():
        store.outbox.put(context.election, letter, now=context.now)
    return Counter({"office changes": len(letters)})


def changes_near(context: ElectionContext) -> list[OfficeChange]:
    """Return what changes within the days that the profile announces it before."""
    today = context.now.astimezone(context.profile.zone).date()
    last = today + timedelta(days=context.profile.letters.announce_days)
    return [change for change in changes(context.geography) if today <= change.begins_on <= last]


def changes(geography: Geography) -> Iterator[OfficeChange]:
    """Yield what changes during the service period; what is so from its first day on is no change.

    That an office closes is told with who acts for it: without an order no office of a region closes.
    """
    for office in sorted({region.office for region in geography.regions}):
        for day in geography.days_of_change()[1:]:
            orders = [order for order in geography.orders_for(office, on=day) if order.begins_on == day]
            if orders:
                yield OfficeChange(office, "acting", day, orders[0].ends_on)
            elif geography.is_open(office, on=day) and not geography.is_open(office, on=day - timedelta(days=1)):
                yield OfficeChange(office, "opens", day)


def letters_about(
    store: Store, context: ElectionContext, change: OfficeChange, here: Sequence[Application], *, left: OfficeCode
) -> Iterator[Envelope]:
    """Yield the letters about a change that has come, *here* being whom it moves; the office that is *left* gets one.

    Who was told of this very change before it came is not told again; the two offices are, for badges change hands.
    """
    told = store.letters.keys_of(context.election, LetterKind.OFFICE_CHANGE)
    for letter in _letters(context, change, here, also={left}):
        if letter.organisation is None:
            yield letter.revised(key=f"{letter.key}:{context.day}")
        elif letter.key not in told:
            yield letter


def _letters(
    context: ElectionContext,
    change: OfficeChange,
    placed: Sequence[Application],
    *,
    also: Collection[OfficeCode] = (),
) -> Iterator[Envelope]:
    land = context.geography
    regions = {region.code for region in land.regions if region.office == change.office}
    here = [application for application in placed if application.region in regions]
    serving = land.serving(change.office, on=change.begins_on)
    for code in sorted({change.office, serving.code, *also}):
        yield change_letter(context, change, len(here), to=land.office(code).email, about=code)
    yield from to_delegations(context, change, here)


def to_delegations(context: ElectionContext, change: OfficeChange, here: Sequence[Application]) -> Iterator[Envelope]:
    """Yield the letter about *change* to each organisation that has people *here*, with their number."""
    for code, count in sorted(Counter(application.organisation for application in here).items()):
        focal_point = context.organisations[code].focal_point
        letter = change_letter(context, change, count, to=focal_point.email, about=code)
        yield letter.revised(organisation=code, language=_language(context, context.organisations[code].language))


def change_letter(context: ElectionContext, change: OfficeChange, cases: int, *, to: str, about: str) -> Envelope:
    """Return the letter about *change* to somebody who is known by *about*, with the number of *cases*."""
    letter = OfficeChangeLetter(
        head=Letterhead.of(context.profile.election),
        written_at=context.now,
        subject_office=context.geography.office(change.office).name,
        change=change.change,
        effective_from=_begin(context, change.begins_on),
        effective_until=_begin(context, change.ends_on) if change.ends_on else None,
        competent=competent_office(context.geography, change.office, on=change.begins_on),
        open_cases=cases,
    )
    key = f"office_change:{change.office}:{change.change}:{change.begins_on}:{about}"
    return to_authority(context.profile, letter, key=key, to=to)


def _begin(context: ElectionContext, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=context.profile.zone).astimezone(context.now.tzinfo)


def _language(context: ElectionContext, wanted: str) -> str:
    return wanted if wanted in context.profile.languages else context.profile.languages[0]
