"""Reviews of groups that stand out: opened, answered and closed by signed acts of officers outside of the office.

A review proves nothing. What is signed names who decided the cases, and the signature of one of them is refused: by
the record's own rules, which the engine and whoever checks an export of it apply.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from domain.statements.record import Entry, applied_in
from domain.statements.statement import Statement
from domain.values import Frozen, OfficerCode, Sha256, UtcTime

SAME: Final = ("finding", "offices", "officers")
"""Terms that every step of a review repeats as the first one said them."""


class ReviewStep(StrEnum):
    """How far a review has come."""

    OPENED = "opened"
    ANSWERED = "answered"
    CLOSED = "closed"


class ReviewAnswer(StrEnum):
    """What was found when the files were read again."""

    EXPLAINED = "explained"
    """The files themselves explain the difference."""
    ERRORS = "errors"
    """Decisions were wrong; they are mended in the usual way."""
    UNCLEAR = "unclear"
    """The files do not say; the question stays."""


class FairnessReview(Frozen):
    """A review as the record of signed acts has it."""

    finding: str
    """Question, dimension and group, such as ``refusal/nationality/XZZ``."""
    cases: tuple[UUID, ...]
    offices: tuple[str, ...]
    """Whose officers decided the cases, and take no part."""
    officers: tuple[OfficerCode, ...]
    """Who decided them, and take no part."""
    opened_by: OfficerCode
    opened_at: UtcTime
    answer: ReviewAnswer | None = None
    answered_by: OfficerCode | None = None
    answered_at: UtcTime | None = None
    words: Sha256 | None = None
    """The statement that has the answer's text, while it is kept."""
    closed_by: OfficerCode | None = None
    closed_at: UtcTime | None = None

    @property
    def stands(self) -> str:
        """How far it has come, in a word."""
        if self.closed_at:
            return ReviewStep.CLOSED.value
        return ReviewStep.ANSWERED.value if self.answer else ReviewStep.OPENED.value

    @property
    def terms(self) -> dict[str, JsonValue]:
        """What every further step repeats."""
        return {"finding": self.finding, "offices": list(self.offices), "officers": list(self.officers)}


def reviews_in(entries: Iterable[Entry]) -> list[FairnessReview]:
    """Return the reviews that applied statements of the record tell of, first to last.

    A step that nothing was open for, or that names others as deciders than the first one, counts for nothing.
    """
    found: list[FairnessReview] = []
    for statement in applied_in(entries):
        _take(found, statement)
    return found


def open_review(reviews: Iterable[FairnessReview], finding: str) -> FairnessReview | None:
    """Return the review of *finding* that is not closed."""
    return next((review for review in reviews if review.finding == finding and not review.closed_at), None)


def _take(found: list[FairnessReview], statement: Statement) -> None:
    terms, by, at = statement.terms, statement.officer, statement.arrived_at or statement.signed_at
    before = open_review(found, str(terms["finding"]))
    if before is None:
        if terms["step"] == ReviewStep.OPENED:
            opened = {"cases": tuple(statement.versions), "opened_by": by, "opened_at": at}
            found.append(FairnessReview.model_validate({name: terms[name] for name in SAME} | opened, strict=False))
        return
    if any(terms[name] != before.terms[name] for name in SAME):
        return
    place = found.index(before)
    if terms["step"] == ReviewStep.ANSWERED:
        answer = ReviewAnswer(str(terms["answer"]))
        found[place] = before.revised(answer=answer, answered_by=by, answered_at=at, words=statement.digest)
    elif terms["step"] == ReviewStep.CLOSED and before.answer and by != before.answered_by:
        found[place] = before.revised(closed_by=by, closed_at=at)
