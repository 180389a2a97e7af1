"""Seals: the engine's own signature under where a journal stands. Whoever only writes the database cannot make one.

Journals are exported with the record: entries in a chain, and the seals over them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.application.chain import GENESIS, chained
from domain.values import ElectionCode, Frozen, Sha256

_FORM: Final = b"accredit-seal/1\n"
_KEY: Final = 64
"""So many hexadecimal digits of a seal are the public key; the rest is the signature."""


def sealed(key: Ed25519PrivateKey, head: Sha256) -> str:
    """Return the seal under an entry whose hash is *head*, which covers all entries before it."""
    return maker(key) + key.sign(_FORM + head.encode()).hex()


def maker(key: Ed25519PrivateKey) -> str:
    """Return the public half of *key*: what :func:`sealed_by` says of its seals."""
    return key.public_key().public_bytes_raw().hex()


def sealed_by(seal: str | None, head: Sha256) -> str:
    """Return the public key whose seal under *head* this is; nothing where it is none."""
    if not seal:
        return ""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(seal[:_KEY])).verify(
            bytes.fromhex(seal[_KEY:]), _FORM + head.encode()
        )
    except (ValueError, InvalidSignature):
        return ""
    return seal[:_KEY]


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
