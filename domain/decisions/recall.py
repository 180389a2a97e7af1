"""Recalls: a refusal taken back by one of the two who made it, while its letter has not left."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from domain.application import events as e
from domain.application.application import Application
from domain.application.status import Status
from domain.decisions.rulings import Decision, DecisionRefusedError, Outcome
from domain.statements.officers import OfficerRefusedError


def is_recall_of_refusal(outcome: Outcome, application: Application) -> bool:
    """Whether *outcome* would take a confirmed refusal back, and not an open proposal."""
    return outcome is Outcome.RECALL and application.status is Status.REFUSED


def recalled(decision: Decision, application: Application, history: Sequence[e.Event]) -> e.RefusalRecalled:
    """Return the event by which the case stands again where it stood before its refusal.

    Raises :class:`DecisionRefusedError` where the refusal is not the last thing that happened, and
    :class:`OfficerRefusedError` for anybody but the two who decided it.
    """
    *before, refusal = history
    if not isinstance(refusal, e.ApplicationRefused):
        raise DecisionRefusedError(
            f"{application.case_number}: its refusal can no longer be recalled; it is on record."
        )
    proposed = next(event for event in reversed(before) if isinstance(event, e.RefusalProposed))
    hands = (proposed.actor.code, refusal.actor.code)
    if decision.officer not in hands:
        told = f"did not refuse {application.case_number}; {hands[0]} or {hands[1]} can recall it."
        raise OfficerRefusedError(decision.officer, told)
    stood = Application.replayed(before)
    return e.RefusalRecalled.model_validate(
        decision.happening | {"back_to": stood.status, "reasons": stood.reasons, "due_at": stood.due_at}
    )


def refusal_of(history: Sequence[e.Event]) -> UUID | None:
    """Return the decision of the last refusal in *history*."""
    return next((event.decision_id for event in reversed(history) if isinstance(event, e.ApplicationRefused)), None)
