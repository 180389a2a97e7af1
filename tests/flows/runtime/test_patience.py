"""Nobody keeps others out by connections on which nothing is asked; who asks slowly but asks is heard."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import uvicorn

from flows.runtime.server import patience

HEAD = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\n\r\n"


async def echo(_scope: Any, receive: Any, send: Any) -> None:
    """Answer with the body that came."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """Serve with little patience."""
    monkeypatch.setattr(patience, "SECONDS_TO_ASK", 1.0)
    own = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        echo, http=patience.PatientProtocol, log_level="error", lifespan="off", timeout_keep_alive=60
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [own]}, daemon=True)
    thread.start()
    yield own.getsockname()
    server.should_exit = True
    thread.join(10)


def drip(address: tuple[str, int], parts: list[bytes], *, every: float) -> bytes:
    """Send *parts* one after the other, and return what comes until the other side closes."""
    with socket.create_connection(address, timeout=20) as line:
        for part in parts:
            with suppress(OSError):
                line.sendall(part)
            time.sleep(every)
        came = b""
        with suppress(ConnectionResetError):
            while more := line.recv(4096):
                came += more
        return came


@pytest.mark.parametrize(
    "parts",
    [[], [HEAD[:20]], [HEAD[at : at + 6] for at in range(0, 48, 6)], [HEAD, b"ab"]],
    ids=["nothing", "half a head", "a head by drips", "half a body"],
)
def test_who_does_not_finish_asking_is_left(address: tuple[str, int], parts: list[bytes]) -> None:
    assert drip(address, parts, every=0.4) == b""


def test_a_slow_body_is_heard_and_a_second_half_request_is_not_waited_for(address: tuple[str, int]) -> None:
    came = drip(address, [HEAD, b"a", b"b", b"c", b"d", HEAD[:20]], every=0.7)
    assert came.endswith(b"abcd")
    assert came.count(b"200 OK") == 1
