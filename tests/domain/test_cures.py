"""Reminders of a deficiency: at half time and one day before the end, never before, never after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.cures import reminder_due

BEGINS = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
HOURS = st.integers(1, 24 * 30)


@given(length=HOURS, times=st.lists(st.integers(-10, 24 * 32), min_size=1, max_size=40))
def test_each_clock_has_at_most_two_reminders_in_order_and_none_outside_its_second_half(
    length: int, times: list[int]
) -> None:
    ends = BEGINS + timedelta(hours=length)
    half = BEGINS + timedelta(hours=length) / 2
    told: list[str] = []
    for hours in sorted(times):
        now = BEGINS + timedelta(hours=hours)
        which = reminder_due(BEGINS, ends, now=now)
        assert (which is not None) == (half <= now < ends)
        if which == "day_before":
            assert ends - now <= timedelta(days=1)
        told += [which] if which and which not in told else []
    assert told in ([], ["half_time"], ["day_before"], ["half_time", "day_before"])


def test_a_clock_of_two_days_or_less_has_one_reminder() -> None:
    ends = BEGINS + timedelta(hours=48)
    assert {reminder_due(BEGINS, ends, now=BEGINS + timedelta(hours=h)) for h in range(24, 48)} == {"half_time"}
