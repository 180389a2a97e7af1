from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import LATER, an

from domain.application import events as e
from domain.application.chain import GENESIS, head, link, merkle_root
from domain.application.reasons import ReasonCode

HISTORY: list[e.Event] = [
    an(e.NominationRecorded),
    an(e.CompletenessConfirmed),
    an(e.ApplicationReferred),
    an(e.RefusalProposed),
]
CHANGES: list[tuple[int, dict[str, Any]]] = [
    (0, {"organisation": "ORG-02"}),
    (0, {"held": True}),
    (1, {"due_at": LATER + timedelta(microseconds=1)}),
    (2, {"rules": ("host_national", "under_age")}),
    (2, {"rules": ()}),
    (3, {"reasons": (ReasonCode.R01,)}),
    (3, {"at": LATER}),
    (3, {"actor": {"kind": "officer", "code": "OFF-9"}}),
]


@pytest.mark.parametrize(("place", "change"), CHANGES)
def test_any_change_of_any_event_changes_the_head(place: int, change: dict[str, Any]) -> None:
    changed = list(HISTORY)
    changed[place] = changed[place].revised(**change)
    assert head(changed) != head(HISTORY)


def test_leaving_out_adding_or_swapping_events_changes_the_head() -> None:
    others = [HISTORY[1:], HISTORY[:-1], [*HISTORY, HISTORY[-1]], [HISTORY[1], HISTORY[0], *HISTORY[2:]]]
    heads = [head(other) for other in [HISTORY, *others]]
    assert len(set(heads)) == len(heads)


def test_the_head_is_what_the_documentation_says_so_that_outsiders_can_recompute_it() -> None:
    body = (
        '{"actor":{"code":"OFF-1","kind":"officer"},"application_id":"5f0c1c9e-7d0b-4c3a-9b52-3a1d60c7e001",'
        '"at":"2027-03-01T09:00:00Z","decision_id":"5f0c1c9e-7d0b-4c3a-9b52-3a1d60c7e002",'
        '"kind":"proposal_returned","note_id":null}'
    )
    expected = hashlib.sha256(f"{GENESIS}\n{body}".encode()).hexdigest()
    assert link(GENESIS, an(e.ProposalReturned)) == expected
    assert head([]) == GENESIS


def leaf(text: str) -> bytes:
    return hashlib.sha256(b"\x00" + bytes.fromhex(text)).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def test_the_merkle_root_is_that_of_rfc_6962() -> None:
    """The seven-leaf tree is the figure of RFC 6962, section 2.1.3: ((ab)(cd))((ef)g)."""
    a, b, c, d, e_, f, g = heads = [f"{number:064x}" for number in range(1, 8)]
    assert merkle_root([]) == hashlib.sha256(b"").hexdigest()
    assert merkle_root([a]) == leaf(a).hex()
    left = node(node(leaf(a), leaf(b)), node(leaf(c), leaf(d)))
    assert merkle_root(heads) == node(left, node(node(leaf(e_), leaf(f)), leaf(g))).hex()


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), min_size=1, max_size=20, unique=True), st.data())
def test_the_root_does_not_depend_on_the_order_but_on_every_head(heads: list[str], data: st.DataObject) -> None:
    root = merkle_root(heads)
    assert merkle_root(data.draw(st.permutations(heads))) == root
    assert merkle_root(heads[1:]) != root
