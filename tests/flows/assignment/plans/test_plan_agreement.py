"""A plan in force and the cases agree, always: adoption all or nothing, and whatever disagrees is found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due, everything
from typer.testing import CliRunner

from db.store import open_reader, open_store
from db.tables.application import ApplicationRow
from db.tables.assignment import PlanRow
from domain.application.status import PLACED, Status
from domain.assignment.checker.recount import Violation
from domain.election.geography import Notice
from domain.errors import BadInputError
from flows.assignment import adoption
from flows.assignment.adoption import adopt_plan
from flows.assignment.plans import agreement
from flows.assignment.plans.agreement import elsewhere, faults_of
from flows.assignment.plans.drafts import PlanRefusedError, draft_plan, find_plan
from flows.assignment.plans.explanation import explain
from flows.assignment.plans.problems import Choices
from flows.cli.app import app
from flows.context import database
from flows.oversight.contradictions import check_election
from flows.oversight.overview import audit
from flows.statements.acceptance import ActingOfficer


@pytest.fixture
def issued(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("issued"):
        yield


@pytest.fixture
def decided(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("decided"):
        yield


def nothing_wrong(_: object) -> list[object]:
    return []


def noticed() -> str:
    """Give the region with most people a notice that nobody has accepted; returns its code."""
    notice = Notice(code="SEC-NEW", version=3, text="The bridge is closed.", issued_on=date(2027, 3, 9))
    with open_store(database()) as store:
        placed = [case.region for case in store.applications.all_in(ELECTION, *PLACED) if case.region]
        code = max(placed, key=placed.count)
        profile, land = store.elections.profile(ELECTION), store.elections.geography(ELECTION)
        regions = [region.revised(notice=notice) if region.code == code else region for region in land.regions]
        store.elections.put(profile, land.revised(regions=tuple(regions)), now=AS_OF)
    return code


@pytest.mark.usefixtures("issued")
def test_a_new_notice_moves_no_printed_badge_and_plan_and_cases_still_agree() -> None:
    code = noticed()
    plan = find_plan(ELECTION, str(draft_plan(ELECTION, Choices(), now=AS_OF)))
    adopt_plan(plan, ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF))
    with open_reader(database()) as store:
        assert not list(elsewhere(store, ELECTION))
        here = [case for case in store.applications.all_in(ELECTION, *PLACED) if case.region == code]
    found = check_election(ELECTION, now=AS_OF)
    assert {told.rule for told in found} == {"consent_to_notice"}
    assert {told.about for told in found} == {case.case_number for case in here}
    assert {link.book for link in audit(ELECTION).links} == {"rules"}, "the test wrote them without a signature"


@pytest.mark.usefixtures("issued")
def test_a_plan_that_takes_people_out_of_the_region_on_their_badges_is_not_adopted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(adoption, "check_stored", nothing_wrong)
    plan = find_plan(ELECTION, str(draft_plan(ELECTION, Choices(), now=AS_OF)))
    known = next(key for key, region in plan.placements.items() if region)
    plan.teams["placements"] = {**plan.placements, known: None}
    before = everything()
    with pytest.raises(PlanRefusedError, match="takes 1 person out of the region that is printed on their badges"):
        adopt_plan(plan, ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF))
    assert everything() == before


@pytest.mark.usefixtures("decided")
def test_an_adoption_that_leaves_somebody_elsewhere_is_undone_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = find_plan(ELECTION, str(draft_plan(ELECTION, Choices(), now=AS_OF)))
    before = everything()
    placed = adoption.placed_by

    def but_for_one(store: Any, context: Any, places: Any, moving: Any, **known: Any) -> Any:
        wrong = next(key for key, region in places.regions.items() if region)
        other = type(places)(places.plan, {**places.regions, wrong: None}, places.partners, places.sites)
        return placed(store, context, other, moving, **known)

    monkeypatch.setattr(adoption, "placed_by", but_for_one)
    with pytest.raises(PlanRefusedError, match="not where the plan puts them"):
        adopt_plan(plan, ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF))
    assert everything() == before
    with open_reader(database()) as store:
        assert store.plans.latest(ELECTION) is None


def one_fault(_: object) -> list[Violation]:
    return [Violation(fault="region_overfull", subject="VD-01")]


@pytest.mark.usefixtures("issued")
def test_the_audit_finds_in_the_plan_in_force_what_plan_check_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "faults: none" in CliRunner().invoke(app, ["plan", "check"]).output
    assert not audit(ELECTION).links
    monkeypatch.setattr(agreement, "check_stored", one_fault)
    told = CliRunner().invoke(app, ["plan", "check"])
    assert (told.exit_code, "region_overfull" in told.output) == (1, True)
    (link,) = audit(ELECTION).links
    assert "region_overfull: VD-01" in str(link)


@pytest.mark.usefixtures("issued")
def test_check_audit_and_why_say_that_a_case_is_not_where_the_plan_puts_it() -> None:
    known = due(Status.CREDENTIALED)[0]
    assert faults_of(ELECTION, find_plan(ELECTION)) == []
    with open_store(database()) as store:
        case = store.applications.get(known)
        other = next(code for code in ("VD-01", "VD-03") if code != case.region)
        store.session.get_one(ApplicationRow, known).region = other
    (fault,) = faults_of(ELECTION, find_plan(ELECTION))
    assert (fault.fault, fault.subject) == ("case_elsewhere", case.case_number)
    assert any(case.case_number in str(link) for link in audit(ELECTION).links)
    with pytest.raises(BadInputError, match="no plan puts it there"):
        explain(ELECTION, known, other)
    told = CliRunner().invoke(app, ["plan", "check"])
    assert (told.exit_code, case.case_number in told.output) == (1, True)


@pytest.mark.usefixtures("issued")
def test_why_explains_a_case_by_the_plan_that_it_follows() -> None:
    """A plan in force that does not name somebody, as one suspended meanwhile, does not explain them."""
    known = due(Status.CREDENTIALED)[0]
    first = find_plan(ELECTION)
    plan = find_plan(ELECTION, str(draft_plan(ELECTION, Choices(), now=AS_OF)))
    adopt_plan(plan, ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF))
    assert explain(ELECTION, known, "VD-01").plan == plan.id
    with open_store(database()) as store:
        row = store.session.get_one(PlanRow, plan.id)
        left = {key: region for key, region in plan.placements.items() if key != str(known)}
        row.teams, row.body = {**row.teams, "placements": left}, {**row.body, "placements": left}
    assert explain(ELECTION, known, "VD-01").plan == first.id
    assert check_election(ELECTION, now=AS_OF) == ()
