"""Connections on which nobody finishes asking are closed: held open in their hundreds, they would keep others out."""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

SECONDS_TO_ASK: Final = 20.0
"""For the head of a request as a whole, and for each further part of its body: an upload over a slow line goes on."""


class PatientProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, with an end to its patience, which it has only for a second request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._look()

    def data_received(self, data: bytes) -> None:
        """Take what came; a body that goes on is waited for anew, the head of a request is not."""
        if self.cycle is not None and self.cycle.more_body:  # pyright: ignore[reportUnnecessaryComparison] -- None until the first head
            self._since = self.loop.time()
        super().data_received(data)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._since = self.loop.time()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._next.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        self._next = self.loop.call_later(SECONDS_TO_ASK / 4, self._look)
        if self.transport.get_protocol() is not self:  # it has become a web socket
            self._next.cancel()
        elif self._is_being_asked() and self.loop.time() - self._since > SECONDS_TO_ASK:
            self.transport.close()

    def _is_being_asked(self) -> bool:
        cycle = self.cycle
        return cycle is None or cycle.response_complete or cycle.more_body  # pyright: ignore[reportUnnecessaryComparison] -- as above
