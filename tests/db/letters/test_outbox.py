from __future__ import annotations

from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker
from support.builders import ELECTION, LATER, NOW, an_envelope
from support.threads import at_once

from db.letters.outbox import QueuedLetter, Settlement
from db.store import open_reader, open_store
from domain.letters.envelope import LetterKind, LetterState

Opened = sessionmaker[Session]
LEASE = timedelta(minutes=15)


@pytest.fixture
def queued(opened: Opened) -> Opened:
    """Return a database with six letters in the outbox, the later named the older."""
    with open_store(opened) as store:
        for number in range(6):
            store.outbox.put(ELECTION, an_envelope(f"approval:{number}"), now=NOW - timedelta(minutes=number))
    return opened


def claim(opened: Opened, who: str = "a:1:1", *, limit: int = 10, **moments: Any) -> list[str]:
    with open_store(opened) as store:
        return [letter.envelope.key for letter in claimed(store, who, limit, **moments)]


def claimed(store: Any, who: str, limit: int, **moments: Any) -> list[QueuedLetter]:
    letters: list[QueuedLetter] = store.outbox.claim(
        ELECTION, who, limit=limit, now=moments.get("now", NOW), clock=moments.get("clock", NOW), lease=LEASE
    )
    return letters


def states(opened: Opened) -> dict[str, int]:
    with open_reader(opened) as store:
        return store.counts.letters(ELECTION).get("approval", {})


def settle(opened: Opened, key: str, state: LetterState, **moments: Any) -> None:
    with open_store(opened) as store:
        store.outbox.settle([Settlement(key, state, "250 taken" * 100, **moments)], now=NOW)


def test_putting_a_letter_twice_does_nothing_in_one_store_or_two(queued: Opened) -> None:
    with open_store(queued) as store:
        for _ in range(2):
            store.outbox.put(ELECTION, an_envelope("approval:0", to="else@mission.example"), now=LATER)
            store.outbox.put(ELECTION, an_envelope("approval:9"), now=LATER)
    assert states(queued) == {"queued": 7}
    with open_store(queued) as store:
        (letter,) = [one for one in claimed(store, "a:1:1", 10) if one.envelope.key == "approval:0"]
        assert (letter.envelope.to, letter.queued_at) == ("ava@mission.example", NOW)


def test_a_claim_takes_the_oldest_and_nobody_else_gets_them_before_the_lease_is_over(queued: Opened) -> None:
    assert claim(queued, limit=4) == ["approval:5", "approval:4", "approval:3", "approval:2"]
    assert claim(queued, "b:2:2") == ["approval:1", "approval:0"]
    assert claim(queued, "c:3:3", clock=NOW + LEASE - timedelta(seconds=1)) == []
    assert claim(queued, "c:3:3", now=NOW + timedelta(days=9)) == [], "as_of does not end a lease, the clock does"
    again = NOW + LEASE
    assert len(claim(queued, "c:3:3", clock=again)) == 6
    with open_store(queued) as store:
        assert {one.attempts for one in claimed(store, "d:4:4", 9, clock=again + LEASE)} == {3}


@pytest.mark.parametrize("attempt", range(3))
def test_two_deliveries_at_once_never_claim_the_same_letter(queued: Opened, attempt: int) -> None:
    del attempt

    def drain(who: str) -> Any:
        def work(barrier: Barrier) -> list[str]:
            mine: list[str] = []
            barrier.wait()
            while more := claim(queued, who, limit=2):
                mine += more
            return mine

        return work

    one, other = at_once(drain("a:1:1"), drain("b:2:2"))
    assert isinstance(one, list)
    assert isinstance(other, list)
    assert sorted(one + other) == [f"approval:{number}" for number in range(6)]


def test_what_was_sent_or_failed_is_never_claimed_again_and_what_is_deferred_waits_for_its_time(queued: Opened) -> None:
    claim(queued, limit=3)
    settle(queued, "approval:5", LetterState.SENT)
    settle(queued, "approval:4", LetterState.FAILED)
    settle(queued, "approval:3", LetterState.DEFERRED, next_at=LATER)
    assert states(queued) == {"sent": 1, "failed": 1, "deferred": 1, "queued": 3}
    assert claim(queued, limit=9, clock=NOW + 9 * LEASE) == ["approval:2", "approval:1", "approval:0"]
    assert claim(queued, now=LATER - timedelta(seconds=1)) == []
    assert claim(queued, now=LATER) == ["approval:3"]


def test_released_letters_are_due_again_and_were_not_tried(queued: Opened) -> None:
    taken = claim(queued, limit=2)
    settle(queued, taken[0], LetterState.SENT)
    with open_store(queued) as store:
        store.outbox.release(taken)
    assert states(queued) == {"queued": 5, "sent": 1}
    with open_store(queued) as store:
        assert claimed(store, "b:2:2", 1)[0].attempts == 1


def test_only_the_letters_of_the_dead_are_recovered(queued: Opened) -> None:
    dead, alive = claim(queued, "gone:1:1", limit=2), claim(queued, "here:2:2", limit=2)
    with open_store(queued) as store:
        assert store.outbox.recover(ELECTION, lambda who: who == "gone:1:1") == 2
    assert states(queued) == {"queued": 4, "sending": 2}
    assert set(claim(queued, "new:3:3")) == {"approval:0", "approval:1", *dead}
    assert not set(alive) & set(claim(queued, "new:3:3"))


def test_letters_are_counted_in_the_order_of_their_kinds(opened: Opened) -> None:
    with open_store(opened) as store:
        for kind in (LetterKind.CREDENTIAL, LetterKind.RECEIPT, LetterKind.APPROVAL):
            store.outbox.put(ELECTION, an_envelope(f"{kind}:1", kind=kind), now=NOW)
    with open_reader(opened) as store:
        assert list(store.counts.letters(ELECTION)) == ["receipt", "approval", "credential"]
        assert store.outbox.keys(ELECTION) == ["approval:1", "credential:1", "receipt:1"]
