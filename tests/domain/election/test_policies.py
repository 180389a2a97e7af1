from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from support.builders import a_nomination, an_application, an_organisation

from domain.application.roles import Role
from domain.application.status import UNDECIDED, Status
from domain.election.policies import (
    Policy,
    PolicyCitation,
    PolicyFile,
    covers,
    in_force,
    policy_changes,
    touched,
    version_in_force,
)
from domain.election.profile import ElectionProfile, RuleUnsetError
from flows.rehearsal import valdara

DAY = date(2027, 2, 15)
GROUPS = {"neighbours": ("XAA", "XAB"), "allies": None}


def a_policy(**fields: Any) -> Policy:
    usual = {"id": "BAN-1", "kind": "ban", "authority": "Parliament", "ground": "art. 1", "text": "Nobody from there."}
    return Policy.model_validate(usual | fields)


def a_file(number: int = 1, **fields: Any) -> PolicyFile:
    usual = {
        "application_id": UUID(int=number), "organisation": "ORG-01", "organisation_kind": "ngo",
        "sponsor_country": "XAC", "nationalities": ("XAC",), "role": Role.SHORT_TERM_OBSERVER,
        "status": Status.IN_VETTING, "received_on": DAY,
    }  # fmt: skip
    return PolicyFile.model_validate(usual | fields)


def test_the_version_of_the_day_is_in_force_from_its_first_day_to_its_last() -> None:
    first = a_policy(version=1, in_force_from=DAY, in_force_to=DAY + timedelta(days=9))
    second = a_policy(version=2, in_force_from=DAY + timedelta(days=5))
    versions = [second, first]
    assert version_in_force(versions, "BAN-1", on=DAY - timedelta(days=1)) is None
    assert version_in_force(versions, "BAN-1", on=DAY) == first
    assert version_in_force(versions, "BAN-1", on=DAY + timedelta(days=4)) == first
    assert version_in_force(versions, "BAN-1", on=DAY + timedelta(days=5)) == second
    assert version_in_force(versions, "BAN-2", on=DAY) is None


def test_a_policy_without_days_holds_from_its_publication_and_else_always() -> None:
    published = a_policy(published_on=DAY)
    assert not published.is_in_force(DAY - timedelta(days=1))
    assert published.is_in_force(DAY)
    assert a_policy().is_in_force(date.min)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6),
    st.integers(0, 30),
)
def test_of_each_policy_at_most_one_version_is_in_force_and_turns_tell_every_change(
    spans: list[tuple[int, int]], until: int
) -> None:
    start = date(2027, 1, 1)
    versions = [
        a_policy(
            version=place,
            in_force_from=start + timedelta(days=first),
            in_force_to=start + timedelta(days=first + length),
        )
        for place, (first, length) in enumerate(spans, start=1)
    ]
    last = start + timedelta(days=until)
    standing = version_in_force(versions, "BAN-1", on=start)
    for turn in policy_changes(versions, after=start, until=last):
        assert turn.ends == standing
        standing = turn.begins
    assert standing == version_in_force(versions, "BAN-1", on=last)
    assert in_force(versions, on=last) == ((standing,) if standing else ())


def test_a_citation_names_a_policy_and_its_version() -> None:
    citation = a_policy(version=2).citation
    assert (str(citation), PolicyCitation.read("BAN-1:2")) == ("BAN-1:2", citation)
    with pytest.raises(ValidationError):
        PolicyCitation.read("BAN-1")


@pytest.mark.parametrize(
    ("scopes", "file", "covered"),
    [
        ([], {}, True),
        ([{"nationalities": ["neighbours"]}], {"nationalities": ("XAC", "XAB")}, True),
        ([{"nationalities": ["neighbours"]}], {"sponsor_country": "XAA"}, False),
        ([{"nationalities": ["neighbours"]}, {"sponsor_countries": ["XAA"]}], {"sponsor_country": "XAA"}, True),
        ([{"organisation_kinds": ["ngo"], "roles": ["interpreter"]}], {}, False),
        ([{"organisation_kinds": ["ngo"], "organisations": ["ORG-01"]}], {}, True),
        ([{"nationalities": ["XAC"]}], {"nationalities": ()}, False),
    ],
)
def test_a_policy_covers_whom_one_of_its_scopes_describes_whole(
    scopes: list[dict[str, Any]], file: dict[str, Any], *, covered: bool
) -> None:
    assert covers(a_policy(scopes=scopes), a_file(**file), GROUPS) is covered


@pytest.mark.parametrize("group", ["allies", "unheard_of"])
def test_a_group_of_countries_that_nobody_filled_in_is_asked_for_by_name(group: str) -> None:
    with pytest.raises(RuleUnsetError, match=f"country_groups.{group}"):
        covers(a_policy(scopes=[{"nationalities": [group]}]), a_file(), GROUPS)


@pytest.mark.parametrize(
    ("applies_to", "earlier"),
    [(None, "uncertain"), ("decisions_taken_from", "covered"), ("files_received_from", None)],
)
def test_a_change_in_mid_process_shows_which_open_files_it_touches(applies_to: str | None, earlier: str | None) -> None:
    ban = a_policy(in_force_from=DAY, applies_to=applies_to, scopes=[{"nationalities": ["neighbours"]}])
    (turn,) = policy_changes([ban], after=DAY - timedelta(days=9), until=DAY)
    covered = {"nationalities": ("XAA",)}
    files = [
        a_file(1, received_on=DAY - timedelta(days=1), **covered),
        a_file(2, received_on=DAY, **covered),
        a_file(3),
        *(a_file(10 + place, status=status, **covered) for place, status in enumerate(set(Status) - UNDECIDED)),
    ]
    found = {file.application_id.int: file.touch.value for file in touched(turn, files, GROUPS)}
    assert found == ({1: earlier} if earlier else {}) | {2: "covered"}


def test_what_a_narrower_or_ended_policy_lets_go_is_released() -> None:
    wide = a_policy(version=1, in_force_to=DAY + timedelta(days=9))
    narrow = a_policy(version=2, in_force_from=DAY, in_force_to=DAY + timedelta(days=9), scopes=[{"roles": ["expert"]}])
    becomes_narrow, is_over = policy_changes(
        [wide, narrow], after=DAY - timedelta(days=1), until=DAY + timedelta(days=30)
    )
    files = [a_file(1), a_file(2, role=Role.EXPERT)]
    assert [one.touch.value for one in touched(becomes_narrow, files, GROUPS)] == ["released", "covered"]
    assert is_over.on == DAY + timedelta(days=10)
    assert [one.application_id.int for one in touched(is_over, files, GROUPS)] == [2]


def test_policies_look_at_codes_only_and_hide_the_citizenship_in_print() -> None:
    person = a_nomination(nationalities=("XAF",))
    file = PolicyFile.of(an_application(), person, an_organisation(), received_on=DAY)
    assert file.nationalities == ("XAF",)
    assert "XAF" not in repr(file)
    assert person.surname not in repr(file)


@pytest.mark.parametrize(
    ("policies", "problem"),
    [
        ([a_policy(), a_policy()], "is given twice"),
        ([{**dict(a_policy()), "in_force_from": DAY, "in_force_to": DAY - timedelta(days=1)}], "is before"),
        ([{**dict(a_policy()), "kind": "fee"}], "has its table"),
    ],
)
def test_a_profile_refuses_policies_that_cannot_be_told_apart_or_are_not_whole(
    policies: list[Any], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        valdara().revised(policies=policies)


def test_a_profile_knows_what_is_in_force_by_the_day_where_the_election_is_held() -> None:
    profile: ElectionProfile = valdara().revised(policies=[a_policy(in_force_from=DAY)])
    midnight = profile.working_days.first_moment(DAY)
    assert profile.policies_on(midnight) == profile.policies
    assert profile.policies_on(midnight - timedelta(seconds=1)) == ()
