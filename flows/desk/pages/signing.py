"""From a key press to a signature: the statement is drawn up and shown, the device signs its digest, it is applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, cast
from uuid import UUID

from fastapi import APIRouter, Body, Depends
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError

from db.store import open_reader
from domain.application.application import case_number
from domain.decisions.rulings import Ruling
from domain.errors import BadInputError
from domain.statements.officer_acts import StaffAct, Step
from flows.context import database, right_now
from flows.decisions.looks import check_opening
from flows.desk.acts import (
    ActOnOfficer,
    ActOnOrganisation,
    ClearHit,
    Decide,
    MoveElection,
    ReleaseLetters,
    SignedAct,
    WriteNote,
)
from flows.desk.ceremonies import asked_to_sign
from flows.desk.enrolling import settle
from flows.desk.pages import officers, pile
from flows.desk.signing import Ready, Told
from flows.desk.visit import Visit, acting, go, number_in, problem, storable, text_of

router = APIRouter()
_ACT: Final[TypeAdapter[Any]] = TypeAdapter(SignedAct)


@router.post("/sign/draft")
def draft(visit: Annotated[Visit, Depends(acting)], body: Annotated[dict[str, Any], Body()]) -> JSONResponse:
    """Draw the statement up and say what the officer is about to sign."""
    act = _act(visit, body)
    if isinstance(act, WriteNote | ClearHit):
        _check_case(visit, act.case)
    key = next(
        passkey
        for passkey in visit.state.signing.keys_of(visit.officer.code)
        if passkey.credential_id == visit.session.credential
    )
    ready = visit.state.signing.drafted(act, visit.officer.code, key)
    name = visit.session.keep(ready, now=right_now())
    return JSONResponse(
        {
            "sign": {
                "draft": name,
                "options": asked_to_sign(visit.state.address, ready.challenge, [key.credential_id]),
                "title": visit.say(f"sign.{act.what}"),
                "lines": lines_of(visit, act),
                "digest": ready.statement.digest,
            }
        }
    )


@router.post("/sign")
def sign(visit: Annotated[Visit, Depends(acting)], body: Annotated[dict[str, Any], Body()]) -> JSONResponse:
    """Check the signature, keep it with its statement, and apply the act."""
    ready: Ready | None = visit.session.take(text_of(body, "draft"), now=right_now())
    answer = body.get("answer")
    if ready is None or not isinstance(answer, dict):
        return problem(visit.say("sign.lapsed"))
    results = visit.state.signing.applied(ready, cast("dict[str, Any]", answer))
    return go(_settled(visit, ready.act, results, text_of(body, "back")))


def _until(visit: Visit, ruling: Ruling) -> str:
    return (
        f"{visit.say('queue.until')} {ruling.until.astimezone(visit.profile.zone):%Y-%m-%d %H:%M}"
        if ruling.until
        else ""
    )


def _act(visit: Visit, body: Mapping[str, Any]) -> Any:
    if body.get("what") == "decide":
        return pile.act_of(visit, number_in(text_of(body, "number")))
    for text in filter(lambda value: isinstance(value, str), body.values()):
        storable(text)
    try:
        return _ACT.validate_python({name: value for name, value in body.items() if name != "back"})
    except (ValidationError, TypeError) as error:
        raise BadInputError("form", "something is missing, or not as it should be.", remedy="Fill it in.") from error


def _check_case(visit: Visit, known: UUID) -> None:
    with open_reader(database()) as store:
        application = store.applications.get(known)
        check_opening(store, visit.officer, application, visit.profile, now=visit.now)


def _settled(visit: Visit, act: SignedAct, results: Sequence[Told], back: str) -> str:
    """Keep what the next page says, and return which one it is."""
    if isinstance(act, Decide):
        visit.session.pile.settle(act.orders)
        visit.session.results = [*results]
        return "/pile"
    visit.session.told += [(True, result.sentence or visit.say("sign.done")) for result in results]
    if isinstance(act, ActOnOfficer) and act.act is StaffAct.RECUSE:
        pile.drop_barred(visit)
    if isinstance(act, ActOnOfficer) and act.act is StaffAct.ENROL:
        officers.offer(visit, act.officer) if act.step is Step.PROPOSED else settle(visit.election, act.officer)
    return back or "/queue"


def lines_of(visit: Visit, act: Any) -> list[str]:  # noqa: PLR0911 -- one for each act
    """Return what the act says, in the officer's language, line by line."""
    say = visit.say
    match act:
        case Decide():
            return [
                " · ".join(filter(None, [case_number(known), say.of_code("outcome", order.ruling.outcome),
                                         ", ".join(order.ruling.reasons), _until(visit, order.ruling),
                                         order.ruling.facts]))
                for order in act.orders for known in order.ids
            ]  # fmt: skip
        case WriteNote():
            return [case_number(act.case), act.text]
        case ClearHit():
            about = act.about if ":" in act.about else case_number(UUID(act.about))
            return [f"{case_number(act.case)} ≠ {about}", act.reason]
        case ActOnOrganisation():
            return [act.organisation, say.of_code("organisation_act", act.act), ", ".join(act.reasons), act.facts]
        case ReleaseLetters():
            return [say("letters.release_count", count=act.count)]
        case MoveElection():
            return [str(act.day), act.ground, act.title]
        case _:
            found: ActOnOfficer = act
            done = say.of_code("staff_act", found.act)
            return [found.officer, done, found.detail, found.number, say.of_code("step", found.step)]
