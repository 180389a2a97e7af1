"""`accredit why`: the answer of the stored plan is the domain's, for everybody and every region."""

from __future__ import annotations

import json

import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages, due
from typer.testing import CliRunner

from db.store import open_reader
from domain.application.application import case_number
from domain.application.status import Status
from domain.assignment.explanation import Explainer, WhyNotKind
from domain.assignment.plan import Plan
from domain.assignment.planner import rules
from domain.assignment.problem import Problem
from domain.errors import BadInputError
from flows.assignment.plans.explanation import explain, in_words, sentences
from flows.cli.app import app
from flows.context import database, election_context


def plan_in_force() -> tuple[Problem, Plan]:
    with open_reader(database()) as store:
        stored = store.plans.latest(ELECTION)
    assert stored is not None
    problem = Problem.model_validate(stored.problem, strict=False)
    return problem, Plan.model_validate(stored.body, strict=False)


def test_why_answers_what_the_domain_answers_for_everybody_and_every_region(stages: Stages) -> None:
    with stages.copy("assigned"):
        problem, plan = plan_in_force()
        explainer = Explainer.of(problem, plan)
        land = election_context(ELECTION, AS_OF).geography.regions
        regions = [one.code for number, one in enumerate(land) if one.notice or number % 4 == 0]
        verdicts: set[WhyNotKind] = set()
        for known in due(Status.ASSIGNED)[:6]:
            for region in regions:
                found = explain(ELECTION, known, region)
                assert found.answer == explainer.why(str(known), region)
                assert set(found.cases) == {str(known), *(move.observer for move in found.answer.chain)}
                assert case_number(known) in sentences(found)[0]
                verdicts.add(found.answer.verdict)
        assert {WhyNotKind.NOT_ELIGIBLE, WhyNotKind.PRICE} <= verdicts


def test_the_command_prints_the_same_answer_in_words_and_as_json(stages: Stages) -> None:
    with stages.copy("assigned"):
        known = due(Status.ASSIGNED)[0]
        asked = ["why", case_number(known), "PA-04"]
        answer = CliRunner().invoke(app, [*asked, "--json"])
        assert answer.exit_code == 0
        assert json.loads(answer.stdout) == explain(ELECTION, known, "PA-04").model_dump(mode="json")
        told = CliRunner().invoke(app, asked).stdout
        assert case_number(known) in told
        assert str(known) not in told


def test_who_is_in_no_plan_or_wished_for_nothing_cannot_be_asked_about(stages: Stages) -> None:
    with stages.copy("assigned"):
        with pytest.raises(BadInputError, match="is in no plan"):
            explain(ELECTION, due(Status.IN_REVIEW, Status.INCOMPLETE, Status.REFUSED)[0])
        problem, _ = plan_in_force()
        for observer in problem.observers:
            if observer.preferences:
                assert (
                    explain(ELECTION, next(k for k in due(Status.ASSIGNED) if str(k) == observer.id)).answer.region
                    == (observer.preferences[0])
                )
                break


def test_every_rule_of_the_planner_has_words_for_officers() -> None:
    named = [getattr(rules, name) for name in dir(rules) if name.isupper()]
    assert named
    assert all("_" not in in_words(rule) and in_words(rule) != rule.replace("_", " ") for rule in named)
