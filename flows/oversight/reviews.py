"""Reviews of groups that stand out: which there are, and the signed acts that open, answer and close one."""

from __future__ import annotations

from uuid import UUID

from pydantic import JsonValue

from db.store import Store, open_reader, open_store
from domain.application.application import case_number
from domain.errors import BadInputError, UnknownThingError
from domain.oversight.fairness.contrasts import Contrast
from domain.oversight.report.figures import HEADQUARTERS
from domain.oversight.reviews import FairnessReview, ReviewAnswer, ReviewStep, open_review, reviews_in
from domain.statements.officers import OfficerRefusedError, OfficerRole
from domain.statements.statement import ActKind, Deed, plain
from domain.values import ElectionCode
from flows.context import database
from flows.oversight.reporting import gather, review_of, reviews
from flows.statements.acceptance import ActingOfficer, authorise


def finding_of(contrast: Contrast) -> str:
    """Return the name of a finding: question, dimension and group."""
    return f"{contrast.question.value}/{contrast.dimension.value}/{contrast.group}"


def fairness_reviews(election: ElectionCode) -> list[FairnessReview]:
    """Return every review, first to last."""
    with open_reader(database()) as store:
        return _reviews(store, election)


def open_one(finding: str, by: ActingOfficer) -> FairnessReview:
    """Open the review of a group that stands out now; opened again while it is open, nothing changes.

    Raises :class:`UnknownThingError` for what does not stand out, and :class:`OfficerRefusedError` for an officer who
    decided one of its cases, or is of an office that did.
    """
    gathered = gather(by.election, now=by.now)
    known = {finding_of(contrast): contrast for contrast in reviews(gathered)}
    with open_store(database()) as store:
        if there := open_review(_reviews(store, by.election), finding):
            return there
        if finding not in known:
            raise UnknownThingError("finding", finding, known=[*known])
        review = review_of(gathered, known[finding])
        cases = tuple(case.origin.id for case in gathered.cases if case_number(case.origin.id) in review.cases)
        offices = [office for office in review.decided_by if office != HEADQUARTERS]
        said: dict[str, JsonValue] = {
            "finding": finding,
            "offices": plain(offices),
            "officers": plain(_deciders(store, cases)),
        }
        _sign(store, by, Deed(kind=ActKind.REVIEW, cases=cases, terms={**said, "step": ReviewStep.OPENED.value}))
    return _newest(finding, by)


def answer_one(finding: str, answer: ReviewAnswer, text: str, by: ActingOfficer) -> FairnessReview:
    """Record what the files say; a later answer takes the place of an earlier one while the review is open."""
    if not text.strip():
        raise BadInputError("--text", "is missing.", remedy="Say what was read and what it shows; name no person.")
    with open_store(database()) as store:
        review = _open(store, finding, by)
        terms = review.terms | {"step": ReviewStep.ANSWERED.value, "answer": answer.value}
        _sign(store, by, Deed(kind=ActKind.REVIEW, cases=review.cases, terms=terms, words={"answer": text}))
    return _newest(finding, by)


def close_one(finding: str, by: ActingOfficer) -> FairnessReview:
    """Close a review that another officer answered."""
    with open_store(database()) as store:
        review = _open(store, finding, by)
        if review.answer is None:
            raise BadInputError(finding, "has no answer yet.", remedy="accredit fairness answer, by another officer.")
        if review.answered_by == by.officer:
            raise OfficerRefusedError(by.officer, "answered this review; another officer closes it.")
        terms = review.terms | {"step": ReviewStep.CLOSED.value}
        _sign(store, by, Deed(kind=ActKind.REVIEW, cases=review.cases, terms=terms))
    return _newest(finding, by)


def answer_text(election: ElectionCode, review: FairnessReview) -> str:
    """Return the text of the answer; empty where there is none, or it was erased."""
    with open_reader(database()) as store:
        words = store.statements.words(election).get(review.words) if review.words else None
    return words.texts.get("answer", "") if words else ""


def _reviews(store: Store, election: ElectionCode) -> list[FairnessReview]:
    return reviews_in(store.statements.entries(election, kinds=(ActKind.REVIEW,)))


def _newest(finding: str, by: ActingOfficer) -> FairnessReview:
    return next(each for each in reversed(fairness_reviews(by.election)) if each.finding == finding)


def _open(store: Store, finding: str, by: ActingOfficer) -> FairnessReview:
    found = open_review(_reviews(store, by.election), finding)
    if found is None:
        raise BadInputError(finding, "has no open review.", remedy=f"accredit fairness open {finding}")
    return found


def _deciders(store: Store, cases: tuple[UUID, ...]) -> list[str]:
    events = (event for case in cases for event in store.applications.history(case))
    return sorted({event.actor.code for event in events if event.actor.kind == "officer"})


def _sign(store: Store, by: ActingOfficer, deed: Deed) -> None:
    """Sign as a case officer or, because they did not decide at first, as an appeals officer."""
    officer = store.officers.get(by.election, by.officer)
    role = OfficerRole.APPEALS_OFFICER if officer.may(OfficerRole.APPEALS_OFFICER) else OfficerRole.CASE_OFFICER
    authorise(store, by, deed, role=role)
