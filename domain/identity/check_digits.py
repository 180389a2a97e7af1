"""The check digits of ICAO Doc 9303-3 section 4.9, what they cannot see, and what was confused where they fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.identity.layouts import LAYOUTS, MrzField, MrzFormat, Span

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


def is_readable(text: str) -> bool:
    """Say whether every character of *text* belongs to the MRZ alphabet A-Z, 0-9 and the filler."""
    return _VALUES.keys() >= set(text)


_TO_DIGIT: Final = str.maketrans("OQDILZSGB", "000112568")
_TO_LETTER: Final = str.maketrans("012568", "OIZSGB")
_EITHER: Final = dict(zip("OISBZ01582", "01582OISBZ", strict=True))

_NUMERIC: Final = (MrzField.BIRTH_DATE, MrzField.EXPIRY)
_ALPHABETIC: Final = (MrzField.ISSUER, MrzField.NATIONALITY, MrzField.NAMES, MrzField.GIVEN_NAMES)
_MIXED: Final = (MrzField.NUMBER, MrzField.OPTIONAL, MrzField.OPTIONAL_2)


def likely_readings(kind: MrzFormat, lines: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield candidates: digits where only digits stand, letters where only letters stand; then one change more.

    The change more is a look-alike (O and 0, I and 1, S and 5, B and 8, Z and 2) in the number or the optional
    data, where both may stand; G and 6 are left out because no digit can tell them apart. At most some forty
    candidates; the caller keeps those that fit.
    """
    typed = _typed(kind, lines)
    yield typed
    fields = LAYOUTS[kind].fields
    for span in (fields[field] for field in _MIXED if field in fields):
        for place in range(span.start, span.stop):
            single = Span(span.line, place, place + 1)
            other = _EITHER.get(single.of(typed))
            if other:
                yield _replaced(typed, single, other)


def _typed(kind: MrzFormat, lines: tuple[str, ...]) -> tuple[str, ...]:
    layout = LAYOUTS[kind]
    for field, span in layout.fields.items():
        if field in _NUMERIC:
            lines = _replaced(lines, span, span.of(lines).translate(_TO_DIGIT))
        elif field in _ALPHABETIC:
            lines = _replaced(lines, span, span.of(lines).translate(_TO_LETTER))
    for span in layout.digits.values():
        lines = _replaced(lines, span, span.of(lines).translate(_TO_DIGIT))
    return lines


def _replaced(lines: tuple[str, ...], span: Span, text: str) -> tuple[str, ...]:
    line = lines[span.line]
    return (*lines[: span.line], line[: span.start] + text + line[span.stop :], *lines[span.line + 1 :])
