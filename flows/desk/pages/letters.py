"""Letters that are held until an officer has seen how many they are, and what they say."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from db.letters.letters import LetterFilter
from db.store import open_reader
from domain.letters.envelope import LetterState
from domain.statements.officers import OfficerRefusedError, OfficerRole
from flows.context import database
from flows.decisions.looks import check_opening
from flows.delivery.correspondence import held_letters, lines
from flows.desk.pages.case import letter_page
from flows.desk.visit import Visit, visiting

router = APIRouter()
SAMPLE: Final = 25


@router.get("/letters")
def letters(visit: Annotated[Visit, Depends(visiting)]) -> Response:
    """Show what is held, by kind, with a sample of each; and what failed."""
    _require_officer(visit)
    held = held_letters(visit.election)
    failed = lines(visit.election, LetterFilter(state=LetterState.FAILED), limit=SAMPLE)
    return visit.page("letters.html", held=held, failed=failed)


@router.get("/letters/view/{key:path}")
def letter(key: str, visit: Annotated[Visit, Depends(visiting)]) -> Response:
    """Show a held letter as it would leave; one about a case that the officer may not open stays closed."""
    _require_officer(visit)
    with open_reader(database()) as store:
        found = store.letters.get(visit.election, key)
        known = found.envelope.application_id
        if known is not None:
            check_opening(store, visit.officer, store.applications.get(known), visit.profile, now=visit.now)
    if known is not None:
        visit.looked("letter", known)
    return letter_page(visit, found, back="/letters")


def _require_officer(visit: Visit) -> None:
    if not visit.sees_cases:
        raise OfficerRefusedError(visit.officer.code, OfficerRole.CASE_OFFICER.asked_for)
