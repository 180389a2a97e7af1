"""The public lottery: numbers that anybody can recompute from the published seed."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

TICKET_BYTES: Final = 4


def ticket(seed: str, *parts: str) -> int:
    """Return the lottery number, 0 to 2**32 - 1: the first four bytes of SHA-256 of the parts joined by newlines.

    ``ticket(seed, observer, region)`` decides between equally good plans (the smaller sum wins);
    ``ticket(seed, observer)`` orders people who are alike in every respect that counts.

    >>> ticket("2027-11-01", "A-17", "NORTH")
    1854547179
    """
    digest = sha256("\n".join((seed, *parts)).encode()).digest()
    return int.from_bytes(digest[:TICKET_BYTES], "big")


def drawn_order(seed: str, key: str) -> bytes:
    """Return the full hash by which people are put in lottery order; free of ties in practice."""
    return sha256(f"{seed}\n{key}".encode()).digest()
