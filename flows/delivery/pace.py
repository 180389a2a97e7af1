"""The pace that all deliveries on one Prefect server keep together, by its global limit ``smtp``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import httpx
from prefect import get_client
from prefect.concurrency.sync import rate_limit
from prefect.exceptions import ObjectNotFound

from flows.runtime.setup import SMTP_LIMIT
from flows.settings import Settings

_BLOCK: Final = 10
"""Turns taken at once: asking the server for each letter would cost 17 ms a letter."""


async def shared_pace(settled: Settings) -> Callable[[], None] | None:
    """Return what waits for a turn, where the server of this run has the limit; ``accredit up`` creates it.

    Without a limit, or where mail goes into a folder, every process keeps its own pace, which is None here.
    """
    if settled.smtp_host is None:
        return None
    try:
        async with get_client() as client:
            limit = await client.read_global_concurrency_limit_by_name(SMTP_LIMIT)
    except (ObjectNotFound, httpx.HTTPError):
        return None
    return _SharedTurns(min(_BLOCK, limit.limit)).take if limit.active else None


class _SharedTurns:
    def __init__(self, block: int) -> None:
        self._block = block
        self._left = 0

    def take(self) -> None:
        """Return when the server allows the next letter; if the server does not answer, letters go on."""
        if not self._left:
            try:
                rate_limit(SMTP_LIMIT, occupy=self._block)
            except httpx.HTTPError:
                return
            self._left = self._block
        self._left -= 1
