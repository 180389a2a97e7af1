"""A run-off after an election whose badges are out: who stays, who says so, and that nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from support.builders import ELECTION
from support.stages import AS_OF, Stages
from typer.testing import CliRunner

from db.letters.letters import LetterFilter
from db.store import open_reader, open_store
from db.tables.election import ElectionRow
from domain.application.clocks import Clock
from domain.application.events import DeadlinePassed
from domain.application.status import Status
from domain.election.deadlines import Deadline
from domain.election.following import FollowOn, stays
from domain.election.profile import ElectionProfile, RunOff
from domain.errors import ArchivedError, BadInputError
from domain.letters.envelope import LetterKind
from domain.oversight.public_register import changes
from flows.assignment import flow as assignment
from flows.cli.app import app
from flows.context import ElectionContext, database, election_context, elections_in_turn
from flows.decisions.casework import write_note
from flows.election import carrying, following
from flows.election.archiving import archive
from flows.election.carrying import carried_id
from flows.election.following import draft_follow_on, follow_on
from flows.intake.arrivals import arrivals
from flows.intake.entry import EnteredApplication, correct
from flows.intake.flow import stage_file, take_in
from flows.issuance import flow as issuance
from flows.issuance.publication.public_register import gathered
from flows.oversight.contradictions import check_election
from flows.oversight.overview import audit
from flows.oversight.reporting import gather, report_of
from flows.rehearsal.run_off import GROUND, hold_run_off
from flows.statements.acceptance import ActingOfficer
from flows.vetting.flow import vet_applications
from notifications.pages.public_register import Snapshot, register_files
from notifications.pages.report_sheets import Sheets

FIRST, SECOND = "OFF-ADMIN-1", "OFF-ADMIN-2"
RUN_OFF = "VALDARA-2027-2"
ORDER = FollowOn(code=RUN_OFF, day=date(2027, 4, 4), ground=GROUND)
LATER = AS_OF + timedelta(days=6)
CLOSES = Deadline(timezone="UTC", offset_days=-3)


@pytest.fixture
def issued(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("delivered"):
        yield


def ruled(monkeypatch: pytest.MonkeyPatch, **rules: object) -> None:
    """Let the profile of the first election say something else of a run-off, as if it had been loaded so."""
    said = following.followed

    def changed(before: following.Rules, *args: object, **known: object) -> following.Rules:
        profile: ElectionProfile = before.profile.revised(run_off=RunOff(**rules))  # type: ignore[arg-type]
        return said(following.Rules(profile, before.land), *args, **known)  # type: ignore[arg-type]

    monkeypatch.setattr(following, "followed", changed)


def called(order: FollowOn = ORDER) -> following.FollowOnOutcome:
    """Let two administrators hold the run-off."""
    assert follow_on(order, ActingOfficer(FIRST, ELECTION, LATER)).proposed
    return follow_on(order, ActingOfficer(SECOND, ELECTION, LATER))


def staying() -> set[UUID]:
    with open_reader(database()) as store:
        return {carried_id(RUN_OFF, case.id) for case in store.applications.all_in(ELECTION) if stays(case)}


def statuses() -> dict[UUID, Status]:
    with open_reader(database()) as store:
        return {case.id: case.status for case in store.applications.all_in(RUN_OFF)}


def test_who_is_accredited_stays_so_and_is_planned_for_where_they_were(
    issued: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    del issued
    ruled(monkeypatch, reuse="carry_over")
    draft = draft_follow_on(ELECTION, ORDER, now=LATER)
    assert draft.counts["stay accredited"] == len(staying())
    done = called()
    assert done.carried == len(staying())
    assert statuses() == dict.fromkeys(staying(), Status.APPROVED)
    plan = assignment.make_plan(RUN_OFF, now=LATER)
    assert plan
    with open_store(database()) as store:
        context, ids = election_context(RUN_OFF, LATER), assignment.still_to_place(plan, RUN_OFF)
        assignment.place_applications(store, context, plan, ids)
    assignment.finish_plan(plan, RUN_OFF, now=LATER)
    with open_reader(database()) as store:
        before = {carried_id(RUN_OFF, case.id): case.region for case in store.applications.all_in(ELECTION)}
        placed = store.applications.all_in(RUN_OFF, Status.ASSIGNED)
    assert all(case.region == before[case.id] for case in placed if before[case.id])
    issuance.issue_applications([case.id for case in placed], RUN_OFF, now=LATER)
    assert set(statuses().values()) == {Status.CREDENTIALED}
    assert [*check_election(RUN_OFF, now=LATER), *audit(RUN_OFF).links, *audit(RUN_OFF).broken] == []
    reports = [report_of(gather(code, now=LATER)) for code in (ELECTION, RUN_OFF)]
    assert reports[0].votes == reports[1].votes
    assert [vote.election for vote in reports[0].votes] == [ELECTION, RUN_OFF]
    assert [vote.figures for vote in reports[0].votes] == [report.figures for report in reports]
    sheet = next(sheet for sheet in Sheets(reports[1], "fr", {}).all() if sheet.name == "votes")
    assert sheet.heads == ("what", ELECTION, RUN_OFF)
    first, second = (gathered(election_context(code, LATER)) for code in (ELECTION, RUN_OFF))
    assert [(vote.election, vote.day) for vote in first.votes] == [(RUN_OFF, ORDER.day)]
    assert [vote.organisations for vote in second.votes] == [first.organisations]
    assert [vote.organisations for vote in first.votes] == [second.organisations]
    files = register_files(Snapshot(published=second, changes=changes(first, second), zone="UTC"), ["en"])
    assert first.title in files["index.html"].decode()
    assert ELECTION in files["votes.csv"].decode()


@pytest.mark.parametrize(("rules", "told"), [({}, "None"), ({"persons_close": CLOSES}, "2027-04-01")])
def test_an_organisation_is_told_until_when_it_nominates_where_it_may(
    issued: None, monkeypatch: pytest.MonkeyPatch, rules: dict[str, Deadline], told: str
) -> None:
    del issued
    ruled(monkeypatch, reuse="carry_over", **rules)
    called()
    with open_reader(database()) as store:
        letters = store.letters.matching(RUN_OFF, LetterFilter(kind=LetterKind.FOLLOW_ON))
    assert {str(letter.envelope.contents["closes"])[:10] for letter in letters} == {told}


def test_whoever_says_so_in_the_workbook_stays_and_whoever_says_something_else_is_vetted(issued: None) -> None:
    del issued
    assert called().confirming == len(staying())
    assert set(statuses().values()) == {Status.INCOMPLETE}
    with open_reader(database()) as store:
        letters = store.letters.matching(RUN_OFF, LetterFilter())
        organisations = store.organisations.all_in(RUN_OFF)
    assert {letter.envelope.kind for letter in letters} == {LetterKind.FOLLOW_ON}
    assert len(letters) == sum(one.may_nominate for one in organisations.values())
    held = hold_run_off(ELECTION, now=LATER)
    for organisation, path in held.answers:
        for arrival in arrivals(path, organisation=organisation, received_at=None):
            for chunk in stage_file(arrival, RUN_OFF, now=LATER):
                take_in(chunk, RUN_OFF, now=LATER)
    said = {known for known, status in statuses().items() if status is Status.IN_VETTING}
    assert said == staying() - {*held.silent}
    another = min(said)
    correct(another, EnteredApplication({"document_number": "N9999999"}), ActingOfficer("OFF-DEMO-1", RUN_OFF, LATER))
    with open_store(database()) as store:
        context = election_context(RUN_OFF, LATER)
        counts = vet_applications(store, context, store.applications.ids_in(RUN_OFF, Status.IN_VETTING))
    assert counts["carried over"] == len(said) - 1
    with open_reader(database()) as store:
        assert "accreditation_carried_over" not in [event.kind for event in store.applications.history(another)]


def test_a_run_that_is_cut_off_goes_on_and_ends_the_same(issued: None, monkeypatch: pytest.MonkeyPatch) -> None:
    del issued
    carry, done = carrying.carry_chunk, list[int]()

    def cut_off(context: ElectionContext, ids: Sequence[UUID]) -> int:
        if done:
            raise KeyboardInterrupt
        done.append(carry(context, ids))
        return done[-1]

    monkeypatch.setattr(carrying, "AT_ONCE", 10)
    with monkeypatch.context() as patch:
        patch.setattr(carrying, "carry_chunk", cut_off)
        with pytest.raises(KeyboardInterrupt):
            called()
    assert len(statuses()) == sum(done) == 10
    by = ActingOfficer(SECOND, ELECTION, LATER)
    again = follow_on(ORDER, by)
    assert again.was_there
    assert statuses() == dict.fromkeys(staying(), Status.INCOMPLETE)
    assert again.letters
    last = follow_on(ORDER, by)
    assert (last.carried, last.letters) == (0, 0)
    words = ["election", "follow-on", ORDER.code, "--ground", ORDER.ground, "--as-of", f"{LATER:%Y-%m-%dT%H:%M}"]
    words += ["--officer", SECOND, *(word for region in ORDER.regions for word in ("--region", region))]
    same = CliRunner().invoke(app, [*words, "--day", f"{ORDER.day}"])
    assert same.exit_code == 0, same.output
    assert "was made before" in same.output
    other = CliRunner().invoke(app, [*words, "--day", f"{ORDER.day + timedelta(days=1)}"])
    assert isinstance(other.exception, BadInputError), other.output


def test_an_archived_election_is_read_and_refuses_every_act(issued: None) -> None:
    del issued
    for officer in (FIRST, SECOND):
        done = archive("Archives Act, art. 4", ActingOfficer(officer, ELECTION, LATER))
    assert not done.proposed
    assert archive("Archives Act, art. 4", ActingOfficer(FIRST, ELECTION, LATER)).was_there
    with open_reader(database()) as store:
        case = store.applications.all_in(ELECTION, Status.CREDENTIALED)[0]
    passed = DeadlinePassed(application_id=case.id, at=LATER, actor=carrying.ENGINE, clock=Clock.DECISION, due_at=AS_OF)
    with pytest.raises(ArchivedError, match="archived"):
        write_note(case.id, "Looked at.", ActingOfficer("OFF-DEMO-1", ELECTION, LATER))
    with pytest.raises(ArchivedError), open_store(database()) as store:
        store.applications.record(case, passed)
    with pytest.raises(ArchivedError):
        follow_on(ORDER, ActingOfficer(FIRST, ELECTION, LATER))
    assert elections_in_turn(None) == []
    assert [*audit(ELECTION).links, *audit(ELECTION).broken] == []
    with open_store(database()) as store:
        store.session.execute(update(ElectionRow).values(archived_at=None))
    assert any("archived" in link.link for link in audit(ELECTION).links)
