"""The gate before Prefect's server: whose requests reach it, and the link that logs a browser in once.

A web page of any site can make an officer's browser send requests to this machine. What no browser lets such a page
change are the headers Host, Origin and Sec-Fetch-*: whoever asks for another address, or from another page, is turned
away here, web sockets included, before Prefect sees anything. Prefect's own password is asked for behind the gate.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.runtime.environment import ENTRANCE, SIGNPOST, basic, encoded

SECONDS_A_LINK_LIVES: Final = 3600.0
MOST_LINKS: Final = 100

MISDIRECTED, FORBIDDEN, GONE = 421, 403, 410

FORGETS: Final = {"Clear-Site-Data": '"storage"'}
"""What makes a browser forget the service worker that whoever had this port before left beside the pages: it would
answer in their place, for ever."""

_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self' {sockets}; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
"""What Prefect's pages may load: of this server alone, so that they can tell nobody else anything."""

_PAGE: Final = """<!doctype html><meta charset="utf-8"><title>Accreditation</title>
<p>Opening the pages. They need JavaScript.</p>
<script nonce="{nonce}">
localStorage.setItem("prefect-password", {password});
location.replace("/dashboard");
</script>
"""
"""Prefect's pages keep their password under this key (V1 of 3.8.8)."""


class Links:
    """Links that log in once each, kept in memory as hashes until they are used or too old."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends: dict[bytes, float] = {}

    def make(self) -> str:
        """Return the secret part of a new link; the oldest goes where there are too many."""
        token = secrets.token_urlsafe(32)
        self._ends[_hashed(token)] = self._clock() + SECONDS_A_LINK_LIVES
        while len(self._ends) > MOST_LINKS:
            self._ends.pop(next(iter(self._ends)))
        return token

    def use(self, token: str) -> bool:
        """Whether *token* is that of a link which nobody has used yet and which is not too old; it is used up now."""
        return self._ends.pop(_hashed(token), 0.0) > self._clock()


class Gate:
    """An ASGI application that lets through to *inner* only who asks for *url*, from its own pages or from none."""

    def __init__(self, inner: ASGIApp, *, url: str, password: str, places: Path | None = None) -> None:
        self._inner = inner
        self._places = places
        self._origin = url.rstrip("/")
        self._authority = urlsplit(url).netloc
        self._password = password
        self._links = Links()
        self._policy = _POLICY.format(sockets="ws" + self._origin.removeprefix("http"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self._inner(scope, receive, send)
        elif refused := self._refused(scope):
            await _turned_away(refused, scope, receive, send)
        elif scope["type"] == "http" and str(scope["path"]).startswith(ENTRANCE):
            await self._entered(scope)(scope, receive, send)
        elif scope["type"] == "http" and str(scope["path"]).startswith(f"{SIGNPOST}/"):
            await self._shown_the_way(scope)(scope, receive, send)
        else:
            await self._inner(scope, receive, self._closed(send))

    def _refused(self, scope: Scope) -> Response | None:
        """Return the answer to a request that is not for Prefect, else None."""
        headers = Headers(scope=scope)
        if headers.getlist("host") != [self._authority]:
            return PlainTextResponse(f"Open {self._origin}; this server has no other name.\n", MISDIRECTED)
        if headers.getlist("origin") not in ([], [self._origin]) or _asked_by_another_site(scope, headers):
            return PlainTextResponse("Only its own pages may ask this server.\n", FORBIDDEN)
        if asked_by_worker(headers):
            return PlainTextResponse("No script works beside these pages.\n", FORBIDDEN, FORGETS)
        return None

    def _entered(self, scope: Scope) -> Response:
        token = str(scope["path"]).removeprefix(ENTRANCE).removeprefix("/")
        if scope["method"] == "POST" and not token:
            if not self._knows_the_password(Headers(scope=scope)):
                return PlainTextResponse("The password is missing or wrong.\n", 401)
            return JSONResponse({"link": f"{self._origin}{ENTRANCE}/{self._links.make()}"})
        if scope["method"] == "GET" and self._links.use(token):
            return self._page()
        return PlainTextResponse("This link was used already, or is too old. Get another: accredit link\n", GONE)

    def _shown_the_way(self, scope: Scope) -> Response:
        """Send on to the page that a short address names; an id is nothing that opens anything."""
        wanted = str(scope["path"]).removeprefix(f"{SIGNPOST}/")
        place = places_in(self._places).get(wanted) if self._places else None
        if place is None:
            return PlainTextResponse("There is no such page here; accredit up prints those that there are.\n", 404)
        return RedirectResponse(place, 307, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})

    def _knows_the_password(self, headers: Headers) -> bool:
        return hmac.compare_digest(headers.get("authorization", "").encode(), basic(self._password).encode())

    def _page(self) -> Response:
        nonce = secrets.token_urlsafe(16)
        password = json.dumps(encoded(self._password))
        return HTMLResponse(
            _PAGE.format(nonce=nonce, password=password),
            headers={
                "Content-Security-Policy": f"default-src 'none'; script-src 'nonce-{nonce}'; frame-ancestors 'none'",
                "Cache-Control": "no-store",
                "Referrer-Policy": "no-referrer",
                **FORGETS,
            },
        )

    def _closed(self, send: Send) -> Send:
        """Return *send*, which names no other page as one that may read an answer or show it in a frame."""

        async def closed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name in [name for name in headers if name.startswith("access-control-")]:
                    del headers[name]
                headers["Content-Security-Policy"] = self._policy
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
            await send(message)

        return closed


def places_in(ready: Path) -> Mapping[str, str]:
    """Return the pages that have a short address: the overview, and the form of each deployment."""
    try:
        told = json.loads(ready.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    forms = {name: f"/deployments/deployment/{known}/run" for name, known in told["deployments"].items()}
    return {"overview": told["overview"], **forms}


def asked_by_worker(headers: Headers) -> bool:
    """Whether a browser asks for a service worker's script, or a service worker asks for a page in the browser's place.

    Gate and desk have none: whoever had this port before left it. A page that it asks for is shown nowhere by itself,
    as every other page is (W3C Fetch Metadata).
    """
    in_its_place = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "empty"
    return in_its_place or "service-worker" in headers


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _asked_by_another_site(scope: Scope, headers: Headers) -> bool:
    """Whether a browser says that another site's page asks (Fetch Metadata); who follows a link hither may come in."""
    if headers.get("sec-fetch-site", "none") in {"none", "same-origin"}:
        return False
    follows_a_link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return not (follows_a_link and scope["type"] == "http" and scope["method"] == "GET")


async def _turned_away(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await answer(scope, receive, send)
