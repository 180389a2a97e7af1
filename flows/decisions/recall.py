"""Recalling a refusal: its letter is cancelled, or the recall is refused because the letter has left."""

from __future__ import annotations

from collections.abc import Sequence

from db.store import Store
from domain.application.application import Application
from domain.application.events import Event
from domain.decisions.recall import refusal_of
from domain.decisions.rulings import DecisionRefusedError
from domain.letters.envelope import LetterKind
from domain.values import OfficerCode, UtcTime
from flows.delivery.orders import write_down


def take_letter_back(
    store: Store, application: Application, history: Sequence[Event], *, officer: OfficerCode, now: UtcTime
) -> None:
    """Cancel the letter of the refusal; raises :class:`DecisionRefusedError` where it left, or where a session decided.

    A delivery that claims the letter at the same moment wins or loses; there is nothing in between.
    """
    decided = refusal_of(history)
    adopted = [
        decision.session for decision in store.decisions.of_application(application.id) if decision.id == decided
    ]
    if any(adopted):
        told = f"was adopted by resolution {adopted[0]}; no officer recalls it. The person can appeal."
        raise DecisionRefusedError(f"{application.case_number}: its refusal {told}")
    key = f"{LetterKind.REFUSAL}:{application.id}:{application.version}"
    if not store.letters.take_back(application.election, key, officer=officer, now=now):
        told = "the letter of its refusal has left, and the refusal stands. The person can appeal."
        raise DecisionRefusedError(f"{application.case_number}: {told}")
    write_down(store, application.election, officer=officer, now=now)
