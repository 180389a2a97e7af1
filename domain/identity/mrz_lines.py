"""Writing machine-readable zones, for invented elections and for reading back what was written."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from domain.errors import BadInputError
from domain.identity.check_digits import FILLER, check_digit
from domain.identity.readings import Sex
from domain.identity.transliteration import transliterate
from domain.values import CountryCode, Frozen

_NUMBER_WIDTH: Final = 9
_PRINTED_CODES: Final = {"DEU": "D"}
"""Codes that a document prints otherwise than ISO writes them (Doc 9303-3 section 5)."""


class UnwritableError(BadInputError):
    """A field does not fit into the zone asked for."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem, remedy="Choose another format or shorten the field.")


class PrintedDocument(Frozen):
    """What is to be printed: names in any script that Doc 9303 has a table for, codes as ISO writes them."""

    document_code: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z]?$")] = "P"
    issuer: CountryCode
    number: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,22}$")] = Field(repr=False)
    nationality: CountryCode
    birth_date: date = Field(repr=False)
    sex: Sex = Field(default=Sex.UNSPECIFIED, repr=False)
    expiry: date = Field(repr=False)
    surname: str = Field(default="", repr=False)
    given_names: str = Field(default="", repr=False)
    optional: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9<]{0,14}$")] = Field(default="", repr=False)

    def __str__(self) -> str:
        return f"a document of {self.issuer}"


def td3_lines(document: PrintedDocument) -> tuple[str, str]:
    """Return the two lines of 44 characters of a passport (ICAO Doc 9303-4)."""
    optional = document.optional.ljust(14, FILLER)
    optional_digit = _digit(optional) if document.optional else FILLER
    return (
        _code_and_issuer(document) + _names(document, width=39),
        _closed(_second_line(document) + optional + optional_digit, uncovered=((10, 13), (20, 21))),
    )


def _code_and_issuer(document: PrintedDocument) -> str:
    return document.document_code.ljust(2, FILLER) + _code(document.issuer)


def _code(code: str) -> str:
    return _PRINTED_CODES.get(code, code).ljust(3, FILLER)


def _digit(text: str) -> str:
    digit = check_digit(text)
    if digit is None:
        raise UnwritableError("line", "holds a character outside the alphabet of the zone.")
    return digit


def _dated(day: date) -> str:
    printed = day.strftime("%y%m%d")
    return printed + _digit(printed)


def _second_line(document: PrintedDocument) -> str:
    if len(document.number) > _NUMBER_WIDTH:
        raise UnwritableError("number", "is longer than the 9 characters of this format.")
    number = document.number.ljust(_NUMBER_WIDTH, FILLER)
    dates = _dated(document.birth_date) + document.sex + _dated(document.expiry)
    return number + _digit(number) + _code(document.nationality) + dates


def _closed(line: str, *, uncovered: tuple[tuple[int, int], ...]) -> str:
    """Return *line* with its composite digit, which runs over all but the *uncovered* stretches."""
    covered = "".join(
        character for place, character in enumerate(line) if not any(start <= place < stop for start, stop in uncovered)
    )
    return line + _digit(covered)


def _names(document: PrintedDocument, *, width: int) -> str:
    """Return the name field, cut so that something of each name remains (Doc 9303-4 section 4.2.3)."""
    surname, given = transliterate(document.surname), transliterate(document.given_names)
    if given:
        surname = surname[: width - len("<<A")]
    field = surname + FILLER * 2 + given if given else surname
    return field[:width].ljust(width, FILLER)
