"""Two at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

Answer = TypeVar("Answer")


def at_once(*works: Callable[[Barrier], Answer]) -> list[Answer | Exception]:
    """Run *works* in threads of their own; each is given a barrier to wait at, and what it raised is its answer."""
    barrier = Barrier(len(works), timeout=30)

    def answered(work: Callable[[Barrier], Answer]) -> Answer | Exception:
        try:
            return work(barrier)
        except Exception as error:  # noqa: BLE001 -- the test looks at whatever it was
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(answered, works))
