"""Signing in with a passkey, signing out, and enrolling a device with a one-time link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from db.store import open_reader, open_store
from domain.election.profile import ElectionProfile
from domain.errors import AccreditationError, UnknownThingError
from domain.statements.signatures import Passkey, check_signed
from flows.context import database, moment, right_now
from flows.desk import words
from flows.desk.ceremonies import PasskeyRefusedError, asked_to_enrol, asked_to_sign, challenge_in, credential_of, made
from flows.desk.enrolling import BY_COMMAND, fingerprint, first_key_drafted, first_key_enrolled
from flows.desk.signing import assertion
from flows.desk.state import State
from flows.desk.visit import (
    LANGUAGE,
    SignedOutError,
    Visit,
    acting,
    client_of,
    cookie_name,
    go,
    may_try,
    problem,
    rendered,
    speaks,
    state_of,
    text_of,
    visiting,
)
from flows.runtime.server.gate import FORGETS
from flows.statements.acceptance import Draft

router = APIRouter()
Sent = Annotated[dict[str, Any], Body()]
SIGN_IN: Final = "sign in"
ENROL: Final = "enrol"
_TOO_MANY: Final = 429


@router.get("/signin")
def sign_in_page(request: Request) -> Response:
    """Show the entrance, or go in where somebody is signed in already."""
    try:
        visiting(request)
    except SignedOutError:
        return _public(request, "signin.html")
    return RedirectResponse("/queue", 303)


@router.post("/signin/challenge")
def challenge(request: Request) -> JSONResponse:
    """Give out a challenge; the device finds the officer's passkey by itself."""
    state, say = state_of(request), _speaks(request)
    if not may_try(request, state.signing_in):
        return problem(say("signin.too_often"), _TOO_MANY)
    return JSONResponse({"options": asked_to_sign(state.address, state.challenges.new(SIGN_IN))})


@router.post("/signin")
def sign_in(request: Request, body: Sent) -> JSONResponse:
    """Begin a session for who the passkey is; why one is refused is not told."""
    state, say = state_of(request), _speaks(request)
    try:
        officer, credential = _proved(state, body)
    except (AccreditationError, ValueError):
        return problem(say("signin.refused"), 403)
    name, _ = state.sessions.begin(officer, credential, client_of(request))
    answer = go("/queue")
    answer.set_cookie(
        cookie_name(request), name, httponly=True, samesite="strict", secure=state.address.has_tls, path="/"
    )
    return answer


def _proved(state: State, body: Mapping[str, Any]) -> tuple[str, str]:
    """Return officer and passkey; raises for a challenge that was used, a passkey that counts no more, and the like."""
    answer = _answer_in(body)
    document = state.challenges.take(challenge_in(answer))
    if not isinstance(document, bytes) or SIGN_IN.encode() not in document:
        raise PasskeyRefusedError("This challenge was not given out, or was used.")
    officer, key = state.signing.key_called(credential_of(answer))
    check_signed(document, assertion(answer), key)
    if key.origin != state.address.origin:
        raise PasskeyRefusedError("This passkey is of another desk.")
    with open_reader(database()) as store:
        found = store.officers.get(state.election, officer)
    if found.suspended or (found.is_surge and found.shift_at(moment(None)) is None):
        raise PasskeyRefusedError("This officer is suspended, or has no shift now.")
    return officer, key.credential_id


def _answer_in(body: Mapping[str, Any]) -> dict[str, Any]:
    answer = body.get("answer")
    if not isinstance(answer, dict):
        raise PasskeyRefusedError("This is no answer of a device.")
    return answer  # pyright: ignore[reportUnknownVariableType] -- JSON


@router.post("/signout")
def sign_out(request: Request, visit: Annotated[Visit, Depends(acting)]) -> JSONResponse:
    """End the session, here and in the browser."""
    visit.state.sessions.end(request.cookies.get(cookie_name(request), ""))
    answer = go("/signin")
    answer.delete_cookie(cookie_name(request), path="/", httponly=True, samesite="strict", secure=_tls(visit.state))
    return answer


def _tls(state: State) -> bool:
    return state.address.has_tls


@router.post("/language")
def language(request: Request, body: Sent) -> JSONResponse:
    """Let the browser remember which language to show."""
    answer = go(text_of(body, "back") or "/")
    if (wanted := text_of(body, "language")) in words.shipped():
        answer.set_cookie(LANGUAGE, wanted, max_age=31_536_000, httponly=True, samesite="strict", path="/",
                          secure=_tls(state_of(request)))  # fmt: skip
    return answer


@router.get("/enrol")
def enrol_page(request: Request) -> HTMLResponse:
    """Show the page that a one-time link opens; the link's secret stays in the browser until the officer goes on."""
    return _public(request, "enrol.html")


@router.post("/enrol/options")
def enrol_options(request: Request, body: Sent) -> JSONResponse:
    """Say what the device is asked, to who has a link that counts."""
    state, say = state_of(request), _speaks(request)
    if not may_try(request, state.enrolling):
        return problem(say("signin.too_often"), _TOO_MANY)
    try:
        with open_reader(database()) as store:
            officer, _ = store.links.offered_to(state.election, text_of(body, "token"), now=right_now())
            title = store.elections.profile(state.election).election.title
    except UnknownThingError:
        return problem(say("enrol.lapsed"), 403)
    options = asked_to_enrol(state.address, state.challenges.new(ENROL), officer, title=title)
    return JSONResponse({"officer": officer, "options": options})


@router.post("/enrol")
def enrol(request: Request, body: Sent) -> JSONResponse:
    """Use the link up and keep the device's public key.

    It counts once a second administrator has confirmed it. Where the link came from the command, the key signs for
    itself in a moment.
    """
    state, say = state_of(request), _speaks(request)
    if not may_try(request, state.enrolling):
        return problem(say("signin.too_often"), _TOO_MANY)
    answer, token, now = _answer_in(body), text_of(body, "token"), right_now()
    given = challenge_in(answer)
    if not isinstance(state.challenges.take(given), bytes):
        return problem(say("enrol.refused"), 403)
    key = made(state.address, given, answer)
    try:
        with open_store(database()) as store:
            _, made_by = store.links.offered_to(state.election, token, now=now)
            officer = store.links.redeem(state.election, token, key.model_dump(mode="json"), now=now)
    except UnknownThingError:
        return problem(say("enrol.lapsed"), 403)
    if made_by == BY_COMMAND:
        return JSONResponse({"options": _first(state, officer, key), "officer": officer})
    return JSONResponse({"done": say("enrol.waits", fingerprint=fingerprint(key)), "officer": officer})


def _first(state: State, officer: str, key: Passkey) -> dict[str, Any]:
    """Return what the new key is asked to sign for itself."""
    draft = first_key_drafted(state.election, officer, key)
    challenge = state.challenges.keep(bytes.fromhex(draft.statement.digest), draft)
    return asked_to_sign(state.address, challenge, [key.credential_id])


@router.post("/enrol/first")
def enrol_first(request: Request, body: Sent) -> JSONResponse:
    """Let a first key count, which has signed for itself."""
    state, say, answer = state_of(request), _speaks(request), _answer_in(body)
    draft = state.challenges.take(challenge_in(answer))
    if not isinstance(draft, Draft):
        return problem(say("enrol.refused"), 403)
    first_key_enrolled(state.election, draft, assertion(answer))
    return JSONResponse({"done": say("enrol.ready"), "signin": True})


def _profile(request: Request) -> ElectionProfile | None:
    try:
        with open_reader(database()) as store:
            return store.elections.profile(state_of(request).election)
    except AccreditationError:
        return None


def _speaks(request: Request) -> words.Phrases:
    return speaks(request, _profile(request))


def _public(request: Request, template: str) -> HTMLResponse:
    profile = _profile(request)
    return HTMLResponse(rendered(template, speaks(request, profile), profile), headers=FORGETS)
