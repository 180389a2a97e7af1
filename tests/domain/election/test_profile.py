from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from domain.application.reasons import MEANING, ReasonCode
from domain.election.profile import ElectionProfile
from domain.election.unset import RuleUnsetError
from flows.rehearsal import valdara
from flows.rehearsal.package.resources import text_of

VALDARA = valdara()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def changed(path: str, value: object) -> ElectionProfile:
    written: dict[str, Any] = yaml.safe_load(text_of("valdara.yaml"))
    *way, last = path.split(".")
    place = written
    for step in way:
        place = place[step]
    place[last] = value
    return ElectionProfile.model_validate(written)


def test_the_deadlines_of_the_law_fall_where_a_calendar_says() -> None:
    """Election day is 14 March 2027, in a zone two hours ahead of UTC."""
    calendar = VALDARA.calendar
    assert calendar.persons_close
    assert calendar.ends
    assert VALDARA.moment(calendar.persons_close) == at("2027-03-09T18:00:00+02:00")
    assert VALDARA.moment(calendar.ends).date() == at("2027-04-04T12:00:00+02:00").date()
    assert not VALDARA.is_late(at("2027-03-09T18:00:00+02:00"))
    assert VALDARA.is_late(at("2027-03-09T18:00:01+02:00"))
    assert not changed("calendar.persons_close", None).is_late(at("2030-01-01T00:00:00+00:00"))


def test_a_decision_is_due_after_its_period_but_never_later_than_the_last_day_nor_before_it_began() -> None:
    last = at("2027-03-11T23:59:59+02:00")
    assert VALDARA.decision_due(at("2027-03-01T10:00:00+00:00")).date() == at("2027-03-06T12:00:00+02:00").date()
    assert VALDARA.decision_due(at("2027-03-10T10:00:00+00:00")).replace(microsecond=0) == last
    after_the_last_day = at("2027-03-12T10:00:00+00:00")
    assert VALDARA.decision_due(after_the_last_day) == after_the_last_day


def test_cure_and_remedy_run_as_the_profile_says() -> None:
    begin = at("2027-03-01T10:00:00+00:00")
    assert VALDARA.cure_due(begin) == at("2027-03-03T10:00:00+00:00")
    due = VALDARA.remedy_due(begin)
    assert due is not None
    assert due.replace(microsecond=0) == at("2027-03-03T23:59:59+02:00")
    none = {"available": False, "text": "The law gives no remedy.", "ground": "art. 16"}
    assert changed("remedy", none).remedy_due(begin) is None


def test_wording_is_the_profiles_own_or_the_catalogues_and_what_is_off_has_no_ground() -> None:
    assert VALDARA.wording(ReasonCode.R06).startswith("Does not meet the personal conditions")
    assert VALDARA.wording(ReasonCode.R04) == MEANING[ReasonCode.R04]
    assert VALDARA.ground(ReasonCode.R04) == "Observers Act of Valdara, art. 9 (1)"
    with pytest.raises(RuleUnsetError, match=r"reasons\.R05"):
        VALDARA.ground(ReasonCode.R05)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("automatic_aproval", True, "Extra inputs are not permitted"),
        ("calendar.cure_days", 2, "Extra inputs are not permitted"),
        ("reasons.R99", {"ground": "art. 1"}, "Input should be 'D01'"),
        ("required_fields", ["surname", "shoe_size"], "no such column: shoe_size; columns are reference"),
        ("remedy.days", None, "a period in days"),
        ("publication.names", True, "needs its legal ground"),
        ("eligibility.organisation_kinds", [], "at least 1 item"),
        ("election.timezone", "Valdara/Valdhaven", "no time zone of the IANA database"),
        ("election.host_country", "VD", "String should match pattern"),
        ("calendar.cure_hours", 0, "greater than or equal to 1"),
        ("calendar.persons_close", {"timezone": "UTC"}, "a deadline has offset_days"),
        ("calendar.persons_close", {"offset_days": -5, "timezone": "UTC", "cutoff_time": 1080}, "in quotes"),
        ("credential.status_list_size", 1000, "greater than or equal to 1024"),
    ],
)
def test_a_profile_that_says_something_else_is_refused(path: str, value: object, problem: str) -> None:
    with pytest.raises(ValidationError) as refused:
        changed(path, value)
    assert problem in str(refused.value)
