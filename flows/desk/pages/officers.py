"""Officers: who serves what, with which passkey; acts that two administrators sign; links for new devices."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from db.store import open_reader
from domain.statements.officer_acts import BY_TWO, StaffAct, first_hands, open_proposals
from domain.statements.officers import OfficerRefusedError, OfficerRole
from domain.statements.signatures import OFFICER_KEY
from domain.values import OfficerCode
from flows.context import database
from flows.decisions.officer_acts import staff_table
from flows.desk.enrolling import LINK_LIVES, fingerprint, new_link
from flows.desk.visit import Visit, visiting

router = APIRouter()
_ACTS: Final = (
    StaffAct.ENROL, StaffAct.SUSPEND, StaffAct.REINSTATE, StaffAct.SERVE, StaffAct.LIFT_RECUSAL, StaffAct.SHIFT,
    StaffAct.END_SHIFT,
)  # fmt: skip


@router.get("/officers")
def officers(visit: Annotated[Visit, Depends(visiting)]) -> Response:
    """Show the officers, what waits for a second administrator, and keys of new devices."""
    with open_reader(database()) as store:
        everybody = store.officers.all_in(visit.election)
        entries = store.staff.entries(visit.election)
        waiting = store.links.waiting(visit.election)
        enrolled = store.statements.authority(visit.election).enrolled
    open_acts = [entry for entry in open_proposals(entries) if entry.act is not StaffAct.ENROL]
    if visit.officer.code not in first_hands(everybody):
        raise OfficerRefusedError(visit.officer.code, OfficerRole.ADMINISTRATOR.asked_for)
    rows = staff_table(visit.election)
    keys = {row["officer"]: enrolled[row["officer"]].keys for row in rows}
    roles = {officer.code: officer.roles for officer in everybody}
    return visit.page(
        "officers.html", rows=rows, keys=keys, roles=roles, open_acts=open_acts,
        acts=[act for act in _ACTS if act in BY_TWO],
        waiting=[(key, fingerprint(OFFICER_KEY.validate_python(key.key))) for key in waiting],
        print_of=fingerprint,
    )  # fmt: skip


def offer(visit: Visit, officer: OfficerCode) -> None:
    """Make a link for a new device of *officer* and show it once to who proposed it."""
    link = new_link(visit.state.address, visit.election, officer, by=visit.officer.code)
    visit.session.told.append(
        (True, visit.say("officers.link", officer=officer, link=link, hours=int(LINK_LIVES.total_seconds()) // 3600))
    )
