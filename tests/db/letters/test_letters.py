"""What officers see and order: histories, holds, confirmations, the account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker
from support.builders import ELECTION, LATER, NOW, an_envelope

from db.letters.letters import EVERY_LETTER, LetterFilter
from db.letters.outbox import Settlement
from db.store import open_reader, open_store
from domain.errors import UnknownThingError
from domain.letters.delivery import Reconciliation
from domain.letters.envelope import LetterKind, LetterOrder, LetterState

Opened = sessionmaker[Session]


@pytest.fixture
def queued(opened: Opened) -> Opened:
    """Return a database with five letters in the outbox, one of another kind."""
    with open_store(opened) as store:
        for number in range(4):
            store.outbox.put(ELECTION, an_envelope(f"approval:{number}"), now=NOW)
        store.outbox.put(ELECTION, an_envelope("receipt:1", kind=LetterKind.RECEIPT), now=NOW)
    return opened


def account(opened: Opened) -> Reconciliation:
    with open_reader(opened) as store:
        return store.letters.reconciliation(ELECTION)


def ordered(opened: Opened, order: LetterOrder, *keys: str) -> int:
    with open_store(opened) as store:
        wanted = LetterFilter(only=keys) if keys else EVERY_LETTER
        return store.letters.order(ELECTION, order, wanted, officer="OFF-1", now=LATER)


def held(opened: Opened, threshold: int) -> int:
    with open_store(opened) as store:
        return store.letters.hold_mass(ELECTION, threshold=threshold)


def tried(opened: Opened, key: str, state: LetterState, answer: str, at_minute: int = 0) -> None:
    at = NOW + timedelta(minutes=at_minute)
    with open_store(opened) as store:
        store.outbox.claim(ELECTION, "a:1:1", limit=1, now=at, clock=at, lease=timedelta(minutes=1))
        again = at if state is LetterState.DEFERRED else None
        store.outbox.settle([Settlement(key, state, answer, again)], now=at)


def test_every_attempt_and_every_order_is_in_the_history_of_its_letter(queued: Opened) -> None:
    tried(queued, "approval:0", LetterState.DEFERRED, "451 4.3.0 later")
    tried(queued, "approval:0", LetterState.FAILED, "550 5.1.1 unknown", 5)
    assert ordered(queued, LetterOrder.RETRY, "approval:0") == 1
    tried(queued, "approval:0", LetterState.SENT, "250 2.0.0 taken", 9)
    with open_reader(queued) as store:
        history = store.letters.history("approval:0")
        assert store.letters.get(ELECTION, "approval:0").attempts == 1
    assert [(one.state.value, one.answer, one.officer) for one in history] == [
        ("deferred", "451 4.3.0 later", None),
        ("failed", "550 5.1.1 unknown", None),
        ("queued", "retry ordered", "OFF-1"),
        ("sent", "250 2.0.0 taken", None),
    ]
    assert history[0].next_at == NOW


def test_an_order_reaches_only_letters_whose_state_allows_it(queued: Opened) -> None:
    tried(queued, "approval:0", LetterState.SENT, "250 taken")
    assert ordered(queued, LetterOrder.CANCEL, "approval:0", "approval:1") == 1
    assert ordered(queued, LetterOrder.CONFIRM) == 0
    assert account(queued) == Reconciliation(queued=5, sent=1, cancelled=1, waiting=3)
    assert ordered(queued, LetterOrder.RESEND, "approval:0", "approval:1", "approval:2") == 2
    with open_reader(queued) as store, pytest.raises(UnknownThingError):
        store.letters.get("OTHER", "approval:0")


def test_a_mass_of_new_letters_is_held_until_confirmed_and_then_never_again(queued: Opened) -> None:
    assert held(queued, threshold=5) == 0
    assert held(queued, threshold=4) == 5
    assert account(queued) == Reconciliation(queued=5, held=5)
    assert account(queued).is_balanced
    assert ordered(queued, LetterOrder.CONFIRM) == 5
    assert held(queued, threshold=1) == 0, "confirmed"
    with open_store(queued) as store:
        store.outbox.put(ELECTION, an_envelope("approval:9"), now=LATER)
        store.outbox.put(ELECTION, an_envelope("approval:8"), now=LATER)
    assert held(queued, threshold=1) == 2, "what came later was not confirmed"
    with open_reader(queued) as store:
        assert store.letters.count(ELECTION, LetterFilter(kind=LetterKind.RECEIPT, state=LetterState.QUEUED)) == 1


def test_an_outage_lasts_from_its_first_sign_to_the_next_letter_that_is_sent(queued: Opened) -> None:
    def since() -> object:
        with open_reader(queued) as store:
            return store.letters.outage_since(ELECTION)

    def down(at_minute: int) -> None:
        with open_store(queued) as store:
            store.letters.note_outage(ELECTION, "no answer", now=NOW + timedelta(minutes=at_minute))

    assert since() is None
    down(0)
    down(5)
    assert since() == NOW
    tried(queued, "approval:0", LetterState.SENT, "250 taken", 7)
    assert since() is None
    down(9)
    assert since() == NOW + timedelta(minutes=9)
