"""What an officer could decide on a case as it stands; whether reasons and facts suffice is judged afterwards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from domain.application import events as e
from domain.application.application import Application
from domain.application.lifecycle import TRANSITIONS, Kind
from domain.application.status import Status
from domain.decisions.competence import check_competence, check_confirmation
from domain.decisions.rulings import Outcome, Ruling, check_part, may_decide
from domain.election.profile import ElectionProfile
from domain.errors import AccreditationError
from domain.statements.officers import Officer
from domain.values import OfficerCode

_OPENS: Final[Mapping[Outcome, Kind]] = MappingProxyType(
    {
        Outcome.APPROVE: e.ApplicationApproved,
        Outcome.REFUSE: e.RefusalProposed,
        Outcome.DEFER: e.ApplicationDeferred,
        Outcome.REQUEST_INFORMATION: e.InformationRequested,
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
    officer: Officer, application: Application, profile: ElectionProfile, *, earlier: Collection[OfficerCode] = ()
) -> tuple[Outcome, ...]:
    """Return the outcomes that *officer* could decide, in the order of :class:`Outcome`.

    *earlier* are those who acted before an appeal was lodged. An open proposal is answered before anything else.
    """
    return tuple(
        outcome for outcome in _possible(officer, application) if _may(outcome, officer, application, profile, earlier)
    )


def _possible(officer: Officer, application: Application) -> tuple[Outcome, ...]:
    proposal = application.proposal
    if proposal is not None:
        return (Outcome.RECALL,) if proposal.by == officer.code else (Outcome.CONFIRM, Outcome.RETURN)
    if application.status is Status.IN_VETTING:
        return ()  # the checks are running; what they clear the profile's rule approves
    found = tuple(outcome for outcome, kind in _OPENS.items() if (application.status, kind) in TRANSITIONS)
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
        if outcome is Outcome.CONFIRM:
            check_confirmation(application, profile)
    except AccreditationError:
        return False
    return True
