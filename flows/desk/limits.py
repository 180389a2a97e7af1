"""How often an address may try to sign in or to enrol."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

MOST_ADDRESSES: Final = 10_000


@dataclass
class Limit:
    """*most* tries in any *seconds* from one address; others are not held up by it."""

    most: int
    seconds: float
    clock: Callable[[], float] = time.monotonic
    _tries: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    _lock: Lock = field(default_factory=Lock)

    def allows(self, address: str) -> bool:
        """Count a try and return whether it may go on."""
        now = self.clock()
        with self._lock:
            recent = [at for at in self._tries.pop(address, []) if now - at < self.seconds]
            allowed = len(recent) < self.most
            self._tries[address] = [*recent, now] if allowed else recent
            while len(self._tries) > MOST_ADDRESSES:
                self._tries.pop(next(iter(self._tries)))
        return allowed
