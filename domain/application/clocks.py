"""Clocks: time limits that run on a case, how much of them has run, and whose they are."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from domain.values import Frozen, UtcTime


class Clock(StrEnum):
    """What a time limit is for."""

    DECISION = "decision"
    PROPOSAL = "proposal"
    DEFERRAL = "deferral"
    APPEAL = "appeal"
    REPLY = "reply"
    LOOK = "look"


OWNER: Final = {
    Clock.DECISION: "case officers",
    Clock.PROPOSAL: "confirming officers",
    Clock.DEFERRAL: "case officers",
    Clock.APPEAL: "appeals officers",
    Clock.REPLY: "case officers",
    Clock.LOOK: "case officers",
}
MARKS: Final = (50, 80, 100)
"""Percent of a clock's time at which somebody is told."""


class RunningClock(Frozen):
    """One clock on one case."""

    application_id: UUID
    clock: Clock
    started_at: UtcTime
    due_at: UtcTime

    @classmethod
    def between(cls, application_id: UUID, clock: Clock, started_at: datetime, due_at: datetime) -> Self:
        """Return the clock; one that was due before it began has no length."""
        return cls(application_id=application_id, clock=clock, started_at=min(started_at, due_at), due_at=due_at)

    def share(self, now: UtcTime) -> int:
        """Return how many percent of the time have run, 0 to 100; 100 means that it is over."""
        if now >= self.due_at:
            return 100
        if now <= self.started_at:  # also of a clock without length, looked at before it is due
            return 0
        return 100 * (now - self.started_at) // (self.due_at - self.started_at)

    def mark(self, now: UtcTime) -> int:
        """Return the highest of 50, 80 and 100 percent that is reached, else 0."""
        share = self.share(now)
        return max((mark for mark in MARKS if share >= mark), default=0)
