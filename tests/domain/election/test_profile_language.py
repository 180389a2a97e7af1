from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from support.builders import a_nomination

from domain.election.deadlines import WorkCalendar
from domain.election.profile import ElectionProfile, Period, RuleUnsetError, rule_at
from domain.organisations.organisation import OrganisationKind
from domain.vetting.checks import Surroundings, vet
from flows.rehearsal import valdara
from flows.rehearsal.package.resources import text_of

VALDARA = valdara()
NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
ZONE = "Etc/GMT-2"


def changed(**sections: dict[str, Any] | None) -> ElectionProfile:
    """Return Valdara's profile with keys of its sections replaced, or with whole sections left out."""
    written: dict[str, Any] = yaml.safe_load(text_of("valdara.yaml"))
    for name, keys in sections.items():
        written[name] = None if keys is None else written.get(name, {}) | keys
    return ElectionProfile.model_validate({name: value for name, value in written.items() if value is not None})


def incomplete(**sections: dict[str, Any] | None) -> ElectionProfile:
    return ElectionProfile.model_validate(dict(changed()) | {"status": "incomplete"} | read_apart(sections))


def read_apart(sections: dict[str, dict[str, Any] | None]) -> dict[str, Any]:
    written: dict[str, Any] = yaml.safe_load(text_of("valdara.yaml"))
    return {name: None if keys is None else written.get(name, {}) | keys for name, keys in sections.items()}


@pytest.mark.parametrize(
    ("sections", "lacking"),
    [
        ({"calendar": {"ends": None}}, "calendar.ends"),
        ({"calendar": {"cure_hours": None}}, "calendar.cure_hours"),
        ({"calendar": {"decision_days": None}}, "calendar.decision_days"),
        ({"remedy": None}, "remedy"),
        ({"remedy": {"days": None}}, "remedy.days"),
    ],
)
def test_a_rule_that_the_engine_runs_on_may_be_unset_only_in_an_incomplete_profile(
    sections: dict[str, Any], lacking: str
) -> None:
    assert incomplete(**sections).needed_to_run == (lacking,)
    with pytest.raises(ValidationError, match=f"not set: {lacking}"):
        changed(**sections)


@pytest.mark.parametrize(
    "calendar",
    [
        {"ends": None, "valid_for": {"years": 1}},
        {"ends": None, "end_event": "the results are confirmed", "end_event_on": "2027-03-26"},
        {"decision_days": None, "decision_working_days": 3},
    ],
)
def test_one_rule_stands_for_another_where_laws_say_it_differently(calendar: dict[str, Any]) -> None:
    assert changed(calendar=calendar).needed_to_run == ()


def test_what_is_unset_is_listed_and_an_alternative_that_is_set_is_not() -> None:
    unset = VALDARA.unset
    assert "eligibility.invitation_required" in unset
    assert "run_off.day" in unset
    assert not {"calendar.valid_for", "calendar.decision_working_days", "remedy.hours"} & set(unset)
    assert all(rule_at(VALDARA, path) is None for path in unset)


def test_days_that_only_count_when_offices_work_skip_weekends_and_holidays() -> None:
    friday = datetime(2027, 3, 5, 12, 0, tzinfo=UTC)
    profile = changed(
        calendar={"decision_days": None, "decision_working_days": 2, "decisions_due": None, "holidays": ["2027-03-08"]},
        remedy={"days": 1, "days_are_working_days": True},
    )
    assert profile.decision_due(friday).date() == date(2027, 3, 10)
    remedy = profile.remedy_due(friday)
    assert remedy is not None
    assert remedy.date() == date(2027, 3, 9)
    friday_off = profile.revised(calendar=profile.calendar.revised(weekend={4, 5}, holidays=()))
    assert friday_off.decision_due(friday).date() == date(2027, 3, 8)


def test_a_remedy_may_run_in_hours_and_none_by_law_runs_not_at_all() -> None:
    hours = changed(remedy={"days": None, "hours": 48})
    assert hours.remedy_due(NOON) == NOON + timedelta(hours=48)
    assert changed(remedy={"available": False, "days": None}).remedy_due(NOON) is None


@pytest.mark.parametrize(
    ("path", "evidence", "problem"),
    [
        ("calendar.cure_days", {"mark": "P"}, "no such rule"),
        ("reasons.R09", {"mark": "P"}, "no such rule"),
        ("documents.9", {"mark": "P"}, "no such rule"),
        ("calendar.cure_hours", {"mark": "not_found"}, "marked not_found, but the rule is set"),
        ("calendar.cure_hours", {"mark": "A"}, "names at least one source"),
        ("calendar.cure_hours", {"mark": "A", "sources": [3]}, "no source 3; sources are 1 to 2"),
        ("calendar.cure_hours", {"mark": "D"}, "Input should be 'A'"),
    ],
)
def test_evidence_that_points_nowhere_is_refused(path: str, evidence: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        changed(evidence={path: evidence})


def test_a_rule_without_evidence_is_named_and_a_section_vouches_for_its_rules() -> None:
    assert "calendar.cure_hours" in VALDARA.unproved
    assert "documents.photo.ground" in VALDARA.unproved
    behind = {"mark": "A", "sources": [1]}
    proved = changed(evidence={"calendar": behind, "documents.photo": behind}).unproved
    assert not [path for path in proved if path.startswith(("calendar", "documents.photo"))]
    assert "documents.identity_page.ground" in proved


@pytest.mark.parametrize(
    ("calendar", "problem"),
    [
        ({"valid_for": {"years": 1}}, "not both"),
        ({"decision_working_days": 3}, "not both"),
        ({"ends": None, "valid_for": {"years": 1, "days": 3}}, "exactly one length"),
        ({"ends": None, "valid_for": {}}, "exactly one length"),
        ({"windows": [{"name": "states", "closes": {"timezone": ZONE}}]}, "a deadline has offset_days"),
    ],
)
def test_a_calendar_that_says_two_things_or_nothing_is_refused(calendar: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        changed(calendar=calendar)


def test_each_category_closes_with_its_own_window_and_others_with_the_general_one() -> None:
    closes = {"offset_days": -20, "timezone": ZONE}
    profile = changed(calendar={"windows": [{"name": "states", "organisation_kinds": ["state"], "closes": closes}]})
    received = profile.moment(rule_at(profile, "calendar.windows.states.closes")) + timedelta(seconds=1)  # type: ignore[arg-type] -- a deadline by its path
    assert profile.is_late(received, OrganisationKind.STATE)
    assert not profile.is_late(received, OrganisationKind.NGO)
    for kind, rules in ((OrganisationKind.STATE, {"received_late"}), (OrganisationKind.NGO, set[str]())):
        found = vet(a_nomination(), profile, Surroundings(received_at=received, organisation_kind=kind))
        assert {finding.rule for finding in found} == rules


def test_another_election_day_moves_what_is_counted_and_drops_what_was_published() -> None:
    published = {"offset_days": -5, "published": "2027-03-01", "timezone": ZONE}
    profile = changed(calendar={"persons_close": published, "collection_from": published | {"offset_days": None}})
    early = profile.for_day(date(2027, 2, 7))
    assert early.closing() == profile.closing() - timedelta(days=27)  # type: ignore[operator] -- both close
    assert early.calendar.collection_from is None


def test_effect_begins_after_the_laws_delay_and_never_before_the_first_day_of_all() -> None:
    assert VALDARA.effective(NOON) == NOON
    delayed = changed(calendar={"takes_effect_after": {"hours": 72}})
    assert delayed.effective(NOON, registered_at=NOON + timedelta(hours=1)) == NOON + timedelta(hours=73)
    first = {"valid_from": {"offset_days": -4, "timezone": ZONE}}
    assert changed(calendar=first).effective(NOON) == datetime(2027, 3, 9, 22, 0, tzinfo=UTC)
    both = changed(calendar=first | {"takes_effect_after": {"days": 20}})
    assert both.effective(NOON) == datetime(2027, 3, 20, 22, 0, tzinfo=UTC)


def test_the_end_counts_from_its_event_once_that_has_happened() -> None:
    known = {"end_event": "the results are confirmed", "end_event_on": "2027-03-26"}
    assert changed(calendar=known).valid_until(NOON).date() == date(2027, 3, 26)
    assert changed(calendar=known | {"ends_after_event": {"days": 7}}).valid_until(NOON).date() == date(2027, 4, 2)


def test_an_unset_rule_is_asked_for_with_a_remedy_and_as_wrong_input() -> None:
    with pytest.raises(RuleUnsetError) as refused:
        incomplete(calendar={"ends": None}).valid_until(NOON)
    assert refused.value.rule == refused.value.place == "calendar.ends"
    assert refused.value.exit_code == 2
    assert refused.value.remedy


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- bounds of Hypothesis are naive
    st.sampled_from([{"hours": 30}, {"days": 4}, {"working_days": 4}, {"years": 1}]),
    st.sampled_from(["UTC", "Etc/GMT-14", "Etc/GMT+12", "CET"]),
)
def test_what_takes_effect_after_a_period_lies_within_its_last_day(
    start: datetime, length: dict[str, int], zone: str
) -> None:
    period, calendar = Period.model_validate(length), WorkCalendar(timezone=zone)
    effect, end = period.effect(start, calendar), period.end(start, calendar)
    assert start < effect <= end
    assert end - effect < timedelta(days=1, hours=1, microseconds=1)
