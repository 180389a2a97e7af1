"""The proof of one application: its events, and the path of each from the log to a signed checkpoint.

It is checked with the public key of the log alone, without a database or a network.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from typing import Literal
from uuid import UUID

from pydantic import field_serializer

from domain.application.chain import as_hashed, heads
from domain.application.events import Event
from domain.errors import BadInputError
from domain.oversight.log.checkpoint import NoteKey, opened
from domain.oversight.log.tree import leaf_hash, root_of_inclusion
from domain.values import ElectionCode, Frozen, Sha256


class ProvedEntry(Frozen):
    """One event, and where it stands in the log."""

    position: int
    salt: Sha256
    """With it, the event's hash gives what the log says; nobody can guess the event from the log without it."""
    event: Event
    path: tuple[Sha256, ...]

    @field_serializer("event")
    def _as_hashed(self, event: Event) -> dict[str, object]:
        """Write the event as it was hashed, so that others need no list of fields to check it."""
        return as_hashed(event)


class Proof(Frozen):
    """What an applicant's lawyer gets."""

    form: Literal["accredit-proof/1"] = "accredit-proof/1"
    election: ElectionCode
    case: UUID
    key: str
    """The log's public key; it counts only if it is the one that was published."""
    checkpoint: str
    entries: tuple[ProvedEntry, ...]

    def faults(self, key: NoteKey, checkpoint: str = "") -> Iterator[str]:
        """Yield what does not hold under the log's *key*, and, where it is given, a *checkpoint* from elsewhere.

        Raises :class:`CheckpointRefusedError` for a checkpoint that *key* did not sign.
        """
        signed, _ = opened(self.checkpoint, key)
        if checkpoint and opened(checkpoint, key)[0] != signed:
            yield "the proof leads to another checkpoint than this one; compare the two with accredit audit consistent"
        for entry, hashed in zip(self.entries, heads(entry.event for entry in self.entries), strict=True):
            said = commitment(entry.salt, hashed)
            path = [bytes.fromhex(step) for step in entry.path]
            try:
                root = root_of_inclusion(leaf_hash(bytes.fromhex(said)), entry.position, signed.size, path)
            except BadInputError:
                root = b""
            if entry.event.application_id != self.case:
                yield f"event {entry.event.kind} at {entry.position} is of another case"
            elif root != signed.root:
                yield f"event {entry.event.kind} is not in the log at {entry.position}"
        if not self.entries:
            yield "the proof holds no event"


def commitment(salt: Sha256, hashed: Sha256) -> Sha256:
    """Return what the log says of an event with the hash *hashed*: HMAC-SHA256 under *salt* (RFC 2104)."""
    return hmac.digest(bytes.fromhex(salt), bytes.fromhex(hashed), "sha256").hex()
