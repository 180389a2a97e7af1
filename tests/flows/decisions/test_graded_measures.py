"""Measures against an accreditation, step by step: letters, replies, queue, check, and removal by the mission."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due
from typer.testing import CliRunner

from db.letters.outbox import Settlement
from db.store import open_reader, open_store
from domain.application.actors import ArrivalWay
from domain.application.application import Application
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions import effects, measures
from domain.decisions.rulings import Outcome, Ruling
from domain.letters.envelope import LetterKind, LetterState
from flows.cli.app import app
from flows.context import database
from flows.decisions.case_file import case_file
from flows.decisions.rulings import decide_applications
from flows.delivery.notices import start_clocks
from flows.intake.withdrawal import withdraw
from flows.issuance.life import serial_ledger
from flows.oversight.contradictions import check_election
from flows.oversight.overview import audit
from flows.statements.acceptance import ActingOfficer
from flows.vetting.case_queue import queue_table
from notifications.letters.exception import MeasureLetter

FIRST, SECOND = "OFF-DEMO-1", "OFF-DEMO-3"
PROPORTIONATE = "Proportionality: A conversation changed nothing."
DAY = timedelta(days=1)


@pytest.fixture
def issued(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("issued"):
        yield


@pytest.fixture
def issued_on_either(stages: Stages) -> Iterator[None]:
    with stages.copy("issued"):
        yield


def said(outcome: Outcome, facts: str, known: UUID, *codes: ReasonCode, now: datetime, by: str = FIRST) -> str:
    """Return what became of a ruling; empty where it was applied."""
    until = now + DAY if outcome is Outcome.SUSPEND else None
    ruling = Ruling(outcome=outcome, reasons=codes, facts=facts, until=until)
    (result,) = decide_applications([known], ruling, ActingOfficer(by, ELECTION, now))
    return "" if result.applied else result.sentence


def the_case(known: UUID) -> Application:
    with open_reader(database()) as store:
        return store.applications.get(known)


def letters(known: UUID) -> list[MeasureLetter]:
    with open_reader(database()) as store:
        found = store.outbox.of_application(known)
    measures_ = [letter for letter in found if letter.envelope.kind is LetterKind.MEASURE]
    return [MeasureLetter.model_validate(letter.envelope.contents, strict=False) for letter in measures_]


def letters_arrive(known: UUID, now: datetime) -> None:
    with open_store(database()) as store:
        waiting = [one for one in store.outbox.of_application(known) if one.envelope.kind is LetterKind.MEASURE]
        store.outbox.settle([Settlement(one.envelope.key, LetterState.SENT, "250 Ok") for one in waiting], now=now)
    start_clocks(ELECTION, now=now)


def nothing(*_: object) -> None:
    """Stand for a rule that was taken out."""


def waiting() -> set[str]:
    return {str(row["application"]) for row in queue_table(ELECTION, now=AS_OF)}


@pytest.mark.usefixtures("issued_on_either")
def test_from_a_warning_over_a_reply_and_its_answer_to_a_revocation_each_step_is_told_and_weighed() -> None:
    known, now = due(Status.CREDENTIALED)[0], AS_OF
    told = said(Outcome.REVOKE, f"Two reports. {PROPORTIONATE}", known, ReasonCode.V03, now=now)
    assert "no warning and no suspension came before" in told
    assert said(Outcome.WARN, f"One report. {PROPORTIONATE}", known, ReasonCode.V01, now=now) == ""
    assert the_case(known).status is Status.CREDENTIALED
    assert said(Outcome.RECORD_REPLY, "It was somebody else.", known, now=now) == ""
    assert str(known) in waiting()
    assert "reply waits" in said(Outcome.REVOKE, f"Two. {PROPORTIONATE}", known, ReasonCode.V03, now=now)
    assert "answers the person's reply" in case_file(known).next_step
    assert {told.rule for told in check_election(ELECTION, now=now)} == set()
    assert {told.rule for told in check_election(ELECTION, now=now + 9 * DAY)} >= {"answered_reply"}
    assert said(Outcome.ANSWER_REPLY, "The report names you.", known, now=now, by=SECOND) == ""
    assert str(known) not in waiting()
    told = said(Outcome.REVOKE, f"Two reports. {PROPORTIONATE}", known, ReasonCode.V03, now=now)
    assert "the warning given before it has reached nobody" in told
    letters_arrive(known, now)
    assert said(Outcome.REVOKE, f"Two reports. {PROPORTIONATE}", known, ReasonCode.V03, now=now) == ""
    letters_arrive(known, now)
    later = now + 3 * DAY
    assert said(Outcome.CONFIRM, "", known, now=later, by=SECOND) == ""
    warning, answer, notice, revocation = letters(known)
    assert [letter.measure.value for letter in (warning, answer, notice, revocation)] == [
        "warning", "answer", "notice", "revocation",
    ]  # fmt: skip
    assert (warning.reasons[0].facts, warning.proportionality) == ("One report.", "A conversation changed nothing.")
    assert warning.reply_until is not None
    assert answer.answer == "The report names you."
    assert revocation.proportionality == "A conversation changed nothing."
    happened = [event.kind for event in case_file(known).history if event.kind != "notice_served"]
    assert happened[-5:] == [
        "warning_given", "reply_recorded", "reply_answered", "revocation_proposed", "accreditation_revoked",
    ]  # fmt: skip
    assert check_election(ELECTION, now=later) == ()
    assert not audit(ELECTION).links


@pytest.mark.usefixtures("issued_on_either")
def test_a_step_whose_letter_came_back_carries_no_revocation_until_it_is_sent_anew() -> None:
    known = due(Status.CREDENTIALED)[0]
    assert said(Outcome.WARN, f"One report. {PROPORTIONATE}", known, ReasonCode.V01, now=AS_OF) == ""
    with open_reader(database()) as store:
        (warning,) = [one for one in store.outbox.of_application(known) if one.envelope.kind is LetterKind.MEASURE]
    letters_arrive(known, AS_OF)
    assert said(Outcome.REVOKE, f"Two reports. {PROPORTIONATE}", known, ReasonCode.V03, now=AS_OF) == ""
    letters_arrive(known, AS_OF)
    with open_store(database()) as store:
        assert store.letters.bounce(ELECTION, warning.envelope.key, "5.1.1", now=AS_OF + DAY)
    later = AS_OF + 3 * DAY
    assert "the warning given before it has reached nobody" in said(Outcome.CONFIRM, "", known, now=later, by=SECOND)
    with open_store(database()) as store:
        store.outbox.settle([Settlement(warning.envelope.key, LetterState.SENT, "250 Ok")], now=later)
    assert said(Outcome.CONFIRM, "", known, now=later, by=SECOND) == ""
    assert check_election(ELECTION, now=later) == ()


@pytest.mark.usefixtures("issued")
def test_nothing_is_left_to_confirm_of_who_withdrew_while_a_revocation_was_proposed() -> None:
    known = due(Status.CREDENTIALED)[0]
    facts = f"A report. {PROPORTIONATE} Steps skipped: A ballot box was opened."
    assert said(Outcome.REVOKE, facts, known, ReasonCode.V03, now=AS_OF) == ""
    withdraw(known, "organisation", ArrivalWay.EMAIL, ActingOfficer(FIRST, ELECTION, AS_OF))
    told = said(Outcome.CONFIRM, "", known, now=AS_OF + DAY, by=SECOND)
    assert told.endswith("is withdrawn: nothing is proposed that could be confirmed.")


@pytest.mark.usefixtures("issued")
def test_a_suspension_says_why_a_warning_is_not_enough_and_until_when_one_may_reply() -> None:
    known = due(Status.CREDENTIALED)[0]
    told = said(Outcome.SUSPEND, "A report is looked into.", known, ReasonCode.V02, now=AS_OF)
    assert "end the facts with “Proportionality: …”" in told
    assert said(Outcome.SUSPEND, f"A report. {PROPORTIONATE}", known, ReasonCode.V02, now=AS_OF) == ""
    (letter,) = letters(known)
    assert letter.suspended_until == AS_OF + DAY
    assert letter.reply_until == AS_OF + DAY, "the time to reply does not outlast the suspension"


@pytest.mark.usefixtures("issued")
def test_a_removal_by_the_mission_is_a_withdrawal_without_reasons_and_no_revocation() -> None:
    known = due(Status.CREDENTIALED)[0]
    assert said(Outcome.WARN, f"One report. {PROPORTIONATE}", known, ReasonCode.V01, now=AS_OF) == ""
    assert said(Outcome.RECORD_REPLY, "My mission has called me back.", known, now=AS_OF) == ""
    gone = withdraw(known, "organisation", ArrivalWay.EMAIL, ActingOfficer(FIRST, ELECTION, AS_OF))
    assert (gone.status, gone.reasons, gone.reply_id) == (Status.WITHDRAWN, (ReasonCode.W01,), None)
    line = next(one for one in serial_ledger(ELECTION).lines if one.application_id == known)
    assert line.cause == "withdrawal"
    with open_reader(database()) as store:
        live = [one for one in store.outbox.of_application(known) if one.state is LetterState.QUEUED]
    assert LetterKind.MEASURE not in {one.envelope.kind for one in live}, "a warning that waits is overtaken"
    assert LetterKind.WITHDRAWAL in {one.envelope.kind for one in live}
    assert check_election(ELECTION, now=AS_OF) == ()
    assert "answered_reply" not in {told.rule for told in check_election(ELECTION, now=AS_OF + 9 * DAY)}


@pytest.mark.usefixtures("issued")
def test_an_engine_that_skips_steps_or_passes_over_a_reply_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = due(Status.CREDENTIALED)[:2]
    assert said(Outcome.WARN, f"One report. {PROPORTIONATE}", other, ReasonCode.V01, now=AS_OF) == ""
    assert said(Outcome.RECORD_REPLY, "It was somebody else.", other, now=AS_OF) == ""
    letters_arrive(other, AS_OF)
    for name in ("require_steps", "require_answered"):
        monkeypatch.setattr(effects, name, nothing)
        monkeypatch.setattr(measures, name, nothing)
    for known in (one, other):
        assert said(Outcome.REVOKE, f"Two reports. {PROPORTIONATE}", known, ReasonCode.V03, now=AS_OF) == ""
    assert {(told.rule, told.about) for told in check_election(ELECTION, now=AS_OF)} == {
        ("graded_measures", the_case(one).case_number), ("answered_reply", the_case(other).case_number),
    }  # fmt: skip


@pytest.mark.usefixtures("issued")
def test_the_command_takes_a_measure_with_what_weighs_it() -> None:
    known = the_case(due(Status.CREDENTIALED)[0]).case_number
    at = ["--officer", FIRST, "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"]
    decide = ["decide", known, *at, "--outcome"]
    bare = CliRunner().invoke(app, [*decide, "warn", "--reason", "V01", "--facts", "One report."])
    assert (bare.exit_code, "Proportionality" in bare.output) == (1, True), bare.output
    done = CliRunner().invoke(app, [*decide, "warn", "--reason", "V01", "--facts", f"One report. {PROPORTIONATE}"])
    assert done.exit_code == 0, done.output
