"""The rules of an election that follows another one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from support.builders import a_geography, a_nomination, an_application, an_office, an_organisation

from domain.application.status import Status
from domain.election.following import FollowOn, carried, followed, is_as_decided, organisations_of, stays
from domain.election.moving import Rules
from domain.election.profile import ElectionProfile, RunOff
from domain.election.unset import RuleUnsetError
from domain.errors import BadInputError
from domain.intake.completeness import completeness
from domain.organisations.organisation import OrganisationStatus, admitted_once
from flows.rehearsal import valdara

NOW = datetime(2027, 3, 16, 9, tzinfo=UTC)
ORDER = FollowOn(code="RUN-OFF", day=date(2027, 4, 4), ground="Resolution 41")


def second(order: FollowOn = ORDER, **run_off: object) -> ElectionProfile:
    profile = valdara().revised(run_off=RunOff.model_validate(run_off) if run_off else None)
    return followed(Rules(profile, a_geography((an_office("OF-1"),))), order, now=NOW, prefixes={"VD2"}).profile


def test_days_count_from_the_new_vote_and_badges_have_numbers_of_their_own() -> None:
    made = second(reuse="both", on_notice=True)
    assert made.calendar.ends
    assert made.moment(made.calendar.ends).date() == date(2027, 4, 25)
    assert made.credential.serial_prefix == "VD3"
    assert made.former_calendars == ()
    assert made.follows
    assert (made.follows.election, made.follows.on_notice) == ("VALDARA-2027", True)


def test_nobody_new_is_in_time_where_accreditations_only_stay() -> None:
    first = valdara()
    assert second(reuse="carry_over").closing() == first.closing()
    assert second(reuse="reapply").closing() != first.closing()


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (ORDER.revised(code="VALDARA-2027"), "is the first election"),
        (ORDER.revised(day=date(2027, 3, 14)), "is not after the first vote"),
        (ORDER.revised(ground=" "), "says nothing"),
        (ORDER.revised(regions=("NOWHERE",)), "is no region"),
    ],
)
def test_what_cannot_be_held_is_refused_with_what_to_do(order: FollowOn, told: str) -> None:
    with pytest.raises(BadInputError, match=told):
        second(order, reuse="both")


def test_without_a_rule_nobody_decides_who_stays() -> None:
    with pytest.raises(RuleUnsetError, match="run_off"):
        second()


def test_who_was_accredited_to_the_end_stays_and_who_is_set_aside_does_not() -> None:
    assert {status for status in Status if stays(an_application(status, before_suspension=None))} == {
        Status.APPROVED, Status.ASSIGNED, Status.CREDENTIALED, Status.EXPIRED
    }  # fmt: skip
    assert not stays(an_application(Status.EXPIRED, before_suspension=Status.CREDENTIALED))


def test_whoever_stays_says_so_anew_and_a_new_passport_is_another_matter() -> None:
    then = a_nomination(arrival=date(2027, 3, 10), departure=date(2027, 3, 20))
    asked = carried(then, second(reuse="both", on_notice=True))
    assert (asked.pledge_accepted_on, asked.arrival) == (None, None)
    assert is_as_decided(asked.revised(pledge_accepted_on=date(2027, 3, 20), email="new@mission.example"), then)
    assert not is_as_decided(asked.revised(document_number="N7654321"), then)


def test_whoever_stays_in_a_role_with_columns_of_its_own_says_so_anew_as_well() -> None:
    roles = {"driver": {"words": {"en": "Driver"}, "code": "DRIVER", "required_fields": []}}
    first = ElectionProfile.model_validate(valdara().model_dump(mode="json") | {"roles": roles}, strict=False)
    order = Rules(first.revised(run_off=RunOff(reuse="both", on_notice=True)), a_geography((an_office("OF-1"),)))
    made = followed(order, ORDER, now=NOW).profile
    says = carried(a_nomination().revised(role="driver"), made)
    assert [found.fields for found in completeness(says, made)] == [("pledge_accepted_on",)]


def test_a_pledge_of_before_the_first_vote_says_nothing_of_the_second() -> None:
    rules, stayer = second(reuse="both", on_notice=True), a_nomination()
    first_vote = rules.follows.said_from if rules.follows else None
    assert first_vote

    def found(day: date) -> list[str]:
        said = stayer.revised(pledge_accepted_on=day)
        return [finding.rule for finding in completeness(said, rules) if "pledge_accepted_on" in finding.fields]

    assert found(first_vote - timedelta(days=1)) == ["pledge_not_anew"]
    assert found(first_vote) == []
    unasked = second(reuse="both", on_notice=False).follows
    assert unasked
    assert unasked.said_from is None


def test_an_organisation_is_admitted_once_for_both_unless_it_has_to_apply_anew() -> None:
    known = an_organisation()
    assert organisations_of([known], RunOff(reuse="both")) == [known]
    assert organisations_of([known], RunOff(organisations_apply=True))[0].standing is OrganisationStatus.APPLIED
    assert admitted_once(an_organisation(admitted=False), [known]) == known.revised(invited_on=None)
    assert not admitted_once(an_organisation(admitted=False), [known.revised(name="Another")]).may_nominate
