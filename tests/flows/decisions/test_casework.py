"""Officers at their desks: notes, claims, recalls, many cases at once, and acts about officers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from support.builders import ELECTION
from support.signing import by_two, rewritten
from support.stages import AS_OF, Stages, due
from typer.testing import CliRunner

from db.store import open_reader, open_store
from domain.application.application import Application
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.competence import Priority
from domain.decisions.rulings import Outcome, Ruling
from domain.errors import AccreditationError, BadInputError, UnknownThingError
from domain.statements.officer_acts import StaffAct, Step
from domain.statements.officers import OfficerRefusedError, ProofRefusedError
from flows.cli.app import app
from flows.context import database
from flows.decisions import casework, officer_acts
from flows.decisions.case_file import case_file
from flows.decisions.review import waiting_for
from flows.decisions.rulings import Result, decide_applications
from flows.election.loading import enrol_officer, init_election
from flows.oversight.overview import audit
from flows.settings import reset_settings
from flows.statements.acceptance import ActingOfficer
from flows.vetting.case_queue import QueueFilter, queue_table

FIRST, SECOND, CONFIRMING = "OFF-DEMO-1", "OFF-DEMO-2", "OFF-DEMO-3"
APPROVE = Ruling(outcome=Outcome.APPROVE)
REFUSE = Ruling(outcome=Outcome.REFUSE, reasons=(ReasonCode.R04,), facts="The register shows it.")


@pytest.fixture(autouse=True)
def vetted(stages: Stages) -> Iterator[Stages]:
    with stages.copy("vetted"):
        yield stages


def rule(ruling: Ruling, officer: str, *ids: UUID, now: Any = AS_OF) -> list[Result]:
    return decide_applications(ids, ruling, ActingOfficer(officer, ELECTION, now))


def note(known: UUID, text: str, officer: str = FIRST, **more: Any) -> UUID:
    return casework.write_note(known, text, ActingOfficer(officer, ELECTION, AS_OF), **more).id


def test_each_case_is_refused_for_the_facts_of_its_own_note_and_the_chain_holds_only_its_id() -> None:
    one, other = due(Status.IN_REVIEW)[:2]
    first, second = note(one, "The register of Aul names her."), note(other, "The consul wrote so.")
    newer = note(other, "The consul wrote twice.", revises=1)
    assert casework.find_notes(ELECTION, [f"{case_file(other).application.case_number}/1"]) == (newer,)
    assert second != newer
    with pytest.raises(AccreditationError, match="about one of these cases"):
        rule(REFUSE.revised(notes=(first, newer)), FIRST, one)
    assert all(result.applied for result in rule(REFUSE.revised(notes=(first, newer)), FIRST, one, other))
    assert all(result.applied for result in rule(Ruling(outcome=Outcome.CONFIRM), CONFIRMING, one, other))
    with open_reader(database()) as store:
        letters = {
            known: next(letter for letter in store.outbox.of_application(known) if letter.envelope.kind == "refusal")
            for known in (one, other)
        }
    said = {known: str(letter.envelope.contents) for known, letter in letters.items()}
    assert "register of Aul" in said[one]
    assert "wrote twice" in said[other]
    history = [event.model_dump_json() for event in case_file(one).history]
    assert any(str(first) in event for event in history)
    assert not any("Aul" in event for event in history)


def test_a_claimed_case_waits_for_its_officer_until_the_claim_lapses() -> None:
    one, other = due(Status.IN_REVIEW)[:2]
    claims = casework.claim_cases([one], ActingOfficer(FIRST, ELECTION, AS_OF))
    assert [row["with"] for row in queue_table(ELECTION, now=AS_OF) if row["application"] == str(one)] == [
        f"{FIRST} until {claims[0].until:%H:%M}"
    ]
    with pytest.raises(OfficerRefusedError, match=f"{FIRST}: works on"):
        casework.claim_cases([other, one], ActingOfficer(SECOND, ELECTION, AS_OF))
    results = {result.application_id: result for result in rule(APPROVE, SECOND, one, other)}
    assert (results[one].applied, results[other].applied) == (False, True)
    assert f"is with {FIRST} until" in results[one].sentence
    later = claims[0].until + timedelta(seconds=1)
    assert not any(row["with"] for row in queue_table(ELECTION, now=later))
    assert rule(APPROVE, SECOND, one, now=later)[0].applied


def test_officers_see_what_they_serve_first_and_decide_nothing_else_unless_the_profile_lets_them(
    vetted: Stages,
) -> None:
    rows = queue_table(ELECTION, now=AS_OF)
    listed = CliRunner().invoke(app, ["queue", "--json", "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"])
    assert json.loads(listed.output) == rows
    region = next(str(row["region"]) for row in reversed(rows) if row["region"])
    mine = {UUID(str(row["application"])) for row in rows if row["region"] == region}
    other = next(row for row in rows if row["region"] != region)
    others = UUID(str(other["application"]))
    by_two(StaffAct.SERVE, FIRST, region)
    first = queue_table(ELECTION, now=AS_OF, wanted=QueueFilter(officer=FIRST))
    assert {UUID(str(row["application"])) for row in first[: len(mine)]} == mine
    assert [row["yours"] for row in first] == ["yes"] * len(mine) + [""] * (len(rows) - len(mine))
    assert set(waiting_for(FIRST, ELECTION, now=AS_OF)) <= mine
    for wanted, kept in (
        (QueueFilter(region=region), {"region": region}),
        (QueueFilter(office=str(other["office"])), {"office": other["office"]}),
        (QueueFilter(organisation=str(other["organisation"])), {"organisation": other["organisation"]}),
        (QueueFilter(priority=Priority.LATE), {"priority": "late"}),
    ):
        expected = [row for row in rows if kept.items() <= row.items()]
        assert queue_table(ELECTION, now=AS_OF, wanted=wanted) == expected
    assert "outside of what you serve" in rule(APPROVE, FIRST, others)[0].sentence
    with pytest.raises(OfficerRefusedError, match="outside of what you serve"):
        casework.claim_cases([others], ActingOfficer(FIRST, ELECTION, AS_OF))
    assert rule(APPROVE, FIRST, min(mine))[0].applied
    with open_store(database()) as store:
        profile = store.elections.profile(ELECTION)
        order = profile.revised(desk=profile.desk.revised(scope="order"))
        store.elections.put(order, store.elections.geography(ELECTION), now=AS_OF)
    assert rule(APPROVE, FIRST, others)[0].applied
    sheet = vetted.package / "officers.yaml"
    was = sheet.read_text()
    try:
        stranger = "- {code: OFF-9, roles: [case_officer], regions: [NOWHERE], organisations: [ORG-X]}"
        sheet.write_text(f"{was}{stranger}\n")
        with pytest.raises(BadInputError, match="OFF-9 serves NOWHERE, ORG-X, which the election does not have"):
            init_election(vetted.package, now=AS_OF)
    finally:
        sheet.write_text(was)


def test_an_officer_takes_back_an_own_proposal_and_no_other() -> None:
    one = due(Status.IN_REVIEW)[0]
    assert rule(REFUSE, FIRST, one)[0].applied
    recall = Ruling(outcome=Outcome.RECALL)
    assert "has no open proposal" in rule(recall, SECOND, one)[0].sentence
    assert rule(recall, FIRST, one)[0].applied
    assert case_file(one).application.proposal is None
    assert not rule(recall, FIRST, one)[0].applied


def test_a_confirmed_refusal_is_recalled_by_who_made_it_while_its_letter_is_held_and_not_after_it_left() -> None:
    one, other = due(Status.IN_REVIEW)[:2]
    with open_store(database()) as store:
        profile = store.elections.profile(ELECTION)
        held = profile.revised(desk=profile.desk.revised(recall_minutes=30))
    rewritten(profile=held)
    rule(REFUSE, FIRST, one, other)
    assert all(result.applied for result in rule(Ruling(outcome=Outcome.CONFIRM), CONFIRMING, one, other))
    before = case_file(one).application
    last_moment = AS_OF + timedelta(minutes=29)
    assert refusals_sent(last_moment) == 0
    recall = Ruling(outcome=Outcome.RECALL)
    assert f"{FIRST} or {CONFIRMING} can recall it" in rule(recall, SECOND, one, now=last_moment)[0].sentence
    assert rule(recall, CONFIRMING, one, now=last_moment)[0].applied
    file = case_file(one)
    assert (before.status, file.application.status, file.application.proposal) == (
        Status.REFUSED, Status.IN_REVIEW, None
    )  # fmt: skip
    assert file.application.due_at is not None
    assert [event.kind for event in file.history][-3:] == [
        "refusal_proposed",
        "application_refused",
        "refusal_recalled",
    ]
    assert Application.replayed(file.history) == file.application
    assert ("refusal", "cancelled") in {(kind, state) for kind, state, _ in file.letters}
    assert refusals_sent(AS_OF + timedelta(minutes=30)) == 1
    late = rule(recall, FIRST, other, now=AS_OF + timedelta(minutes=31))[0]
    assert (late.applied, "has left" in late.sentence) == (False, True)
    assert case_file(other).application.status is Status.REFUSED
    rule(REFUSE, FIRST, one, now=last_moment)
    assert rule(Ruling(outcome=Outcome.CONFIRM), SECOND, one, now=last_moment)[0].applied
    assert [kind for kind, state, _ in case_file(one).letters if (kind, state) == ("refusal", "queued")] == ["refusal"]
    assert audit(ELECTION).is_whole


def refusals_sent(now: Any) -> int:
    """Take what a delivery would take now and return how many of these letters refuse."""
    with open_store(database()) as store:
        letters = store.outbox.claim(ELECTION, "test", limit=1000, now=now, clock=now, lease=timedelta(minutes=15))
        return sum(letter.envelope.kind == "refusal" for letter in letters)


def test_who_proposed_and_is_recused_or_suspended_since_does_not_count_as_one_of_two() -> None:
    one, other = due(Status.IN_REVIEW)[:2]
    rule(REFUSE, FIRST, one, other)
    recusal = officer_acts.Act(act=StaffAct.RECUSE, officer=FIRST, detail=case_file(one).application.case_number)
    officer_acts.recuse(recusal, ActingOfficer(FIRST, ELECTION, AS_OF))
    results = rule(Ruling(outcome=Outcome.CONFIRM), CONFIRMING, one, other)
    assert [result.applied for result in results] == [False, True]
    assert "other officers decide" in results[0].sentence
    assert "recused" in rule(APPROVE, FIRST, one)[0].sentence


def test_more_cases_than_the_profile_allows_are_counted_by_the_officer() -> None:
    with open_store(database()) as store:
        profile = store.elections.profile(ELECTION)
        fewer = profile.revised(desk=profile.desk.revised(bulk_threshold=2))
        store.elections.put(fewer, store.elections.geography(ELECTION), now=AS_OF)
    ids = due(Status.IN_REVIEW)[:3]
    casework.confirm_extent(ids[:2], ELECTION, confirmed=None)
    for wrong in (None, 2, 4):
        with pytest.raises(BadInputError, match="give the number 3"):
            casework.confirm_extent(ids, ELECTION, confirmed=wrong)
    casework.confirm_extent(ids, ELECTION, confirmed=3)


def test_acts_about_an_officer_take_two_others_and_a_new_enrolment_ends_the_old_keys(
    vetted: Stages, tmp_path: Path
) -> None:
    def step(act: StaffAct, by: str, which: Step, detail: str = "", **more: Any) -> object:
        work: Any = officer_acts.propose if which is Step.PROPOSED else officer_acts.confirm
        return work(officer_acts.Act(act=act, officer=FIRST, detail=detail), ActingOfficer(by, ELECTION, AS_OF), **more)

    with pytest.raises(OfficerRefusedError, match="only an administrator"):
        step(StaffAct.SUSPEND, SECOND, Step.PROPOSED)
    step(StaffAct.SUSPEND, "OFF-ADMIN-1", Step.PROPOSED)
    with pytest.raises(OfficerRefusedError, match="second, different officer"):
        step(StaffAct.SUSPEND, "OFF-ADMIN-1", Step.CONFIRMED)
    step(StaffAct.SUSPEND, "OFF-ADMIN-2", Step.CONFIRMED)
    with pytest.raises(UnknownThingError, match="open proposal"):
        step(StaffAct.SUSPEND, "OFF-ADMIN-2", Step.CONFIRMED)
    for nowhere in ("", "OF-99", "OF-01,"):
        with pytest.raises(BadInputError, match="serve"):
            step(StaffAct.SERVE, "OFF-ADMIN-1", Step.PROPOSED, nowhere)
    for detail in ("OF-01,VD-01,ORG-02", "every"):
        step(StaffAct.SERVE, "OFF-ADMIN-1", Step.PROPOSED, detail)
        step(StaffAct.SERVE, "OFF-ADMIN-2", Step.CONFIRMED, detail)
        init_election(vetted.package, now=AS_OF)  # loading the file again changes no scope and lifts no suspension
        served = {row["officer"]: row["serves"] for row in officer_acts.staff_table(ELECTION)}[FIRST]
        assert served == {"every": "every case"}.get(detail, "OF-01, VD-01, ORG-02")
    one = due(Status.IN_REVIEW)[0]
    with pytest.raises(OfficerRefusedError, match="in service"):
        rule(APPROVE, FIRST, one)
    for act, folder in ((StaffAct.REINSTATE, None), (StaffAct.ENROL, tmp_path / "new")):
        step(act, "OFF-ADMIN-2", Step.PROPOSED)
        step(act, "OFF-ADMIN-1", Step.CONFIRMED, folder=folder)
    with pytest.raises(ProofRefusedError, match="count"):
        rule(APPROVE, FIRST, one)
    new = ActingOfficer(FIRST, ELECTION, AS_OF, key=tmp_path / "new" / f"{FIRST}.pem")
    assert decide_applications([one], APPROVE, new)[0].applied
    assert (tmp_path / "new" / f"{FIRST}.pem").stat().st_mode & 0o777 == 0o600
    with pytest.raises(BadInputError, match="accredit officer propose"):
        enrol_officer(FIRST, ELECTION, tmp_path)
    assert [row["step"] for row in officer_acts.acts_table(ELECTION)] == ["proposed", "confirmed"] * 5


def test_two_administrators_enrol_the_third_anew_and_one_alone_enrols_nobody(tmp_path: Path) -> None:
    lost = officer_acts.Act(act=StaffAct.ENROL, officer="OFF-ADMIN-2")

    def proposed(by: str) -> None:
        officer_acts.propose(lost, ActingOfficer(by, ELECTION, AS_OF))

    def confirmed(by: str) -> None:
        officer_acts.confirm(lost, ActingOfficer(by, ELECTION, AS_OF), folder=tmp_path)

    proposed("OFF-ADMIN-1")
    for alone, why in (("OFF-ADMIN-1", "second, different officer"), ("OFF-ADMIN-2", "about themselves")):
        with pytest.raises(OfficerRefusedError, match=why):
            confirmed(alone)
    confirmed("OFF-ADMIN-3")
    again = officer_acts.Act(act=StaffAct.SUSPEND, officer=FIRST)
    with pytest.raises(ProofRefusedError, match="count"):
        officer_acts.propose(again, ActingOfficer("OFF-ADMIN-2", ELECTION, AS_OF))
    new = ActingOfficer("OFF-ADMIN-2", ELECTION, AS_OF, key=tmp_path / "OFF-ADMIN-2.pem")
    officer_acts.propose(again, new)
    officer_acts.confirm(again, ActingOfficer("OFF-ADMIN-1", ELECTION, AS_OF))


def test_an_act_that_two_administrators_propose_one_after_the_other_is_confirmed_by_the_first(tmp_path: Path) -> None:
    lost = officer_acts.Act(act=StaffAct.ENROL, officer=FIRST)
    for administrator in ("OFF-ADMIN-1", "OFF-ADMIN-1", "OFF-ADMIN-2"):
        officer_acts.propose(lost, ActingOfficer(administrator, ELECTION, AS_OF))
    with pytest.raises(OfficerRefusedError, match="second, different officer"):
        officer_acts.confirm(lost, ActingOfficer("OFF-ADMIN-2", ELECTION, AS_OF), folder=tmp_path)
    officer_acts.confirm(lost, ActingOfficer("OFF-ADMIN-1", ELECTION, AS_OF), folder=tmp_path)
    assert audit(ELECTION).is_whole


def test_nobody_is_asked_why_a_finding_is_set_aside_before_the_officer_is_known() -> None:
    known = str(waiting_for(FIRST, ELECTION, now=AS_OF)[0])
    told = CliRunner().invoke(app, ["decide", known, "--outcome", "approve", "--officer", "OFF-DEMO-99"])
    assert isinstance(told.exception, UnknownThingError)
    assert "There is no officer OFF-DEMO-99" in str(told.exception)


def test_a_review_walks_the_queue_and_one_signature_proves_a_mixed_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCREDIT_AS_OF", f"{AS_OF:%Y-%m-%dT%H:%M}")
    reset_settings()
    first, second, third = waiting_for(FIRST, ELECTION, now=AS_OF)[:3]
    keys = ["x", "a", "The mission explained it.", "r", "R04", "The register says so.", "d", "no day", "s"]
    line = ["review", "--officer", FIRST]
    left = CliRunner().invoke(app, line, input="\n".join([*keys, "q", ""]))
    assert "2 decisions were not signed" in left.output
    assert case_file(first).decisions == case_file(second).decisions == ()
    undone = CliRunner().invoke(app, line, input="a\n\na\nExplained.\nu\nu\np\nq\n")
    assert "It is not said why what was found is set aside; nothing was decided." in undone.output
    assert "Taken back: approve" in undone.output
    assert "There is nothing to take back." in undone.output
    assert case_file(first).decisions == ()
    answer = CliRunner().invoke(app, line, input="\n".join([*keys, "p", "q", ""]))
    assert answer.exit_code == 0, answer.output
    with open_reader(database()) as store:
        person = store.people.current([first])[first]
    assert person.name in answer.output
    assert "This case" in answer.output
    assert case_file(first).application.status is Status.APPROVED
    assert "The mission explained it." in CliRunner().invoke(app, ["history", str(first)]).output
    proposal = case_file(second).application.proposal
    assert (proposal and proposal.by) == FIRST
    assert case_file(third).decisions == ()
    note = ["note", str(third), "--text", "Read.", "--officer", SECOND]
    assert CliRunner().invoke(app, note).exit_code == 0
    assert second not in waiting_for(FIRST, ELECTION, now=AS_OF)
    confirmed = CliRunner().invoke(
        app, ["review", "--officer", CONFIRMING, "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}"], input="n\nSeen.\nc\np\nq\n"
    )
    assert confirmed.exit_code == 0, confirmed.output
    assert "The register says so." in confirmed.output
    assert case_file(second).application.status is Status.REFUSED
    assert [row["text"] for row in casework.notes_table(second)] == ["Seen."]
