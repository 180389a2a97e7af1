"""Measures by weight: each is weighed, a breach is not met with the last one first, and a reply is answered."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID, uuid5

import pytest
from support.builders import CASE, DECISION, FIRST, NOW, SECOND, an, an_application

from domain.application import events as e
from domain.application.application import Application
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.application.weighing import Weighed, stated, weighed, with_weighed
from domain.decisions.appeals import appealed
from domain.decisions.choices import choices
from domain.decisions.effects import event_of
from domain.decisions.measures import MeasureRefusedError
from domain.decisions.rulings import Decision, Outcome, Ruling
from domain.statements.officers import DECIDING, Officer, OfficerRole
from flows.rehearsal import valdara

VALDARA = valdara()
HOLDER = an_application(Status.CREDENTIALED, proposal=None)
WEIGHED = "A report. Proportionality: He was asked to stop, and went on."
SKIPPED = f"{WEIGHED} Steps skipped: A ballot box was opened."
CODES = {Outcome.WARN: ReasonCode.V01, Outcome.SUSPEND: ReasonCode.V02, Outcome.REVOKE: ReasonCode.V03}


def event(
    outcome: Outcome,
    facts: str,
    *history: e.Event,
    case: Application = HOLDER,
    code: ReasonCode | None = None,
    told: Collection[UUID] = (),
) -> e.Event:
    reasons = (code or CODES[outcome],) if outcome in CODES else ()
    ruling = Ruling(outcome=outcome, reasons=reasons, facts=facts)
    decision = Decision(
        id=DECISION, application_id=CASE, officer="OFF-2", outcome=outcome, facts=facts, proof="signature", at=NOW
    )
    return event_of(decision, ruling, case, VALDARA, history=history, told=told)


@pytest.mark.parametrize("outcome", CODES)
def test_each_step_says_why_nothing_milder_is_enough(outcome: Outcome) -> None:
    with pytest.raises(MeasureRefusedError, match="end the facts with “Proportionality: …”"):
        event(outcome, "A report. Steps skipped: It is grave.")
    assert event(outcome, SKIPPED).weighed == (Weighed.PROPORTIONALITY, Weighed.STEPS_SKIPPED)  # type: ignore[union-attr]


def test_for_a_breach_nobody_is_revoked_without_a_milder_step_or_a_word_why_not() -> None:
    with pytest.raises(MeasureRefusedError, match="no warning and no suspension came before"):
        event(Outcome.REVOKE, WEIGHED)
    for kind in (e.WarningGiven, e.CredentialSuspended):
        step = an(kind, FIRST)
        assert event(Outcome.REVOKE, WEIGHED, step, told=[step.decision_id])
        with pytest.raises(
            MeasureRefusedError, match=f"the {step.kind.replace('_', ' ')} before it has reached nobody"
        ):
            event(Outcome.REVOKE, WEIGHED, step)
    assert event(Outcome.REVOKE, SKIPPED)
    assert event(Outcome.REVOKE, WEIGHED, code=ReasonCode.V05), "no warning mends a lost eligibility"


def test_a_reply_is_answered_before_anything_further_is_decided() -> None:
    warned = an(e.WarningGiven, FIRST)
    with pytest.raises(MeasureRefusedError, match="no measure to reply to"):
        event(Outcome.RECORD_REPLY, "It was not me.")
    replied = event(Outcome.RECORD_REPLY, "It was not me.", warned)
    waiting = HOLDER.after(warned).after(replied)
    for outcome in CODES:
        with pytest.raises(MeasureRefusedError, match="reply waits for an answer"):
            event(outcome, SKIPPED, warned, replied, case=waiting)
    officer = Officer(code="OFF-2", roles=tuple(DECIDING - {OfficerRole.SURGE_OFFICER}))
    could = choices(officer, waiting, VALDARA, history=[warned, replied])
    assert could == (Outcome.LODGE_APPEAL, Outcome.ANSWER_REPLY)
    assert choices(officer.revised(roles=tuple(DECIDING)), waiting, VALDARA, history=[warned, replied]) == ()
    with pytest.raises(MeasureRefusedError, match="give facts"):
        event(Outcome.ANSWER_REPLY, " ", case=waiting)
    answered = waiting.after(event(Outcome.ANSWER_REPLY, "The report names you.", case=waiting))
    assert (answered.reply_id, answered.status) == (None, Status.CREDENTIALED)
    with pytest.raises(MeasureRefusedError, match="no reply waits"):
        event(Outcome.ANSWER_REPLY, "Once more.", case=answered)


def test_a_revocation_is_not_confirmed_over_a_reply() -> None:
    proposed = HOLDER.after(an(e.RevocationProposed, FIRST, reply_until=None))
    replied = proposed.after(an(e.ReplyRecorded, SECOND))
    with pytest.raises(MeasureRefusedError, match="reply waits for an answer"):
        event(Outcome.CONFIRM, "", case=replied)
    assert event(Outcome.CONFIRM, "", case=replied.after(an(e.ReplyAnswered, SECOND)))


def test_what_weighs_a_measure_stands_after_its_facts() -> None:
    said = {Weighed.PROPORTIONALITY: "It goes on.", Weighed.STEPS_SKIPPED: "It is grave."}
    whole = with_weighed("V03: a report. V04: a form.", said)
    assert (stated(whole), weighed(whole)) == ("V03: a report. V04: a form.", said)
    assert (stated("No parts."), weighed("No parts. Proportionality: -")) == ("No parts.", {})


def test_an_appeal_lifts_a_suspension_only_where_it_is_against_the_one_that_runs() -> None:
    first, other = uuid5(CASE, "warning"), uuid5(CASE, "suspension")
    steps = (an(e.WarningGiven, FIRST, decision_id=first), an(e.CredentialSuspended, FIRST, decision_id=other))
    held = HOLDER.after(steps[0]).after(steps[1])
    assert appealed(steps) == steps[1]
    against = [an(e.AppealLodged, SECOND, against=decided) for decided in (other, first)]
    assert appealed((*steps, against[0])) == steps[0], "the latest first, each once"
    ended, stays = (
        event(Outcome.GRANT_APPEAL, "As found.", *steps, lodged, case=held.after(lodged)) for lodged in against
    )
    assert held.after(against[0]).after(ended).status is Status.CREDENTIALED
    assert held.after(against[1]).after(stays).status is Status.SUSPENDED
    lifted = held.after(against[0]).after(an(e.SuspensionLifted))
    late = event(Outcome.GRANT_APPEAL, "As found.", *steps, against[0], an(e.SuspensionLifted), case=lifted)
    assert lifted.after(late).status is Status.CREDENTIALED
