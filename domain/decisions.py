"""Officers' decisions: what they can decide, and what each decision does to an application."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from domain import events as e
from domain.actors import Actor
from domain.application import Application
from domain.errors import AccreditationError
from domain.officers import Officer, OfficerRefusedError, OfficerRole
from domain.profile import ElectionProfile
from domain.reasons import ReasonCode
from domain.values import Frozen, OfficerCode, UtcTime


class Outcome(StrEnum):
    """What an officer can decide on a case in review. Refusal takes two: one proposes, another confirms."""

    APPROVE = "approve"
    REFUSE = "refuse"
    CONFIRM = "confirm"
    RETURN = "return"
    DEFER = "defer"
    REQUEST_INFORMATION = "request_information"


# Who may confirm may also return; the officer who proposed, who is a case officer, may take the proposal back.
_ROLES = {
    Outcome.CONFIRM: (OfficerRole.CONFIRMING_OFFICER,),
    Outcome.RETURN: (OfficerRole.CONFIRMING_OFFICER, OfficerRole.CASE_OFFICER),
}
NEEDS_REASON = frozenset({Outcome.REFUSE, Outcome.DEFER, Outcome.REQUEST_INFORMATION})


class DecisionRefusedError(AccreditationError):
    """The decision lacks something that it must carry."""

    exit_code = 2


class Decision(Frozen):
    """An officer's act, with the facts it rests on."""

    id: UUID
    application_id: UUID
    officer: OfficerCode
    outcome: Outcome
    reasons: tuple[ReasonCode, ...] = ()
    facts: Annotated[str, Field(repr=False)] = ""
    proof: str
    at: UtcTime


class Ruling(Frozen):
    """An outcome with its reasons, and for a deferral the time it ends."""

    outcome: Outcome
    reasons: tuple[ReasonCode, ...] = ()
    until: UtcTime | None = None
    facts: Annotated[str, Field(repr=False)] = ""


def check_ruling(ruling: Ruling, officer: Officer, profile: ElectionProfile, *, now: UtcTime) -> None:
    """Raise :class:`DecisionRefusedError` or :class:`OfficerRefusedError` for what can be seen before any case is."""
    roles = _ROLES.get(ruling.outcome, (OfficerRole.CASE_OFFICER,))
    if not any(officer.may(role) for role in roles):
        raise OfficerRefusedError(officer.code, f"this takes a {roles[0].replace('_', ' ')}, in service.")
    if ruling.outcome in NEEDS_REASON and not ruling.reasons:
        raise DecisionRefusedError(f"To {ruling.outcome.replace('_', ' ')}, give at least one reason code.")
    if off := [code for code in ruling.reasons if code not in profile.reasons]:
        raise DecisionRefusedError(f"{', '.join(off)}: the profile gives no legal ground for it in this election.")
    wrong = [code for code in ruling.reasons if not _fits(ruling.outcome, code)]
    if wrong:
        raise DecisionRefusedError(f"{', '.join(wrong)} cannot found a decision to {ruling.outcome.replace('_', ' ')}.")
    if ruling.outcome is Outcome.DEFER and (ruling.until is None or ruling.until <= now):
        raise DecisionRefusedError("A deferral ends at a named time in the future: give until.")


def _fits(outcome: Outcome, code: ReasonCode) -> bool:
    match outcome:
        case Outcome.REFUSE:
            return code.is_refusal
        case Outcome.REQUEST_INFORMATION:
            return code.is_deficiency
        case Outcome.DEFER:
            return code is ReasonCode.X01
        case _:
            return False


def event_of(decision: Decision, ruling: Ruling, application: Application, profile: ElectionProfile) -> e.Event:
    """Return the event that *decision* is for *application*; raises for a recused officer or a missing proposal."""
    happening: dict[str, Any] = {
        "application_id": application.id,
        "at": decision.at,
        "actor": Actor.officer(decision.officer),
        "decision_id": decision.id,
    }
    match ruling.outcome:
        case Outcome.APPROVE:
            return e.ApplicationApproved(**happening)
        case Outcome.REFUSE:
            return e.RefusalProposed(**happening, reasons=ruling.reasons)
        case Outcome.CONFIRM:
            reasons = application.proposal.reasons if application.proposal else ()
            return e.ApplicationRefused(**happening, reasons=reasons or (ReasonCode.R02,))
        case Outcome.RETURN:
            return e.ProposalReturned(**happening)
        case Outcome.DEFER:
            return e.ApplicationDeferred(**happening, reasons=ruling.reasons, due_at=ruling.until or decision.at)
        case Outcome.REQUEST_INFORMATION:
            due = profile.cure_due(decision.at)
            return e.InformationRequested(**happening, reasons=ruling.reasons, due_at=due)
