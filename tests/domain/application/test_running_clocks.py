"""How much of a time limit has run, whatever the moments are."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.builders import CASE, NOW

from domain.application.clocks import Clock, RunningClock

MINUTES = st.integers(-60, 60).map(lambda minutes: (NOW + timedelta(minutes=minutes)).astimezone(UTC))


@given(begun=MINUTES, due=MINUTES, now=MINUTES)
def test_a_clock_has_run_whole_when_it_is_due_and_not_at_all_before_it_begins(begun: Any, due: Any, now: Any) -> None:
    clock = RunningClock.between(CASE, Clock.DECISION, begun, due)
    share = clock.share(now)
    assert 0 <= share <= 100
    assert (share == 100) == (now >= due)
    assert share == 0 or now > clock.started_at or now == due
    assert clock.share(now + timedelta(minutes=1)) >= share
