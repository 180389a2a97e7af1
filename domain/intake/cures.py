"""The clock of a deficiency: when the organisation is reminded, and what it says once the time is over."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from domain.application.application import Application
from domain.application.findings import Finding, Severity
from domain.application.status import Status
from domain.values import UtcTime

if TYPE_CHECKING:
    from domain.election.profile import ElectionProfile

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


def mendings(findings: Collection[Finding]) -> set[tuple[str, str]]:
    """Return what the organisation can mend of *findings*, as pairs of rule and field."""
    return {
        (finding.rule, name) for finding in findings if finding.severity is Severity.CURE for name in finding.fields
    }


def cure_due_after_correction(
    running: UtcTime, left: Collection[tuple[str, str]], before: Collection[tuple[str, str]],
    *, first_found: Mapping[tuple[str, str], datetime], profile: ElectionProfile, now: UtcTime,
) -> UtcTime:  # fmt: skip
    """Return the end of the clock after a correction that leaves *left* to be mended.

    What was asked for *before* keeps the time that is *running*: mending a part buys no time for the rest. Where only
    what a correction brought to light is left, that has the whole period from when it was first found, unless the
    profile gives one period only; what was found, mended and broken again begins no new one. The end can be over:
    the case is then overdue.
    """
    if profile.calendar.cure_once or not left or not set(left).isdisjoint(before):
        return running
    return max(running, min(profile.cure_due(first_found.get(finding, now)) for finding in left))
