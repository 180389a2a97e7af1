"""The profiles of real laws: what each owes its reader, who may come, and the policies of the day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest
from support.builders import CASE, a_nomination
from support.laws import NAMES, ROOT, at, law

from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.application.status import Status
from domain.election.policies import PolicyFile, covers, policy_changes, touched, version_in_force
from domain.election.profile import ElectionProfile, Mark, PublicField, RuleUnsetError
from domain.organisations.organisation import OrganisationKind
from domain.vetting.checks import Surroundings, vet

NOTES: Final = ROOT.parent / "shared" / "data" / "jurisdictions"


def an_open_file(**fields: Any) -> PolicyFile:
    usual = {
        "application_id": CASE, "organisation": "ORG-01", "organisation_kind": OrganisationKind.STATE,
        "sponsor_country": "XAC", "nationalities": ("XAC",), "role": Role.SHORT_TERM_OBSERVER,
        "status": Status.IN_VETTING, "received_on": date(2019, 2, 27),
    }  # fmt: skip
    return PolicyFile.model_validate(usual | fields)


# --- what every profile owes its reader ---------------------------------------------------------------------------


def test_every_jurisdiction_of_the_research_notes_has_its_profile() -> None:
    if not NOTES.is_dir():
        pytest.skip("the research notes lie beside the repository and are not here")
    noted = {path.stem for path in NOTES.glob("*.md")} - {"README"}
    assert noted <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_has_a_mark_and_every_gap_is_shown(name: str) -> None:
    profile = law(name)
    assert profile.status == "incomplete"
    assert profile.unproved == ()
    marks = {evidence.mark for evidence in profile.evidence.values()}
    assert {Mark.OFFICIAL, Mark.NOT_FOUND, Mark.OWN} <= marks
    assert "calendar.cure_hours" in profile.unset


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_survives_the_database_and_names_no_address_that_mail_could_reach(name: str) -> None:
    profile = law(name)
    assert ElectionProfile.model_validate(profile.model_dump(mode="json")) == profile
    assert profile.election.contact_email.endswith(".invalid")
    assert profile.credential.issuer == "TEST"


@pytest.mark.parametrize("name", NAMES)
def test_the_engine_asks_for_an_unset_rule_by_name_instead_of_inventing_it(name: str) -> None:
    profile, now = law(name), datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(RuleUnsetError, match=r"calendar\.cure_hours"):
        profile.cure_due(now)
    for needs, ask in {"calendar.ends": profile.valid_until, "remedy": profile.remedy_due}.items():
        if needs in profile.needed_to_run:
            with pytest.raises(RuleUnsetError, match=needs):
                ask(now)
    with pytest.raises(ValueError, match=r"calendar\.cure_hours"):
        profile.revised(status="complete")


# --- who may come -------------------------------------------------------------------------------------------------

HOSTS: Final[Mapping[str, tuple[bool, bool]]] = {
    # whether officers must look at a host national who comes as (observer, interpreter)
    "georgia": (True, False), "hungary": (True, False), "kosovo": (True, False), "kosovo-local-2017": (True, False),
    "mexico": (True, True), "moldova": (False, False), "south-africa": (False, False), "ukraine-2019": (True, False),
    "united-kingdom": (False, False), "zimbabwe": (True, False),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_host_nationals_are_referred_unless_the_law_admits_them(name: str) -> None:
    profile = law(name)
    host = profile.election.host_country
    around = Surroundings(received_at=datetime(2015, 1, 1, tzinfo=UTC))
    for role, looked_at in zip((Role.LONG_TERM_OBSERVER, Role.INTERPRETER), HOSTS[name], strict=True):
        for nationalities in ((host,), ("XAC", host)):  # a second citizenship changes nothing
            person = a_nomination(role=role, nationalities=nationalities)
            codes = {finding.code for finding in vet(person, profile, around)}
            assert (ReasonCode.R04 in codes) is looked_at
        foreign = a_nomination(role=role, nationalities=("XAC",))
        assert ReasonCode.R04 not in {finding.code for finding in vet(foreign, profile, around)}


@pytest.mark.parametrize(("born", "found"), [(date(2002, 5, 3), False), (date(2002, 5, 4), True)])
def test_sixteen_on_election_day_is_old_enough(born: date, *, found: bool) -> None:
    around = Surroundings(received_at=at("2018-04-01T10:00+01:00"))
    rules = {finding.rule for finding in vet(a_nomination(birth_date=born), law("united-kingdom"), around)}
    assert ("under_age" in rules) is found


def test_people_apply_for_themselves_only_where_the_law_says_so() -> None:
    themselves = {name: law(name).eligibility.individuals_apply for name in NAMES}
    assert {name for name, can in themselves.items() if can} == {"mexico", "united-kingdom", "zimbabwe"}
    assert {name for name, can in themselves.items() if can is False} == {"kosovo", "south-africa"}
    for name, can in themselves.items():
        if can:
            assert OrganisationKind.INDIVIDUAL in law(name).eligibility.organisation_kinds


# --- policies -----------------------------------------------------------------------------------------------------


def test_the_ban_came_into_force_in_mid_process_at_midnight_where_the_election_was_held() -> None:
    profile = law("ukraine-2019")
    assert profile.policies_on(at("2019-02-27T23:59+02:00")) == ()
    assert profile.policies_on(at("2019-02-28T00:00+02:00")) == profile.policies
    assert profile.policies_on(at("2019-02-27T22:00+00:00")) == profile.policies
    reasons = (ReasonCode.R05, ReasonCode.R04)
    assert profile.cited(reasons, at("2019-02-27T23:59+02:00")) == ()
    assert [str(one) for one in profile.cited(reasons, at("2019-03-20T12:00+02:00"))] == ["CITIZENSHIP-AND-PROPOSER:1"]
    assert profile.cited((ReasonCode.R04,), at("2019-03-20T12:00+02:00")) == ()


def test_the_ban_tests_citizenship_and_proposer_apart_and_leaves_earlier_files_to_officers() -> None:
    profile = law("ukraine-2019")
    (ban,) = profile.policies
    groups = {"states_recognised_by_parliament": ("XAA",)}
    citizen, proposed = an_open_file(nationalities=("XAC", "XAA")), an_open_file(sponsor_country="XAA")
    assert covers(ban, citizen, groups)
    assert covers(ban, proposed, groups)
    assert not covers(ban, an_open_file(), groups)
    (turn,) = policy_changes(profile.policies, after=date(2019, 2, 8), until=date(2019, 3, 25))
    later = an_open_file(nationalities=("XAA",), received_on=date(2019, 2, 28))
    decided = an_open_file(nationalities=("XAA",), status=Status.APPROVED)
    found = touched(turn, [citizen, proposed, an_open_file(), later, decided], groups)
    assert [file.touch.value for file in found] == ["uncertain", "uncertain", "covered"]
    with pytest.raises(RuleUnsetError, match=r"country_groups\.states_recognised_by_parliament"):
        covers(ban, citizen, profile.country_groups)


def test_a_committee_has_its_seats_and_a_commission_above_it() -> None:
    decision = law("zimbabwe").decision
    assert decision.body == "committee"
    assert sum(seat.seats for seat in decision.committee) == 9
    assert decision.confirmed_by == "Zimbabwe Electoral Commission"


def test_the_invitation_gate_is_a_policy_that_founds_a_refusal_of_the_organisation() -> None:
    profile = law("moldova")
    gate = version_in_force(profile.policies, "INVITATION", on=profile.election.day)
    assert gate is not None
    assert gate.reason is ReasonCode.R03
    assert gate.reason in profile.reasons
    assert {name for name in NAMES if law(name).eligibility.invitation_required} == {"moldova"}


def test_names_are_published_only_where_a_law_or_practice_founds_it() -> None:
    named = {name for name in NAMES if law(name).publication.names}
    assert named == {"hungary", "moldova", "united-kingdom"}
    for name in named:
        assert PublicField.NAME in law(name).publication.fields
        assert law(name).publication.ground
