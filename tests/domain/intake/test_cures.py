"""Reminders of a deficiency: at half time and one day before the end, never before, never after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.election.profile import ElectionProfile
from domain.intake.cures import cure_due_after_correction, reminder_due
from flows.rehearsal import valdara

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


def test_a_part_mended_buys_no_time_and_what_a_correction_shows_first_has_its_own_once() -> None:
    profile = valdara()
    once = profile.revised(calendar=profile.calendar.revised(cure_once=True))
    photo, expiry = ("document_missing", "photo"), ("document_expires_early", "document_expiry")
    running = profile.cure_due(BEGINS)
    late = running + timedelta(hours=5)
    whole = profile.cure_due(late)

    def due(left: tuple[str, str], *, first: datetime = late, rules: ElectionProfile = profile) -> datetime:
        return cure_due_after_correction(running, {left}, {photo}, first_found={left: first}, profile=rules, now=late)

    assert due(photo) == running, "the time is over, and stays so"
    assert due(expiry) == whole > late
    assert due(expiry, first=BEGINS) == running, "mended and broken again"
    assert due(expiry, rules=once) == running
