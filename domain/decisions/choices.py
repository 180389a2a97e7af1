"""What an officer could decide on a case as it stands, and what is for the deciding body and not for one officer.

Whether reasons and facts suffice is judged afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from domain.application import events as e
from domain.application.application import Application
from domain.application.lifecycle import TRANSITIONS, Kind
from domain.application.status import REVOCABLE, Status
from domain.decisions.appeals import appealed, took_part
from domain.decisions.measures import is_measured
from domain.decisions.rulings import MEASURES, ON_APPEAL, DecisionRefusedError, Outcome, Ruling, check_part, may_decide
from domain.decisions.shifts import check_prepares
from domain.election.profile import ElectionProfile
from domain.errors import AccreditationError
from domain.statements.officers import Officer
from domain.statements.statement import ActKind
from domain.values import OfficerCode

_OPENS: Final[Mapping[Outcome, Kind]] = MappingProxyType(
    {
        Outcome.APPROVE: e.ApplicationApproved,
        Outcome.REFUSE: e.RefusalProposed,
        Outcome.DEFER: e.ApplicationDeferred,
        Outcome.REQUEST_INFORMATION: e.InformationRequested,
        Outcome.WARN: e.WarningGiven,
        Outcome.SUSPEND: e.CredentialSuspended,
        Outcome.LIFT: e.SuspensionLifted,
        Outcome.REVOKE: e.RevocationProposed,
        Outcome.LODGE_APPEAL: e.AppealLodged,
        Outcome.GRANT_APPEAL: e.AppealGranted,
        Outcome.DISMISS_APPEAL: e.DismissalProposed,
        Outcome.REMAND_APPEAL: e.AppealRemanded,
    }
)


def choices(
    officer: Officer, application: Application, profile: ElectionProfile, *, history: Sequence[e.Event] = ()
) -> tuple[Outcome, ...]:
    """Return the outcomes that *officer* could decide, in the order of :class:`Outcome`.

    *history* is what happened to the case. An open proposal, and a reply that waits, come before anything else.
    """
    earlier = took_part(history)
    possible = (*_possible(officer, application), *_on_replies(application, history))
    if appealed(history) is None:
        possible = tuple(outcome for outcome in possible if outcome is not Outcome.LODGE_APPEAL)
    return tuple(outcome for outcome in possible if _may(outcome, officer, application, profile, earlier))


def _on_replies(application: Application, history: Sequence[e.Event]) -> tuple[Outcome, ...]:
    if application.status not in REVOCABLE:
        return ()
    upheld = (Outcome.UPHOLD,) * (application.look_due_at is not None)
    if not is_measured(history):
        return upheld
    return (*upheld, Outcome.RECORD_REPLY if application.reply_id is None else Outcome.ANSWER_REPLY)


def _possible(officer: Officer, application: Application) -> tuple[Outcome, ...]:
    proposal = application.proposal
    waits = application.reply_id is not None or application.appeal_due_at is not None
    if proposal is not None:
        waits = waits and proposal.kind != "dismissal"
        answers = (Outcome.RETURN,) if waits else (Outcome.CONFIRM, Outcome.RETURN)
        return (Outcome.RECALL,) if proposal.by == officer.code else answers
    if application.status is Status.IN_VETTING:
        return ()  # the checks are running; what they clear the profile's rule approves
    barred = MEASURES if waits else frozenset[Outcome]()
    if application.status in REVOCABLE:
        barred |= {Outcome.LODGE_APPEAL} if application.appeal_due_at else ON_APPEAL
    found = tuple(
        outcome
        for outcome, kind in _OPENS.items()
        if (application.status, kind) in TRANSITIONS and outcome not in barred
    )
    return (*found, Outcome.RECALL) if application.status is Status.REFUSED else found


def _may(
    outcome: Outcome,
    officer: Officer,
    application: Application,
    profile: ElectionProfile,
    earlier: Collection[OfficerCode],
) -> bool:
    if not may_decide(officer, outcome):
        return False
    try:
        check_part(officer, Ruling(outcome=outcome), application, earlier=earlier)
        check_competence(outcome, profile)
        check_prepares(officer, ActKind.DECIDE, profile)
        if outcome is Outcome.CONFIRM:
            check_confirmation(application, profile)
    except AccreditationError:
        return False
    return True


def check_competence(outcome: Outcome, profile: ElectionProfile) -> None:
    """Raise :class:`DecisionRefusedError` where *outcome* is for the deciding body, which adopts it in a session."""
    if outcome.value in profile.decision.for_the_body:
        raise DecisionRefusedError(f"To {outcome.replace('_', ' ')} is for {_the_body(profile)}")


def check_confirmation(application: Application, profile: ElectionProfile) -> None:
    """Raise :class:`DecisionRefusedError` where a second officer would confirm what is for the deciding body."""
    proposal = application.proposal
    if proposal and proposal.kind == "refusal" and Outcome.REFUSE.value in profile.decision.for_the_body:
        told = f"{application.case_number}: to refuse is for {_the_body(profile)} Return the proposal first."
        raise DecisionRefusedError(told)


def _the_body(profile: ElectionProfile) -> str:
    body = (profile.decision.body or "").replace("_", " ")
    return f"the {body} in this election: put it on an agenda with accredit session agenda."
