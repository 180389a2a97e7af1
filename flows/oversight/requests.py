"""Requests for access: which there are, which wait, and how much time is left. Light: the status reads it."""

from __future__ import annotations

from db.store import open_reader
from domain.application.application import case_number
from domain.oversight.access import AccessRequest, requests_in
from domain.statements.statement import ActKind
from domain.values import ElectionCode, UtcTime
from flows.context import database


def access_requests(election: ElectionCode) -> list[AccessRequest]:
    """Return every request for access, first to last."""
    with open_reader(database()) as store:
        return requests_in(store.statements.entries(election, kinds=(ActKind.ACCESS,)))


def waiting_requests(election: ElectionCode) -> list[AccessRequest]:
    """Return the requests that are not answered."""
    return [request for request in access_requests(election) if request.answered_at is None]


def requests_table(election: ElectionCode, *, now: UtcTime, waiting: bool = False) -> list[dict[str, str]]:
    """Return every request, or those that wait, as clocks: case numbers, times and file numbers."""
    return [
        {"case": case_number(request.case), "asked (UTC)": f"{request.asked_at:%Y-%m-%d %H:%M}",
         "due (UTC)": f"{request.due_at:%Y-%m-%d %H:%M}" if request.due_at else "",
         "answered (UTC)": f"{request.answered_at:%Y-%m-%d %H:%M}" if request.answered_at else "",
         "stands": ("late" if request.is_late(now) else "answered" if request.answered_at else "open"),
         "identity": request.identity.value if request.identity else "", "ground": request.ground,
         "officer": request.officer}
        for request in access_requests(election) if not (waiting and request.answered_at)
    ]  # fmt: skip
