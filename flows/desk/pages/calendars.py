"""The calendar: another election day, shown with everything that it moves, and signed by two administrators."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import ValidationError

from db.store import open_reader
from domain.election.moving import Move
from domain.errors import BadInputError
from domain.statements.officer_acts import first_hands
from domain.statements.officers import OfficerRefusedError, OfficerRole
from flows.context import database
from flows.desk.visit import Visit, visiting
from flows.election.move_drafts import calendar_versions, draft_move, open_moves

router = APIRouter()


@router.get("/calendar")
def calendar(visit: Annotated[Visit, Depends(visiting)], day: str = "", ground: str = "", title: str = "") -> Response:
    """Show every calendar so far and what waits for a second administrator; with a *day*, what it would move."""
    with open_reader(database()) as store:
        if visit.officer.code not in first_hands(store.officers.all_in(visit.election)):
            raise OfficerRefusedError(visit.officer.code, OfficerRole.ADMINISTRATOR.asked_for)
    wanted = _move(day, ground, title) if day else None
    draft = draft_move(visit.election, wanted, now=visit.now) if wanted else None
    return visit.page(
        "calendar.html",
        versions=calendar_versions(visit.election),
        waiting=open_moves(visit.election),
        move=wanted,
        draft=draft,
    )


def _move(day: str, ground: str, title: str) -> Move:
    try:
        return Move(day=date.fromisoformat(day), ground=ground, title=title)
    except (ValidationError, ValueError) as error:
        raise BadInputError("form", "the day or its ground is missing.", remedy="Fill both in.") from error
