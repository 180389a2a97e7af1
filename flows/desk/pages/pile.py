"""Decisions on the pile: put there by a key, listed, taken back, and signed together by one gesture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import APIRouter, Body, Depends
from fastapi.responses import JSONResponse, Response

from db.store import open_reader
from domain.application.application import case_number
from domain.application.reasons import ReasonCode
from domain.application.status import CLOSED, REVOCABLE
from domain.application.weighing import Weighed, with_weighed
from domain.decisions.choices import choices
from domain.decisions.effects import require_facts
from domain.decisions.rulings import DecisionRefusedError, Outcome, Ruling, check_ruling
from domain.errors import BadInputError
from domain.numbers import number_of
from flows.context import database
from flows.decisions.casework import confirm_extent
from flows.decisions.looks import check_opening
from flows.decisions.review import Seen, parse_until
from flows.decisions.setting_aside import Points, come_up, noted_on, seal_of, to_judge, unanswered
from flows.desk.acts import Decide
from flows.desk.listing import Listing
from flows.desk.visit import (
    Visit,
    acting,
    go,
    ids_of,
    seen_of,
    text_of,
    texts_of,
    visiting,
)

router = APIRouter()
MOST: Final = 1000


@router.get("/pile")
def pile(visit: Annotated[Visit, Depends(visiting)]) -> Response:
    """Show what waits for the officer's signature."""
    ids = [known for known, _ in visit.session.pile.decided]
    with open_reader(database()) as store:
        cases = store.applications.get_many(ids)
        names = store.organisations.names(visit.election, {case.organisation for case in cases.values()})
    rows = [(cases[known], names.get(cases[known].organisation, ""), ruling)
            for known, ruling in visit.session.pile.decided if known in cases]  # fmt: skip
    counts = {order.ruling.outcome: 0 for order in visit.session.pile.orders}
    for _, ruling in visit.session.pile.decided:
        counts[ruling.outcome] += 1
    return visit.page(
        "pile.html", rows=rows, counts=counts, threshold=visit.profile.desk.bulk_threshold,
        results=visit.session.results,
    )  # fmt: skip


@router.post("/pile")
def add(visit: Annotated[Visit, Depends(acting)], body: Annotated[dict[str, Any], Body()]) -> JSONResponse:
    """Put a ruling on one case or several on the pile, and go on to the next case."""
    shown, versions = seen_of(body), dict[UUID, int]()
    ids, ruling = [*shown], ruling_of(body, visit)
    check_ruling(ruling, visit.officer, visit.profile, now=visit.now)
    with open_reader(database()) as store:
        for known in ids:
            application = store.applications.get(known)
            check_opening(store, visit.officer, application, visit.profile, now=visit.now)
            versions[known] = application.version if (seen := shown[known]) is None else seen
            if versions[known] != application.version:
                raise DecisionRefusedError(visit.say("pile.moved", case=application.case_number))
            looks_back = application.due_at or application.proposal or application.status in REVOCABLE | CLOSED
            history = store.applications.history(known) if looks_back else []
            if ruling.outcome not in choices(visit.officer, application, visit.profile, history=history):
                told = visit.say("pile.impossible", case=application.case_number)
                raise DecisionRefusedError(told)
            require_facts(ruling, application)
    judged = _judged(visit, ids, shown=text_of(body, "shown"))
    if open_points := unanswered(ids, ruling, visit.profile, now=visit.now):
        raise DecisionRefusedError(visit.say("pile.unanswered", cases=", ".join(open_points)))
    put(visit, {known: Seen(versions[known], judged.get(known, Points())) for known in ids}, ruling)
    return go(_next(visit, ids, text_of(body, "from")))


def _judged(visit: Visit, ids: Sequence[UUID], *, shown: str) -> dict[UUID, Points]:
    """Return what is to be judged of each case; raises where the page that the officer saw did not show it.

    A case's page says with *shown* what it showed; the queue shows what the checks noted.
    """
    with open_reader(database()) as store:
        found, noted = to_judge(store, ids, visit.profile, now=visit.now), noted_on(store, ids)
    unseen = [known for known in found if seal_of(found[known]) != (shown or seal_of(noted[known]))]
    if unseen:
        raise DecisionRefusedError(visit.say("pile.came_up", cases=", ".join(map(case_number, unseen))))
    return found


def put(visit: Visit, seen: Mapping[UUID, Seen], ruling: Ruling) -> None:
    """Put the ruling on these cases as they were *seen* on the pile, in the place of whatever lay there about them."""
    kept = [(known, before) for known, before in visit.session.pile.decided if known not in seen]
    if len(kept) + len(seen) > MOST:
        raise BadInputError("pile", f"holds {number_of(len(kept), 'decisions')}.", remedy="Sign them first.")
    visit.session.pile.decided = kept
    visit.session.results = []
    for known, case in seen.items():
        visit.session.pile.add(known, ruling, case)


@router.post("/pile/remove")
def remove(visit: Annotated[Visit, Depends(acting)], body: Annotated[dict[str, Any], Body()]) -> JSONResponse:
    """Take decisions back from the pile: they never counted."""
    ids = {*ids_of(body)}
    visit.session.pile.decided = [decision for decision in visit.session.pile.decided if decision[0] not in ids]
    return go(text_of(body, "back") or "/pile")


def drop_barred(visit: Visit) -> None:
    """Take from the pile what the officer has just stepped off."""
    with open_reader(database()) as store:
        officer = store.officers.get(visit.election, visit.officer.code)
        cases = store.applications.get_many([known for known, _ in visit.session.pile.decided])
    visit.session.pile.decided = [
        (known, ruling)
        for known, ruling in visit.session.pile.decided
        if known in cases and not officer.is_recused(cases[known].organisation, known)
    ]


def ruling_of(body: Mapping[str, Any], visit: Visit) -> Ruling:
    """Return the ruling that a form states; raises :class:`BadInputError` for one that makes no sense."""
    try:
        outcome = Outcome(text_of(body, "outcome"))
        reasons = tuple(ReasonCode(text) for text in texts_of(body, "reasons"))
    except ValueError as error:
        raise BadInputError("decision", "there is no such outcome or reason.", remedy="Load the page again.") from error
    return Ruling(outcome=outcome, reasons=reasons, until=_until(body, visit), facts=_facts(body, reasons))


def _until(body: Mapping[str, Any], visit: Visit) -> datetime | None:
    """Return the end that a form names, read in the election's own zone."""
    text = text_of(body, "until")
    if not text:
        return None
    zone = visit.profile.zone
    found = parse_until(text, day_in=zone, time_in=zone)
    if found is None:
        raise BadInputError("until", "is no day and time.", remedy="Give it as in 2027-03-12 17:00.")
    return found


def _facts(body: Mapping[str, Any], reasons: Sequence[ReasonCode]) -> str:
    """Return the facts as one text; of several reasons each with its code before it, and what weighs them after."""
    weighing = {part: text_of(body, part.replace(" ", "_")) for part in Weighed}
    return with_weighed(_stated(body, reasons), weighing)


def _stated(body: Mapping[str, Any], reasons: Sequence[ReasonCode]) -> str:
    own = {code: text_of(body, f"facts_{code}") for code in reasons}
    stated = {code: text for code, text in own.items() if text}
    if len(reasons) > 1 and stated:
        return " ".join(f"{code}: {text}" for code, text in stated.items())
    return next(iter(stated.values()), "") or text_of(body, "facts")


def _next(visit: Visit, ids: Sequence[UUID], came_from: str) -> str:
    """Return where the officer goes on: the case after the one decided, else the pile."""
    if len(ids) != 1:
        return "/pile"
    listing = Listing.read(dict(parse_qsl(came_from.lstrip("?"))), visit.officer)
    with open_reader(database()) as store:
        wanted = listing.wanted(store, visit.officer, visit.profile, now=visit.now)
        piled = [known for known, _ in visit.session.pile.decided]
        following = store.waiting.after(visit.election, wanted, ids[0], passing=piled)
    return listing.address(f"/case/{case_number(following)}") if following else "/pile"


def act_of(visit: Visit, number: int | None) -> Decide:
    """Return the whole pile as one act; raises where it is empty, or many and not counted by the officer.

    Nothing is drawn up while more is to be judged of a case than the officer saw: policies, lists and checks change.
    """
    orders = visit.session.pile.orders
    if not orders:
        raise BadInputError("pile", "there is nothing on it.", remedy="Decide cases first.")
    with open_reader(database()) as store:
        unseen = come_up(store, visit.session.pile.judged, visit.profile, now=visit.now)
    if unseen:
        raise DecisionRefusedError(visit.say("pile.came_up", cases=", ".join(unseen)))
    confirm_extent([known for known, _ in visit.session.pile.decided], visit.election, confirmed=number)
    return Decide(orders=tuple(orders), seen=visit.session.pile.versions)
