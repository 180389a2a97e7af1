from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.election.deadlines import (
    Count,
    Deadline,
    RollDirection,
    WorkCalendar,
    due_after,
    opening,
    resolve,
)

MINUTE = timedelta(minutes=1)
EARLY_SPRING, RUN_OFF, AUTUMN = date(2019, 3, 31), date(2019, 4, 21), date(2017, 10, 22)
POLLING_OUTSIDE_SUMMER_TIME, EARLY_ELECTION, SUMMER = date(2020, 10, 31), date(2019, 10, 6), date(2021, 6, 6)


def a_deadline(offset: int | None, **rules: Any) -> Deadline:
    return Deadline.model_validate({"offset_days": offset, "timezone": "EET"} | rules)


CLEAR: dict[str, Any] = {"count": "clear"}
# Words of laws against dates that host bodies published: facts/practice.md section 4.
PUBLISHED = [
    ("seven clear days", EARLY_SPRING, a_deadline(-7, **CLEAR), date(2019, 3, 23), None),
    ("seven clear days before the run-off", RUN_OFF, a_deadline(-7, **CLEAR), date(2019, 4, 13), None),
    ("five clear days", EARLY_SPRING, a_deadline(-5, **CLEAR), date(2019, 3, 25), None),
    ("the seventh day before, plain", POLLING_OUTSIDE_SUMMER_TIME, a_deadline(-7), date(2020, 10, 24), None),
    ("two days before, plain", POLLING_OUTSIDE_SUMMER_TIME, a_deadline(-2), date(2020, 10, 29), None),
    ("thirty clear days", AUTUMN, a_deadline(-30, **CLEAR), date(2017, 9, 21), None),
    ("twenty-five clear days", AUTUMN, a_deadline(-25, **CLEAR), date(2017, 9, 26), None),
    ("fifteen clear days", AUTUMN, a_deadline(-15, **CLEAR), date(2017, 10, 6), None),
    (
        "twenty clear days from a Sunday to Monday",
        AUTUMN,
        a_deadline(-20, **CLEAR, roll="next_working_day"),
        date(2017, 10, 2),
        None,
    ),
    ("five days with a closing hour", EARLY_ELECTION, a_deadline(-5, cutoff_time="18:00"), date(2019, 10, 1), time(18)),
    ("eleven days", SUMMER, a_deadline(-11), date(2021, 5, 26), None),
    ("on election day itself, clear or not", SUMMER, a_deadline(0, **CLEAR), SUMMER, None),
    ("three clear days after", SUMMER, a_deadline(3, **CLEAR), date(2021, 6, 10), None),
]


@pytest.mark.parametrize(
    ("election_day", "deadline", "day", "hour"), [case[1:] for case in PUBLISHED], ids=[case[0] for case in PUBLISHED]
)
def test_the_last_minute_is_in_time_and_the_next_is_late(
    election_day: date, deadline: Deadline, day: date, hour: time | None
) -> None:
    zone = ZoneInfo(deadline.timezone)
    due = resolve(deadline, election_day)
    last_minute = datetime.combine(day, hour or time(23, 59), tzinfo=zone)
    assert last_minute <= due < last_minute + MINUTE
    assert due.tzinfo is UTC


def test_what_the_host_body_published_wins_over_the_words() -> None:
    moment = datetime(2019, 3, 22, 15, tzinfo=timezone(timedelta(hours=2)))
    day = a_deadline(-7, published=date(2019, 3, 24), cutoff_time="18:00", roll="previous_working_day")
    assert resolve(a_deadline(-7, published=moment), EARLY_SPRING) == moment
    assert resolve(day, EARLY_SPRING) == datetime(2019, 3, 24, 16, tzinfo=UTC)


def test_what_opens_on_a_day_opens_with_it_and_what_closes_closes_after_it() -> None:
    sixty_days = a_deadline(-60)
    assert opening(sixty_days, EARLY_SPRING) == datetime(2019, 1, 29, 22, tzinfo=UTC)
    assert resolve(sixty_days, EARLY_SPRING) - opening(sixty_days, EARLY_SPRING) > timedelta(hours=23, minutes=59)
    assert opening(a_deadline(-60, cutoff_time="09:00"), EARLY_SPRING) == datetime(2019, 1, 30, 7, tzinfo=UTC)


ROLLS = [
    (RollDirection.NONE, date(2017, 10, 1)),
    (RollDirection.NEXT_WORKING_DAY, date(2017, 10, 3)),
    (RollDirection.PREVIOUS_WORKING_DAY, date(2017, 9, 28)),
]


@pytest.mark.parametrize(("roll", "day"), ROLLS)
def test_a_last_day_off_rolls_over_weekends_and_holidays(roll: RollDirection, day: date) -> None:
    holidays = [date(2017, 10, 2), date(2017, 9, 29)]
    due = resolve(a_deadline(-21, roll=roll, timezone="UTC"), AUTUMN, holidays)
    assert due.date() == day


def test_a_calendar_can_have_another_weekend_and_days_worked_all_the_same() -> None:
    friday_and_saturday = WorkCalendar(weekend=frozenset({4, 5}))
    made_up_for = WorkCalendar(working_days=frozenset({date(2017, 10, 1)}))
    sunday = a_deadline(-21, roll="next_working_day", timezone="UTC")
    assert resolve(sunday, AUTUMN, friday_and_saturday).date() == date(2017, 10, 1)
    assert resolve(sunday, AUTUMN, made_up_for).date() == date(2017, 10, 1)


DST = [
    # zone, day, cut-off, the last moment in UTC
    ("EET", date(2019, 3, 30), None, datetime(2019, 3, 30, 22, tzinfo=UTC)),
    ("EET", date(2019, 3, 31), None, datetime(2019, 3, 31, 21, tzinfo=UTC)),
    ("EET", date(2019, 3, 31), time(3, 30), datetime(2019, 3, 31, 1, 30, tzinfo=UTC)),  # skipped: ends after the gap
    ("EET", date(2019, 10, 27), time(3, 30), datetime(2019, 10, 27, 1, 30, tzinfo=UTC)),  # twice: the second counts
    ("EET", date(2019, 10, 27), None, datetime(2019, 10, 27, 22, tzinfo=UTC)),
    ("EST5EDT", date(2019, 11, 3), None, datetime(2019, 11, 4, 5, tzinfo=UTC)),
    ("Etc/GMT-14", date(2019, 1, 1), None, datetime(2019, 1, 1, 10, tzinfo=UTC)),
]


@pytest.mark.parametrize(("zone", "day", "cutoff", "end"), DST)
def test_a_day_ends_where_its_zone_says_also_when_clocks_change(
    zone: str, day: date, cutoff: time | None, end: datetime
) -> None:
    due = resolve(a_deadline(0, timezone=zone, cutoff_time=cutoff), day)
    assert end - timedelta(microseconds=0 if cutoff else 1) == due


PERIODS = [
    ("hours are a stopwatch's, over a change of clocks", {"hours": 48}, datetime(2019, 4, 1, 10, tzinfo=UTC)),
    ("two days end with the second day", {"days": 2}, datetime(2019, 4, 1, 21, tzinfo=UTC)),
    (
        "days roll off a holiday",
        {"days": 2, "roll": RollDirection.NEXT_WORKING_DAY},
        datetime(2019, 4, 2, 21, tzinfo=UTC),
    ),
    ("working days skip weekend and holiday", {"working_days": 2}, datetime(2019, 4, 3, 21, tzinfo=UTC)),
]


@pytest.mark.parametrize(("length", "end"), [case[1:] for case in PERIODS], ids=[case[0] for case in PERIODS])
def test_a_period_runs_as_its_unit_says(length: dict[str, Any], end: datetime) -> None:
    saturday_noon = datetime(2019, 3, 30, 10, tzinfo=UTC)
    calendar = WorkCalendar(timezone="EET", holidays=frozenset({date(2019, 4, 1)}))
    due = due_after(saturday_noon, calendar=calendar, **length)
    assert due in {end, end - timedelta(microseconds=1)}


def test_the_day_of_the_event_is_the_day_in_the_calendars_zone() -> None:
    late_evening = datetime(2026, 1, 5, 22, 30, tzinfo=UTC)
    assert due_after(late_evening, days=1, calendar=WorkCalendar(timezone="EET")).date() == date(2026, 1, 7)
    assert due_after(late_evening, days=1).date() == date(2026, 1, 6)


@pytest.mark.parametrize("lengths", [{}, {"hours": 1, "days": 1}, {"days": -1}])
def test_a_period_has_exactly_one_length(lengths: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="exactly one positive length"):
        due_after(datetime(2026, 1, 1, tzinfo=UTC), **lengths)


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds are naive by contract


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(-90, -1), st.sampled_from(RollDirection))
def test_clear_is_never_later_than_plain_before_an_election(day: date, offset: int, roll: RollDirection) -> None:
    plain, clear = (resolve(a_deadline(offset, count=count, roll=roll), day) for count in (Count.PLAIN, Count.CLEAR))
    assert clear <= plain


@pytest.mark.parametrize(
    ("rules", "advice"),
    [
        ({"cutoff_time": 1080}, "in quotes"),
        ({"timezone": "Nowhere/Land"}, "IANA"),
        ({"timezone": "../etc/passwd"}, "IANA"),
        ({"offset_days": None}, "offset_days"),
        ({"cutoff_time": "18:00+02:00"}, "without an offset"),
        ({"published": datetime(2026, 1, 1, 12)}, "timezone"),  # noqa: DTZ001 -- the very mistake
    ],
)
def test_a_deadline_that_could_be_misread_is_refused(rules: dict[str, Any], advice: str) -> None:
    with pytest.raises(ValidationError, match=advice):
        Deadline.model_validate({"offset_days": -7, "timezone": "UTC"} | rules)
