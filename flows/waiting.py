"""The queue: cases that wait for officers."""

from __future__ import annotations

from db.store import open_reader
from domain.findings import Severity
from domain.status import Status
from domain.values import ElectionCode
from flows.desk import database


def queue_table(election: ElectionCode) -> list[dict[str, str | int | float]]:
    """Return the cases that wait for officers, most urgent first: ids, codes and times only."""
    with open_reader(database()) as store:
        waiting = store.applications.all_in(election, Status.IN_REVIEW)
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
        }
        for one in waiting
    ]
