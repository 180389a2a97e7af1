"""Vetting and decisions by their plain steps: referred, never refused by the machine; grave ones take two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from support.builders import ELECTION
from support.signing import rewritten, signed
from support.stages import AS_OF, Stages, case, due, everything, vet
from support.threads import at_once

from db.store import Store, open_reader, open_store
from db.tables.decisions import StatementRow
from domain.application.application import Application
from domain.application.events import ApplicationApproved, ApplicationReferred, Event
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.rulings import Order, Outcome, Ruling, deed_of
from domain.errors import AccreditationError, UnknownThingError
from domain.statements.authority import Authority
from domain.statements.officer_acts import StaffAct
from domain.statements.signatures import SignatureRefusedError
from domain.statements.statement import StatementRefusedError
from flows.context import database
from flows.decisions import officer_acts
from flows.decisions.case_file import case_file
from flows.decisions.rulings import Result, decide_applications
from flows.oversight.overview import audit
from flows.rehearsal import read_truth
from flows.rehearsal.package.truth import CasePath, PlantedProblem
from flows.statements.acceptance import ActingOfficer, accept

FIRST, SECOND, CONFIRMING = "OFF-DEMO-1", "OFF-DEMO-2", "OFF-DEMO-3"
REFUSE = Ruling(outcome=Outcome.REFUSE, reasons=(ReasonCode.R04,), facts="The register shows it.")
CONFIRM, RETURN, APPROVE = (Ruling(outcome=one) for one in (Outcome.CONFIRM, Outcome.RETURN, Outcome.APPROVE))


@pytest.fixture
def vetted(stages: Stages) -> Iterator[Stages]:
    with stages.copy("vetted"):
        yield stages


def host_national(stages: Stages) -> Application:
    truth = read_truth(stages.package / "truth.jsonl")
    row = next(row for row in truth if PlantedProblem.HOST_NATIONAL in row.problems)
    return case(row.organisation, row.reference)


def rule(ruling: Ruling, officer: str, *ids: UUID) -> list[Result]:
    return decide_applications(ids, ruling, ActingOfficer(officer, ELECTION, AS_OF))


def letters(known: UUID) -> Counter[str]:
    return Counter(kind for kind, _, _ in case_file(known).letters)


def status(known: UUID) -> Status:
    return case_file(known).application.status


def test_clear_cases_are_approved_and_all_others_wait_for_officers_with_their_letters(vetted: Stages) -> None:
    truth = Counter(row.path for row in read_truth(vetted.package / "truth.jsonl"))
    assert len(due(Status.APPROVED)) == truth[CasePath.CLEARED]
    assert len(due(Status.IN_REVIEW)) == truth[CasePath.REVIEW]
    assert due(Status.REFUSED) == []
    for known in due(Status.APPROVED):
        assert letters(known) == {"receipt": 1, "approval": 1}
    for known in due(Status.IN_REVIEW):
        assert {**letters(known), "double_nomination": 0} == {"receipt": 1, "referral": 1, "double_nomination": 0}
        assert case_file(known).findings


def test_a_host_national_is_referred_with_the_finding_and_refused_only_by_two_officers(vetted: Stages) -> None:
    known = host_national(vetted).id
    (referred,) = [one for one in case_file(known).history if isinstance(one, ApplicationReferred)]
    assert referred.rules == ("host_national",)
    assert rule(REFUSE, FIRST, known)[0].applied
    assert (status(known), letters(known)["refusal"]) == (Status.IN_REVIEW, 0)
    assert "A second officer confirms or returns the refusal" in case_file(known).next_step
    assert rule(CONFIRM, SECOND, known)[0].applied
    assert (status(known), letters(known)["refusal"]) == (Status.REFUSED, 1)
    with open_reader(database()) as store:
        letter = next(one for one in store.outbox.of_application(known) if one.envelope.kind == "refusal")
        assert [one.outcome for one in store.decisions.of_application(known)] == [Outcome.REFUSE, Outcome.CONFIRM]
    contents: Any = letter.envelope.contents
    (reason,) = contents["reasons"]
    assert (reason["code"], reason["facts"]) == ("R04", "The register shows it.")
    assert "art. 9" in reason["ground"]
    assert contents["remedy"]


def test_who_proposed_cannot_confirm_and_who_confirms_can_also_return(vetted: Stages) -> None:
    known = host_national(vetted).id
    assert rule(REFUSE, SECOND, known)[0].applied
    before = everything()
    result = rule(CONFIRM, SECOND, known)[0]
    assert (result.applied, "second, different officer" in result.sentence) == (False, True)
    assert everything() == before
    assert rule(RETURN, CONFIRMING, known)[0].applied
    assert not rule(CONFIRM, CONFIRMING, known)[0].applied
    assert not rule(RETURN, CONFIRMING, known)[0].applied
    assert status(known) is Status.IN_REVIEW


@pytest.mark.parametrize(
    ("ruling", "target", "letter"),
    [
        (APPROVE, Status.APPROVED, "approval"),
        (Ruling(outcome=Outcome.DEFER, reasons=(ReasonCode.X01,), until=AS_OF + timedelta(hours=20),
                facts="The register's answer."),
         Status.DEFERRED, "deferral"),
        (Ruling(outcome=Outcome.REQUEST_INFORMATION, reasons=(ReasonCode.D08,)), Status.INCOMPLETE, "deficiency"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("vetted")
def test_each_other_outcome_takes_one_officer_and_writes_one_letter(
    ruling: Ruling, target: Status, letter: str
) -> None:
    ids = due(Status.IN_REVIEW)[:3]
    assert all(result.applied for result in rule(ruling, FIRST, *ids))
    assert {status(known) for known in ids} == {target}
    assert all(letters(known)[letter] == 1 for known in ids)
    before = everything()
    assert not any(result.applied for result in rule(ruling, FIRST, *ids))
    assert everything() == before


@pytest.mark.usefixtures("vetted")
def test_one_case_that_cannot_be_decided_does_not_stop_its_neighbours() -> None:
    one, approved, unknown = due(Status.IN_REVIEW)[0], due(Status.APPROVED)[0], UUID(int=404)
    results = {result.application_id: result for result in rule(APPROVE, FIRST, one, approved, unknown, one)}
    assert [results[known].applied for known in (one, approved, unknown)] == [True, False, False]
    assert "is approved" in results[approved].sentence
    assert results[unknown].sentence == "no such case in this election"


@pytest.mark.usefixtures("vetted")
def test_a_recused_officer_decides_the_others_only() -> None:
    ids = due(Status.IN_REVIEW)
    with open_store(database()) as store:
        cases = store.applications.get_many(ids)
        theirs = cases[ids[0]].organisation
        officer = store.officers.get(ELECTION, FIRST)
    rewritten(officer.revised(recused_from=(theirs,)))
    results = rule(APPROVE, FIRST, *ids)
    assert {result.application_id for result in results if not result.applied} == {
        known for known in ids if cases[known].organisation == theirs
    }
    assert any("recused" in result.sentence for result in results)


@pytest.mark.usefixtures("vetted")
def test_a_statement_serves_one_decision_once_and_nothing_else() -> None:
    ids = due(Status.IN_REVIEW)

    def decide(*known: UUID, by: ActingOfficer, ruling: Ruling = APPROVE) -> list[Result]:
        return decide_applications(known, ruling, by)

    hand = signed(FIRST, lambda by: decide(ids[0], by=by))
    stale = signed(SECOND, lambda by: decide(ids[0], by=by))
    before = everything()
    for known, ruling in ((ids[1:2], APPROVE), (ids[:2], APPROVE), (ids[:1], REFUSE)):
        with pytest.raises(StatementRefusedError):
            decide(*known, by=hand, ruling=ruling)
    with pytest.raises(StatementRefusedError, match="another officer"):
        decide(ids[0], by=ActingOfficer(SECOND, ELECTION, AS_OF, signed=hand.signed))
    with pytest.raises(UnknownThingError, match="no officer OFF-NOBODY"):
        decide(*ids, by=ActingOfficer("OFF-NOBODY", ELECTION, AS_OF))
    with database()() as session:
        forged = {"kind": "key", "value": "0" * 128}
        session.execute(update(StatementRow).where(StatementRow.digest == hand.signed).values(signature=forged))
        deed = deed_of([Order(ids=(ids[0],), ruling=APPROVE)])
        with pytest.raises(SignatureRefusedError):
            accept(Store.over(session), hand, deed)
        session.rollback()
    assert everything() == before
    assert decide(ids[0], by=hand)[0].applied
    with pytest.raises(StatementRefusedError, match=r"moved|already"):
        decide(ids[0], by=hand)
    with pytest.raises(StatementRefusedError, match="has moved since"):
        decide(ids[0], by=stale)
    assert status(ids[1]) is Status.IN_REVIEW


@pytest.mark.usefixtures("vetted")
def test_two_officers_deciding_the_same_case_at_once_make_one_decision_and_one_letter() -> None:
    known = due(Status.IN_REVIEW)[0]

    def deciding(officer: str) -> object:

        def decide(barrier: Barrier) -> Result:
            barrier.wait()
            return decide_applications([known], APPROVE, ActingOfficer(officer, ELECTION, AS_OF))[0]

        return decide

    answers = at_once(deciding(FIRST), deciding(SECOND))  # type: ignore[arg-type]  # each is a work
    assert sum(isinstance(answer, Result) and answer.applied for answer in answers) == 1
    assert all(isinstance(answer, Result | AccreditationError) for answer in answers)
    history: tuple[Event, ...] = case_file(known).history
    assert sum(isinstance(event, ApplicationApproved) for event in history) == 1
    assert letters(known)["approval"] == 1
    with open_reader(database()) as store:
        assert len(store.decisions.of_application(known)) == 1


@pytest.mark.usefixtures("vetted")
def test_a_second_signature_given_twice_at_once_counts_once_and_leaves_the_record_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    act = officer_acts.Act(act=StaffAct.SERVE, officer=FIRST, detail="ORG-01")
    officer_acts.propose(act, ActingOfficer("OFF-ADMIN-1", ELECTION, AS_OF))
    checked, check = Barrier(2), Authority.check

    def check_together(*asked: Any) -> None:
        check(*asked)
        with suppress(BrokenBarrierError):
            checked.wait(timeout=2)

    def confirm(_: Barrier) -> str:
        return officer_acts.confirm(act, ActingOfficer("OFF-ADMIN-2", ELECTION, AS_OF))

    monkeypatch.setattr(Authority, "check", check_together)
    answers = at_once(confirm, confirm)
    monkeypatch.undo()
    assert sorted(isinstance(answer, AccreditationError) for answer in answers) == [False, True]
    assert audit(ELECTION).is_whole


def test_one_application_alone_can_be_vetted(stages: Stages) -> None:
    with stages.copy("taken in"):
        urgent, *others = due(Status.IN_VETTING)
        assert sum(vet([urgent]).values()) == 1
        assert status(urgent) is not Status.IN_VETTING
        assert set(others) <= set(due(Status.IN_VETTING))


def test_a_profile_without_automatic_approval_refers_everybody(stages: Stages) -> None:
    with stages.copy("taken in"):
        with open_store(database()) as store:
            profile = store.elections.profile(ELECTION).revised(automatic_approval=False)
            store.elections.put(profile, store.elections.geography(ELECTION), now=AS_OF)
        waiting = len(due(Status.IN_VETTING))
        assert vet() == {"approved": 0, "referred": waiting}
