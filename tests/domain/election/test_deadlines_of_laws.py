"""Deadlines of real laws at the edge, by the days that the host bodies published: last minute in time, first too late.

Days and hours are facts from public sources, named in each profile; the one day that was only counted is Hungary's.
Times are local, with the offset that was in force where the election was held.
"""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import Final

import pytest
from support.builders import a_nomination
from support.laws import at, called, law, on, second

from domain.application.reasons import ReasonCode
from domain.election.deadlines import Deadline
from domain.election.policies import version_in_force
from domain.election.profile import RuleUnsetError, rule_at
from domain.organisations.organisation import OrganisationKind
from domain.vetting.checks import Surroundings, vet

MINUTE: Final = timedelta(minutes=1)


# --- closings: the last minute in time, the first minute too late -------------------------------------------------

STATE, NGO, MEDIA, PARTY = (
    OrganisationKind.STATE, OrganisationKind.NGO, OrganisationKind.MEDIA, OrganisationKind.POLITICAL_ENTITY,
)  # fmt: skip

PERSONS: Final = {
    # E - 8 for words that say seven days: clear days. Summer time began on election day itself.
    "ukraine-first-round": (lambda: law("ukraine-2019"), STATE, "2019-03-24T00:00+02:00"),
    "ukraine-second-round": (lambda: law("ukraine-2019").for_run_off(), STATE, "2019-04-14T00:00+03:00"),
    "ukraine-second-round-counted": (lambda: on("ukraine-2019", "2019-04-21"), STATE, "2019-04-14T00:00+03:00"),
    "ukraine-first-round-counted": (lambda: on("ukraine-2019", "2019-03-31"), STATE, "2019-03-24T00:00+02:00"),
    # Two days before 31 October 2020 is the 29th, plain.
    "georgia-2020": (lambda: on("georgia", "2020-10-31"), NGO, "2020-10-30T00:00+04:00"),
    # Nine days before; the hour was not found, so the whole day is in time. The clocks changed on 27 March.
    "hungary-2022": (lambda: law("hungary"), STATE, "2022-03-26T00:00+01:00"),
    "kosovo-2025-organisations": (lambda: law("kosovo"), NGO, "2025-01-26T00:00+01:00"),
    "kosovo-2025-parties": (lambda: law("kosovo"), PARTY, "2025-01-16T00:00+01:00"),
    "kosovo-2025-media": (lambda: law("kosovo"), MEDIA, "2025-02-05T00:00+01:00"),
    "kosovo-2025-local-organisations": (lambda: on("kosovo", "2025-10-12"), NGO, "2025-09-28T00:00+02:00"),
    "kosovo-2025-local-parties": (lambda: on("kosovo", "2025-10-12"), PARTY, "2025-09-18T00:00+02:00"),
    "kosovo-2025-local-media": (lambda: on("kosovo", "2025-10-12"), MEDIA, "2025-10-08T00:00+02:00"),
    "kosovo-2025-early": (lambda: called("kosovo", "2025-12-28", "2025-12-20"), MEDIA, "2025-12-21T00:00+01:00"),
    "kosovo-2017-early": (lambda: called("kosovo", "2017-06-11", "2017-06-04"), NGO, "2017-06-05T00:00+02:00"),
    "kosovo-2019-early": (
        lambda: called("kosovo", "2019-10-06", "2019-10-01", "18:00"), STATE, "2019-10-01T18:00:01+02:00",
    ),
    "mexico-2021": (lambda: law("mexico"), None, "2021-05-27T00:00-05:00"),
    "mexico-2021-consultation": (lambda: law("mexico").for_run_off(), None, "2021-07-27T00:00-05:00"),
    "mexico-2023": (lambda: on("mexico", "2023-02-19"), None, "2023-02-09T00:00-06:00"),
    # Seven days as published: E - 8 in 2021 and 2023, E - 7 as reported in 2025. The published day wins.
    "moldova-2021": (lambda: on("moldova", "2021-07-11"), STATE, "2021-07-04T00:00+03:00"),
    "moldova-2023": (lambda: law("moldova"), STATE, "2023-10-29T00:00+03:00"),
    "moldova-2025": (lambda: called("moldova", "2025-09-28", "2025-09-21"), STATE, "2025-09-22T00:00+03:00"),
    "zimbabwe-2023": (lambda: law("zimbabwe"), STATE, "2023-08-19T00:00+02:00"),
}  # fmt: skip


@pytest.mark.parametrize("case", PERSONS)
def test_the_last_minute_is_in_time_and_the_first_minute_after_is_late(case: str) -> None:
    read, kind, late_from = PERSONS[case]
    profile = read()
    too_late = at(late_from)
    assert not profile.is_late(too_late - MINUTE, kind)
    assert profile.is_late(too_late, kind)
    findings = vet(a_nomination(), profile, Surroundings(received_at=too_late + timedelta(days=30)))
    assert ReasonCode.R01 in {finding.code for finding in findings}


ORGANISATIONS: Final = {
    "georgia-2020": (lambda: on("georgia", "2020-10-31"), "2020-10-25T00:00+04:00"),
    "south-africa-2016": (lambda: law("south-africa"), "2015-11-03T00:00+02:00"),
    "south-africa-2019": (
        lambda: called("south-africa", "2019-05-08", "2019-03-31", "17:00"),
        "2019-03-31T17:00:01+02:00",
    ),
}


@pytest.mark.parametrize("case", ORGANISATIONS)
def test_organisations_close_on_their_own_day(case: str) -> None:
    read, late_from = ORGANISATIONS[case]
    close = read().closing(step="organisation")
    assert close is not None
    assert at(late_from) - MINUTE <= close < at(late_from)


@pytest.mark.parametrize(
    ("window", "published"),
    [
        ("individuals_for_organisations", "2017-09-21"),
        ("organisations", "2017-09-26"),
        ("election_day_only", "2017-10-02"),  # the 1st was a Sunday
        ("media", "2017-10-06"),
    ],
)
def test_clear_days_and_the_roll_to_a_working_day_give_the_days_that_were_published(
    window: str, published: str
) -> None:
    for profile in (law("kosovo-local-2017"), on("kosovo-local-2017", "2017-10-22")):
        closes = rule_at(profile, f"calendar.windows.{window}.closes")
        assert isinstance(closes, Deadline)
        assert profile.moment(closes).astimezone(profile.zone).date() == date.fromisoformat(published)


def test_a_holiday_on_the_day_to_which_a_sunday_rolled_moves_it_on() -> None:
    counted = on("kosovo-local-2017", "2017-10-22")
    closes = rule_at(counted, "calendar.windows.election_day_only.closes")
    assert isinstance(closes, Deadline)
    closed = counted.revised(calendar=counted.calendar.revised(holidays=(date(2017, 10, 2),)))
    worked = counted.revised(calendar=counted.calendar.revised(days_worked=(date(2017, 10, 1),)))
    assert closed.moment(closes) == counted.moment(closes) + timedelta(days=1)
    assert worked.moment(closes) == counted.moment(closes) - timedelta(days=1)


def test_a_window_opens_with_the_first_minute_of_its_published_day() -> None:
    profile = law("kosovo")
    opens = rule_at(profile, "calendar.windows.organisations.opens")
    assert isinstance(opens, Deadline)
    assert profile.beginning(opens) == at("2025-01-11T00:00+01:00")


def test_nobody_is_late_whose_category_is_not_known_until_every_window_has_closed() -> None:
    profile = law("kosovo")
    assert not profile.is_late(at("2025-02-04T23:59+01:00"))
    assert profile.is_late(at("2025-02-05T00:00+01:00"))


def test_where_intake_rolls_nothing_is_late_and_the_advised_day_is_advice() -> None:
    profile = law("united-kingdom")
    advised = profile.calendar.advised_by
    assert profile.calendar.intake == "rolling"
    assert advised is not None
    assert second(profile.moment(advised)) == at("2018-04-23T23:59:59+01:00")
    assert not profile.is_late(at("2018-05-03T21:59+01:00"))
    assert ReasonCode.R01 not in profile.reasons


# --- decisions, effect, remedy and end ----------------------------------------------------------------------------


def test_two_days_lie_between_the_last_filing_and_the_last_decision() -> None:
    profile = law("ukraine-2019")
    filed = at("2019-03-23T23:59+02:00")
    assert second(profile.decision_due(filed)) == at("2019-03-25T23:59:59+02:00")
    counted = on("ukraine-2019", "2019-03-31")
    assert counted.decision_due(filed) == profile.decision_due(filed)


@pytest.mark.parametrize(
    ("filed", "due"),
    [
        ("2020-10-20T10:00+04:00", "2020-10-25T23:59:59+04:00"),  # five days come first
        ("2020-10-24T23:59+04:00", "2020-10-27T23:59:59+04:00"),  # the fourth day before polling comes first
        ("2020-10-28T00:00+04:00", "2020-10-28T00:00:00+04:00"),  # after both, at once
    ],
)
def test_an_organisation_is_answered_by_the_earlier_of_two_limits(filed: str, due: str) -> None:
    assert second(on("georgia", "2020-10-31").organisation_decision_due(at(filed))) == at(due)


def test_the_last_day_to_decide_was_published_for_2024() -> None:
    assert law("georgia").organisation_decision_due(at("2024-10-19T23:00+04:00")).astimezone(UTC).date() == date(
        2024, 10, 22
    )
    with pytest.raises(RuleUnsetError, match=r"calendar\.organisation_decision_days"):
        law("hungary").organisation_decision_due(at("2022-03-01T00:00+01:00"))


@pytest.mark.parametrize(
    ("issued", "registered", "effective"),
    [
        ("2018-04-20T15:00+01:00", "2018-04-20T15:00+01:00", "2018-04-23T00:00+01:00"),
        ("2018-04-20T15:00+01:00", "2018-04-23T09:00+01:00", "2018-04-26T00:00+01:00"),
        ("2018-04-23T09:00+01:00", "2018-04-20T15:00+01:00", "2018-04-26T00:00+01:00"),
        (
            "2018-03-23T23:59+00:00",
            "2018-03-23T23:59+00:00",
            "2018-03-26T00:00+01:00",
        ),  # clocks changed on the 25th
        ("2018-04-20T23:30+00:00", "2018-04-20T23:30+00:00", "2018-04-24T00:00+01:00"),  # already the 21st in London
    ],
)
def test_effect_waits_three_days_after_issue_and_entry_in_the_register(
    issued: str, registered: str, effective: str
) -> None:
    assert law("united-kingdom").effective(at(issued), registered_at=at(registered)) == at(effective)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        ("2015-11-05T10:00+02:00", "2016-11-05T23:59:59+02:00"),
        ("2016-02-29T10:00+02:00", "2017-02-28T23:59:59+02:00"),
        ("2016-08-03T23:00+00:00", "2017-08-04T23:59:59+02:00"),  # already the 4th there
    ],
)
def test_an_accreditation_of_one_year_ends_on_the_same_day_of_the_next(begins: str, ends: str) -> None:
    assert second(law("south-africa").valid_until(at(begins))) == at(ends)


@pytest.mark.parametrize(
    ("name", "decided", "last"),
    [
        ("georgia", "2024-10-22T18:00+04:00", "2024-10-24T23:59:59+04:00"),
        ("moldova", "2023-10-20T15:00+03:00", "2023-10-23T23:59:59+03:00"),
        ("moldova", "2023-10-27T15:00+03:00", "2023-10-30T23:59:59+02:00"),  # the clocks changed on the 29th
        ("moldova", "2023-10-27T21:30+00:00", "2023-10-31T23:59:59+02:00"),  # adopted after midnight there
    ],
)
def test_the_remedy_is_open_until_the_end_of_its_last_day(name: str, decided: str, last: str) -> None:
    due = law(name).remedy_due(at(decided))
    assert due is not None
    assert second(due) == at(last)


def test_no_remedy_by_law_is_stated_and_one_not_found_is_not_taken_for_none() -> None:
    stated = law("hungary")
    assert stated.remedy is not None
    assert stated.remedy.ground
    assert stated.remedy_due(at("2022-03-26T10:00+01:00")) is None
    found = version_in_force(stated.policies, "NO-REMEDY", on=date(2022, 3, 26))
    assert found is not None
    assert found.version == 1
    with pytest.raises(RuleUnsetError, match=r"remedy\.days"):
        law("kosovo").remedy_due(at("2025-01-27T10:00+01:00"))


def test_a_later_vote_takes_over_accreditations_as_each_law_says() -> None:
    consultation, second_round = law("mexico").run_off, law("ukraine-2019").run_off
    assert consultation is not None
    assert second_round is not None
    assert (consultation.reuse, consultation.on_notice) == ("both", True)
    assert second_round.reuse == "reapply"
    assert second_round.day == date(2019, 4, 21)
    with pytest.raises(RuleUnsetError, match="run_off"):
        law("georgia").for_run_off()
