"""The pages behind one-time links of letters: notice and pledge for the person, a list for who got it; no session.

What opens the link is after the sign #, and stays in the browser until the page's script sends it: no server, proxy or
log sees it, and a program that looks through mail and opens its links answers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Body, Request
from fastapi.responses import HTMLResponse, JSONResponse

from db.store import open_reader
from domain.election.profile import ElectionProfile
from domain.errors import UnknownThingError
from domain.values import ElectionCode, UtcTime
from flows.assignment.acknowledgements import acknowledge_by_link, sent_by_link
from flows.assignment.consents import OpenConsent, answer_by_link, asked_by_link
from flows.context import database, moment
from flows.desk import words
from flows.desk.visit import may_try, problem, rendered, state_of, text_of
from flows.intake.mending.pledges import OpenPledge, accept_by_link
from flows.intake.mending.pledges import asked_by_link as pledge_by_link

router = APIRouter()
_ABOUT = {
    "consent": (("case_number", "region", "notice", "until"), ("accept", "decline")),
    "pledge": (("case_number", "version", "until"), ("accept",)),
    "received": (("name", "version"), ("received",)),
}
"""What each page shows, and the answers that it takes."""
Sent = Annotated[dict[str, Any], Body()]
ANSWERS = {"accept": True, "decline": False}
_TOO_MANY = 429


class _Link(NamedTuple):
    """A request with the secret of a link, the election's rules, and the words of the letter's language."""

    profile: ElectionProfile
    say: words.Phrases
    token: str
    now: UtcTime

    @property
    def election(self) -> ElectionCode:
        return self.profile.election.code

    def shown(self, asked: OpenConsent | OpenPledge) -> dict[str, Any]:
        """Return what is asked, its end in the election's own zone."""
        until = f"{asked.until.astimezone(self.profile.zone):%Y-%m-%d %H:%M}"
        return {**asked.model_dump(mode="json"), "until": until}


@router.get("/consent/{language}")
@router.get("/pledge/{language}")
@router.get("/received/{language}")
def linked_page(request: Request, language: str) -> HTMLResponse:
    """Show the page in the letter's language; what is asked is loaded by the link's secret."""
    profile, name = _profile(request), request.url.path.split("/")[1]
    facts, answers = _ABOUT[name]
    page = rendered(
        "linked.html", _speaks(profile, language), profile, languages=(), name=name, facts=facts, answers=answers
    )
    return HTMLResponse(page)


@router.post("/consent/read")
def read(request: Request, body: Sent) -> JSONResponse:
    """Say what is asked; nothing changes."""

    def told(link: _Link) -> dict[str, Any]:
        return {"asked": link.shown(asked_by_link(link.election, link.token, language=link.say.language, now=link.now))}

    return _with_link(request, body, told, lapsed="consent.lapsed")


@router.post("/consent")
def answer(request: Request, body: Sent) -> JSONResponse:
    """Record the answer and use the link up."""
    given = text_of(body, "answer")

    def told(link: _Link) -> dict[str, Any]:
        answer_by_link(link.election, link.token, accepted=ANSWERS[given], language=link.say.language, now=link.now)
        return {"done": link.say(f"consent.done_{given}")}

    return _with_link(request, body, told, lapsed="consent.lapsed") if given in ANSWERS else problem("", 422)


@router.post("/pledge/read")
def read_pledge(request: Request, body: Sent) -> JSONResponse:
    """Say which text is to be accepted, and until when; nothing changes."""

    def told(link: _Link) -> dict[str, Any]:
        return {
            "asked": link.shown(pledge_by_link(link.election, link.token, language=link.say.language, now=link.now))
        }

    return _with_link(request, body, told, lapsed="pledge.lapsed")


@router.post("/pledge")
def accept_pledge(request: Request, body: Sent) -> JSONResponse:
    """Record that the person accepts the pledge and use the link up."""

    def told(link: _Link) -> dict[str, Any]:
        accept_by_link(link.election, link.token, language=link.say.language, now=link.now)
        return {"done": link.say("pledge.done")}

    return _with_link(request, body, told, lapsed="pledge.lapsed")


@router.post("/received/read")
def read_list(request: Request, body: Sent) -> JSONResponse:
    """Say which list it is; nothing changes."""

    def told(link: _Link) -> dict[str, Any]:
        return {"asked": sent_by_link(link.election, link.token).model_dump(mode="json")}

    return _with_link(request, body, told, lapsed="received.lapsed")


@router.post("/received")
def acknowledge(request: Request, body: Sent) -> JSONResponse:
    """Keep that the list arrived and use the link up."""

    def told(link: _Link) -> dict[str, Any]:
        acknowledge_by_link(link.election, link.token, now=link.now)
        return {"done": link.say("received.done")}

    return _with_link(request, body, told, lapsed="received.lapsed")


def _with_link(
    request: Request, body: Mapping[str, Any], told: Callable[[_Link], dict[str, Any]], *, lapsed: str
) -> JSONResponse:
    """Return what is *told* to who has a link that counts; which of the others is wrong in what way is not told."""
    profile, state = _profile(request), state_of(request)
    say = _speaks(profile, text_of(body, "language"))
    if not may_try(request, state.answering):
        return problem(say("signin.too_often"), _TOO_MANY)
    try:
        return JSONResponse(told(_Link(profile, say, text_of(body, "token"), moment(None))))
    except UnknownThingError:
        return problem(say(lapsed), 403)


def _profile(request: Request) -> ElectionProfile:
    with open_reader(database()) as store:
        return store.elections.profile(state_of(request).election)


def _speaks(profile: ElectionProfile, language: str) -> words.Phrases:
    return words.phrases(words.chosen(language, "", words.offered(profile.languages)))
