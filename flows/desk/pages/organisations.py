"""Organisations before their nominees: who applied, who is admitted, and what was done about each."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from db.store import open_reader
from domain.application.reasons import ReasonCode
from domain.organisations.organisation import (
    ON_APPEAL,
    PROPOSES,
    RETURNS,
    Organisation,
    OrganisationActKind,
    is_possible,
    open_proposal,
    took_part,
)
from domain.statements.officers import OfficerRefusedError, OfficerRole
from domain.vetting.organisations import UNDECIDED_STANDINGS
from flows.context import database
from flows.desk.visit import Visit, visiting
from flows.organisations.admission import acts_of, mark_of, organisations_table, role_of

router = APIRouter()
KEYS: Final = {
    OrganisationActKind.ADMIT: "a",
    OrganisationActKind.ASK: "i",
    OrganisationActKind.PROPOSE_REFUSAL: "r",
    OrganisationActKind.REFUSE: "c",
    OrganisationActKind.RETURN_REFUSAL: "t",
    OrganisationActKind.SUSPEND: "s",
    OrganisationActKind.LODGE_APPEAL: "l",
    OrganisationActKind.GRANT_APPEAL: "g",
    OrganisationActKind.PROPOSE_DISMISSAL: "x",
    OrganisationActKind.DISMISS_APPEAL: "c",
    OrganisationActKind.RETURN_DISMISSAL: "t",
    OrganisationActKind.REMAND_APPEAL: "m",
}
_WITH_FACTS: Final = frozenset({
    OrganisationActKind.ADMIT, OrganisationActKind.ASK, OrganisationActKind.PROPOSE_REFUSAL,
    OrganisationActKind.SUSPEND, OrganisationActKind.GRANT_APPEAL, OrganisationActKind.PROPOSE_DISMISSAL,
    OrganisationActKind.REMAND_APPEAL,
})  # fmt: skip
_SECOND: Final = frozenset({*PROPOSES.values(), *RETURNS.values()})


@router.get("/organisations")
def organisations(visit: Annotated[Visit, Depends(visiting)]) -> Response:
    """Show every organisation, those that wait for an officer first."""
    _require_officer(visit)
    rows = organisations_table(visit.election, now=visit.now)
    waits = {"invited", "applied", "under_appeal"}
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
        "organisation.html", organisation=found, mark=mark_of(found, acts), acts=list(reversed(acts)),
        proposal=open_proposal(acts),
        possible=[(what, KEYS[what]) for what in _possible(visit, found)], reasons=reasons,
        facts_of=_WITH_FACTS, deficiencies=[reason for reason in visit.profile.reasons if reason is ReasonCode.D07],
    )  # fmt: skip


def _possible(visit: Visit, organisation: Organisation) -> list[OrganisationActKind]:
    """Return what this officer could do about it as it stands; the steps judge again."""
    if visit.only_prepares or organisation.code in visit.officer.recused_from:
        return []
    acts = acts_of(visit.election, organisation.code)
    proposal = open_proposal(acts)
    answers = {PROPOSES[proposal.act], RETURNS[proposal.act]} if proposal else frozenset[OrganisationActKind]()
    return [
        what
        for what in KEYS
        if visit.may(role_of(what).value)
        and is_possible(what, organisation.standing)
        and (what in answers if proposal else what not in _SECOND)
        and not (proposal and proposal.officer == visit.officer.code)
        and not (what in ON_APPEAL and visit.officer.code in took_part(acts))
        and (what is not OrganisationActKind.ASK or organisation.standing in UNDECIDED_STANDINGS)
    ]


def _require_officer(visit: Visit) -> None:
    if not visit.sees_cases:
        raise OfficerRefusedError(visit.officer.code, OfficerRole.CASE_OFFICER.asked_for)
