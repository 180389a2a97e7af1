"""Times of the applicants begin when the letters that set them arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from db.store import Store, open_store
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.events import NoticeServed
from domain.application.status import REVOCABLE, Status
from domain.letters.notice import Notice
from domain.values import ElectionCode, UtcTime
from flows.context import database

ENGINE = Actor.engine("delivery")


def start_clocks(election: ElectionCode, *, now: UtcTime) -> int:
    """Record for every case whose letter arrived later than it was written that its time ends later; returns how many.

    Repeating changes nothing; a letter that was sent anew after it came back begins the time anew.
    """
    with open_store(database()) as store:
        moved = [*_requests(store, election), *_announcements(store, election)]
        for application, due in moved:
            event = NoticeServed(application_id=application.id, at=now, actor=ENGINE, due_at=due)
            store.applications.record(application, event)
    return len(moved)


def _requests(store: Store, election: ElectionCode) -> Iterator[tuple[Application, datetime]]:
    asked = store.applications.all_in(election, Status.INCOMPLETE)
    notices = store.notices.requests([application.id for application in asked])
    for application in asked:
        yield from _later(application, notices.get(application.id), application.due_at)


def _announcements(store: Store, election: ElectionCode) -> Iterator[tuple[Application, datetime]]:
    found = store.applications.in_or_proposed(election, (), proposable=REVOCABLE)
    announced = {application: application.proposal for application in found}
    notices = store.notices.announcements([application.id for application in found])
    for application, proposal in announced.items():
        if proposal and proposal.reply_until:
            yield from _later(application, notices.get(application.id), proposal.reply_until)


def _later(
    application: Application, notice: Notice | None, running: datetime | None
) -> Iterator[tuple[Application, datetime]]:
    due = notice.due if notice else None
    if due is not None and running is not None and due > running:
        yield application, due
