"""Deadlines as laws count them: days before polling, plain or clear, working days, closing hours, and clocks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import count, islice
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, Field, field_validator, model_validator

from domain.values import Frozen, UtcTime

_SATURDAY, _SUNDAY = 5, 6
_END_OF_DAY: Final = time.max
_LONGEST_CLOSURE: Final = 366
"""Days in a row without a working day beyond which a calendar must be mistaken."""


class Count(StrEnum):
    """How a law counts days: plain leaves out one end of the period, clear leaves out both.

    "Seven days before" a 31 March is the 24th plain and the 23rd clear; host bodies have applied both readings.
    """

    PLAIN = "plain"
    CLEAR = "clear"


class RollDirection(StrEnum):
    """Where a last day goes that is no working day."""

    NONE = "none"
    NEXT_WORKING_DAY = "next_working_day"
    PREVIOUS_WORKING_DAY = "previous_working_day"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("is no time zone of the IANA database; give one such as Etc/GMT-2 or Area/City") from error
    return name


ZoneName = Annotated[str, AfterValidator(_known_zone)]
"""The name of a time zone in the IANA database."""


class WorkCalendar(Frozen):
    """Which days count as working days, and in which zone a day begins."""

    timezone: ZoneName = "UTC"
    holidays: frozenset[date] = frozenset()
    working_days: Annotated[frozenset[date], Field(description="days worked although weekend or holiday")] = frozenset()
    weekend: Annotated[frozenset[int], Field(description="0 Monday to 6 Sunday")] = frozenset({_SATURDAY, _SUNDAY})

    @field_validator("weekend")
    @classmethod
    def _leaves_a_working_day(cls, days: frozenset[int]) -> frozenset[int]:
        if not days < set(range(7)):
            raise ValueError("weekdays are 0 (Monday) to 6 (Sunday), and at least one is a working day")
        return days

    def is_working_day(self, day: date) -> bool:
        """Say whether offices are open on *day*."""
        closed = day.weekday() in self.weekend or day in self.holidays
        return day in self.working_days or not closed

    def rolled(self, day: date, roll: RollDirection) -> date:
        """Return *day*, or the nearest working day in the direction of *roll*."""
        if roll is RollDirection.NONE:
            return day
        step = 1 if roll is RollDirection.NEXT_WORKING_DAY else -1
        candidates = (day + timedelta(days=step * further) for further in range(_LONGEST_CLOSURE))
        return next((candidate for candidate in candidates if self.is_working_day(candidate)), day)

    def after_working_days(self, day: date, working_days: int) -> date:
        """Return the last of *working_days* working days (at least one) counted from the day after *day*."""
        following = (day + timedelta(days=further) for further in count(1))
        worked = (candidate for candidate in following if self.is_working_day(candidate))
        return next(islice(worked, working_days - 1, None))

    def last_moment(self, day: date, at: time | None = None) -> UtcTime:
        """Return the last moment of *day* (or of it up to *at*) in UTC.

        Where clocks change: an hour that occurs twice ends with its second run, one that is skipped ends after the
        gap, so that nobody loses time to a change of clocks.
        """
        wall = datetime.combine(day, at or _END_OF_DAY, tzinfo=ZoneInfo(self.timezone))
        return max(wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))

    def first_moment(self, day: date, at: time | None = None) -> UtcTime:
        """Return the first moment of *day* (or of it from *at*) in UTC, the earlier one where clocks change."""
        wall = datetime.combine(day, at or time.min, tzinfo=ZoneInfo(self.timezone))
        return min(wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


class Deadline(Frozen):
    """A deadline in the words of a law, as the engine counts it, and as the host body published it.

    ``offset_days`` counts from election day, negative before it. What was ``published`` wins: a day (with the
    cut-off time), or a moment. Without a cut-off time the whole last day is in time.
    """

    offset_days: Annotated[int | None, Field(ge=-3660, le=3660, description="days from election day; before: < 0")] = (
        None
    )
    count: Count = Count.PLAIN
    roll: RollDirection = RollDirection.NONE
    cutoff_time: Annotated[time | None, Field(description="last minute in time, in quotes: '18:00'")] = None
    timezone: ZoneName
    published: Annotated[AwareDatetime | date | None, Field(description="as the host body published it; wins")] = None
    words: Annotated[str, Field(description="the words of the law")] = ""
    source: Annotated[str, Field(description="where these words stand")] = ""

    @field_validator("cutoff_time", mode="before")
    @classmethod
    def _is_written_as_a_time(cls, value: object) -> object:
        # YAML 1.1 reads a bare 18:00 as the number 1080, which would pass for 18 minutes past midnight.
        if isinstance(value, int | float):
            raise ValueError("is a number to YAML; write the time in quotes, such as '18:00'")  # noqa: TRY004 -- pydantic
        return value

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if self.offset_days is None and self.published is None:
            raise ValueError("a deadline has offset_days, or the date the host body published")
        if self.cutoff_time and self.cutoff_time.tzinfo:
            raise ValueError("cutoff_time is a time of day in timezone; give it without an offset of its own")
        return self


def resolve(deadline: Deadline, election_day: date, holidays: Iterable[date] | WorkCalendar = ()) -> UtcTime:
    """Return the last moment that is in time, in UTC: what comes later than this is late.

    *holidays* are the days besides Saturday and Sunday on which nobody works, or a whole calendar (its zone gives
    way to the deadline's).
    """
    if isinstance(deadline.published, datetime):
        return deadline.published.astimezone(UTC)
    calendar = _calendar(holidays).revised(timezone=deadline.timezone)
    return calendar.last_moment(_last_day(deadline, election_day, calendar), deadline.cutoff_time)


def opening(deadline: Deadline, election_day: date, holidays: Iterable[date] | WorkCalendar = ()) -> UtcTime:
    """Return the first moment, in UTC, of what begins on a day that is counted as deadlines are.

    Without a time of day it is the beginning of that day; else ``cutoff_time`` is the hour of opening.
    """
    if isinstance(deadline.published, datetime):
        return deadline.published.astimezone(UTC)
    calendar = _calendar(holidays).revised(timezone=deadline.timezone)
    return calendar.first_moment(_last_day(deadline, election_day, calendar), deadline.cutoff_time)


def due_after(
    start: UtcTime,
    *,
    hours: float = 0,
    days: int = 0,
    working_days: int = 0,
    calendar: WorkCalendar | None = None,
    roll: RollDirection = RollDirection.NONE,
) -> UtcTime:
    """Return when a period begun at *start* ends, in UTC; exactly one of the three lengths is given.

    Hours are hours on a stopwatch, whatever the clocks do. Days and working days leave out the day of *start* and
    end with the last moment of the last day in *calendar*'s zone, rolled as *roll* says.
    """
    if sum(bool(length) for length in (hours, days, working_days)) != 1 or min(hours, days, working_days) < 0:
        raise ValueError("a period has exactly one positive length: hours, days or working_days")
    begun = start.astimezone(UTC)
    if hours:
        return begun + timedelta(hours=hours)
    calendar = calendar or WorkCalendar()
    first = begun.astimezone(ZoneInfo(calendar.timezone)).date()
    last = first + timedelta(days=days) if days else calendar.after_working_days(first, working_days)
    return calendar.last_moment(calendar.rolled(last, roll))


def _calendar(holidays: Iterable[date] | WorkCalendar) -> WorkCalendar:
    return holidays if isinstance(holidays, WorkCalendar) else WorkCalendar(holidays=frozenset(holidays))


def _last_day(deadline: Deadline, election_day: date, calendar: WorkCalendar) -> date:
    """Return the published day as it stands, else the day counted by the law's words and rolled."""
    if deadline.published is not None:
        return deadline.published
    offset = deadline.offset_days or 0
    if deadline.count is Count.CLEAR and offset:
        offset += 1 if offset > 0 else -1
    return calendar.rolled(election_day + timedelta(days=offset), deadline.roll)
