"""Nobody is refused or revoked who was not told: the applicant's time runs from when the letter arrived."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import settings as trials
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from support.builders import ELECTION, WEIGHED
from support.stages import AS_OF, Stages, deliver, due
from typer.testing import CliRunner

from db.letters.outbox import QueuedLetter, Settlement
from db.store import open_reader, open_store
from domain.application.application import Application
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.rulings import Outcome, Ruling
from domain.letters.envelope import LetterKind, LetterOrder, LetterState
from flows.cli.app import app
from flows.context import database, election_context
from flows.decisions.rulings import decide_applications
from flows.delivery.messages import WritingRules, write_letters
from flows.delivery.notices import start_clocks
from flows.delivery.orders import order_letters
from flows.intake.mending.overdue import overdue_cases
from flows.oversight.contradictions import check_election
from flows.statements.acceptance import ActingOfficer
from notifications.mail.message import Sender

HOURS = timedelta(hours=1)
REFUSE = Ruling(outcome=Outcome.REFUSE, reasons=(ReasonCode.R02,), facts="The time is over.")
REVOKE = Ruling(
    outcome=Outcome.REVOKE,
    reasons=(ReasonCode.V03,),
    facts=f"Two reports. {WEIGHED}",
)
CONFIRM = Ruling(outcome=Outcome.CONFIRM)


@pytest.fixture
def taken_in(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("taken in"):
        yield


@pytest.fixture
def taken_in_on_either(stages: Stages) -> Iterator[None]:
    with stages.copy("taken in"):
        yield


@pytest.fixture
def issued(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("issued"):
        yield


def period() -> timedelta:
    return election_context(ELECTION, AS_OF).profile.cure_due(AS_OF) - AS_OF


def said(ruling: Ruling, officer: str, known: UUID, now: datetime) -> tuple[bool, str]:
    (result,) = decide_applications([known], ruling, ActingOfficer(officer, ELECTION, now))
    return result.applied, result.sentence


def the_case(known: UUID) -> Application:
    with open_reader(database()) as store:
        return store.applications.get(known)


def the_letter(known: UUID, kind: LetterKind = LetterKind.DEFICIENCY) -> QueuedLetter:
    with open_reader(database()) as store:
        found = [letter for letter in store.outbox.of_application(known) if letter.envelope.kind is kind]
    return next(letter for letter in found if not letter.envelope.contents.get("reminder"))


def settle(key: str, state: LetterState, now: datetime) -> None:
    with open_store(database()) as store:
        store.outbox.settle([Settlement(key, state, "250 2.0.0 Ok")], now=now)


def bounce(key: str, now: datetime) -> None:
    with open_store(database()) as store:
        assert store.letters.bounce(ELECTION, key, "5.1.1", now=now)


@pytest.mark.usefixtures("taken_in")
def test_nobody_is_refused_while_the_letter_waits_and_the_time_runs_from_its_arrival() -> None:
    known = due(Status.INCOMPLETE)[0]
    over = AS_OF + period() + 5 * HOURS
    applied, why = said(REFUSE, "OFF-DEMO-1", known, over)
    assert not applied
    assert "nobody is refused who was not told" in why
    assert "waits in the outbox" in why
    assert the_case(known) not in overdue_cases(ELECTION, now=over)
    settle(the_letter(known).envelope.key, LetterState.SENT, over)
    assert start_clocks(ELECTION, now=over) == 1
    assert start_clocks(ELECTION, now=over) == 0
    assert the_case(known).due_at == over + period()
    applied, why = said(REFUSE, "OFF-DEMO-1", known, over + period())
    assert not applied
    end = over + period() + HOURS
    assert said(REFUSE, "OFF-DEMO-1", known, end)[0]
    assert said(CONFIRM, "OFF-DEMO-3", known, end)[0]
    assert check_election(ELECTION, now=end) == ()


@pytest.mark.usefixtures("taken_in_on_either")
def test_after_a_bounce_the_time_begins_anew_when_the_letter_was_sent_to_the_corrected_address() -> None:
    deliver()
    known = due(Status.INCOMPLETE)[0]
    key, later = the_letter(known).envelope.key, AS_OF + period() + HOURS
    bounce(key, AS_OF + HOURS)
    applied, why = said(REFUSE, "OFF-DEMO-1", known, later)
    assert not applied
    assert "did not arrive. Correct the address" in why
    order_letters(LetterOrder.RESEND, [key], ActingOfficer("OFF-DEMO-1", ELECTION, later))
    settle(key, LetterState.SENT, later)
    start_clocks(ELECTION, now=later)
    assert the_case(known).due_at == later + period()
    assert not said(REFUSE, "OFF-DEMO-1", known, later + HOURS)[0]
    assert said(REFUSE, "OFF-DEMO-1", known, later + period() + HOURS)[0]


@pytest.mark.usefixtures("taken_in")
def test_a_letter_handed_over_in_another_way_begins_the_time_and_is_signed_for() -> None:
    known = due(Status.INCOMPLETE)[0]
    key, at = the_letter(known).envelope.key, AS_OF + timedelta(days=1)
    ordered = ["letters", "hand-over", key, "--officer", "OFF-DEMO-1", "--as-of", f"{at:%Y-%m-%dT%H:%M}"]
    assert CliRunner().invoke(app, [*ordered, "--how", " "]).exit_code != 0
    done = CliRunner().invoke(app, [*ordered, "--how", "on paper, at the front desk"])
    assert done.exit_code == 0, done.output
    letter = the_letter(known)
    assert (letter.state, letter.sent_at) == (LetterState.SENT, at)
    with open_reader(database()) as store:
        (entry,) = store.letters.history(key)
    assert (entry.officer, entry.answer) == ("OFF-DEMO-1", "handed over: on paper, at the front desk")
    start_clocks(ELECTION, now=at)
    assert the_case(known).due_at == at + period()


@pytest.mark.usefixtures("issued")
def test_nobody_is_revoked_before_the_notice_arrived_and_the_time_to_reply_is_over() -> None:
    known = due(Status.CREDENTIALED)[0]
    assert said(REVOKE, "OFF-DEMO-1", known, AS_OF)[0]
    proposal = the_case(known).proposal
    assert proposal
    assert proposal.reply_until
    over = proposal.reply_until + HOURS
    applied, why = said(CONFIRM, "OFF-DEMO-3", known, over)
    assert not applied
    assert "nobody is revoked who was not told" in why
    settle(the_letter(known, LetterKind.MEASURE).envelope.key, LetterState.SENT, over)
    applied, why = said(CONFIRM, "OFF-DEMO-3", known, over + HOURS)
    assert not applied
    assert "the time it gives ends on" in why
    assert start_clocks(ELECTION, now=over) == 1
    end = over + (proposal.reply_until - AS_OF)
    assert (now_open := the_case(known).proposal)
    assert now_open.reply_until == end
    assert said(CONFIRM, "OFF-DEMO-3", known, end)[0]
    assert check_election(ELECTION, now=end) == ()


@pytest.mark.usefixtures("taken_in")
def test_the_letter_says_since_when_the_time_runs_and_until_when() -> None:
    letter = the_letter(due(Status.INCOMPLETE)[0])
    later = AS_OF + timedelta(days=3)
    envelope = letter.envelope.revised(language="en", copy_language=None, leaves_at=later)
    letter = replace(letter, envelope=envelope, state=LetterState.SENDING)
    profile = election_context(ELECTION, AS_OF).profile
    house = WritingRules.of(profile)
    (message,) = write_letters([letter], Sender.of(profile.election, address="office@elections.example"), house)
    assert not isinstance(message, str)
    parsed = email.message_from_bytes(message.contents, policy=email.policy.default)
    body = parsed.get_body(("plain",))
    assert body is not None
    text = " ".join(body.get_content().split())
    zone = profile.zone
    assert "This time has run since" in text
    assert f"{later.astimezone(zone).day} March 2027" in text
    assert f"{(later + period()).astimezone(zone).day} March 2027" in text


class Deliveries(RuleBasedStateMachine):
    """One case, its letter delivered, refused, bounced, sent anew or handed over, and officers who try to refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.known = due(Status.INCOMPLETE)[0]
        self.key = the_letter(self.known).envelope.key
        self.now = AS_OF
        self.arrived: datetime | None = None
        self.by_hand = False

    @rule(hours=st.sampled_from([1, 24, 49, 100]))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOURS

    def arrives(self, it_does: bool) -> None:  # noqa: FBT001 -- of this test only
        if it_does and the_case(self.known).status is not Status.REFUSED:
            self.arrived = self.now

    def state(self) -> LetterState:
        return the_letter(self.known).state

    @precondition(lambda self: self.state() in {LetterState.QUEUED, LetterState.DEFERRED})
    @rule(became=st.sampled_from([LetterState.SENT, LetterState.DEFERRED, LetterState.FAILED]))
    def delivery(self, became: LetterState) -> None:
        settle(self.key, became, self.now)
        start_clocks(ELECTION, now=self.now)
        self.arrives(became is LetterState.SENT)

    @precondition(lambda self: self.state() is LetterState.SENT)
    @rule()
    def it_comes_back(self) -> None:
        with open_store(database()) as store:
            failed = store.letters.bounce(ELECTION, self.key, "5.1.1", now=self.now)
        assert failed is not self.by_hand, "what was handed over has arrived"
        if not failed:
            return
        if the_case(self.known).status is not Status.REFUSED:
            self.arrived = None

    @precondition(lambda self: self.state() is LetterState.FAILED)
    @rule(order=st.sampled_from([LetterOrder.RESEND, LetterOrder.HAND_OVER]))
    def an_officer_helps(self, order: LetterOrder) -> None:
        how = "on paper" if order is LetterOrder.HAND_OVER else ""
        order_letters(order, [self.key], ActingOfficer("OFF-DEMO-1", ELECTION, self.now), how=how)
        self.by_hand = order is LetterOrder.HAND_OVER
        self.arrives(self.by_hand)

    @rule()
    def officers_try_to_refuse(self) -> None:
        if the_case(self.known).proposal is None:
            said(REFUSE, "OFF-DEMO-1", self.known, self.now)
        said(CONFIRM, "OFF-DEMO-3", self.known, self.now)

    @invariant()
    def who_is_refused_was_told_and_had_the_time(self) -> None:
        if the_case(self.known).status is not Status.REFUSED:
            return
        assert self.arrived is not None
        with open_reader(database()) as store:
            refused = store.applications.times_of([self.known], "application_refused")[self.known]
        assert refused > self.arrived + period()
        rules = {told.rule for told in check_election(ELECTION, now=self.now)}
        assert "told_before_refusal" not in rules


def test_whatever_becomes_of_the_letter_nobody_is_refused_without_it(sqlite_stages: Stages) -> None:
    class OnACopy(Deliveries):
        def __init__(self) -> None:
            self.copy = sqlite_stages.copy("taken in")
            self.copy.__enter__()
            super().__init__()

        def teardown(self) -> None:
            self.copy.__exit__(None, None, None)

    run_state_machine_as_test(OnACopy, settings=trials(max_examples=8, stateful_step_count=12, deadline=None))
