"""Will the officers finish in time? A simulation of their working hours over the way applications really arrive.

The arrival curve is that of a presidential election with 2,344 foreign observers: 5 % by E-51, 15 % by E-37, 48 % by
E-12, 30 % on the day after (660 of them from one organisation), 86 % before the last session, and everything decided
two days after submissions closed.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import Field

from domain.election.deadlines import WorkCalendar
from domain.values import Frozen, UtcTime

CURVE: Final = ((-60, 0.0), (-51, 0.05), (-37, 0.15), (-12, 0.48), (-11, 0.78), (-10, 0.81), (-8, 1.0))
"""Days from election day, and the share of all applications that has arrived by the end of that day."""


class Desks(Frozen):
    """Officers and how they work: two sign a refusal, so some decisions are taken twice."""

    staff: Annotated[int, Field(ge=1)]
    begins: time = time(8, 0)
    ends: time = time(20, 0)
    minutes_a_case: Annotated[float, Field(gt=0)] = 4.0
    share_refused: Annotated[float, Field(ge=0, le=1)] = 0.035
    break_share: Annotated[float, Field(ge=0, lt=1, description="of the hours at the desk, not at a case")] = 0.2
    every_day: bool = True
    """Whether weekends are worked; near an election they are."""

    @property
    def minutes(self) -> float:
        """Minutes of work for a case, breaks included."""
        return self.minutes_a_case / (1 - self.break_share)


class Day(Frozen):
    """What one day of the simulation looked like."""

    day: date
    arrived: int
    decided: int
    waiting: int


class Outlook(Frozen):
    """The result with a number of officers."""

    staff: int
    decided: int
    breaches: int
    latest: UtcTime | None
    longest_hours: float
    days: tuple[Day, ...]
    busy_share: float


def arrivals(applications: int, election_day: date, zone: ZoneInfo, *, seed: int) -> list[UtcTime]:
    """Return when each of *applications* arrives: by the curve, in office hours, in batches of organisations."""
    rng = random.Random(seed)  # noqa: S311 -- a simulation that must repeat
    found: list[UtcTime] = []
    before = 0
    for (begin, _), (end, share) in pairwise(CURVE):
        count = round(applications * share) - before
        before += count
        while count > 0:
            batch = min(count, max(1, round(rng.paretovariate(0.9))))
            day = election_day + timedelta(days=rng.randint(begin + 1, end))
            moment = datetime.combine(day, time(9), tzinfo=zone) + timedelta(minutes=rng.randint(0, 9 * 60))
            found += [moment] * batch
            count -= batch
    return sorted(found)


def cliff(applications: int, closing: UtcTime, *, last: int, session: UtcTime) -> list[UtcTime]:
    """Return the worst case: all arrive when submissions close, but for the *last*, which come for the last session."""
    return [closing] * (applications - last) + [session] * last


def simulate(arrived: Sequence[UtcTime], due: Sequence[UtcTime], desks: Desks, calendar: WorkCalendar) -> Outlook:
    """Return how *desks* cope when each case is taken up in order of its due time; every second counts once.

    A refusal is decided twice, the second time by another officer. Officers work from *begins* to *ends*.
    """
    shifts = _Shifts(desks, calendar)
    free = [shifts.next_start(min(arrived))] * desks.staff
    heapq.heapify(free)
    waiting = sorted(zip(arrived, due, strict=True), key=lambda pair: (pair[0], pair[1]))
    refusals = round(1 / desks.share_refused) if desks.share_refused else 0
    ready: list[tuple[UtcTime, UtcTime]] = []
    finished: list[tuple[UtcTime, UtcTime, UtcTime]] = []
    place = 0
    while place < len(waiting) or ready:
        at = heapq.heappop(free)
        if not ready and place < len(waiting):
            at = max(at, waiting[place][0])
        while place < len(waiting) and waiting[place][0] <= at:
            heapq.heappush(ready, (waiting[place][1], waiting[place][0]))
            place += 1
        limit, came = heapq.heappop(ready)
        twice = refusals and len(finished) % refusals == refusals - 1
        done = shifts.after(max(at, came), desks.minutes * (2 if twice else 1))
        finished.append((came, limit, done))
        heapq.heappush(free, done)
    return _outlook(finished, desks, shifts)


class _Shifts:
    """Working hours in the election's zone."""

    def __init__(self, desks: Desks, calendar: WorkCalendar) -> None:
        self._desks = desks
        self._calendar = calendar
        self._zone = ZoneInfo(calendar.timezone)

    def next_start(self, at: UtcTime) -> UtcTime:
        """Return *at*, or when the next shift begins."""
        local = at.astimezone(self._zone)
        if local.time() >= self._desks.ends:
            local = datetime.combine(local.date() + timedelta(days=1), self._desks.begins, tzinfo=self._zone)
        if local.time() < self._desks.begins:
            local = datetime.combine(local.date(), self._desks.begins, tzinfo=self._zone)
        while not (self._desks.every_day or self._calendar.is_working_day(local.date())):
            local = datetime.combine(local.date() + timedelta(days=1), self._desks.begins, tzinfo=self._zone)
        return local

    def after(self, at: UtcTime, minutes: float) -> UtcTime:
        """Return when work of *minutes* begun at *at* is done; what is left at the end of a shift is done next day."""
        local, left = self.next_start(at), timedelta(minutes=minutes)
        while True:
            end = datetime.combine(local.date(), self._desks.ends, tzinfo=self._zone)
            if local + left <= end:
                return local + left
            left -= end - local
            local = self.next_start(end)

    @property
    def hours(self) -> float:
        """Hours of one shift."""
        begins, ends = self._desks.begins, self._desks.ends
        return (ends.hour - begins.hour) + (ends.minute - begins.minute) / 60


def _outlook(finished: Sequence[tuple[UtcTime, UtcTime, UtcTime]], desks: Desks, shifts: _Shifts) -> Outlook:
    days = list(_days(finished))
    worked = len(finished) * (1 + desks.share_refused) * desks.minutes / 60
    offered = max(1e-9, sum(1 for day in days if day.decided) * shifts.hours * desks.staff)
    return Outlook(
        staff=desks.staff,
        decided=len(finished),
        breaches=sum(done > limit for _, limit, done in finished),
        latest=max((done for *_, done in finished), default=None),
        longest_hours=max(((done - came).total_seconds() / 3600 for came, _, done in finished), default=0.0),
        days=tuple(days),
        busy_share=min(1.0, worked / offered),
    )


def _days(finished: Sequence[tuple[UtcTime, UtcTime, UtcTime]]) -> Iterable[Day]:
    came = sorted(case[0].date() for case in finished)
    done = sorted(case[2].date() for case in finished)
    every = sorted({*came, *done})
    waiting = 0
    for day in every:
        arrived, decided = came.count(day), done.count(day)
        waiting += arrived - decided
        yield Day(day=day, arrived=arrived, decided=decided, waiting=waiting)


def levels(outlooks: Iterable[Outlook]) -> int | None:
    """Return the smallest staff without a breach, or None."""
    return min((outlook.staff for outlook in outlooks if not outlook.breaches), default=None)
