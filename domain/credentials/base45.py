"""Base45 (RFC 9285), strictly: one text for each byte string, and nothing else accepted.

Written out, like the CBOR reader, because the offline page must refuse exactly what is refused here.
"""

from __future__ import annotations

from typing import Final

from domain.errors import AccreditationError

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_PAIRS: Final = [ALPHABET[number % 45] + ALPHABET[number // 45] for number in range(45 * 45)]


class Base45Error(AccreditationError):
    """A character outside the alphabet, a length that cannot be, or a group beyond its bytes."""

    exit_code = 2


def encode(octets: bytes) -> str:
    """Return the base45 text of *octets*."""
    text: list[str] = []
    for at in range(0, len(octets) - 1, 2):
        high, low = divmod(octets[at] << 8 | octets[at + 1], 45 * 45)
        text += (_PAIRS[low], ALPHABET[high])
    if len(octets) % 2:
        text.append(_PAIRS[octets[-1]])
    return "".join(text)


def decode(text: str) -> bytes:
    """Return the bytes of *text*; lower case, line ends, a dangling character and overflow raise Base45Error."""
    if len(text) % 3 == 1:
        raise Base45Error("a dangling character")
    try:
        values = [_VALUES[character] for character in text]
    except KeyError as error:
        raise Base45Error("a character outside the alphabet") from error
    octets = bytearray()
    try:
        for at in range(0, len(values), 3):
            group = values[at : at + 3]
            number = sum(value * 45**place for place, value in enumerate(group))
            octets += number.to_bytes(len(group) - 1)
    except OverflowError as error:
        raise Base45Error("a group beyond its bytes") from error
    return bytes(octets)
