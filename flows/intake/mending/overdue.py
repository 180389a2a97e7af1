"""The incomplete cases whose time to mend is over, for officers to decide in bulk."""

from __future__ import annotations

from collections.abc import Iterable

from db.store import open_reader
from domain.application.application import Application
from domain.application.status import Status
from domain.intake.cures import is_overdue
from domain.values import ElectionCode, UtcTime
from flows.context import database


def overdue_cases(election: ElectionCode, *, now: UtcTime, organisation: str = "") -> list[Application]:
    """Return the cases whose time to mend is over, the longest first; of one *organisation* where it is named.

    Raises :class:`UnknownThingError` for an organisation that is none of the election's.
    """
    with open_reader(database()) as store:
        if organisation:
            store.organisations.get(election, organisation)
        waiting = store.applications.all_in(election, Status.INCOMPLETE)
        found = [application for application in waiting if is_overdue(application, now=now)]
        notices = store.notices.requests([application.id for application in found])
    late = [
        application
        for application in found
        if (notice := notices.get(application.id))
        and (ends := notice.ends(application.due_at))
        and now > ends
        and organisation in {"", application.organisation}
    ]
    return sorted(late, key=lambda late_case: (late_case.due_at or now, late_case.id))


def overdue_table(found: Iterable[Application], *, now: UtcTime) -> list[dict[str, str | int | float]]:
    """Return overdue cases for people: ids, codes and times only."""
    return [
        {
            "application": str(application.id),
            "case": application.case_number,
            "organisation": application.organisation,
            "reasons": ", ".join(application.reasons),
            "due (UTC)": f"{application.due_at:%Y-%m-%d %H:%M}",
            "hours over": int((now - (application.due_at or now)).total_seconds() // 3600),
            "proposal": f"{application.proposal.kind} by {application.proposal.by}" if application.proposal else "",
        }
        for application in found
    ]
