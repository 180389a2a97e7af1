"""Graded measures against an accreditation: warning, suspension, revocation (practice, rule S9).

Each says why nothing milder is enough, and is open to a reply that is answered before anything further is decided.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from domain.application import events as e
from domain.application.application import Application
from domain.application.reasons import ReasonCode
from domain.application.weighing import Weighed, weighed
from domain.errors import AccreditationError

_STEPS: Final = (e.WarningGiven, e.CredentialSuspended)
_ENDS: Final = (e.AppealGranted, e.AppealDismissed)
_MEASURES: Final = (*_STEPS, e.RevocationProposed)


class MeasureRefusedError(AccreditationError):
    """A measure, or what is said about one, lacks something that it must carry."""

    exit_code = 2


def require_weighed(application: Application, facts: str) -> tuple[Weighed, ...]:
    """Return which parts of *facts* weigh the measure; raises where none says why nothing milder is enough."""
    found = tuple(weighed(facts))
    if Weighed.PROPORTIONALITY not in found:
        raise MeasureRefusedError(
            f"{application.case_number}: say why nothing milder is enough: end the facts with "
            f"“{Weighed.PROPORTIONALITY.label} …”."
        )
    return found


def require_steps(
    application: Application,
    reasons: Sequence[ReasonCode],
    said: Collection[Weighed],
    history: Sequence[e.Event],
    told: Collection[UUID],
) -> None:
    """Raise where a breach (V03) is to end an accreditation and no milder step came before, nor is it said why.

    A step counts once its letter has arrived: *told* are the decisions of which that is so. A false statement (V04)
    or a lost eligibility (V05) is nothing that a warning mends: the code is the ground.
    """
    if ReasonCode.V03 not in reasons or Weighed.STEPS_SKIPPED in said:
        return
    steps = [event for event in history if isinstance(event, _STEPS) and not is_overturned(event, history)]
    if any(step.decision_id in told for step in steps):
        return
    lacking = "no warning and no suspension came before. Warn first (outcome warn)"
    if steps:
        lacking = (
            f"the {steps[-1].kind.replace('_', ' ')} before it has reached nobody; it counts once its letter has "
            "arrived. Send it (accredit deliver, letters resend), record how it was handed over (letters hand-over)"
        )
    raise MeasureRefusedError(
        f"{application.case_number}: {lacking}, or say why not: end the facts with “{Weighed.STEPS_SKIPPED.label} …”."
    )


def is_overturned(step: e.WarningGiven | e.CredentialSuspended, history: Sequence[e.Event]) -> bool:
    """Whether an appeal against *step* was granted: then it is no step that came before."""
    is_appealed = False
    for event in history:
        if isinstance(event, e.AppealLodged):
            is_appealed = event.against == step.decision_id
        elif is_appealed and isinstance(event, _ENDS):
            return isinstance(event, e.AppealGranted)
    return False


def require_answered(application: Application) -> None:
    """Raise while a reply or an appeal of the person waits: it is considered before anything further is decided."""
    if application.reply_id is not None:
        raise MeasureRefusedError(
            f"{application.case_number}: the person's reply waits for an answer. Answer it first: outcome answer_reply"
        )
    if application.appeal_due_at is not None:
        raise MeasureRefusedError(
            f"{application.case_number}: the person's appeal against a measure is open. Others decide it first: "
            "outcome grant_appeal or dismiss_appeal"
        )


def is_measured(history: Sequence[e.Event]) -> bool:
    """Whether there was a measure, to which the person may reply."""
    return any(isinstance(event, _MEASURES) for event in history)


def measure_replied_to(application: Application, history: Sequence[e.Event]) -> UUID:
    """Return the decision of the last measure; raises where there was none, or a reply waits already."""
    require_answered(application)
    found = next((event.decision_id for event in reversed(history) if isinstance(event, _MEASURES)), None)
    if found is None:
        raise MeasureRefusedError(f"{application.case_number}: there is no measure to reply to.")
    return found
