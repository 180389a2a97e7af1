"""How many officers are enough: the simulation counts every case once and knows when it is late."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from support.builders import NOW

from domain.decisions.workload import Desks, arrivals, cliff, simulate
from domain.election.deadlines import WorkCalendar
from flows.rehearsal import valdara
from flows.rehearsal.workload import rehearse_staffing, write_picture

CALENDAR = WorkCalendar(timezone="UTC")
EIGHT_HOURS = Desks(staff=1, minutes_a_case=24, break_share=0.2, share_refused=0.0)


def test_one_officer_takes_the_cases_in_order_of_their_time_and_stops_at_the_end_of_the_day() -> None:
    begin = NOW.replace(hour=8)
    due = [begin + timedelta(hours=20 - hour) for hour in range(40)]
    found = simulate([begin] * 40, due, EIGHT_HOURS, CALENDAR)
    assert (found.decided, found.days[0].decided, found.days[1].decided) == (40, 24, 16)
    assert found.latest == begin + timedelta(days=1, hours=8)
    assert found.breaches > 0
    assert simulate([begin] * 40, due, EIGHT_HOURS.revised(staff=40), CALENDAR).breaches == 20


def test_the_curve_is_that_of_a_real_election_and_repeats() -> None:
    zone, day = valdara().zone, date(2027, 3, 14)
    came = arrivals(3000, day, zone, seed=1)
    assert came == arrivals(3000, day, zone, seed=1)
    by = {offset: sum((one.date() - day).days <= offset for one in came) / 3000 for offset in (-51, -37, -12, -11, -8)}
    assert by == pytest.approx({-51: 0.05, -37: 0.15, -12: 0.48, -11: 0.78, -8: 1.0}, abs=0.001)


def test_the_last_two_days_hold_with_enough_officers_and_break_with_too_few() -> None:
    report = rehearse_staffing(12, applications=3000, minutes=4, seed=2027)
    breaches = {one.staff: one.breaches for one in report.worst}
    assert {one.decided for one in report.worst} == {2344}
    assert report.enough is not None
    assert breaches[report.enough] == 0
    assert breaches[6] > 0
    assert [one.breaches for one in report.worst] == sorted(breaches.values(), reverse=True)
    moment = datetime.combine(date(2027, 3, 6), datetime.min.time(), tzinfo=NOW.tzinfo)
    assert len(cliff(2344, moment, last=324, session=moment)) == 2344


def test_the_picture_says_every_number(tmp_path: Path) -> None:
    report = rehearse_staffing(8, applications=3000, minutes=6, seed=2027)
    text = write_picture(report, tmp_path / "staffing.svg").read_text()
    assert text.startswith("<svg")
    for one in report.worst:
        assert f"{one.staff} officers" in text
        assert (f"{one.breaches:,} late" if one.breaches else "none") in text
