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
    return [one for one in access_requests(election) if one.answered_at is None]


def requests_table(election: ElectionCode, *, now: UtcTime, waiting: bool = False) -> list[dict[str, str]]:
    """Return every request, or those that wait, as clocks: case numbers, times and file numbers."""
    return [
        {"case": case_number(one.case), "asked (UTC)": f"{one.asked_at:%Y-%m-%d %H:%M}",
         "due (UTC)": f"{one.due_at:%Y-%m-%d %H:%M}" if one.due_at else "",
         "answered (UTC)": f"{one.answered_at:%Y-%m-%d %H:%M}" if one.answered_at else "",
         "stands": ("late" if one.is_late(now) else "answered" if one.answered_at else "open"),
         "identity": one.identity.value if one.identity else "", "ground": one.ground, "officer": one.officer}
        for one in access_requests(election) if not (waiting and one.answered_at)
    ]  # fmt: skip
