"""Reviews of groups that stand out: signed by officers who decided none of the cases, and checked by outsiders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages

from db.store import open_store
from domain.errors import BadInputError, UnknownThingError
from domain.oversight.cases import Outcome
from domain.oversight.fairness.contrasts import Contrast, Question, Verdict
from domain.oversight.reviews import ReviewAnswer, ReviewStep
from domain.statements.officers import OfficerRefusedError
from domain.statements.statement import ActKind, Deed
from flows.context import database
from flows.oversight.exports import check_record, export_record
from flows.oversight.overview import audit
from flows.oversight.reporting import Gathered, gather
from flows.oversight.reviews import answer_one, answer_text, close_one, fairness_reviews, finding_of, open_one
from flows.statements.acceptance import ActingOfficer, accept

FIRST, APPEALS, OTHER = (ActingOfficer(f"OFF-DEMO-{number}", ELECTION, AS_OF) for number in (1, 4, 5))


def stands_out(gathered: Gathered) -> list[Contrast]:
    """Return a finding about an organisation of which somebody was refused, as if it had stood out."""
    refused = {case.origin.organisation for case in gathered.cases if case.outcome is Outcome.REFUSED}
    found = (one for one in gathered.contrasts if one.question is Question.REFUSAL and one.group in refused)
    return [replace(next(found), verdict=Verdict.STANDS_OUT)]


@pytest.fixture
def finding(sqlite_stages: Stages, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr("flows.oversight.reviews.reviews", stands_out)
    with sqlite_stages.copy("decided"):
        yield finding_of(stands_out(gather(ELECTION, now=AS_OF))[0])


def test_a_review_is_opened_answered_and_closed_by_officers_who_decided_none_of_its_cases(
    finding: str, tmp_path: Path
) -> None:
    with pytest.raises(OfficerRefusedError, match="decided cases of this review"):
        open_one(finding, FIRST)
    with pytest.raises(UnknownThingError):
        open_one("refusal/nationality/XXX", APPEALS)
    opened = open_one(finding, APPEALS)
    assert (opened.stands, FIRST.officer in opened.officers, bool(opened.cases)) == ("opened", True, True)
    assert open_one(finding, OTHER) == opened
    with pytest.raises(BadInputError, match="no answer yet"):
        close_one(finding, OTHER)
    answered = answer_one(finding, ReviewAnswer.EXPLAINED, "Their papers had run out.", APPEALS)
    with pytest.raises(OfficerRefusedError, match="another officer closes"):
        close_one(finding, APPEALS)
    with pytest.raises(OfficerRefusedError, match="decided cases"):
        close_one(finding, FIRST)
    assert close_one(finding, OTHER).stands == "closed"
    assert [one.stands for one in fairness_reviews(ELECTION)] == ["closed"]
    assert answer_text(ELECTION, answered) == "Their papers had run out."
    assert audit(ELECTION).is_whole
    export_record(ELECTION, tmp_path / "record.json")
    assert check_record(tmp_path / "record.json").faults == ()


def test_a_step_that_names_fewer_deciders_than_the_first_counts_for_nothing(finding: str) -> None:
    opened = open_one(finding, APPEALS)
    with open_store(database()) as store:
        terms = {**opened.terms, "officers": [], "step": ReviewStep.ANSWERED.value, "answer": "explained"}
        accept(store, FIRST, Deed(kind=ActKind.REVIEW, cases=opened.cases, terms=terms))
    assert [one.stands for one in fairness_reviews(ELECTION)] == ["opened"]
