"""Election day moves: every moment held against a table that was worked out by hand, and what holds for any day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import a_geography, an_office, an_order

from domain.election.moving import Move, Rules, decision_due, is_outdated, moved, movements
from domain.election.profile import Briefing, ElectionProfile
from domain.errors import BadInputError
from flows.rehearsal import valdara

ZONE = "Europe/Lisbon"
NOW = datetime(2027, 3, 10, 8, 0, tzinfo=UTC)
DAY = date(2027, 3, 21)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_law(**calendar: Any) -> ElectionProfile:
    """Give a profile in a zone that changes its clocks on 28 March 2027, a week after the vote."""
    profile = valdara()
    days: dict[str, Any] = {
        "opens": {"offset_days": -60, "timezone": ZONE},
        "organisations_close": None,
        "persons_close": {"offset_days": -5, "cutoff_time": "18:00", "timezone": ZONE},
        "decisions_due": {"offset_days": -4, "count": "clear", "timezone": ZONE},
        "collection_from": {"offset_days": -3, "cutoff_time": "09:00", "timezone": ZONE},
        "valid_from": {"offset_days": -2, "timezone": ZONE},
        "ends": {"offset_days": 7, "timezone": ZONE, "roll": "next_working_day"},
        "decision_days": 5,
    }
    return profile.revised(
        election=profile.election.revised(day=DAY, timezone=ZONE), calendar=profile.calendar.revised(**days, **calendar)
    )


def land() -> Any:
    return a_geography(
        (an_office("OF-1", closes_on=date(2027, 3, 12)), an_office("OF-2", opens_on=date(2027, 3, 8))),
        an_order("OF-1", "OF-2", date(2027, 3, 12), date(2027, 4, 6)),
    )


def after(day: date, *, profile: ElectionProfile | None = None, now: datetime = NOW, **more: Any) -> ElectionProfile:
    return moved(Rules(profile or a_law(), land()), Move(day=day, ground="Decree 1", **more), now=now).profile


BY_HAND = {
    # name: 21 March (winter time), 18 April (summer time from 28 March), 14 March (earlier); all in UTC
    "opens": ("2027-01-20T00:00", "2027-02-17T00:00", "2027-01-13T00:00"),
    "persons_close": ("2027-03-16T18:00", "2027-04-13T17:00", "2027-03-09T18:00"),
    "decisions_due": ("2027-03-16T23:59:59.999999", "2027-04-13T22:59:59.999999", "2027-03-09T23:59:59.999999"),
    "collection_from": ("2027-03-18T09:00", "2027-04-15T08:00", "2027-03-11T09:00"),
    "valid_from": ("2027-03-19T00:00", "2027-04-15T23:00", "2027-03-12T00:00"),
    # E+7 is a Sunday each time and becomes Monday; on 29 March summer time has begun
    "ends": ("2027-03-29T22:59:59.999999", "2027-04-26T22:59:59.999999", "2027-03-22T23:59:59.999999"),
}


@pytest.mark.parametrize(("place", "day"), [(0, DAY), (1, date(2027, 4, 18)), (2, date(2027, 3, 14))])
@pytest.mark.parametrize("name", list(BY_HAND))
def test_each_deadline_is_where_the_table_worked_out_by_hand_has_it(name: str, place: int, day: date) -> None:
    profile = a_law() if day == DAY else after(day)
    assert profile.moment_of(name, getattr(profile.calendar, name)) == at(BY_HAND[name][place])


CLOCKS = [
    # complete since, due before, due with the vote on 18 April, due with the vote on 14 March: moved on 10 March, 08:00
    ("2027-03-08T12:00", "2027-03-13T23:59:59.999999", "2027-03-13T23:59:59.999999", "2027-03-10T08:00"),
    ("2027-03-10T07:00", "2027-03-15T23:59:59.999999", "2027-03-15T23:59:59.999999", "2027-03-10T08:00"),
    # five days would end on the 20th or on the 24th, which the last day for decisions cuts
    ("2027-03-15T12:00", "2027-03-16T23:59:59.999999", "2027-03-20T23:59:59.999999", None),
    ("2027-03-04T12:00", "2027-03-09T23:59:59.999999", "2027-03-09T23:59:59.999999", "2027-03-09T23:59:59.999999"),
]


@pytest.mark.parametrize(("began", "due", "later", "sooner"), CLOCKS)
def test_a_decision_is_due_as_the_table_worked_out_by_hand_has_it(
    began: str, due: str, later: str, sooner: str | None
) -> None:
    before = a_law()
    assert before.decision_due(at(began)) == at(due)
    for day, expected in ((date(2027, 4, 18), later), (date(2027, 3, 14), sooner)):
        if expected:
            assert decision_due(before, after(day), began=at(began), due=at(due)) == at(expected)


def test_a_clock_that_other_rules_set_keeps_its_end() -> None:
    odd = at("2027-03-12T10:00")
    assert decision_due(a_law(), after(date(2027, 3, 14)), began=at("2027-03-08T12:00"), due=odd) == odd


def test_a_clock_that_was_cut_comes_back_with_the_day() -> None:
    before, began = a_law(), at("2027-03-08T12:00")
    sooner = after(date(2027, 3, 14))
    due = decision_due(before, sooner, began=began, due=before.decision_due(began))
    back = after(DAY, profile=sooner, now=NOW + timedelta(hours=1))
    assert decision_due(sooner, back, began=began, due=due) == before.decision_due(began)


def test_whoever_filed_in_time_stays_in_time_whatever_the_new_day() -> None:
    sooner = after(date(2027, 3, 14))  # its last moment was yesterday evening
    assert not sooner.is_late(NOW - timedelta(minutes=1)), "filed before the move, by the calendar of that day"
    assert sooner.is_late(NOW + timedelta(minutes=1))
    later = after(date(2027, 4, 18), now=at("2027-03-17T08:00"))
    assert not later.is_late(at("2027-03-16T19:00")), "late before, in time by the new calendar"


def test_a_day_that_was_only_published_must_be_published_anew_where_it_lies_ahead() -> None:
    told = a_law(advised_by={"published": date(2027, 3, 12), "timezone": ZONE})
    with pytest.raises(BadInputError, match="only known as published"):
        after(date(2027, 4, 18), profile=told)
    named = after(date(2027, 4, 18), profile=told, published={"advised_by": date(2027, 4, 9)})
    assert named.calendar.advised_by is not None
    assert named.calendar.advised_by.published == date(2027, 4, 9)


def test_a_move_back_brings_back_what_was_published_for_that_day() -> None:
    told = a_law()
    closes = told.calendar.persons_close
    assert closes is not None
    published = closes.revised(published=date(2027, 3, 15))
    told = told.revised(calendar=told.calendar.revised(persons_close=published))
    away = after(date(2027, 4, 18), profile=told)
    assert away.calendar.persons_close == closes
    back = after(DAY, profile=away)
    assert back.calendar == told.calendar
    assert [former.day for former in back.former_calendars] == [DAY, date(2027, 4, 18)]


def test_a_briefing_keeps_its_hour_where_clocks_change_between() -> None:
    profile = a_law()
    zone = ZoneInfo(ZONE)
    briefing = Briefing(code="B", title="Briefing", begins=datetime(2027, 3, 19, 9, 30, tzinfo=zone), place="Hall")
    profile = profile.revised(letters=profile.letters.revised(briefings=(briefing,)))
    (later,) = after(date(2027, 4, 18), profile=profile).letters.briefings
    assert later.begins == at("2027-04-16T08:30")


@pytest.mark.parametrize("day", [DAY, NOW.date(), date(2027, 3, 1), date.max])
def test_a_day_that_is_there_or_leaves_no_time_or_is_a_slip_is_refused(day: date) -> None:
    with pytest.raises(BadInputError):
        after(day)


def test_a_credential_that_ends_too_early_or_begins_too_late_does_not_fit_and_one_that_ends_later_does() -> None:
    issued = at("2027-03-09T08:00")
    before = a_law()
    times = {"issued_at": issued, "valid_from": before.effective(issued)}
    ends = before.valid_until(times["valid_from"]).replace(microsecond=0)
    assert not is_outdated(before, **times, valid_until=ends)
    assert is_outdated(after(date(2027, 4, 18)), **times, valid_until=ends)
    assert is_outdated(after(date(2027, 3, 14)), **times, valid_until=ends), "it begins when the vote is over"
    always = before.revised(calendar=before.calendar.revised(valid_from=None))
    sooner = after(date(2027, 3, 14), profile=always)
    assert not is_outdated(sooner, issued_at=issued, valid_from=issued, valid_until=ends)
    assert not is_outdated(after(date(2027, 4, 18)), issued_at=NOW + timedelta(1), valid_from=NOW, valid_until=ends), (
        "made after it"
    )


@given(st.integers(min_value=1, max_value=400))
def test_every_region_is_served_on_every_day_whatever_the_new_day(days: int) -> None:
    rules = Rules(a_law(), land())
    day = NOW.date() + timedelta(days=days)
    if day == DAY:
        return
    new = moved(rules, Move(day=day, ground="Decree 1"), now=NOW)
    assert new.land.serves_from <= day < new.land.serves_until
    today = NOW.date()
    for office in ("OF-1", "OF-2"):
        assert new.land.serving(office, on=today) == new.land.office(rules.land.serving(office, on=today).code)
    back = moved(new, Move(day=DAY, ground="Decree 2"), now=NOW)
    if day > DAY:
        assert back.land == rules.land
        assert back.profile.calendar == rules.profile.calendar
        assert {told.subject for told in movements(new, back, now=NOW)} == {
            told.subject for told in movements(rules, new, now=NOW)
        }
