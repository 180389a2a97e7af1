"""What an optical reader or a typist may have confused, as candidate lines for the check digits to judge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.identity.layouts import LAYOUTS, MrzField, MrzFormat, Span

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
