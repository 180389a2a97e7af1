"""Acts are applied by the digest of what was signed, or where they are signed; Prefect is given nothing else."""

from __future__ import annotations

import ast
import asyncio
import inspect
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import grimp
import pytest
from sqlalchemy import select, text
from support.builders import ELECTION
from support.databases import overwrite
from support.signing import by_two, rewritten, signed
from support.stages import AS_OF, Stages, deliver, due, figures

from db.store import Store, open_reader, open_store
from db.tables.catalogue import Base
from domain.application.status import Status
from domain.credentials.states import Cause
from domain.decisions.casework import Answer
from domain.election.profile.casework import ClearingAuthority
from domain.errors import AccreditationError
from domain.statements.officer_acts import StaffAct
from domain.statements.statement import ActKind, StatementRefusedError
from flows.assignment.adoption import adopt_plan
from flows.assignment.plans.drafts import draft_plan, find_plan
from flows.assignment.plans.problems import Choices
from flows.context import database, right_now
from flows.decisions import officer_acts
from flows.decisions.appliers import STEPS, WHERE_SIGNED, apply
from flows.decisions.clearances import ask_by_letter, note_answer, question_to
from flows.deployments import DEPLOYMENTS, Deployed
from flows.issuance.correction import correct
from flows.issuance.life import reissue
from flows.oversight import erasure
from flows.oversight.overview import audit
from flows.statements import acceptance
from flows.statements.acceptance import ActingOfficer

FIRST, CONFIRMING = "OFF-DEMO-1", "OFF-DEMO-3"
ROOT: Final = Path(__file__).parents[3]
FORM: Final = {
    "election", "as_of", "application", "applications", "statements", "files", "organisation", "received_at", "dry_run",
    "source", "at_once",
}  # fmt: skip
"""What the forms of Prefect ask for: which election, which cases or files by their places, and when in a rehearsal."""


def test_every_kind_of_act_is_applied_by_digest_or_says_why_it_is_applied_where_it_is_signed() -> None:
    assert STEPS.keys() | WHERE_SIGNED.keys() == {*ActKind}
    assert not STEPS.keys() & WHERE_SIGNED.keys()


def parameters() -> set[str]:
    return {name for deployed in DEPLOYMENTS for name in inspect.signature(deployed.flow().fn).parameters}


def test_no_form_of_prefect_asks_for_an_officer_a_key_a_code_or_a_text() -> None:
    assert parameters() == FORM


def makers_of_acting_officers() -> set[str]:
    """Return the modules that make one who acts otherwise than by a digest."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "flows").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "ActingOfficer"
        if "signed" not in {keyword.arg for keyword in call.keywords}
    }


def test_nothing_that_prefect_runs_leads_to_where_an_officer_signs_with_a_key() -> None:
    graph = grimp.build_graph("flows")
    signing = makers_of_acting_officers() - {"flows.statements.acceptance"}
    assert {"flows.cli.officer_options", "flows.rehearsal.run"} <= signing
    flows = {deployed.entrypoint.rpartition(".")[0] for deployed in DEPLOYMENTS}
    led = {(flow, place) for flow in flows for place in signing if graph.chain_exists(flow, place)}
    assert led == set()


@pytest.fixture
def issued(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("issued"):
        yield


def applied_once(officer: str, step: Callable[[ActingOfficer], object]) -> str:
    """Sign *step*, apply it by its digest, see that it is applied once, and return what is said of it."""
    by = signed(officer, step)
    assert by.signed is not None
    done = apply(by.signed, election=ELECTION)
    assert all(result.applied for result in done.results), done.sentence
    with pytest.raises(StatementRefusedError, match="applied already"):
        apply(by.signed, election=ELECTION)
    assert audit(ELECTION).is_whole
    return done.sentence


@pytest.mark.usefixtures("issued")
def test_a_credential_is_replaced_and_corrected_by_digest() -> None:
    first, second = due(Status.CREDENTIALED)[:2]
    told = applied_once(FIRST, lambda by: reissue([first], Cause.LOSS, by))
    assert told.startswith("1 applied")
    applied_once(FIRST, lambda by: correct(second, {"surname": "OTHER"}, by))
    with open_reader(database()) as store:
        assert store.people.current([second])[second].surname == "OTHER"


@pytest.mark.usefixtures("issued")
def test_an_authority_is_asked_and_its_answer_kept_by_digest() -> None:
    case = due(Status.CREDENTIALED)[0]
    authority = "REGISTRY"
    with open_reader(database()) as store:
        profile = store.elections.profile(ELECTION)
    registry = ClearingAuthority(
        code=authority, title="The Registry", email="registry@valdara.example", ground="Art. 9"
    )
    rewritten(profile=profile.revised(desk=profile.desk.revised(authorities=(registry,))))
    wanted = question_to(ELECTION, authority, FIRST, now=AS_OF)
    applied_once(FIRST, lambda by: ask_by_letter([case], wanted, by))
    with open_reader(database()) as store:
        (kept,) = store.casework.clearances([case])
    assert (kept.authority, kept.due_at) == (authority, wanted.due_at)
    said = Answer.OBJECTION
    applied_once(FIRST, lambda by: note_answer(case, authority, said, by, ground="Art. 9"))
    with open_reader(database()) as store:
        assert [clearance.ground for clearance in store.casework.clearances([case])] == ["Art. 9"]


@pytest.mark.usefixtures("issued")
def test_acts_about_officers_are_done_by_digest() -> None:
    act = officer_acts.Act(act=StaffAct.SUSPEND, officer=FIRST)
    applied_once("OFF-ADMIN-1", lambda by: officer_acts.propose(act, by))
    applied_once("OFF-ADMIN-2", lambda by: officer_acts.confirm(act, by))
    with open_reader(database()) as store:
        assert store.officers.get(ELECTION, FIRST).suspended


@pytest.mark.usefixtures("issued")
def test_an_erasure_is_proposed_and_confirmed_by_digest_and_says_whether_everybody_is_meant() -> None:
    deliver()
    plan = erasure.plan_of(ELECTION, due(Status.REFUSED)[:1])
    applied_once(FIRST, lambda by: erasure.propose(plan, by, ground="Art. 17"))
    for_all = plan.revised(everybody=True)
    by = signed(CONFIRMING, lambda by: erasure.confirm(plan, by))
    with pytest.raises(StatementRefusedError, match="something else"):
        erasure.confirm(for_all, by)
    apply(by.signed or "", election=ELECTION)
    with open_reader(database()) as store:
        assert not store.people.current(plan.applications)


def test_a_plan_is_adopted_by_digest(sqlite_stages: Stages) -> None:
    with sqlite_stages.copy("decided"):
        drafted = draft_plan(ELECTION, Choices(), now=AS_OF)
        stored = find_plan(ELECTION, str(drafted))
        applied_once(FIRST, lambda by: adopt_plan(stored, by))
        assert due(Status.ASSIGNED)


@pytest.mark.usefixtures("issued")
def test_an_officer_who_is_suspended_between_signing_and_applying_has_signed_in_vain() -> None:
    case = due(Status.CREDENTIALED)[0]
    by = signed(FIRST, lambda by: reissue([case], Cause.LOSS, by))
    by_two(StaffAct.SUSPEND, FIRST)
    with pytest.raises(AccreditationError, match=r"suspended|in service"):
        apply(by.signed or "", election=ELECTION)
    assert due(Status.CREDENTIALED)[0] == case


@pytest.mark.usefixtures("issued")
def test_who_may_sign_is_read_anew_where_the_record_is_not_the_one_that_was_looked_through() -> None:
    def suspended(store: Store) -> bool:
        return store.statements.authority(ELECTION).of(FIRST).officer.suspended

    by_two(StaffAct.SUSPEND, FIRST)
    with database()() as session:
        store = Store.over(session)
        before = store.statements.head(ELECTION)[0]
        assert suspended(store)
        session.execute(text("DELETE FROM statement WHERE sequence > :last"), {"last": before - 4})
        assert not suspended(store)  # an older state
        session.rollback()
        assert suspended(store)
    by_two(StaffAct.REINSTATE, FIRST)
    with open_reader(database()) as store:
        assert not suspended(store)


@pytest.mark.usefixtures("issued")
def test_whoever_writes_the_database_cannot_exchange_the_words_that_belong_to_a_signature() -> None:
    case = due(Status.CREDENTIALED)[0]
    by = signed(FIRST, lambda by: correct(case, {"surname": "OTHER"}, by))
    with open_store(database()) as store:
        table = Base.metadata.tables["statement_words"]
        row = store.session.execute(select(table).where(table.c.digest == by.signed)).mappings().one()
        overwrite(store.session, table, row, body=row["body"] | {"texts": row["body"]["texts"] | {"surname": "MINE"}})
    with pytest.raises(StatementRefusedError):
        apply(by.signed or "", election=ELECTION)


@pytest.mark.usefixtures("issued")
def test_a_clock_that_is_set_back_makes_no_old_signature_good_again(monkeypatch: pytest.MonkeyPatch) -> None:
    case, other = due(Status.CREDENTIALED)[:2]
    by = signed(FIRST, lambda by: reissue([case], Cause.LOSS, by))
    later = right_now() + timedelta(hours=2)
    monkeypatch.setattr(acceptance, "right_now", lambda: later)
    with pytest.raises(StatementRefusedError, match="15 minutes"):
        apply(by.signed or "", election=ELECTION)
    reissue([other], Cause.LOSS, ActingOfficer(FIRST, ELECTION, AS_OF))
    monkeypatch.undo()
    with pytest.raises(StatementRefusedError, match="set back"):
        apply(by.signed or "", election=ELECTION)
    applied_once(FIRST, lambda by: reissue([case], Cause.LOSS, by))


def run(deployed: Deployed, **given: object) -> str:
    """Run a deployment's flow without Prefect; returns why it is refused."""
    try:
        state = asyncio.run(deployed.flow().fn(**given))
    except AccreditationError as error:
        return str(error)
    return str(state.message) if state.is_failed() else ""


def recorded() -> object:
    with open_reader(database()) as store:
        return figures(store), store.statements.head(ELECTION)


ASKED: Final = {"intake": {"files": ["nowhere.csv"]}, "decide": {"statements": []}, "case": {"application": "C-0"}}
"""What a form cannot be sent without."""


@pytest.mark.usefixtures("issued")
def test_whatever_is_exchanged_for_another_election_or_for_cases_in_another_place_records_nothing() -> None:
    before = recorded()
    cases = due(Status.REFUSED, Status.CREDENTIALED)
    taken: set[str] = set()
    for deployed in DEPLOYMENTS:
        asked = ASKED.get(deployed.name, {})
        if deployed.takes("election") and not run(deployed, election="VALDARA-2099", **asked):
            taken.add(deployed.name)
        if deployed.takes("applications") and deployed.name != "accreditation":
            run(deployed, applications=cases, **asked)
        if deployed.takes("applications") and not run(deployed, applications=[*cases, uuid4()], **asked):
            taken.add(deployed.name)
    assert taken == set()
    assert recorded() == before


@pytest.mark.full
@pytest.mark.usefixtures("issued")
@pytest.mark.parametrize("deployed", [one for one in DEPLOYMENTS if one.takes("election")], ids=lambda one: one.name)
def test_a_run_that_is_started_a_second_time_records_nothing_more(deployed: Deployed) -> None:
    asked = ASKED.get(deployed.name, {})
    run(deployed, **asked)
    before = recorded()
    run(deployed, **asked)
    assert recorded() == before
    assert audit(ELECTION).is_whole
