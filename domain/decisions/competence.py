"""Competence: what is for the deciding body and not for one officer."""

from __future__ import annotations

from domain.application.application import Application
from domain.decisions.rulings import DecisionRefusedError, Outcome
from domain.election.profile import ElectionProfile


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
