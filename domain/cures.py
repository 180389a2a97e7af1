"""The clock of a deficiency: when the organisation is reminded, and what it says once the time is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

from domain.application import Application
from domain.status import Status
from domain.values import UtcTime

Reminder = Literal["half_time", "day_before"]

DAY_BEFORE: Final = timedelta(days=1)


def reminder_due(started_at: datetime, due_at: datetime, *, now: UtcTime) -> Reminder | None:
    """Return which reminder of a clock is due *now*: at half time, or one day before the end if that is later.

    The later one takes the place of one that was not sent; before half time and once the time is over there is none.
    """
    half = started_at + (due_at - started_at) / 2
    if now < half or now >= due_at:
        return None
    last = due_at - DAY_BEFORE
    return "day_before" if last > half and now >= last else "half_time"


def is_overdue(application: Application, *, now: UtcTime) -> bool:
    """Whether the time to mend the file ended without everything; until the very end nobody may be refused."""
    return application.status is Status.INCOMPLETE and application.due_at is not None and now > application.due_at
