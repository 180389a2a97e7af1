"""What one process of the desk keeps while it runs."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final

from domain.values import ElectionCode
from flows.context import chosen_election, right_now
from flows.desk.address import Address
from flows.desk.sessions import BrowserSessions
from flows.desk.signing import StatementSigning
from flows.desk.uploads import Uploads
from flows.settings import settings

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


CHALLENGE_LIVES: Final = timedelta(minutes=3)
MOST_CHALLENGES: Final = 100_000
"""More than can be asked for while one lives: whoever asks very often takes nobody's challenge away."""


@dataclass
class Challenges:
    """What was given out to be answered and is not answered yet: each serves once, and not for long.

    A challenge is the digest of a document, as everything that passkeys sign here is. The document says what it is
    for and is no statement: who signs in signs nothing else.
    """

    clock: Callable[[], datetime] = right_now
    _open: dict[bytes, tuple[datetime, Any]] = field(default_factory=dict[bytes, "tuple[datetime, Any]"])
    _lock: Lock = field(default_factory=Lock)

    def new(self, use: str) -> bytes:
        """Return a challenge for *use*."""
        document = f"accredit desk: {use}\n{secrets.token_hex(32)}".encode()
        return self.keep(hashlib.sha256(document).digest(), document)

    def keep(self, challenge: bytes, what: Any) -> bytes:
        """Keep *what* a challenge is about, and return the challenge."""
        with self._lock:
            while len(self._open) >= MOST_CHALLENGES:
                self._open.pop(next(iter(self._open)))
            self._open[challenge] = self.clock(), what
        return challenge

    def take(self, challenge: bytes) -> Any | None:
        """Use *challenge* up and return what it is about; None where it was not given out, was used, or is too old."""
        with self._lock:
            since, what = self._open.pop(challenge, (None, None))
        return what if since and self.clock() - since <= CHALLENGE_LIVES else None


@dataclass
class State:
    """Everything that requests share."""

    address: Address
    sessions: BrowserSessions
    challenges: Challenges = field(default_factory=Challenges)
    signing_in: Limit = field(default_factory=lambda: Limit(most=30, seconds=60))
    enrolling: Limit = field(default_factory=lambda: Limit(most=20, seconds=60))
    answering: Limit = field(default_factory=lambda: Limit(most=60, seconds=60))
    uploads: Uploads = field(default_factory=Uploads)

    @classmethod
    def at(cls, address: Address) -> State:
        """Return the state of a desk that was just opened."""
        settled = settings()
        return cls(
            address=address,
            sessions=BrowserSessions(
                idle=timedelta(minutes=settled.desk_idle_minutes), longest=timedelta(hours=settled.desk_hours)
            ),
            uploads=Uploads.resumed(),
        )

    @property
    def election(self) -> ElectionCode:
        """The election worked on; raises :class:`BadInputError` where none is loaded, or several without a choice."""
        return chosen_election(None)

    @property
    def signing(self) -> StatementSigning:
        """Statements and signatures of that election."""
        return StatementSigning(self.election)
