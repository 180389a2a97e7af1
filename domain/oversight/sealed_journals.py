"""Journals as they are exported with the record: entries in a chain, and the engine's seal under the last of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from domain.application.chain import GENESIS, chained
from domain.oversight.seals import sealed_by
from domain.values import ElectionCode, Frozen, Sha256


class JournalEntry(Frozen):
    """One entry as it is kept: everything that its hash covers, and its seal."""

    sequence: int
    subject: str
    content: Sha256
    by: str
    at: str
    """In UTC, as it is hashed."""
    hash: Sha256
    seal: str | None = None


def chain_faults(election: ElectionCode, book: str, entries: Sequence[JournalEntry]) -> Iterator[str]:
    """Yield the first entry of *book* that does not follow the one before."""
    head = GENESIS
    for number, entry in enumerate(entries, start=1):
        head = chained(head, [election, book, number, entry.subject, entry.content, entry.by, entry.at])
        if (entry.sequence, entry.hash) != (number, head):
            yield f"entry {number} of the journal of {book} does not follow"
            return


def sealer_of(journals: Mapping[str, Sequence[JournalEntry]]) -> str:
    """Return the public key whose seals stand under the last entry of every one of *journals*; empty: of none."""
    keys = {sealed_by(entries[-1].seal, entries[-1].hash) for entries in journals.values() if entries}
    return next(iter(keys)) if len(keys) == 1 else ""
