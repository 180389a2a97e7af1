"""The remedy that a warning or a suspension names: an appeal beside the accreditation, and clocks of what is owed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages, deliver, due

from db.store import open_reader
from domain.application.application import Application
from domain.application.clocks import Clock
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.credentials.states import LedgerState
from domain.decisions.rulings import Outcome, Ruling
from domain.letters.envelope import LetterKind
from flows.context import database
from flows.decisions.clocks import clocks_table, mind_clocks
from flows.decisions.rulings import decide_applications
from flows.delivery.notices import start_clocks
from flows.issuance.life import serial_ledger
from flows.oversight.contradictions import check_election
from flows.oversight.open_work import late_work
from flows.statements.acceptance import ActingOfficer
from flows.vetting.case_queue import queue_table

FACTS = "One report. Proportionality: A conversation changed nothing."
DAY = timedelta(days=1)


@pytest.fixture
def warned(sqlite_stages: Stages) -> Iterator[UUID]:
    with sqlite_stages.copy("issued"):
        known = due(Status.CREDENTIALED)[0]
        assert said(Outcome.WARN, known, 1, ReasonCode.V01) == ""
        deliver()
        yield known


def said(outcome: Outcome, known: UUID, officer: int, *codes: ReasonCode, now: datetime = AS_OF) -> str:
    """Return why a ruling was turned down; empty where it was applied."""
    until = now + 30 * DAY if outcome is Outcome.SUSPEND else None
    ruling = Ruling(outcome=outcome, reasons=codes, facts=FACTS, until=until)
    (result,) = decide_applications([known], ruling, ActingOfficer(f"OFF-DEMO-{officer}", ELECTION, now))
    return "" if result.applied else result.sentence


def the_case(known: UUID) -> Application:
    with open_reader(database()) as store:
        return store.applications.get(known)


def letters(known: UUID, kind: LetterKind) -> list[str]:
    with open_reader(database()) as store:
        found = store.outbox.of_application(known)
    return [str(one.envelope.contents.get("outcome", "")) for one in found if one.envelope.kind is kind]


def test_a_warning_that_others_take_back_is_no_step_towards_a_revocation(warned: UUID) -> None:
    assert said(Outcome.LODGE_APPEAL, warned, 2) == ""
    case = the_case(warned)
    assert (case.status, case.appeal_due_at is not None) == (Status.CREDENTIALED, True)
    assert "an appeal is open already" in said(Outcome.LODGE_APPEAL, warned, 2)
    assert "appeal against a measure is open" in said(Outcome.REVOKE, warned, 1, ReasonCode.V03)
    (row,) = [row for row in queue_table(ELECTION, now=AS_OF) if row["application"] == str(warned)]
    assert (row["proposal"], row["due (UTC)"] != "") == ("appeal against a measure", True)
    assert said(Outcome.GRANT_APPEAL, warned, 4) == ""
    after = the_case(warned)
    assert (after.status, after.appeal_due_at, after.serial) == (Status.CREDENTIALED, None, case.serial)
    assert "no warning and no suspension came before" in said(Outcome.REVOKE, warned, 1, ReasonCode.V03)
    assert "no refusal, revocation, warning or suspension to appeal against" in said(Outcome.LODGE_APPEAL, warned, 2)
    assert (letters(warned, LetterKind.APPEAL_RECEIPT), letters(warned, LetterKind.APPEAL_OUTCOME)) == (
        [""],
        ["granted"],
    )
    assert check_election(ELECTION, now=AS_OF) == ()


def test_two_others_let_the_warning_stand_and_the_accreditation_with_it(warned: UUID) -> None:
    assert said(Outcome.LODGE_APPEAL, warned, 2) == ""
    assert said(Outcome.DISMISS_APPEAL, warned, 4) == ""
    assert "second, different officer" in said(Outcome.CONFIRM, warned, 4)
    assert said(Outcome.CONFIRM, warned, 5) == ""
    assert (the_case(warned).status, the_case(warned).proposal) == (Status.CREDENTIALED, None)
    assert letters(warned, LetterKind.APPEAL_OUTCOME) == ["dismissed"]
    assert said(Outcome.REVOKE, warned, 1, ReasonCode.V03) == ""
    assert check_election(ELECTION, now=AS_OF) == ()


def ledger(case: Application) -> LedgerState:
    (line,) = [line for line in serial_ledger(ELECTION).lines if line.serial == case.serial]
    return line.state


def test_a_suspension_that_others_take_back_ends_at_once_and_the_warning_before_it_can_still_be_appealed(
    warned: UUID,
) -> None:
    assert said(Outcome.SUSPEND, warned, 1, ReasonCode.V02) == ""
    assert said(Outcome.LODGE_APPEAL, warned, 2) == ""
    assert (the_case(warned).status, ledger(the_case(warned))) == (Status.SUSPENDED, LedgerState.SUSPENDED)
    assert said(Outcome.GRANT_APPEAL, warned, 4) == ""
    case = the_case(warned)
    assert (case.status, case.due_at, case.appeal_due_at) == (Status.CREDENTIALED, None, None)
    assert ledger(case) == LedgerState.ISSUED
    assert said(Outcome.LODGE_APPEAL, warned, 2) == ""
    assert said(Outcome.GRANT_APPEAL, warned, 5) == ""
    assert "no warning and no suspension came before" in said(Outcome.REVOKE, warned, 1, ReasonCode.V03)
    assert "suspension to appeal against" in said(Outcome.LODGE_APPEAL, warned, 2)
    assert check_election(ELECTION, now=AS_OF) == ()


def test_a_suspension_stands_where_two_others_dismiss_the_appeal_and_a_second_appeal_takes_yet_others(
    warned: UUID,
) -> None:
    assert said(Outcome.SUSPEND, warned, 1, ReasonCode.V02) == ""
    assert said(Outcome.LODGE_APPEAL, warned, 2) == ""
    assert said(Outcome.DISMISS_APPEAL, warned, 4) == ""
    proposal = the_case(warned).proposal
    assert (proposal and proposal.reasons) == (ReasonCode.V02,)
    assert said(Outcome.CONFIRM, warned, 5) == ""
    assert the_case(warned).status == Status.SUSPENDED
    assert check_election(ELECTION, now=AS_OF) == ()
    assert said(Outcome.LODGE_APPEAL, warned, 2) == ""  # against the warning
    assert "OFF-DEMO-5: took part" in said(Outcome.GRANT_APPEAL, warned, 5)
    (told,) = check_election(ELECTION, now=AS_OF)
    assert (told.rule, "no appeals officer" in told.problem) == ("owned_clock", True)


def test_nobody_is_revoked_on_steps_that_an_appeal_took_back_after_the_proposal(warned: UUID) -> None:
    assert said(Outcome.REVOKE, warned, 1, ReasonCode.V03) == ""
    assert said(Outcome.LODGE_APPEAL, warned, 2) == ""
    assert said(Outcome.GRANT_APPEAL, warned, 4) == ""
    assert check_election(ELECTION, now=AS_OF) == ()
    deliver()
    start_clocks(ELECTION, now=AS_OF)
    later = AS_OF + 10 * DAY
    assert "no warning and no suspension came before" in said(Outcome.CONFIRM, warned, 3, now=later)
    assert said(Outcome.RETURN, warned, 3, now=later) == ""


def test_what_the_commission_owes_has_a_clock_and_is_late_when_nobody_answers(warned: UUID) -> None:
    assert said(Outcome.RECORD_REPLY, warned, 1) == ""
    assert said(Outcome.LODGE_APPEAL, warned, 2) == ""
    later = AS_OF + 60 * DAY
    mine = [row for row in clocks_table(ELECTION, now=later) if row["application"] == str(warned)]
    assert {(row["clock"], row["owner"]) for row in mine} == {
        (Clock.REPLY, "case officers"), (Clock.APPEAL, "appeals officers"),
    }  # fmt: skip
    piles = {pile.what: pile.number for pile in late_work(ELECTION, now=later)}
    assert piles["replies, second looks and appeals past their time"] == 1
    mind_clocks(ELECTION, now=later)
    assert len(letters(warned, LetterKind.ESCALATION)) == 2
    assert said(Outcome.ANSWER_REPLY, warned, 3, now=later) == ""
    assert [row["clock"] for row in clocks_table(ELECTION, now=later) if row["application"] == str(warned)] == [
        "appeal"
    ]
