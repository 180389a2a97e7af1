"""Zones of cards and visas, which no rehearsal prints: written to be read back."""

from __future__ import annotations

from typing import Final

from domain.identity.check_digits import FILLER
from domain.identity.mrz_lines import (
    _NUMBER_WIDTH,
    PrintedDocument,
    UnwritableError,
    _closed,
    _code,
    _code_and_issuer,
    _dated,
    _digit,
    _names,
    _second_line,
)

_TD1_LONGEST: Final = _NUMBER_WIDTH + 13


def td2_lines(document: PrintedDocument) -> tuple[str, str]:
    """Return the two lines of 36 characters of a card (ICAO Doc 9303-6), short numbers only."""
    if len(document.optional) > len("OPTIONA"):
        raise UnwritableError("optional", "is longer than the 7 characters of this format.")
    return (
        _code_and_issuer(document) + _names(document, width=31),
        _closed(_second_line(document) + document.optional.ljust(7, FILLER), uncovered=((10, 13), (20, 21))),
    )


def td1_lines(document: PrintedDocument) -> tuple[str, str, str]:
    """Return the three lines of 30 characters of a card (ICAO Doc 9303-5); long numbers continue."""
    first = _code_and_issuer(document) + _td1_number(document)
    second = _dated(document.birth_date) + document.sex + _dated(document.expiry) + _code(document.nationality)
    second += FILLER * 11
    covered = first[5:] + second[:7] + second[8:15] + second[18:]
    return first, second + _digit(covered), _names(document, width=30)


def visa_lines(document: PrintedDocument, *, width: int) -> tuple[str, str]:
    """Return the two lines of a visa: *width* 44 for MRV-A, 36 for MRV-B (ICAO Doc 9303-7); no composite digit."""
    second = (_second_line(document) + document.optional)[:width].ljust(width, FILLER)
    return _code_and_issuer(document) + _names(document, width=width - 5), second


def _td1_number(document: PrintedDocument) -> str:
    number = document.number
    if len(number) <= _NUMBER_WIDTH:
        padded = number.ljust(_NUMBER_WIDTH, FILLER)
        return padded + _digit(padded) + document.optional.ljust(15, FILLER)
    if document.optional or len(number) > _TD1_LONGEST:
        raise UnwritableError("number", "is too long to share its line with optional data.")
    return (number[:_NUMBER_WIDTH] + FILLER + number[_NUMBER_WIDTH:] + _digit(number)).ljust(25, FILLER)
