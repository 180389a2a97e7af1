"""The one hash chain of all books, and that of an application's events: what was recorded cannot be changed unseen.

The hash of event *n* is SHA-256 over the hash of event *n-1* (64 zeros before the first), a line feed, and the
event as JSON with sorted keys and no blanks (RFC 8785 restricted to strings, integers and lists, which is all an event
holds). Personal data is not in events, so erasing it leaves the chain whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from domain.application.events import Event


GENESIS = "0" * 64
LATER: Final = (
    "facts_sha256",
    "cause",
    "rules_version",
    "weighed",
    "answer_due_at",
    "carried_from",
    "lifts",
    "unaccepted",
    "shut",
)
"""Fields of events that histories from before they were kept do not have."""


def chained(previous: str, content: object) -> str:
    """Return the hash of an entry that says *content* and follows *previous* (both lower-case hex).

    *content* is as it would stand in JSON.
    """
    body = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def link(previous: str, event: Event) -> str:
    """Return the hash of *event* following *previous* (both lower-case hex)."""
    return chained(previous, as_hashed(event))


def as_hashed(event: Event) -> dict[str, object]:
    """Return what the hash of *event* is over, as it would stand in JSON."""
    said = event.model_dump(mode="json")
    return {name: value for name, value in said.items() if value is not None or name not in LATER}


def heads(events: Iterable[Event]) -> Iterator[str]:
    """Yield the hash of each of *events*, counted from the first."""
    current = GENESIS
    for event in events:
        current = link(current, event)
        yield current


def head(events: Iterable[Event]) -> str:
    """Return the hash of the last of *events*, counted from the first."""
    current = GENESIS
    for event in events:
        current = link(current, event)
    return current


def merkle_root(heads: Iterable[str]) -> str:
    """Return the Merkle tree hash of the sorted *heads* (RFC 6962, section 2.1)."""
    leaves = [hashlib.sha256(b"\x00" + bytes.fromhex(head)).digest() for head in sorted(heads)]
    return _tree(leaves).hex()


def _tree(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + _tree(leaves[:split]) + _tree(leaves[split:])).digest()
