"""Who is placed where they do not accept the notice, or nobody may be: counted without loading what writes to them."""

from __future__ import annotations

from uuid import UUID

from db.store import Store, open_reader
from domain.application.status import ACCREDITED
from domain.assignment.consents import ENDS_A_PLACE
from domain.values import ElectionCode, NoticeId, UtcTime
from flows.context import database


def misplaced(election: ElectionCode, *, now: UtcTime) -> int:
    """Return how many are placed where they declined the notice or let the time to answer pass, or nobody is sent."""
    with open_reader(database()) as store:
        return len(leaving(store, election, now=now))


def leaving(store: Store, election: ElectionCode, *, now: UtcTime) -> dict[UUID, NoticeId | None]:
    """Return who is placed where they declined the notice, or let the time to answer pass, with that notice.

    Without a notice it is who is placed in a region to which nobody is sent any more.
    """
    return _unwilling(store, election, now=now) | dict.fromkeys(in_shut_regions(store, election))


def in_shut_regions(store: Store, election: ElectionCode) -> list[UUID]:
    """Return who is placed in a region to which nobody is sent any more."""
    shut = {region.code for region in store.elections.geography(election).regions if region.no_deployment}
    accredited = store.applications.all_in(election, *ACCREDITED) if shut else []
    return [application.id for application in accredited if application.region in shut]


def _unwilling(store: Store, election: ElectionCode, *, now: UtcTime) -> dict[UUID, NoticeId | None]:
    standing = store.consents.standing(election)
    said = {(known, notice) for known, answers in standing.answers.items() for notice in answers}
    ended = [
        (known, notice)
        for known, notice in said | {*standing.requests}
        if standing.of(known, notice, now=now) in ENDS_A_PLACE
    ]
    if not ended:
        return {}
    found = store.applications.get_many([known for known, _ in ended])
    noticed = {region.notice.id: region.code for region in store.elections.geography(election).regions if region.notice}
    return {
        known: notice
        for known, notice in ended
        if found[known].status in ACCREDITED and notice in noticed and found[known].region == noticed[notice]
    }
