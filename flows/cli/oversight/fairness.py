"""``accredit fairness``: reviews of groups that stand out, each step signed by an officer outside of the office."""

from __future__ import annotations

from typing import Annotated

import typer

from domain.application.application import case_number
from domain.oversight.reviews import FairnessReview, ReviewAnswer
from flows.cli.officer_options import by_officer
from flows.cli.options import Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election
from flows.oversight.reviews import answer_one, answer_text, close_one, fairness_reviews, open_one
from flows.statements.acceptance import ActingOfficer

Finding = Annotated[str, typer.Argument(help="As in accredit report --findings, such as refusal/nationality/XZZ.")]


@command("fairness list", example="--json")
def list_reviews(election: Election = None, as_json: Json = False) -> None:
    """Show every review of a group that stood out: who opened, answered and closed it. Not public."""
    code = chosen_election(election)
    found = fairness_reviews(code)
    if as_json:
        show_json([review.model_dump(mode="json") | {"text": answer_text(code, review)} for review in found])
        return
    show_table("Reviews", [_row(review) for review in found], empty="none")
    for review in found:
        if said := answer_text(code, review):
            console.print(f"{review.finding}: {said}", highlight=False, markup=False)


@command("fairness open", example="refusal/nationality/XZZ --officer OFF-DEMO-2")
@by_officer
def open_review(by: ActingOfficer, finding: Finding) -> None:
    """Open the review of a group that stands out. Whoever decided its cases, or is of an office that did, may not."""
    opened = open_one(finding, by)
    console.print(f"Open. Read: {', '.join(map(case_number, opened.cases))}", highlight=False)
    console.print("It proves nothing. Groups differ in their papers, their days and much that no table knows.")


@command("fairness answer", example="refusal/nationality/XZZ explained --text 'Ten files lacked the pledge.'")
@by_officer
def answer_review(
    by: ActingOfficer,
    finding: Finding,
    answer: Annotated[ReviewAnswer, typer.Argument(help="What the files say.")],
    text: Annotated[str, typer.Option("--text", help="What was read and what it shows; name no person.")] = "",
) -> None:
    """Record what the files of a review say. It changes no case: wrong decisions are mended in the usual way."""
    answer_one(finding, answer, text, by)
    console.print(f"Recorded. Another officer closes it: accredit fairness close {finding}", highlight=False)


@command("fairness close", example="refusal/nationality/XZZ --officer OFF-DEMO-4")
@by_officer
def close_review(by: ActingOfficer, finding: Finding) -> None:
    """Close a review that another officer answered."""
    closed = close_one(finding, by)
    console.print(f"Closed: {closed.answer.value if closed.answer else ''}", highlight=False)


def _row(review: FairnessReview) -> dict[str, str]:
    return {
        "finding": review.finding, "stands": review.stands, "answer": review.answer.value if review.answer else "",
        "opened by": review.opened_by, "answered by": review.answered_by or "", "closed by": review.closed_by or "",
        "not for": ", ".join((*review.offices, *review.officers)),
    }  # fmt: skip
