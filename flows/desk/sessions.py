"""Sessions of officers who signed in: kept here, known to the browser by a random name only."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final
from uuid import UUID

from domain.values import OfficerCode
from flows.context import right_now
from flows.decisions.review import DecisionBatch

MOST: Final = 500
"""Sessions at once; the one unused for longest gives way."""
MOST_DRAFTS: Final = 20
DRAFT_LIVES: Final = timedelta(minutes=5)


@dataclass
class Session:
    """An officer at the desk, on one device."""

    officer: OfficerCode
    credential: str
    """The passkey signed in with; one that was replaced ends the session."""
    client: str
    """What the browser said of itself: a stolen cookie does not work in another browser."""
    began: datetime
    seen: datetime
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    pile: DecisionBatch = field(init=False)
    ground: str = ""
    """Why an auditor looks at what is opened."""
    told: list[tuple[bool, str]] = field(default_factory=list[tuple[bool, str]], repr=False)
    """What the next page says first: whether it went well, and a sentence."""
    results: list[Any] = field(default_factory=list[Any], repr=False)
    """What became of the cases that were signed last."""
    extract: bytes = field(default=b"", repr=False)
    """The table that was taken last, until the browser has fetched it."""
    found: list[UUID] = field(default_factory=list[UUID], repr=False)
    """What the officer looked for last and may open."""
    drafts: dict[str, tuple[datetime, Any]] = field(default_factory=dict[str, "tuple[datetime, Any]"], repr=False)
    """What was drawn up to be signed, by a random name, and when."""

    def __post_init__(self) -> None:
        self.pile = DecisionBatch(self.officer)

    def keep(self, draft: Any, *, now: datetime) -> str:
        """Keep *draft* until it is signed, and return its name."""
        while len(self.drafts) >= MOST_DRAFTS:
            self.drafts.pop(next(iter(self.drafts)))
        name = secrets.token_urlsafe(16)
        self.drafts[name] = now, draft
        return name

    def take(self, name: str, *, now: datetime) -> Any | None:
        """Return the draft called *name* and forget it: each is signed once. None where it is gone or too old."""
        since, draft = self.drafts.pop(name, (now, None))
        return draft if now - since <= DRAFT_LIVES else None


@dataclass
class BrowserSessions:
    """All sessions of this process; ending it ends them."""

    idle: timedelta
    longest: timedelta
    clock: Callable[[], datetime] = right_now
    _kept: dict[str, Session] = field(default_factory=dict[str, Session])
    _lock: Lock = field(default_factory=Lock)

    def begin(self, officer: OfficerCode, credential: str, client: str) -> tuple[str, Session]:
        """Begin a session and return the name that the browser keeps; here only its hash is."""
        name, now = secrets.token_urlsafe(32), self.clock()
        session = Session(officer=officer, credential=credential, client=client, began=now, seen=now)
        with self._lock:
            self._sweep(now)
            while len(self._kept) >= MOST:
                del self._kept[min(self._kept, key=lambda key: self._kept[key].seen)]
            self._kept[_hash(name)] = session
        return name, session

    def find(self, name: str, client: str) -> Session | None:
        """Return the session called *name*, and count it as seen; None where it ended or is another browser's."""
        now = self.clock()
        with self._lock:
            session = self._kept.get(_hash(name))
            if session is None or session.client != client:
                return None
            if self._is_over(session, now):
                del self._kept[_hash(name)]
                return None
            session.seen = now
        return session

    def end(self, name: str) -> None:
        """End the session called *name*."""
        with self._lock:
            self._kept.pop(_hash(name), None)

    def _is_over(self, session: Session, now: datetime) -> bool:
        return now - session.seen > self.idle or now - session.began > self.longest

    def _sweep(self, now: datetime) -> None:
        for key in [key for key, session in self._kept.items() if self._is_over(session, now)]:
            del self._kept[key]


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
