"""Rosters between plans: once a day every office whose list changed gets the next version, changes marked."""

from __future__ import annotations

from uuid import UUID

from db.assignment.plans import PlanState
from db.store import open_reader, open_store
from domain.values import ElectionCode, UtcTime
from flows.assignment.placements import on_lists
from flows.assignment.places import Places, who_they_are
from flows.assignment.rosters import last_lists, office_lists, record_of
from flows.context import database, election_context

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
        people = on_lists(store, election, before.values())
    lists = office_lists(context, Places.of(plan), people, who_they_are, before)
    with open_store(database()) as store:
        for one in lists:
            for letter in (one.letter, *one.summaries):
                # The plan's first letters bear its key; each version since then is a letter of its own.
                store.outbox.put(election, letter.revised(key=f"{letter.key}:v{one.version}"), now=now)
        store.plans.amend_rosters(plan.id, record_of(lists))
    return len(lists)
