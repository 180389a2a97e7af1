"""Reminders of what comes up for people who are placed: briefings, and their stay as the nomination has it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta

from db.store import Store
from domain.application.case import Case
from domain.application.status import PLACED
from domain.election.profile import Briefing
from domain.letters.envelope import Envelope, OnlyWhile
from flows.context import ElectionContext
from flows.letters.application_letters import ApplicationLetters


def remind_of_briefings(store: Store, context: ElectionContext) -> Counter[str]:
    """Queue a reminder for each placed person once, from the day that the profile says."""
    due = [briefing for briefing in context.profile.letters.briefings if _is_near(briefing, context)]
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


def _is_near(briefing: Briefing, context: ElectionContext) -> bool:
    return briefing.begins - timedelta(days=briefing.remind_days) <= context.now < briefing.begins


def _of_briefing(context: ElectionContext, case: Case, briefing: Briefing) -> Envelope:
    """Return the reminder of one briefing: where its time or place changes before it leaves, another takes over."""
    letter = ApplicationLetters.at(context).briefing(case, briefing)
    key = f"reminder:{case.application.id}:briefing:{briefing.mark}"
    rests_on = OnlyWhile(statuses=tuple(sorted(PLACED)), before=briefing.begins, briefing=briefing.mark)
    return letter.revised(key=key, only_while=rests_on)


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
    return letter.revised(key=key, only_while=rests_on)
