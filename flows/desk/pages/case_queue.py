"""The queue: what waits for this officer, most urgent first, a page at a time; claims on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from db.store import Store, open_reader
from domain.application.application import Application
from domain.application.findings import Finding, Severity
from domain.decisions.casework import Claim
from domain.decisions.competence import Place, Priority
from domain.errors import UnknownThingError
from domain.oversight.looks import checked_ground
from domain.values import UtcTime
from flows.context import database
from flows.decisions.case_file import find_application, find_cases
from flows.decisions.casework import claim_at_desk, release_at_desk
from flows.desk.access import may_open
from flows.desk.listing import PAGE, Listing, lanes_of
from flows.desk.visit import Visit, acting, go, ids_of, text_of, visiting

router = APIRouter()


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One waiting case as the queue shows it: codes and times, nobody's name."""

    application: Application
    organisation: str
    place: Place
    rules: tuple[str, ...]
    claim: Claim | None
    priority: Priority
    hours: float | None
    """Until it is due; below zero where it is late."""
    piled: bool


@router.get("/")
def home() -> RedirectResponse:
    """Go to the queue."""
    return RedirectResponse("/queue", 303)


@router.get("/queue")
def queue(visit: Annotated[Visit, Depends(visiting)]) -> Response:
    """Show a page of the queue."""
    if not visit.sees_cases:
        return RedirectResponse("/officers", 303)
    if number := visit.request.query_params.get("case", "").strip():
        return RedirectResponse(_found(visit, number), 303)
    listing = Listing.read(visit.request.query_params, visit.officer)
    with open_reader(database()) as store:
        wanted = listing.wanted(store, visit.officer, visit.profile, now=visit.now)
        count = store.waiting.count(visit.election, wanted)
        ids = store.waiting.page(visit.election, wanted, offset=(listing.page - 1) * PAGE, limit=PAGE)
        rows = _rows(store, visit, ids)
        choices = _choices(store, visit)
    return _page(visit, listing, rows, count=count, **choices)


def _page(visit: Visit, listing: Listing, rows: Sequence[QueueLine], *, count: int, **choices: Any) -> HTMLResponse:
    pages = max(1, -(-count // PAGE))
    first = (listing.page - 1) * PAGE + 1
    return visit.page(
        "queue.html", listing=listing, rows=rows, count=count, pages=pages, first=first,
        lanes=lanes_of(visit.officer), priorities=[priority.value for priority in Priority], **choices,
    )  # fmt: skip


def _found(visit: Visit, number: str) -> str:
    try:
        find_application(visit.election, number)
    except UnknownThingError:
        visit.session.told.append((False, visit.say("queue.unknown", number=number[:40])))
        return "/queue"
    return f"/case/{number.upper()[:40]}"


@router.post("/find")
def find(visit: Annotated[Visit, Depends(acting)], body: Annotated[dict[str, Any], Body()]) -> JSONResponse:
    """Look for cases by name, document, e-mail address, serial or number, among those that the officer may open.

    What is typed may be personal: it stands in no address, and that it was looked for is recorded before it is told.
    """
    typed = text_of(body, "case")[:200]
    cases = find_cases(visit.election, typed) if typed.strip() else []
    with open_reader(database()) as store:
        open_to = [case for case in cases if may_open(store, visit.officer, case, visit.profile, now=visit.now)]
    visit.looked("found", *(case.id for case in open_to))
    visit.session.found = [case.id for case in open_to]
    if not open_to:
        visit.session.told.append((False, visit.say("found.none")))
        return go("/queue")
    return go(f"/case/{open_to[0].case_number}" if len(open_to) == 1 else "/found")


@router.get("/found")
def found(visit: Annotated[Visit, Depends(visiting)]) -> Response:
    """Show the cases that were found last, as codes; who they are about is seen by opening one."""
    with open_reader(database()) as store:
        cases = store.applications.get_many(visit.session.found)
        shown = [cases[known] for known in visit.session.found if known in cases]
        shown = [case for case in shown if may_open(store, visit.officer, case, visit.profile, now=visit.now)]
        names = store.organisations.names(visit.election, {case.organisation for case in shown})
    return visit.page("found.html", rows=[(case, names.get(case.organisation, "")) for case in shown])


def _choices(store: Store, visit: Visit) -> dict[str, Any]:
    geography = store.elections.geography(visit.election)
    return {
        "organisations": store.waiting.organisations(visit.election),
        "rules": store.waiting.rules(visit.election),
        "regions": [region.code for region in geography.regions],
        "offices": [office.code for office in geography.offices],
    }


def _rows(store: Store, visit: Visit, ids: Sequence[UUID]) -> list[QueueLine]:
    found = store.applications.get_many(ids)
    people, findings = store.people.current(ids), store.people.findings_on(ids)
    claims = store.casework.claims(ids, now=visit.now)
    names = store.organisations.names(visit.election, {application.organisation for application in found.values()})
    geography, today = store.elections.geography(visit.election), visit.now.astimezone(visit.profile.zone).date()
    piled = {known for known, _ in visit.session.pile.decided}
    return [
        QueueLine(
            application=case,
            organisation=names.get(case.organisation, ""),
            place=Place.of(case, people.get(case.id), geography, on=today),
            rules=_rules(findings.get(case.id, [])),
            claim=claims.get(case.id),
            priority=Priority.of(case.next_due_at, now=visit.now),
            hours=hours_until(case.next_due_at, visit.now),
            piled=case.id in piled,
        )
        for case in (found[known] for known in ids if known in found)
    ]


def _rules(findings: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(sorted({finding.rule for finding in findings if finding.severity is Severity.HUMAN}))


def hours_until(due: UtcTime | None, now: UtcTime) -> float | None:
    """Return how many hours are left, below zero where it is late; None where no clock runs."""
    return None if due is None else (due - now).total_seconds() / 3600


@router.post("/queue/claim")
def claim(visit: Annotated[Visit, Depends(acting)], body: Annotated[dict[str, Any], Body()]) -> JSONResponse:
    """Keep cases for this officer, or give them back."""
    ids = ids_of(body)
    if text_of(body, "do") == "release":
        release_at_desk(ids, visit.officer.code, now=visit.now)
    else:
        claim_at_desk(ids, visit.officer.code, election=visit.election, now=visit.now)
    return go(text_of(body, "back") or "/queue")


@router.post("/ground")
def ground(visit: Annotated[Visit, Depends(acting)], body: Annotated[dict[str, Any], Body()]) -> JSONResponse:
    """Keep why an auditor looks, for what is opened from now on in this session."""
    visit.session.ground = checked_ground(text_of(body, "ground"))
    return go("/queue")
