"""The queue: cases that wait for officers."""

from __future__ import annotations

from datetime import UTC, datetime

from db.store import open_reader
from domain.findings import Severity
from domain.status import ACCREDITED, Status
from domain.values import ElectionCode, UtcTime
from flows.desk import database

_WAITING = frozenset({Status.IN_REVIEW, Status.UNDER_APPEAL})
_WITH_PROPOSALS = (*_WAITING, Status.HELD, Status.INCOMPLETE, *ACCREDITED, Status.SUSPENDED)


def queue_table(election: ElectionCode, *, now: UtcTime | None = None) -> list[dict[str, str | int | float]]:
    """Return the cases that wait for officers, most urgent first: ids, codes and times only.

    Those under appeal wait as well, and those with a proposal that a second officer has not answered.
    """
    moment = now or datetime.now(UTC)
    with open_reader(database()) as store:
        every = store.applications.all_in(election, *_WITH_PROPOSALS)
        waiting = [one for one in every if one.status in _WAITING or one.proposal]
        claims = store.casework.claims([one.id for one in waiting], now=moment)
        findings = store.people.findings_on([one.id for one in waiting])
    waiting.sort(key=lambda one: (one.due_at or one.received_at, one.id))
    return [
        {
            "application": str(one.id),
            "case": one.case_number,
            "organisation": one.organisation,
            "findings": ", ".join(sorted({f.rule for f in findings.get(one.id, []) if f.severity is Severity.HUMAN})),
            "due (UTC)": f"{one.due_at:%Y-%m-%d %H:%M}" if one.due_at else "",
            "proposal": f"{one.proposal.kind} by {one.proposal.by}" if one.proposal else "",
            "with": f"{claims[one.id].officer} until {claims[one.id].until:%H:%M}" if one.id in claims else "",
        }
        for one in waiting
    ]
