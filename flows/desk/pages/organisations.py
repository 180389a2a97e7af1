"""Organisations before their nominees: who applied, who is admitted, and what was done about each."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from db.store import open_reader
from domain.application.reasons import ReasonCode
from domain.organisations.organisation import BECOMES, STANDINGS, Organisation, OrganisationActKind, open_proposal
from domain.statements.officers import OfficerRefusedError, OfficerRole
from domain.vetting.organisations import UNDECIDED_STANDINGS
from flows.context import database
from flows.desk.visit import Visit, visiting
from flows.organisations.admission import acts_of, organisations_table

router = APIRouter()
KEYS: Final = {
    OrganisationActKind.ADMIT: "a",
    OrganisationActKind.ASK: "i",
    OrganisationActKind.PROPOSE_REFUSAL: "r",
    OrganisationActKind.REFUSE: "c",
    OrganisationActKind.RETURN_REFUSAL: "t",
    OrganisationActKind.SUSPEND: "s",
}


@router.get("/organisations")
def organisations(visit: Annotated[Visit, Depends(visiting)]) -> Response:
    """Show every organisation, those that wait for an officer first."""
    _require_officer(visit)
    rows = organisations_table(visit.election, now=visit.now)
    waits = {"invited", "applied"}
    rows.sort(key=lambda row: (not row["open"], row["standing"] not in waits, -row["waiting"], row["organisation"]))
    return visit.page("organisations.html", rows=rows)


@router.get("/organisations/{code}")
def organisation(code: str, visit: Annotated[Visit, Depends(visiting)]) -> Response:
    """Show one organisation with what was done about it and what can be."""
    _require_officer(visit)
    with open_reader(database()) as store:
        found = store.organisations.get(visit.election, code)
    acts = acts_of(visit.election, code)
    reasons = [reason for reason in visit.profile.reasons if reason.is_refusal]
    return visit.page(
        "organisation.html", organisation=found, acts=list(reversed(acts)), proposal=open_proposal(acts),
        possible=[(what, KEYS[what]) for what in _possible(visit, found)], reasons=reasons,
        deficiencies=[reason for reason in visit.profile.reasons if reason is ReasonCode.D07],
    )  # fmt: skip


def _possible(visit: Visit, organisation: Organisation) -> list[OrganisationActKind]:
    """Return what this officer could do about it as it stands; the steps judge again."""
    if organisation.code in visit.officer.recused_from:
        return []
    proposal = open_proposal(acts_of(visit.election, organisation.code))
    if proposal is not None:
        second = visit.may("confirming_officer") and proposal.officer != visit.officer.code
        return [OrganisationActKind.REFUSE, OrganisationActKind.RETURN_REFUSAL] if second else []
    if not visit.may("case_officer"):
        return []
    leads_to = {
        OrganisationActKind.PROPOSE_REFUSAL: BECOMES[OrganisationActKind.REFUSE],
        OrganisationActKind.ADMIT: BECOMES[OrganisationActKind.ADMIT],
        OrganisationActKind.SUSPEND: BECOMES[OrganisationActKind.SUSPEND],
    }
    asks = [OrganisationActKind.ASK] if organisation.standing in UNDECIDED_STANDINGS else []
    return [*(what for what, target in leads_to.items() if target in STANDINGS[organisation.standing]), *asks]


def _require_officer(visit: Visit) -> None:
    if not visit.sees_cases:
        raise OfficerRefusedError(visit.officer.code, OfficerRole.CASE_OFFICER.asked_for)
