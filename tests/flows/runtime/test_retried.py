"""What Prefect could not serve for a moment is asked again; everything else passes as it is."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from flows.runtime.server import retries
from flows.runtime.server.retries import MOST_BYTES, PAUSES, Retried


class BusyError(Exception):
    """What Prefect's own handler answers with 503, and raises again."""


async def busy(_request: Request, _error: Exception) -> PlainTextResponse:
    return PlainTextResponse("busy", 503)


class Busy:
    """A server that is busy *times* times, and answers what it was sent after that."""

    def __init__(self, times: int) -> None:
        self.times, self.asked = times, 0

    async def answer(self, request: Request) -> PlainTextResponse:
        self.asked += 1
        text = (await request.body()).decode()
        if self.asked <= self.times:
            raise BusyError
        return PlainTextResponse(text, 201)

    def asked_for(self, content: Any) -> tuple[int, str]:
        routes = [Route("/", self.answer, methods=["POST"])]
        server = Retried(Starlette(routes=routes, exception_handlers={Exception: busy}))
        client: Any = cast("Any", TestClient)(server, raise_server_exceptions=False)
        found = client.post("/", content=content)
        return found.status_code, found.text


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "PAUSES", (0.0,) * len(PAUSES))


@pytest.mark.parametrize("times", range(len(PAUSES) + 1))
def test_a_request_that_meets_a_busy_database_is_asked_again_with_its_body(times: int) -> None:
    server = Busy(times)
    assert server.asked_for(b"what was sent") == (201, "what was sent")
    assert server.asked == times + 1


def test_a_server_that_stays_busy_is_said_to_be() -> None:
    server = Busy(100)
    assert server.asked_for(b"x") == (503, "busy")
    assert server.asked == len(PAUSES) + 1


@pytest.mark.parametrize("content", [b"x" * (MOST_BYTES + 1), iter([b"in", b"parts"])])
def test_what_is_too_long_to_keep_is_asked_for_once(content: Any) -> None:
    server = Busy(1)
    assert server.asked_for(content) == (503, "busy")
    assert server.asked == 1


def test_who_goes_away_is_noticed_by_whoever_waits_for_it() -> None:
    heard: list[str] = []

    async def waits(_scope: Scope, receive: Receive, _send: Send) -> None:
        heard.extend([(await receive())["type"], (await receive())["type"]])

    async def receive() -> Message:
        return {"type": "http.request", "body": b""} if not asked.pop() else {"type": "http.disconnect"}

    async def send(_message: Message) -> None:
        """Take what nobody sends."""

    asked = [True, False]
    asyncio.run(Retried(waits)({"type": "http", "headers": []}, receive, send))
    assert heard == ["http.request", "http.disconnect"]
