"""Requests that Prefect could not serve because its SQLite file was being written: asked again before anybody sees it.

Prefect answers 503, rolled back, where two of its own transactions meet. Its client asks again by itself; its pages do
not, and show the officer who presses *Submit* an error.
"""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAUSES: Final = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds before each further try."""
MOST_BYTES: Final = 1_000_000
"""A body that says that it is larger, or not how large it is, is handed on as it comes and asked for once."""

_UNAVAILABLE: Final = 503


class Retried:
    """An ASGI application that asks *inner* again where it answers 503."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != "http" or _size(scope) > MOST_BYTES:
            await self._inner(scope, receive, send)
            return
        body = await _body(receive)
        for pause in PAUSES:
            if not await self._is_unavailable(scope, _heard(body, receive), send):
                return
            await asyncio.sleep(pause)
        await self._inner(scope, _heard(body, receive), send)

    async def _is_unavailable(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Ask once; whatever is answered but 503 is sent."""
        answer = _Answer(send)
        try:
            await self._inner(dict(scope), receive, answer.send)
        except Exception:
            # Starlette raises an error again after it was answered, for the server's log.
            if not answer.unavailable:
                raise
        return answer.unavailable


class _Answer:
    """An answer on its way to whoever asked; nothing of it is sent where it is 503."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.unavailable = False

    async def send(self, message: Message) -> None:
        self.unavailable = self.unavailable or message.get("status") == _UNAVAILABLE
        if not self.unavailable:
            await self._send(message)


def _size(scope: Scope) -> int:
    """Return how many bytes the body of a request has as it says; none is 0, one of unknown length is too many."""
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"0")
    return MOST_BYTES + 1 if b"transfer-encoding" in headers or not length.isdigit() else int(length)


async def _body(receive: Receive) -> bytes:
    parts, more = list[bytes](), True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _heard(body: bytes, receive: Receive) -> Receive:
    """Return a *receive* that gives the whole *body* first, then what still comes: the end of the connection."""
    given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def heard() -> Message:
        return given.pop() if given else await receive()

    return heard
