"""What every request must satisfy before any page sees it, and what every answer says to the browser.

Against DNS rebinding the header Host must be the desk's own; against forged requests each request that changes
something must say that it comes from the desk's own pages (Origin, Sec-Fetch-Site), which no other page can make a
browser say; the session's token is asked for besides (OWASP CSRF prevention).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.desk.address import Address
from flows.runtime.server.gate import FORGETS, asked_by_worker

LONGEST_JSON: Final = 256 * 1024
LONGEST_UPLOAD: Final = 200 * 1024 * 1024
READING: Final = frozenset({"GET", "HEAD"})
JSON: Final = "application/json"
BINARY: Final = "application/octet-stream"

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_SAID: Final = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), "
    "microphone=(), geolocation=(), usb=(), serial=(), clipboard-read=()",
    "Cache-Control": "no-store",
}
_STRICT_TRANSPORT: Final = "max-age=31536000"


class Guard:
    """Turns away what does not come from the desk's own pages, and adds the headers of every answer."""

    def __init__(self, app: ASGIApp, address: Address) -> None:
        self.app = app
        self.address = address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an HTTP request on, or answer why not."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no WebSocket is served
        answered = self._answering(send)
        headers = Headers(scope=scope)
        refusal = refused(scope["method"], headers, self.address)
        if refusal is not None:
            status, why = refusal
            await PlainTextResponse(why, status, FORGETS if asked_by_worker(headers) else None)(
                scope, receive, answered
            )
            return
        await self.app(scope, _measured(receive, _limit(scope)), answered)

    def _answering(self, send: Send) -> Send:
        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in _SAID.items():
                    headers.setdefault(name, value)
                if self.address.has_tls:
                    headers["Strict-Transport-Security"] = _STRICT_TRANSPORT
            await send(message)

        return said


def refused(method: str, headers: Headers, address: Address) -> tuple[HTTPStatus, str] | None:
    """Return why a request is turned away, None where it may pass."""
    if headers.getlist("host") != [address.host]:
        return HTTPStatus.MISDIRECTED_REQUEST, f"This desk is at {address.origin} only."
    if headers.getlist("origin") not in ([], [address.origin]) or asked_by_worker(headers):
        return HTTPStatus.FORBIDDEN, "Only the desk's own pages may ask this desk."
    return _reading(headers) if method in READING else _sending(headers)


def _reading(headers: Headers) -> tuple[HTTPStatus, str] | None:
    own = headers.get("sec-fetch-site") in {None, "same-origin", "none"}
    opened = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    return None if own or opened else (HTTPStatus.FORBIDDEN, "Other pages may not read from this desk.")


def _sending(headers: Headers) -> tuple[HTTPStatus, str] | None:
    if "origin" not in headers or headers.get("sec-fetch-site") not in {None, "same-origin"}:
        return HTTPStatus.FORBIDDEN, "Only the desk's own pages may send this."
    if headers.get("content-type", "").split(";")[0].strip() not in {JSON, BINARY}:
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The desk's own pages send JSON."
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > LONGEST_UPLOAD:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This is too large."
    return None


class TooLargeError(Exception):
    """A body is longer than its kind may be."""


def _limit(scope: MutableMapping[str, Any]) -> int:
    binary = Headers(scope=scope).get("content-type", "").startswith(BINARY)
    return LONGEST_UPLOAD if binary and scope["path"] == "/upload" else LONGEST_JSON


def _measured(receive: Receive, limit: int) -> Callable[[], Awaitable[Message]]:
    """Count what is received, whatever the request said of its length."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooLargeError
        return message

    return counted
