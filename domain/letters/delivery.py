"""When a letter that could not be delivered is tried again, how fast letters go, and what officers may order."""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import Field

from domain.errors import AccreditationError
from domain.letters.envelope import LetterOrder, LetterState
from domain.numbers import number_of
from domain.values import Frozen, UtcTime


class Patience(Frozen):
    """How long a temporary refusal is borne; the defaults add up to four days (RFC 5321, 4.5.4.1: four to five)."""

    first_minutes: Annotated[float, Field(gt=0, description="wait after the first attempt")] = 2
    longest_minutes: Annotated[float, Field(gt=0, description="no wait is longer")] = 240
    attempts: Annotated[int, Field(ge=1, description="after so many a letter has failed")] = 36


class Prospect(Frozen):
    """What becomes of a letter after an attempt that failed: deferred until a time, or failed for good."""

    state: LetterState
    next_at: UtcTime | None = None


_USUAL = Patience()


def prospect(
    error: AccreditationError, *, key: str, attempts: int, now: UtcTime, patience: Patience = _USUAL
) -> Prospect:
    """Return what becomes of the letter *key* whose attempt number *attempts* (from 1) ended with *error*.

    An error that waiting cannot help fails it at once. Waits double up to the longest; each is shortened by up to half,
    by the key and the attempt, so that letters held back together do not all come back together, and the same letter
    always waits the same. A server that does not even answer is no attempt: whoever meets it leaves the letter queued.
    """
    if not error.retryable or attempts >= patience.attempts:
        return Prospect(state=LetterState.FAILED)
    doubled = patience.first_minutes * 2 ** min(attempts - 1, 32)
    wait = min(doubled, patience.longest_minutes) * (1 - _share(key, attempts) / 2)
    return Prospect(state=LetterState.DEFERRED, next_at=now + timedelta(minutes=wait))


def _share(key: str, attempts: int) -> float:
    """Return a number from 0 up to 1 that looks random and depends on its arguments only."""
    digest = hashlib.sha256(f"{key}\x1f{attempts}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


CAN_ORDER: Final[Mapping[LetterOrder, frozenset[LetterState]]] = MappingProxyType({
    LetterOrder.CONFIRM: frozenset({LetterState.HELD}),
    LetterOrder.CANCEL: frozenset({
        LetterState.QUEUED, LetterState.HELD, LetterState.DEFERRED, LetterState.FAILED, LetterState.GATHERED,
    }),
    LetterOrder.RESEND: frozenset({
        LetterState.SENT, LetterState.FAILED, LetterState.CANCELLED, LetterState.GATHERED,
    }),
    LetterOrder.RETRY: frozenset({LetterState.DEFERRED, LetterState.FAILED}),
    LetterOrder.HAND_OVER: frozenset({
        LetterState.QUEUED, LetterState.HELD, LetterState.DEFERRED, LetterState.FAILED, LetterState.CANCELLED,
        LetterState.GATHERED,
    }),
})  # fmt: skip
"""In which states a letter can be ordered what. What is being sent can be ordered nothing."""

LEADS_TO: Final[Mapping[LetterOrder, LetterState]] = MappingProxyType({
    LetterOrder.CONFIRM: LetterState.QUEUED,
    LetterOrder.CANCEL: LetterState.CANCELLED,
    LetterOrder.RESEND: LetterState.QUEUED,
    LetterOrder.RETRY: LetterState.QUEUED,
    LetterOrder.HAND_OVER: LetterState.SENT,
})  # fmt: skip
"""The state an ordered letter is in afterwards."""


class Reconciliation(Frozen):
    """All letters ever queued, and where they stand."""

    queued: Annotated[int, Field(ge=0, description="letters ever put into the outbox")]
    sent: int = 0
    held: int = 0
    failed: int = 0
    cancelled: int = 0
    gathered: Annotated[int, Field(ge=0, description="in parcels, which are letters too")] = 0
    waiting: Annotated[int, Field(ge=0, description="queued, being sent, or deferred")] = 0

    @classmethod
    def of(cls, queued: int, states: Mapping[str, int]) -> Self:
        """Return the account of *queued* letters counted by state; an unknown state leaves it open."""
        waiting = (LetterState.QUEUED, LetterState.SENDING, LetterState.DEFERRED)
        return cls(
            queued=queued,
            waiting=sum(states.get(state.value, 0) for state in waiting),
            **{name: states.get(name, 0) for name in ("sent", "held", "failed", "cancelled", "gathered")},
        )

    @property
    def is_balanced(self) -> bool:
        """Whether every letter is accounted for."""
        return self.queued == self.sent + self.held + self.failed + self.cancelled + self.gathered + self.waiting

    @property
    def sentence(self) -> str:
        """The account as one equation."""
        parts = f"{self.sent:,} sent + {self.held:,} held + {self.failed:,} failed + {self.cancelled:,} cancelled"
        parts += f" + {self.gathered:,} in parcels" if self.gathered else ""
        sign = "=" if self.is_balanced else "≠"
        return f"{number_of(self.queued, 'letters')} {sign} {parts} + {self.waiting:,} waiting"


MINUTE: Final = 60.0
"""Seconds in which a recipient domain's number of letters counts."""


class Pace(Frozen):
    """How fast letters may be handed over."""

    per_second: Annotated[float, Field(gt=0, description="once the burst is out")]
    burst: Annotated[int, Field(ge=1, description="letters that may go at once")]
    domain_per_minute: Annotated[int | None, Field(ge=1, description="to one recipient domain in any minute")] = None

    def most_within(self, seconds: float) -> int:
        """Return how many letters surely go within *seconds*, whatever their domains; at least one."""
        overall = self.burst + int(self.per_second * seconds)
        own = overall if self.domain_per_minute is None else self.domain_per_minute * int(seconds // MINUTE)
        return max(1, min(overall, own))


class Pacer:
    """Says how long the next letter has to wait, knowing what went before. Times are seconds of any steady clock.

    Overall a token bucket (as the generic cell rate algorithm, ITU-T I.371); for a recipient domain never more than
    its number in any sixty seconds, which is how large providers count.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._expected = float("-inf")
        self._recent: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=pace.domain_per_minute))

    def wait(self, domain: str, at: float) -> float:
        """Return how many seconds from *at* a letter to *domain* has to wait."""
        overall = self._expected - (self._pace.burst - 1) / self._pace.per_second - at
        recent = self._recent[domain] if self._pace.domain_per_minute else ()
        own = recent[0] + MINUTE - at if recent and len(recent) == self._pace.domain_per_minute else 0.0
        return max(0.0, overall, own)

    def took(self, domain: str, at: float) -> None:
        """Note that a letter to *domain* went *at* that time."""
        self._expected = max(self._expected, at) + 1 / self._pace.per_second
        if self._pace.domain_per_minute:
            self._recent[domain].append(at)


def dealt(domains: Sequence[str]) -> list[int]:
    """Return the places of *domains* in an order that takes one of each in turn, so that a slow one stops no other.

    >>> dealt(["a", "a", "a", "b", "c", "b"])
    [0, 3, 4, 1, 5, 2]
    """
    seen: defaultdict[str, int] = defaultdict(int)
    turns: list[tuple[int, int]] = []
    for place, domain in enumerate(domains):
        turns.append((seen[domain], place))
        seen[domain] += 1
    return [place for _, place in sorted(turns)]
