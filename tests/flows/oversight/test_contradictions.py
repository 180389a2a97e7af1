"""The check of contradictions: silent after a whole election, and loud where one rule of the code is broken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from support.builders import ELECTION, WEIGHED
from support.stages import AS_OF, Stages, assign, decide, deliver, due, issue, vet
from typer.testing import CliRunner

from db.credentials.serials import Credentials
from db.store import open_reader, open_store
from db.tables.assignment import PlanRow
from db.tables.decisions import OfficerRow
from domain.application import application as applications
from domain.application.actors import ArrivalWay
from domain.application.application import Application
from domain.application.events import RegionAssigned
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.assignment.problem import Problem
from domain.decisions import effects
from domain.decisions.rulings import Outcome, Ruling
from domain.letters.envelope import LetterKind, LetterState
from domain.oversight.contradictions.contradiction import RULES
from flows.assignment import flow as assignment
from flows.assignment import placements
from flows.assignment.plans import problems
from flows.cli.app import app
from flows.context import ElectionContext, database
from flows.decisions import rulings as bench
from flows.decisions.rulings import decide_applications
from flows.intake import withdrawal
from flows.intake.entry import EnteredApplication, correct
from flows.intake.withdrawal import withdraw
from flows.oversight.contradictions import check_election
from flows.statements.acceptance import ActingOfficer
from flows.vetting import flow as vetting

LATER = AS_OF + timedelta(days=2)


@pytest.fixture
def taken_in(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("taken in"):
        yield


@pytest.fixture
def decided(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("decided"):
        yield


@pytest.fixture
def issued(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("issued"):
        yield


def nothing(*_: object, **__: object) -> None:
    """Stand for a rule that was taken out."""


def nobody(*_: object) -> dict[UUID, Application]:
    return {}


def never(_: object) -> bool:
    return False


def broken(now: Any = AS_OF) -> set[str]:
    """Return the rules that something breaks."""
    return {told.rule for told in check_election(ELECTION, now=now)}


def rule(ids: list[UUID], officer: str, outcome: Outcome, *reasons: ReasonCode, now: Any = AS_OF) -> None:
    ruling = Ruling(outcome=outcome, reasons=reasons, facts="As the papers show.", until=None)
    results = decide_applications(ids, ruling, ActingOfficer(officer, ELECTION, now))
    assert all(result.applied for result in results), results


def test_after_a_whole_election_nothing_contradicts_on_either_database(stages: Stages) -> None:
    with stages.copy("issued"):
        assert broken() == set()
        deliver()
        assert check_election(ELECTION, now=LATER) == ()


@pytest.mark.usefixtures("decided")
def test_an_engine_that_sends_people_to_a_closed_office_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = placements.moved_to

    def to_its_own(context: ElectionContext, *known: Any, **besides: Any) -> RegionAssigned:
        event = moved(context, *known, **besides)
        home = context.geography.region(event.region).office if event.region else None
        return event.revised(office=home)

    monkeypatch.setattr(placements, "moved_to", to_its_own)
    assign()
    assert broken() == {"office_of_case", "list_of_open_office"}


@pytest.mark.usefixtures("decided")
def test_an_engine_that_asks_for_no_consent_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = problems.problem_of

    def without_notices(*known: Any, **besides: Any) -> Problem:
        problem = drawn(*known, **besides)
        return problem.revised(regions=tuple(region.revised(notices=()) for region in problem.regions))

    monkeypatch.setattr(assignment, "problem_of", without_notices)
    assign()
    assert "consent_to_notice" in broken()


@pytest.mark.usefixtures("taken_in")
def test_an_engine_that_approves_over_open_findings_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vetting, "needs_human", never)
    vet()
    assert broken() == {"answered_finding"}


@pytest.mark.usefixtures("taken_in")
def test_an_engine_that_refuses_who_was_not_told_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effects, "_refuse_before_the_clock", nothing)
    monkeypatch.setattr(bench, "require_told", nothing)
    some = due(Status.INCOMPLETE)[:2]
    rule(some, "OFF-DEMO-1", Outcome.REFUSE, ReasonCode.R02)
    rule(some, "OFF-DEMO-3", Outcome.CONFIRM)
    found = [told for told in check_election(ELECTION, now=AS_OF) if told.rule == "told_before_refusal"]
    assert len(found) == len(some)
    assert "had reached nobody" in found[0].problem


@pytest.mark.usefixtures("taken_in")
def test_an_engine_that_refuses_before_the_time_is_over_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    deliver()
    monkeypatch.setattr(effects, "_refuse_before_the_clock", nothing)
    monkeypatch.setattr(bench, "require_told", nothing)
    some = due(Status.INCOMPLETE)[:1]
    soon = AS_OF + timedelta(hours=1)
    rule(some, "OFF-DEMO-1", Outcome.REFUSE, ReasonCode.R02, now=soon)
    rule(some, "OFF-DEMO-3", Outcome.CONFIRM, now=soon)
    (found,) = (told for told in check_election(ELECTION, now=soon) if told.rule == "told_before_refusal")
    assert "1:00:00 after its request arrived" in found.problem


@pytest.mark.usefixtures("taken_in")
def test_what_a_correction_brings_to_light_when_the_time_is_over_asks_nothing_anew() -> None:
    deliver()
    over = AS_OF + timedelta(hours=50)
    with open_reader(database()) as store:
        whole = next(
            known for known in due(Status.INCOMPLETE) if store.people.current([known])[known].pledge_accepted_on
        )
    correct(whole, EnteredApplication({"pledge_accepted_on": ""}), ActingOfficer("OFF-DEMO-2", ELECTION, over))
    with open_reader(database()) as store:
        assert ReasonCode.D06 in store.applications.get(whole).reasons
    rule([whole], "OFF-DEMO-1", Outcome.REFUSE, ReasonCode.R02, now=over)
    rule([whole], "OFF-DEMO-3", Outcome.CONFIRM, now=over)
    assert [told for told in check_election(ELECTION, now=over) if told.rule == "told_before_refusal"] == []


@pytest.mark.usefixtures("issued")
def test_an_engine_that_lets_one_officer_refuse_alone_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applications, "_require_officers", nothing)
    some = due(Status.INCOMPLETE)[:1]
    deliver()
    rule(some, "OFF-DEMO-2", Outcome.REFUSE, ReasonCode.R02, now=LATER + timedelta(days=2))
    rule(some, "OFF-DEMO-2", Outcome.CONFIRM, now=LATER + timedelta(days=2))
    assert "two_officers" in broken(LATER + timedelta(days=2))


@pytest.mark.usefixtures("issued")
def test_an_engine_that_forgets_the_ledger_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Credentials, "move", nothing)
    some = due(Status.CREDENTIALED)[:1]
    ruling = Ruling(
        outcome=Outcome.SUSPEND,
        reasons=(ReasonCode.V02,),
        facts=f"A complaint. {WEIGHED}",
        until=LATER,
    )
    decide_applications(some, ruling, ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF))
    assert broken() == {"case_and_serial"}


@pytest.mark.usefixtures("decided")
def test_an_engine_that_leaves_somebody_off_every_list_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placements, "on_lists", nobody)
    assign()
    assert "on_one_list" not in broken()  # the lists are renewed within a day
    assert "on_one_list" in broken(LATER)


@pytest.mark.usefixtures("taken_in")
def test_an_engine_that_leaves_a_recalled_letter_in_the_outbox_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    vet()
    monkeypatch.setattr(bench, "take_letter_back", nothing)
    some = due(Status.IN_REVIEW)[:1]
    rule(some, "OFF-DEMO-1", Outcome.REFUSE, ReasonCode.R06)
    rule(some, "OFF-DEMO-3", Outcome.CONFIRM)
    assert broken() == set()
    rule(some, "OFF-DEMO-3", Outcome.RECALL)
    assert broken() == {"letter_and_decision"}


@pytest.mark.usefixtures("taken_in")
def test_who_withdraws_is_asked_for_nothing_more_and_an_engine_that_still_asks_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = due(Status.INCOMPLETE)[:2]
    by = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)
    withdraw(first, "applicant", ArrivalWay.PHONE, by)
    assert broken() == set()
    monkeypatch.setattr(withdrawal, "cancel_overtaken", nothing)
    withdraw(second, "applicant", ArrivalWay.PHONE, by)
    assert broken() == {"letter_overtaken"}


@pytest.mark.usefixtures("taken_in")
def test_a_refusal_that_an_appeal_undid_before_its_letter_left_is_told_to_nobody() -> None:
    vet()
    (known,) = due(Status.IN_REVIEW)[:1]
    rule([known], "OFF-DEMO-1", Outcome.REFUSE, ReasonCode.R06)
    rule([known], "OFF-DEMO-3", Outcome.CONFIRM)
    rule([known], "OFF-DEMO-2", Outcome.LODGE_APPEAL)
    rule([known], "OFF-DEMO-4", Outcome.GRANT_APPEAL)
    with open_reader(database()) as store:
        told = {letter.envelope.kind: letter.state for letter in store.outbox.of_application(known)}
    assert told[LetterKind.REFUSAL] is LetterState.CANCELLED
    assert told[LetterKind.APPEAL_OUTCOME] is LetterState.QUEUED
    assert broken() == set()


@pytest.mark.usefixtures("issued")
def test_a_case_that_the_plan_in_force_puts_elsewhere_is_named_with_its_number() -> None:
    known = next(iter(due(Status.CREDENTIALED)))
    with open_store(database()) as store:
        plan = store.plans.latest(ELECTION)
        assert plan is not None
        row = store.session.get_one(PlanRow, plan.id)
        row.teams = {**row.teams, "placements": {**row.teams["placements"], str(known): None}}
        number = store.applications.get(known).case_number
    (found,) = check_election(ELECTION, now=AS_OF)
    assert (found.rule, found.about) == ("plan_and_case", number)


@pytest.mark.usefixtures("decided")
def test_a_clock_that_no_officer_in_service_may_act_on_is_found() -> None:
    assert broken() == set()
    with open_store(database()) as store:
        for row in store.session.query(OfficerRow):
            row.body = {**row.body, "suspended": True}
    assert broken() == {"owned_clock"}


@pytest.mark.usefixtures("issued")
def test_the_command_names_case_and_remedy_at_80_columns_and_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.cli.options.console._width", 80)
    calm = CliRunner().invoke(app, ["check", "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"])
    assert calm.exit_code == 0, calm.output
    assert f"0 contradictions by {len(RULES)} rules" in calm.output
    by_itself = CliRunner().invoke(app, ["check"])
    assert by_itself.output == calm.output, "a rehearsal dated ahead is checked for its own last day"
    with open_store(database()) as store:
        for row in store.session.query(OfficerRow):
            row.body = {**row.body, "suspended": True}
    loud = CliRunner().invoke(app, ["check", "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"])
    assert loud.exit_code == 1
    assert "accredit officer" in loud.output
    assert max(map(len, loud.output.splitlines())) <= 80
    told = json.loads(CliRunner().invoke(app, ["check", "--json", "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"]).output)
    assert {row["rule"] for row in told} == {"owned_clock"}


def test_every_rule_of_the_check_is_said_in_words_that_an_officer_reads() -> None:
    documented = (Path(__file__).parents[3] / "docs" / "operating" / "check.md").read_text()
    for name, said in RULES.items():
        assert f"`{name}`" in documented
        assert said in documented


@pytest.mark.usefixtures("decided")
def test_looking_changes_nothing() -> None:
    with open_reader(database()) as store:
        before = store.outbox.keys(ELECTION)
    decide()
    issue()
    broken()
    with open_reader(database()) as store:
        assert store.outbox.keys(ELECTION) == before
