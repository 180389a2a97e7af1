"""Where each field stands in each format of machine-readable zone (ICAO Doc 9303 parts 4 to 7; old French card)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple


class MrzFormat(StrEnum):
    """The formats this engine reads; ``UNRECOGNISED`` is a reading too."""

    TD1 = "TD1"
    TD2 = "TD2"
    TD3 = "TD3"
    MRV_A = "MRV-A"
    MRV_B = "MRV-B"
    FRENCH_ID = "IDFRA"
    UNRECOGNISED = "unrecognised"


class MrzField(StrEnum):
    """The fields of a machine-readable zone."""

    DOCUMENT_CODE = "document_code"
    ISSUER = "issuer"
    NAMES = "names"
    GIVEN_NAMES = "given_names"
    NUMBER = "number"
    NATIONALITY = "nationality"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    EXPIRY = "expiry"
    OPTIONAL = "optional"
    OPTIONAL_2 = "optional_2"
    COMPOSITE = "composite"


class Span(NamedTuple):
    """Characters ``start`` to ``stop`` (counted from 0, ``stop`` left out) of line ``line`` (from 0)."""

    line: int
    start: int
    stop: int

    def of(self, lines: tuple[str, ...]) -> str:
        """Return the characters of this span."""
        return lines[self.line][self.start : self.stop]


@dataclass(frozen=True, slots=True)
class MrzLayout:
    """One format: its size, its fields, the place of each check digit and what the composite digit runs over."""

    lines: int
    width: int
    fields: Mapping[MrzField, Span]
    digits: Mapping[MrzField, Span]
    composite_over: tuple[Span, ...] = ()
    allows_long_number: bool = False


def _printed(line: int, first: int, last: int) -> Span:
    """Return the span that the standard prints as characters *first* to *last* of line *line*, counted from 1."""
    return Span(line - 1, first - 1, last)


_CODE_AND_ISSUER: Final = {MrzField.DOCUMENT_CODE: _printed(1, 1, 2), MrzField.ISSUER: _printed(1, 3, 5)}
_SECOND_LINE: Final = {
    MrzField.NUMBER: _printed(2, 1, 9),
    MrzField.NATIONALITY: _printed(2, 11, 13),
    MrzField.BIRTH_DATE: _printed(2, 14, 19),
    MrzField.SEX: _printed(2, 21, 21),
    MrzField.EXPIRY: _printed(2, 22, 27),
}
_SECOND_LINE_DIGITS: Final = {
    MrzField.NUMBER: _printed(2, 10, 10),
    MrzField.BIRTH_DATE: _printed(2, 20, 20),
    MrzField.EXPIRY: _printed(2, 28, 28),
}


def _two_lines(width: int, **more: Span) -> dict[MrzField, Span]:
    """Return the fields shared by every two-line format of *width* characters."""
    names = {MrzField.NAMES: _printed(1, 6, width)}
    return _CODE_AND_ISSUER | names | _SECOND_LINE | {MrzField(key): span for key, span in more.items()}


LAYOUTS: Final[Mapping[MrzFormat, MrzLayout]] = MappingProxyType(
    {
        MrzFormat.TD1: MrzLayout(
            lines=3,
            width=30,
            fields=_CODE_AND_ISSUER
            | {
                MrzField.NAMES: _printed(3, 1, 30),
                MrzField.NUMBER: _printed(1, 6, 14),
                MrzField.NATIONALITY: _printed(2, 16, 18),
                MrzField.BIRTH_DATE: _printed(2, 1, 6),
                MrzField.SEX: _printed(2, 8, 8),
                MrzField.EXPIRY: _printed(2, 9, 14),
                MrzField.OPTIONAL: _printed(1, 16, 30),
                MrzField.OPTIONAL_2: _printed(2, 19, 29),
            },
            digits={
                MrzField.NUMBER: _printed(1, 15, 15),
                MrzField.BIRTH_DATE: _printed(2, 7, 7),
                MrzField.EXPIRY: _printed(2, 15, 15),
                MrzField.COMPOSITE: _printed(2, 30, 30),
            },
            composite_over=(_printed(1, 6, 30), _printed(2, 1, 7), _printed(2, 9, 15), _printed(2, 19, 29)),
            allows_long_number=True,
        ),
        MrzFormat.TD2: MrzLayout(
            lines=2,
            width=36,
            fields=_two_lines(36, optional=_printed(2, 29, 35)),
            digits=_SECOND_LINE_DIGITS | {MrzField.COMPOSITE: _printed(2, 36, 36)},
            composite_over=(_printed(2, 1, 10), _printed(2, 14, 20), _printed(2, 22, 35)),
            allows_long_number=True,
        ),
        MrzFormat.TD3: MrzLayout(
            lines=2,
            width=44,
            fields=_two_lines(44, optional=_printed(2, 29, 42)),
            digits=_SECOND_LINE_DIGITS
            | {MrzField.OPTIONAL: _printed(2, 43, 43), MrzField.COMPOSITE: _printed(2, 44, 44)},
            composite_over=(_printed(2, 1, 10), _printed(2, 14, 20), _printed(2, 22, 43)),
        ),
        MrzFormat.MRV_A: MrzLayout(
            lines=2, width=44, fields=_two_lines(44, optional=_printed(2, 29, 44)), digits=_SECOND_LINE_DIGITS
        ),
        MrzFormat.MRV_B: MrzLayout(
            lines=2, width=36, fields=_two_lines(36, optional=_printed(2, 29, 36)), digits=_SECOND_LINE_DIGITS
        ),
        # Issued until 2021. Its size is TD2's, its layout is not; the digits were checked on two specimens.
        MrzFormat.FRENCH_ID: MrzLayout(
            lines=2,
            width=36,
            fields=_CODE_AND_ISSUER
            | {
                MrzField.NAMES: _printed(1, 6, 30),
                MrzField.GIVEN_NAMES: _printed(2, 14, 27),
                MrzField.NUMBER: _printed(2, 1, 12),
                MrzField.BIRTH_DATE: _printed(2, 28, 33),
                MrzField.SEX: _printed(2, 35, 35),
                MrzField.OPTIONAL: _printed(1, 31, 36),
            },
            digits={
                MrzField.NUMBER: _printed(2, 13, 13),
                MrzField.BIRTH_DATE: _printed(2, 34, 34),
                MrzField.COMPOSITE: _printed(2, 36, 36),
            },
            composite_over=(_printed(1, 1, 36), _printed(2, 1, 35)),
        ),
    }
)


def recognise(lines: tuple[str, ...]) -> MrzFormat:
    """Return the format that *lines* have by their number, exact widths and first letters."""
    shape = (len(lines), *{len(line) for line in lines})
    match shape:
        case (3, 30):
            return MrzFormat.TD1
        case (2, 36):
            return _small(lines[0])
        case (2, 44):
            return MrzFormat.MRV_A if lines[0].startswith("V") else MrzFormat.TD3
        case _:
            return MrzFormat.UNRECOGNISED


def _small(first_line: str) -> MrzFormat:
    if first_line.startswith("IDFRA"):
        return MrzFormat.FRENCH_ID
    return MrzFormat.MRV_B if first_line.startswith("V") else MrzFormat.TD2
