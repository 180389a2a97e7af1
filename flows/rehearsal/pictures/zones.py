"""Machine-readable zones of the invented passports."""

from __future__ import annotations

from typing import Final

from domain.identity.mrz_lines import PrintedDocument, td3_lines
from domain.identity.readings import Sex
from flows.rehearsal.people import Person

DIGIT_PLACES: Final = (9, 19, 43)
"""Where the digits of number, birth date and whole line stand in the second line (TD3), counted from 0."""

_PRINTED_SEX: Final = {"M": Sex.MALE, "F": Sex.FEMALE, "X": Sex.UNSPECIFIED}


def zone(somebody: Person) -> tuple[str, str]:
    """Return the two lines of the person's passport."""
    return td3_lines(
        PrintedDocument(
            issuer=somebody.issuer,
            number=somebody.document_number,
            nationality=somebody.issuer,
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
