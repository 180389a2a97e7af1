"""The check digits of ICAO Doc 9303-3 section 4.9, and what they cannot see."""

from __future__ import annotations

from typing import Final

FILLER: Final = "<"
ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
_VALUES: Final = {character: place for place, character in enumerate(ALPHABET[:-1])} | {FILLER: 0}
_WEIGHTS: Final = (7, 3, 1)


def check_digit(text: str) -> str | None:
    """Return the digit that belongs to *text*, or ``None`` if a character is not of the MRZ alphabet.

    Values: digits as they are, A-Z 10-35, filler 0; weights 7, 3, 1; sum modulo 10 (ICAO Doc 9303-3 section 4.9).

    >>> check_digit("D23145890")
    '7'
    """
    try:
        values = [_VALUES[character] for character in text]
    except KeyError:
        return None
    total = sum(weight * sum(values[place::3]) for place, weight in enumerate(_WEIGHTS))
    return str(total % 10)


def is_detectable(original: str, substitute: str) -> bool:
    """Say whether a check digit notices *substitute* printed for *original*: not if the values agree modulo 10.

    The ten blind classes (``0AKU<``, ``1BLV``, ...) hold 52 of the 666 pairs of characters.
    """
    return (_VALUES[original] - _VALUES[substitute]) % 10 != 0


def is_readable(text: str) -> bool:
    """Say whether every character of *text* belongs to the MRZ alphabet A-Z, 0-9 and the filler."""
    return _VALUES.keys() >= set(text)
