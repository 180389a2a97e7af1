"""Places in the status list that follow no order: an index must not tell when or as which number it was given."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

_ROUNDS: Final = 8


def status_index(sequence_number: int, *, seed: bytes, size: int) -> int:
    """Return the place of the *sequence_number*-th credential in a status list of *size* places.

    A permutation of ``range(size)`` keyed by *seed* (16 to 64 secret bytes): different numbers get different
    places, without a table of what is taken. It is a balanced Feistel network (Luby and Rackoff 1988) over the
    next even number of bits, walked until it falls inside the list (Black and Rogaway 2002). Raises ValueError
    outside the list.
    """
    if not 0 <= sequence_number < size:
        raise ValueError(f"the status list has {size} places")
    half = max(1, (size - 1).bit_length() + 1 >> 1)
    place = _feistel(sequence_number, half, seed)
    while place >= size:
        place = _feistel(place, half, seed)
    return place


def _feistel(number: int, half: int, seed: bytes) -> int:
    mask = (1 << half) - 1
    left, right = number >> half, number & mask
    for turn in range(_ROUNDS):
        digest = blake2b(right.to_bytes(8), digest_size=8, key=seed, person=b"OAC1 idx" + bytes([turn]))
        left, right = right, left ^ int.from_bytes(digest.digest()) & mask
    return left << half | right
