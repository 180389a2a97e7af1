"""The page behind the one-time link of a letter about a notice: for the person, without a session.

What opens the link is after the sign #, and stays in the browser until the page's script sends it: no server, proxy or
log sees it, and a program that looks through mail and opens its links answers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import HTMLResponse, JSONResponse

from db.store import open_reader
from domain.election.profile import ElectionProfile
from domain.errors import UnknownThingError
from domain.values import UtcTime
from flows.assignment.consents import answer_by_link, asked_by_link
from flows.context import database, moment
from flows.desk import words
from flows.desk.visit import address_of, problem, rendered, state_of, text_of

router = APIRouter()
Sent = Annotated[dict[str, Any], Body()]
ANSWERS = {"accept": True, "decline": False}
_TOO_MANY = 429


@router.get("/consent/{language}")
def consent_page(request: Request, language: str) -> HTMLResponse:
    """Show the page in the letter's language; what is asked is loaded by the link's secret."""
    profile = _profile(request)
    say = _speaks(profile, language)
    return HTMLResponse(rendered("consent.html", say, profile, languages=()))


@router.post("/consent/read")
def read(request: Request, body: Sent) -> JSONResponse:
    """Say what is asked; nothing changes."""

    def told(profile: ElectionProfile, say: words.Phrases, token: str, now: UtcTime) -> dict[str, Any]:
        asked = asked_by_link(profile.election.code, token, language=say.language, now=now)
        until = f"{asked.until.astimezone(profile.zone):%Y-%m-%d %H:%M}"
        return {"asked": {**asked.model_dump(mode="json"), "until": until}}

    return _with_link(request, body, told)


@router.post("/consent")
def answer(request: Request, body: Sent) -> JSONResponse:
    """Record the answer and use the link up."""
    given = text_of(body, "answer")

    def told(profile: ElectionProfile, say: words.Phrases, token: str, now: UtcTime) -> dict[str, Any]:
        answer_by_link(profile.election.code, token, accepted=ANSWERS[given], language=say.language, now=now)
        return {"done": say(f"consent.done_{given}")}

    return _with_link(request, body, told) if given in ANSWERS else problem("", 422)


def _with_link(
    request: Request,
    body: Mapping[str, Any],
    told: Callable[[ElectionProfile, words.Phrases, str, UtcTime], dict[str, Any]],
) -> JSONResponse:
    """Return what is *told* to who has a link that counts; which of the others is wrong in what way is not told."""
    profile, state = _profile(request), state_of(request)
    say = _speaks(profile, text_of(body, "language"))
    if not state.answering.allows(address_of(request)):
        return problem(say("signin.too_often"), _TOO_MANY)
    try:
        return JSONResponse(told(profile, say, text_of(body, "token"), moment(None)))
    except UnknownThingError:
        return problem(say("consent.lapsed"), 403)


def _profile(request: Request) -> ElectionProfile:
    with open_reader(database()) as store:
        return store.elections.profile(state_of(request).election)


def _speaks(profile: ElectionProfile, language: str) -> words.Phrases:
    return words.phrases(words.chosen(language, "", words.offered(profile.languages)))
