"""Time limits: told at half, four fifths and the end, each once; silence is recorded and decides nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due

from db.store import open_reader, open_store
from domain.application.application import Application
from domain.application.clocks import Clock
from domain.application.events import DeadlinePassed
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.casework import Answer
from domain.decisions.rulings import Outcome, Ruling
from domain.election.profile.casework import ClearingAuthority
from domain.errors import BadInputError
from flows.context import database
from flows.decisions import clearances
from flows.decisions.case_file import case_file
from flows.decisions.clocks import clocks_table, mind_clocks, running_clocks
from flows.decisions.rulings import decide_applications
from flows.statements.acceptance import ActingOfficer

FIRST = "OFF-DEMO-1"


@pytest.fixture(autouse=True)
def vetted(stages: Stages) -> Iterator[Stages]:
    with stages.copy("vetted"):
        yield stages


def rule(ruling: Ruling, known: Any) -> None:
    assert decide_applications([known], ruling, ActingOfficer(FIRST, ELECTION, AS_OF))[0].applied


def letters(known: Any) -> list[str]:
    return [kind for kind, _, _ in case_file(known).letters if kind == "escalation"]


def test_each_mark_is_told_once_and_a_clock_that_ran_out_is_an_event_and_a_letter() -> None:
    known = due(Status.IN_REVIEW)[0]
    with open_reader(database()) as store:
        profile = store.elections.profile(ELECTION)
        clock = next(one for one in running_clocks(store, ELECTION, profile) if one.application_id == known)
    length = clock.due_at - clock.started_at
    assert clock.clock is Clock.DECISION
    for share, warned, ran_out in ((0.49, False, False), (0.5, True, False), (0.8, True, False), (1.0, False, True)):
        now = clock.started_at + length * share + timedelta(seconds=1)
        counts, over = mind_clocks(ELECTION, now=now)
        assert (counts["warned"] > 0, clock in over) == (warned, ran_out)
        again, nobody = mind_clocks(ELECTION, now=now)
        assert (again["warned"], nobody) == (0, [])
    passed = [event for event in case_file(known).history if isinstance(event, DeadlinePassed)]
    assert [(event.clock, event.due_at) for event in passed] == [(Clock.DECISION, clock.due_at)]
    assert case_file(known).application.status is Status.IN_REVIEW
    assert letters(known) == ["escalation"]
    row = next(row for row in clocks_table(ELECTION, now=clock.due_at) if row["application"] == str(known))
    assert (row["run (%)"], row["owner"], row["silence"]) == (100, "case officers", "decides nothing")
    assert Application.replayed(case_file(known).history) == case_file(known).application


def test_a_proposal_that_nobody_answers_has_a_clock_and_an_ended_deferral_is_back_in_the_queue() -> None:
    proposed, deferred = due(Status.IN_REVIEW)[:2]
    rule(Ruling(outcome=Outcome.REFUSE, reasons=(ReasonCode.R04,), facts="The register shows it."), proposed)
    until = AS_OF + timedelta(hours=20)
    rule(
        Ruling(outcome=Outcome.DEFER, reasons=(ReasonCode.X01,), until=until, facts="The register's answer."), deferred
    )
    mind_clocks(ELECTION, now=until)
    assert case_file(deferred).application.status is Status.IN_REVIEW
    later = AS_OF + timedelta(hours=48)
    _, over = mind_clocks(ELECTION, now=later)
    assert {one.clock for one in over if one.application_id == proposed} >= {Clock.PROPOSAL}
    proposal = case_file(proposed).application.proposal
    assert proposal is not None
    assert proposal.by == FIRST


def test_a_silent_authority_is_no_answer_and_never_an_objection(tmp_path: Path) -> None:
    silent, asked = due(Status.IN_REVIEW)[:2]
    ids = [silent, asked]
    question = clearances.question("POLICE", FIRST, hours=24, now=AS_OF)
    path = clearances.ask(ids, question, ActingOfficer(FIRST, ELECTION, AS_OF), folder=tmp_path)
    with path.open() as lines:
        heads, *rows = list(csv.reader(lines))
    with open_reader(database()) as store:
        people = store.people.current(ids)
    text = path.read_text()
    assert (len(rows), heads[0], path.stat().st_mode & 0o777) == (2, "case", 0o600)
    assert not any(person.document_number in text or person.email in text for person in people.values())

    def answer(said: Answer, ground: str = "") -> None:
        signed = ActingOfficer(FIRST, ELECTION, AS_OF)
        clearances.note_answer(asked, "POLICE", said, signed, ground=ground)

    with pytest.raises(BadInputError, match="names its legal ground"):
        answer(Answer.OBJECTION)
    answer(Answer.OBJECTION, "Police Act, art. 4")
    for _ in range(2):
        mind_clocks(ELECTION, now=AS_OF + timedelta(hours=24))
    with open_reader(database()) as store:
        found = {clearance.application_id: clearance.answer for clearance in store.casework.clearances(ids)}
    assert found == {silent: Answer.NO_ANSWER, asked: Answer.OBJECTION}
    assert {case_file(known_id).application.status for known_id in ids} == {Status.IN_REVIEW}


def test_an_authority_of_the_profile_gets_a_letter_with_no_more_than_it_may_be_told_and_only_once() -> None:
    known = due(Status.IN_REVIEW)[0]
    with pytest.raises(BadInputError, match="REGISTRY is not in the profile"):
        clearances.question_to(ELECTION, "REGISTRY", FIRST, now=AS_OF)
    with open_store(database()) as store:
        profile = store.elections.profile(ELECTION)
        registry = ClearingAuthority(
            code="REGISTRY", title="Registry of citizens", email="desk@registry.valdara.example", ground="art. 9 (4)",
            told=("name", "citizenships"), hours=24,
        )  # fmt: skip
        asking = profile.revised(desk=profile.desk.revised(authorities=(registry,)))
        store.elections.put(asking, store.elections.geography(ELECTION), now=AS_OF)
    question = clearances.question_to(ELECTION, "REGISTRY", FIRST, now=AS_OF)
    for _ in range(2):
        clearances.ask_by_letter([known], question, ActingOfficer(FIRST, ELECTION, AS_OF))
    with open_reader(database()) as store:
        person = store.people.current([known])[known]
        sent = [one.envelope for one in store.outbox.of_application(known) if one.envelope.kind == "clearance"]
    assert [one.to for one in sent] == ["desk@registry.valdara.example"]
    contents = str(sent[0].contents)
    assert person.name in contents
    assert not any(part in contents for part in (str(person.birth_date), person.document_number, person.email))
    mind_clocks(ELECTION, now=question.due_at)
    (row,) = [clearance for clearance in clearances.clearances_table(ELECTION) if clearance["authority"] == "REGISTRY"]
    assert row["answer"] == "no answer"
    assert case_file(known).application.status is Status.IN_REVIEW
