"""The officers' daily digest: how much waits, what is late and what is due next; ids and counts only."""

from __future__ import annotations

from collections import Counter
from typing import Final

from db.letters.letters import LetterFilter
from db.store import Store
from domain.application.application import Application
from domain.application.status import WITH_OFFICERS, Status
from domain.letters.envelope import Envelope, LetterKind, LetterState
from flows.context import ElectionContext
from notifications.letters import contents_of
from notifications.letters.lines import Letterhead, OpenCase
from notifications.letters.office import DigestLetter

_OPEN: Final = (*WITH_OFFICERS, Status.INCOMPLETE, Status.DEFERRED, Status.IN_VETTING)
_SHOWN: Final = 10


def send_digest(store: Store, context: ElectionContext) -> Counter[str]:
    """Queue the digest once a day, from the hour on that the profile names."""
    profile = context.profile
    local = context.now.astimezone(profile.zone)
    if profile.letters.digest_at is None or local.time() < profile.letters.digest_at:
        return Counter()
    key = f"digest:{context.election}:{local:%Y-%m-%d}"
    if store.letters.count(context.election, LetterFilter(only=(key,))):
        return Counter()
    envelope = Envelope(
        key=key,
        kind=LetterKind.DIGEST,
        to=profile.election.officers_email,
        language=profile.languages[0],
        contents=contents_of(digest(store, context)),
    )
    store.outbox.put(context.election, envelope, now=context.now)
    return Counter(digests=1)


def digest(store: Store, context: ElectionContext) -> DigestLetter:
    """Return the state of the election at the context's moment."""
    still_open = store.applications.all_in(context.election, *_OPEN)
    status = Counter(application.status for application in still_open)
    return DigestLetter(
        head=Letterhead.of(context.profile.election),
        written_at=context.now,
        in_review=sum(status[standing] for standing in WITH_OFFICERS),
        second_officer=sum(application.proposal is not None for application in still_open),
        incomplete=status[Status.INCOMPLETE],
        late=sum(application.due_at is not None and application.due_at < context.now for application in still_open),
        undelivered=store.letters.count(context.election, LetterFilter(state=LetterState.FAILED)),
        next_due=tuple(_next_due(still_open)),
    )


def _next_due(still_open: list[Application]) -> list[OpenCase]:
    waiting = [
        OpenCase(case_number=application.case_number, due=application.due_at)
        for application in still_open
        if application.due_at
    ]
    return sorted(waiting, key=lambda case: (case.due, case.case_number))[:_SHOWN]
