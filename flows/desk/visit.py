"""A request at the desk: who asks, in which language, and how an answer is made."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from db.store import open_reader
from domain.application.application import case_number
from domain.election.profile import ElectionProfile
from domain.errors import AccreditationError, BadInputError
from domain.statements.officers import Officer, OfficerRole
from domain.statements.signatures import Passkey
from domain.values import UtcTime
from flows.context import database, moment
from flows.decisions.openings import record_opening
from flows.desk import words
from flows.desk.address import LOOPBACK
from flows.desk.said import FALLBACK
from flows.desk.sessions import Session
from flows.desk.state import Limit, State

COOKIE: Final = "accredit_desk"
LANGUAGE: Final = "accredit_desk_language"
TOKEN: Final = "x-desk-token"  # noqa: S105 -- the header's name
_NO_TEXT: Final = re.compile(r"[\x00\ud800-\udfff]")
_ONE_SUBSCRIBER: Final = 64
"""Bits of an IPv6 address."""
HERE: Final = Path(__file__).parent


class SignedOutError(AccreditationError):
    """Nobody is signed in."""


class ForgedError(AccreditationError):
    """The request does not carry the session's own token."""


@dataclass
class Visit:
    """One request of an officer who signed in."""

    request: Request
    state: State
    session: Session
    officer: Officer
    profile: ElectionProfile
    now: UtcTime

    @cached_property
    def election(self) -> str:
        """The election's code."""
        return self.profile.election.code

    @cached_property
    def say(self) -> words.Phrases:
        """The words of the officer's language."""
        return speaks(self.request, self.profile)

    def page(self, template: str, *, status: int = 200, **content: Any) -> HTMLResponse:
        """Return a page with the frame that every page of a signed-in officer has."""
        found = self.session.told
        self.session.told = []
        frame = {"visit": self, "officer": self.officer, "pile": self.session.pile.decided, "told": found}
        return HTMLResponse(rendered(template, self.say, self.profile, **frame, **content), status)

    def may(self, role: str) -> bool:
        """Whether the officer holds the role."""
        return self.officer.may(OfficerRole(role))

    @property
    def sees_cases(self) -> bool:
        """Whether the officer works on cases, or looks at them, at all."""
        return self.only_looks or any(
            self.may(role) for role in ("case_officer", "confirming_officer", "appeals_officer")
        )

    @property
    def only_looks(self) -> bool:
        """Whether the officer is an auditor, to whom nothing is offered that changes anything."""
        return self.officer.is_auditor

    @property
    def only_prepares(self) -> bool:
        """Whether nothing that decides is offered: to auditors, and to surge staff who are not appointed to decide."""
        return self.only_looks or (self.officer.is_surge and not self.profile.desk.surge_decides)

    def looked(self, what: str, *cases: UUID) -> None:
        """Write down that *what* of *cases* is opened, before it is shown; an auditor says first why."""
        if self.only_looks and not self.session.ground:
            raise BadInputError("auditor", self.say("auditor.first"), remedy=self.say("auditor.explained"))
        record_opening(self.election, self.officer.code, what, *cases, why=self.session.ground)


def state_of(request: Request) -> State:
    """Return what all requests share."""
    state: State = request.app.state.desk
    return state


def client_of(request: Request) -> str:
    """Return what tells one browser from another: what it calls itself, and where it is."""
    return f"{request.headers.get('user-agent', '')[:300]}\x1f{address_of(request)}"


def address_of(request: Request) -> str:
    """Return the network address that asks; behind a proxy the one that the proxy names last, in the last header.

    Of IPv6 it is the first half, which is one subscriber's: the other half is anybody's to choose. This machine has one
    address whatever way a browser takes to it, which may change from one request to the next.
    """
    found = request.client.host if request.client else ""
    if state_of(request).address.is_behind_proxy:
        found = ",".join(request.headers.getlist("x-forwarded-for")).rpartition(",")[2].strip() or found
    try:
        parsed = ip_address(found)
    except ValueError:
        return found
    if parsed.is_loopback:
        return LOOPBACK
    many = isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None
    return str(ip_network((int(parsed), _ONE_SUBSCRIBER), strict=False)) if many else found


def may_try(request: Request, limit: Limit) -> bool:
    """Count a try by the address that asks, and return whether it may go on.

    Not on this machine: all its users have one address there, and one of them would keep the officers out.
    """
    address, proxied = address_of(request), state_of(request).address.is_behind_proxy
    return (address == LOOPBACK and not proxied) or limit.allows(address)


def visiting(request: Request) -> Visit:
    """Return the visit of the officer who signed in; raises :class:`SignedOutError`.

    Who was suspended, whose passkey was replaced, or whose shift is over, is signed out by it.
    """
    state, name = state_of(request), request.cookies.get(cookie_name(request), "")
    session = state.sessions.find(name, client_of(request)) if name else None
    if session is None:
        raise SignedOutError("Sign in first.")
    election = state.election
    with open_reader(database()) as store:
        enrolled, profile = store.statements.authority(election).of(session.officer), store.elections.profile(election)
    keys = {key.credential_id for key in enrolled.keys if isinstance(key, Passkey)}
    officer = enrolled.officer
    if officer.suspended or session.credential not in keys:
        state.sessions.end(name)
        raise SignedOutError("Your passkey no longer counts here.")
    now = moment(None)
    if officer.is_surge and officer.shift_at(now) is None:
        state.sessions.end(name)
        raise SignedOutError("Your shift is over, or has not begun.")
    return Visit(request, state, session, officer, profile, now)


def acting(request: Request) -> Visit:
    """Return the visit of a request that changes something; raises :class:`ForgedError` without the session's token."""
    visit = visiting(request)
    if not hmac.compare_digest(request.headers.get(TOKEN, "").encode(), visit.session.csrf.encode()):
        raise ForgedError("This page is too old. Load it again.")
    return visit


def cookie_name(request: Request) -> str:
    """Return the session cookie's name; under TLS one that no other host or plain page can set (RFC 6265bis, 4.1.3)."""
    return f"__Host-{COOKIE}" if state_of(request).address.has_tls else COOKIE


def speaks(request: Request, profile: ElectionProfile | None) -> words.Phrases:
    """Return the words to speak to this browser."""
    among = words.offered(profile.languages) if profile else (FALLBACK,)
    wanted, accepted = request.cookies.get(LANGUAGE, ""), request.headers.get("accept-language", "")
    return words.phrases(words.chosen(wanted, accepted, among))


def rendered(template: str, say: words.Phrases, profile: ElectionProfile | None, **content: Any) -> str:
    """Return a page as HTML."""
    frame: dict[str, Any] = {"visit": None, "officer": None, "pile": [], "told": []}
    languages = words.offered(profile.languages) if profile else (FALLBACK,)
    zone = profile.zone if profile else None

    def local(at: datetime | None) -> str:
        """Return a moment in the election's own zone, in the order of ISO 8601."""
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""

    frame |= {"say": say, "languages": languages, "local": local, "profile": profile}
    return pages().get_template(template).render(frame | content)


@cache
def pages() -> Environment:
    """Return the templates: every value is escaped, and one that is missing is an error."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        auto_reload=False,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    functions: dict[str, Any] = {"number_of": case_number, "own_name": words.own_name}
    environment.globals.update(functions)
    for template in environment.list_templates():
        environment.get_template(template)  # compiled now: no officer waits for it
    return environment


def go(where: str, **more: Any) -> JSONResponse:
    """Return the answer after which the browser opens *where*, which is a page of the desk."""
    inside = re.fullmatch(r"/(?![/\\])[!-~]*", where)  # a browser leaves out blanks and codes: /<tab>/ is //
    return JSONResponse({"go": where if inside else "/", **more})


def problem(sentence: str, status: int = 409) -> JSONResponse:
    """Return the answer that shows an officer what is wrong."""
    return JSONResponse({"problem": sentence}, status)


def text_of(body: Mapping[str, Any], name: str) -> str:
    """Return a field of a request as text; empty where it is missing or something else."""
    value = body.get(name, "")
    return storable(value).strip() if isinstance(value, str) else ""


def storable(text: str) -> str:
    """Return *text* where a database can hold it; raises :class:`BadInputError` for NUL and halves of characters."""
    if _NO_TEXT.search(text):
        raise BadInputError("form", "a text holds signs that are no characters.", remedy="Type it anew.")
    return text


def number_in(text: str) -> int | None:
    """Return the number that *text* is, in at most nine digits of ASCII; None for anything else."""
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None


def texts_of(body: Mapping[str, Any], name: str) -> list[str]:
    """Return a field of a request as several texts; one alone counts as a list."""
    value = body.get(name, [])
    several = [value] if isinstance(value, str) else value
    return [storable(text) for text in several if isinstance(text, str) and text] if isinstance(several, list) else []  # pyright: ignore[reportUnknownVariableType] -- JSON


def ids_of(body: Mapping[str, Any]) -> list[UUID]:
    """Return the cases that a request names, each once; raises :class:`BadInputError` for what is no id."""
    return [*seen_of(body)]


def seen_of(body: Mapping[str, Any]) -> dict[UUID, int | None]:
    """Return the cases that a request names, each with the version that its page showed, where it says one.

    Raises :class:`BadInputError` for what is no id.
    """
    try:
        named = [text.partition("@") for text in texts_of(body, "cases")]
        return {UUID(known): number_in(version) for known, _, version in named}
    except ValueError as error:
        raise BadInputError("form", "this names no case.", remedy="Load the page again.") from error
