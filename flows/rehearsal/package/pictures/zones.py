"""Machine-readable zones of the invented passports."""

from __future__ import annotations

from typing import Final

from domain.identity.check_digits import check_digit
from domain.identity.mrz_lines import PrintedDocument, td3_lines
from domain.identity.readings import Sex
from flows.rehearsal.package.people import Person

DIGIT_PLACES: Final = (9, 19, 43)
"""Where the digits of number, birth date and whole line stand in the second line (TD3), counted from 0."""

_PRINTED_SEX: Final = {"M": Sex.MALE, "F": Sex.FEMALE, "X": Sex.UNSPECIFIED}


def zone(somebody: Person, *, nationality: str = "") -> tuple[str, str]:
    """Return the two lines of the person's passport, which may state another nationality than its issuer's."""
    return td3_lines(
        PrintedDocument(
            issuer=somebody.issuer,
            number=somebody.document_number,
            nationality=nationality or somebody.issuer,
            birth_date=somebody.birth_date,
            sex=_PRINTED_SEX[somebody.sex],
            expiry=somebody.document_expiry,
            surname=somebody.name.surname,
            given_names=somebody.name.given_names,
        )
    )


def with_wrong_digit(lines: tuple[str, str], place: int) -> tuple[str, str]:
    """Return *lines* with another digit at *place* of the second line."""
    first, second = lines
    other = str((int(second[place]) + 3) % 10)
    return first, second[:place] + other + second[place + 1 :]


def without_day_of_birth(lines: tuple[str, str]) -> tuple[str, str]:
    """Return *lines* of somebody whose year of birth alone is known (ICAO Doc 9303-3, section 4.7)."""
    return _closed(lines[0], lines[1][:15] + "<<<<" + lines[1][19:], start=13)


def without_expiry(lines: tuple[str, str]) -> tuple[str, str]:
    """Return *lines* of a document that does not expire."""
    return _closed(lines[0], lines[1][:21] + "<<<<<<" + lines[1][27:], start=21)


def _closed(first: str, second: str, *, start: int) -> tuple[str, str]:
    """Return the lines with the digits of the date that begins at *start*, and of the whole line, reckoned anew."""
    second = second[: start + 6] + (check_digit(second[start : start + 6]) or "<") + second[start + 7 :]
    return first, second[:-1] + (check_digit(second[:10] + second[13:20] + second[21:43]) or "<")
