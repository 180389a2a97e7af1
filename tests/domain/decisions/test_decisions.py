from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from support.builders import CASE, DECISION, LATER, NOW, a_proposal, an_application

from domain.application import events as e
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.effects import event_of
from domain.decisions.facts import facts_of
from domain.decisions.rulings import Decision, DecisionRefusedError, Outcome, Ruling, check_ruling
from domain.statements.officers import Officer, OfficerRefusedError, OfficerRole
from flows.rehearsal import valdara

VALDARA = valdara()
CASE_OFFICER = Officer(code="OFF-1", roles=(OfficerRole.CASE_OFFICER,))
CONFIRMING = Officer(code="OFF-2", roles=(OfficerRole.CONFIRMING_OFFICER,))
REFUSE = Ruling(outcome=Outcome.REFUSE, reasons=(ReasonCode.R04,), facts="The register shows it.")
DEFER = Ruling(outcome=Outcome.DEFER, reasons=(ReasonCode.X01,), until=LATER, facts="The register's answer.")
ASK = Ruling(outcome=Outcome.REQUEST_INFORMATION, reasons=(ReasonCode.D08,))
SOUND: list[tuple[Officer, Ruling]] = [
    (CASE_OFFICER, Ruling(outcome=Outcome.APPROVE)),
    (CASE_OFFICER, REFUSE),
    (CASE_OFFICER, DEFER),
    (CASE_OFFICER, ASK),
    (CASE_OFFICER, Ruling(outcome=Outcome.RETURN)),
    (CONFIRMING, Ruling(outcome=Outcome.RETURN)),
    (CONFIRMING, Ruling(outcome=Outcome.CONFIRM)),
]


@pytest.mark.parametrize(("officer", "ruling"), SOUND)
def test_an_officer_with_the_role_and_a_founded_ruling_may_decide(officer: Officer, ruling: Ruling) -> None:
    check_ruling(ruling, officer, VALDARA, now=NOW)
    with pytest.raises(OfficerRefusedError, match="in service"):
        check_ruling(ruling, officer.revised(suspended=True), VALDARA, now=NOW)
    with pytest.raises(OfficerRefusedError):
        check_ruling(ruling, officer.revised(roles=(OfficerRole.ADMINISTRATOR,)), VALDARA, now=NOW)


@pytest.mark.parametrize(
    ("ruling", "officer"), [(REFUSE, CONFIRMING), (Ruling(outcome=Outcome.CONFIRM), CASE_OFFICER), (DEFER, CONFIRMING)]
)
def test_a_role_does_not_stand_in_for_another(ruling: Ruling, officer: Officer) -> None:
    with pytest.raises(OfficerRefusedError):
        check_ruling(ruling, officer, VALDARA, now=NOW)


@pytest.mark.parametrize(
    ("ruling", "problem"),
    [
        (REFUSE.revised(reasons=()), "give at least one reason code"),
        (DEFER.revised(reasons=()), "give at least one reason code"),
        (ASK.revised(reasons=()), "give at least one reason code"),
        (REFUSE.revised(reasons=(ReasonCode.R05,)), "the profile gives no legal ground"),
        (REFUSE.revised(reasons=(ReasonCode.D01,)), "cannot found a decision to refuse"),
        (REFUSE.revised(reasons=(ReasonCode.V03,)), "cannot found a decision to refuse"),
        (ASK.revised(reasons=(ReasonCode.R04,)), "cannot found a decision to request information"),
        (DEFER.revised(reasons=(ReasonCode.D08,)), "cannot found a decision to defer"),
        (Ruling(outcome=Outcome.APPROVE, reasons=(ReasonCode.R04,)), "cannot found a decision to approve"),
        (DEFER.revised(until=None), "a named time in the future"),
        (DEFER.revised(until=NOW), "a named time in the future"),
    ],
)
def test_a_ruling_without_its_ground_is_refused(ruling: Ruling, problem: str) -> None:
    with pytest.raises(DecisionRefusedError, match=problem):
        check_ruling(ruling, CASE_OFFICER, VALDARA, now=NOW)


def decision(outcome: Outcome, officer: str = "OFF-2") -> Decision:
    return Decision(id=DECISION, application_id=CASE, officer=officer, outcome=outcome, proof="code", at=NOW)


@pytest.mark.parametrize(
    ("ruling", "kind", "status"),
    [
        (Ruling(outcome=Outcome.APPROVE), e.ApplicationApproved, Status.APPROVED),
        (REFUSE, e.RefusalProposed, Status.IN_REVIEW),
        (Ruling(outcome=Outcome.CONFIRM), e.ApplicationRefused, Status.REFUSED),
        (Ruling(outcome=Outcome.RETURN), e.ProposalReturned, Status.IN_REVIEW),
        (DEFER, e.ApplicationDeferred, Status.DEFERRED),
        (ASK, e.InformationRequested, Status.INCOMPLETE),
    ],
)
def test_each_outcome_is_one_event_that_names_officer_decision_and_time(
    ruling: Ruling, kind: type[e.Event], status: Status
) -> None:
    case = an_application(Status.IN_REVIEW, proposal=a_proposal("refusal"))
    event = event_of(decision(ruling.outcome), ruling, case, VALDARA)
    assert type(event) is kind
    assert (str(event.actor), event.at, getattr(event, "decision_id", None)) == ("officer:OFF-2", NOW, DECISION)
    assert case.after(event).status is status


def test_a_confirmation_takes_over_the_proposed_reasons_and_needs_a_proposal() -> None:
    proposed = a_proposal("refusal").revised(reasons=(ReasonCode.R01, ReasonCode.R04))
    confirm = Ruling(outcome=Outcome.CONFIRM)
    case = an_application(Status.IN_REVIEW, proposal=proposed)
    refused = case.after(event_of(decision(Outcome.CONFIRM), confirm, case, VALDARA))
    assert refused.reasons == (ReasonCode.R01, ReasonCode.R04)
    bare = an_application(Status.IN_REVIEW, proposal=None)
    with pytest.raises(DecisionRefusedError, match="in review: nothing is proposed that could be confirmed"):
        event_of(decision(Outcome.CONFIRM), confirm, bare, VALDARA)


def test_what_was_proposed_is_not_confirmed_when_its_ground_has_been_repealed() -> None:
    case = an_application(Status.IN_REVIEW, proposal=a_proposal("refusal"))
    repealed = VALDARA.revised(reasons={code: rule for code, rule in VALDARA.reasons.items() if code != ReasonCode.R04})
    with pytest.raises(DecisionRefusedError, match=r"R04: the profile gives no legal ground for it any more. Return"):
        event_of(decision(Outcome.CONFIRM), Ruling(outcome=Outcome.CONFIRM), case, repealed)
    assert event_of(decision(Outcome.RETURN), Ruling(outcome=Outcome.RETURN), case, repealed)


def test_a_question_runs_the_cure_clock_of_the_profile() -> None:
    event = event_of(decision(Outcome.REQUEST_INFORMATION), ASK, an_application(Status.IN_REVIEW), VALDARA)
    assert isinstance(event, e.InformationRequested)
    assert event.due_at == NOW + timedelta(hours=48)
    assert event.application_id == UUID(str(CASE))


@pytest.mark.parametrize("outcome", [Outcome.REFUSE, Outcome.REVOKE])
def test_what_is_decided_against_a_person_states_the_facts_of_every_reason(outcome: Outcome) -> None:
    refusing = outcome is Outcome.REFUSE
    case = an_application(Status.IN_REVIEW if refusing else Status.CREDENTIALED, proposal=None)
    both = (ReasonCode.R04, ReasonCode.R06) if refusing else (ReasonCode.V03, ReasonCode.V05)
    one, other = both

    def proposed(reasons: tuple[ReasonCode, ...], facts: str) -> e.Event:
        ruling = Ruling(outcome=outcome, reasons=reasons, facts=facts)
        return event_of(decision(outcome), ruling, case, VALDARA)

    for bare in ("", "  ", "-"):
        with pytest.raises(DecisionRefusedError, match=rf"no facts are stated for {one}; name a note"):
            proposed((one,), bare)
    for half in ("The register shows it.", f"{one}: the register.", f"{one}: the register. {other}:"):
        with pytest.raises(DecisionRefusedError, match=rf"{other}; .* each has its own"):
            proposed(both, half)
    weighed = "" if refusing else " Proportionality: it goes on. Steps skipped: it is grave."
    assert proposed(both, f"{other}: a list of 3 March.\n{one}: the register.{weighed}")
    told = f"{other}: a list of 3 March.\n{one}: the register."
    assert [facts_of(code, both, told) for code in both] == ["the register.", "a list of 3 March."]
    assert facts_of(one, both, "Told before the rule.") == "Told before the rule."
