"""A machine-readable zone against the form: what agrees, what can agree, what does not.

Nothing here refuses anybody: ``DIFFERENT`` asks for a correction or an officer's look.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

from pydantic import Field, field_validator

from domain.identity.check_digits import FILLER, check_digit
from domain.identity.layouts import MrzField
from domain.identity.name_comparison import (
    ComparisonOutcome,
    NameAgreement,
    PrintedNames,
    Reason,
    WrittenNames,
    compare_names,
)
from domain.identity.readings import FieldCheck, Mrz, Sex
from domain.identity.state_codes import CodeKind, comparable, lookup
from domain.placeholders import is_name_filler
from domain.values import Frozen, bare

_LOOKALIKES: Final = str.maketrans("OQISBZG", "0015826")
_NO_STATEMENT: Final = frozenset({CodeKind.ORGANISATION, CodeKind.NO_NATIONALITY, CodeKind.STATUS})


class ComparedField(StrEnum):
    """The fields that form and zone both state."""

    NUMBER = "number"
    BIRTH_DATE = "birth_date"
    EXPIRY = "expiry"
    SEX = "sex"
    ISSUER = "issuer"
    NATIONALITY = "nationality"
    NAMES = "names"


class DocumentForm(Frozen):
    """What the form says about a travel document; ``None`` or empty where it does not ask or was not answered.

    Codes are taken as typed, known or not. A sex of X is what zones print as a filler.
    """

    surname: str = Field(default="", repr=False)
    given_names: str = Field(default="", repr=False)
    number: str = Field(default="", repr=False)
    issuer: str | None = None
    nationalities: tuple[str, ...] = ()
    birth_date: date | None = Field(default=None, repr=False)
    expiry: date | None = Field(default=None, repr=False)
    sex: Sex | None = Field(default=None, repr=False)

    @field_validator("sex", mode="before")
    @classmethod
    def _as_zones_print_it(cls, typed: object) -> object:
        return {"X": Sex.UNSPECIFIED, "": None}.get(typed, typed) if isinstance(typed, str) else typed

    def __str__(self) -> str:
        return f"a form for a document of {self.issuer or 'an unnamed issuer'}"


class FieldComparison(Frozen):
    """How one field of the zone stands to the form, and why that is so; holds no value of either."""

    field: ComparedField
    outcome: ComparisonOutcome
    reasons: tuple[Reason, ...] = ()


def compare(mrz: Mrz, form: DocumentForm) -> tuple[FieldComparison, ...]:
    """Return one comparison for each field, always in the order of ``ComparedField``."""
    return (
        _number(mrz, form.number),
        _date(ComparedField.BIRTH_DATE, mrz.birth_printed, mrz.birth_date, form.birth_date),
        _date(ComparedField.EXPIRY, mrz.expiry_printed, mrz.expiry, form.expiry),
        _sex(mrz, form.sex),
        _issuer(mrz, form.issuer),
        _nationality(mrz, form.nationalities),
        _names(mrz, form),
    )


@lru_cache(maxsize=256)
def _result(field: ComparedField, outcome: ComparisonOutcome, *reasons: Reason) -> FieldComparison:
    return FieldComparison(field=field, outcome=outcome, reasons=reasons)


def _not_stated(field: ComparedField) -> FieldComparison:
    return _result(field, ComparisonOutcome.ABSENT, Reason.NOT_STATED)


def _number(mrz: Mrz, typed: str) -> FieldComparison:
    field = ComparedField.NUMBER
    printed, given = bare(mrz.number), bare(typed)
    if not printed or not given:
        return _not_stated(field)
    if printed == given:
        return _result(field, ComparisonOutcome.SAME)
    if given == printed + (check_digit(printed.ljust(9, FILLER)) or ""):
        return _result(field, ComparisonOutcome.COMPATIBLE, Reason.CHECK_DIGIT_INCLUDED)
    if printed.translate(_LOOKALIKES) == given.translate(_LOOKALIKES):
        return _result(field, ComparisonOutcome.DIFFERENT, Reason.LOOK_ALIKE)
    return _result(field, ComparisonOutcome.DIFFERENT)


def _date(field: ComparedField, printed: str, day: date | None, given: date | None) -> FieldComparison:
    """Compare a date; where the zone leaves parts unknown, the parts it prints must agree."""
    if given is None or not printed.strip(FILLER):
        return _not_stated(field)
    if day is not None:
        return (
            _result(field, ComparisonOutcome.SAME)
            if day == given
            else _result(field, ComparisonOutcome.DIFFERENT, *_near(day, given))
        )
    if FILLER not in printed:
        return _result(field, ComparisonOutcome.ABSENT, Reason.UNREADABLE)
    agree = all(one in (FILLER, other) for one, other in zip(printed, given.strftime("%y%m%d"), strict=True))
    return _result(field, ComparisonOutcome.COMPATIBLE if agree else ComparisonOutcome.DIFFERENT, Reason.PARTLY_UNKNOWN)


def _near(day: date, given: date) -> Iterator[Reason]:
    if (day.month, day.day) == (given.month, given.day) and (day.year - given.year) % 100 == 0:
        yield Reason.CENTURY
    elif (day.year, day.month, day.day) == (given.year, given.day, given.month):
        yield Reason.DAY_AND_MONTH_SWAPPED


def _sex(mrz: Mrz, given: Sex | None) -> FieldComparison:
    """Compare the sex; a zone prints a filler where the page above it prints X (Doc 9303-3 section 4.8)."""
    field = ComparedField.SEX
    if given is None or mrz.sex is None:
        return _not_stated(field)
    if mrz.sex is given:
        return _result(field, ComparisonOutcome.SAME)
    if Sex.UNSPECIFIED in {mrz.sex, given}:
        return _result(field, ComparisonOutcome.COMPATIBLE, Reason.PARTLY_UNKNOWN)
    return _result(field, ComparisonOutcome.DIFFERENT)


def _issuer(mrz: Mrz, given: str | None) -> FieldComparison:
    field = ComparedField.ISSUER
    if not mrz.issuer or not given:
        return _not_stated(field)
    return _code(field, mrz.issuer, {given})


def _nationality(mrz: Mrz, given: tuple[str, ...]) -> FieldComparison:
    """Compare with every nationality the form names: the zone prints one, and a person may hold several."""
    field = ComparedField.NATIONALITY
    if not mrz.nationality or not given:
        return _not_stated(field)
    result = _code(field, mrz.nationality, set(given))
    entry = lookup(mrz.nationality)
    if result.outcome is ComparisonOutcome.DIFFERENT and entry and entry.kind in _NO_STATEMENT:
        return _result(field, ComparisonOutcome.COMPATIBLE, Reason.STATES_NO_NATIONALITY)
    return result


def _code(field: ComparedField, printed: str, given: set[str]) -> FieldComparison:
    if printed in given:
        return _result(field, ComparisonOutcome.SAME)
    if comparable(printed) in {comparable(code) for code in given}:
        return _result(field, ComparisonOutcome.SAME, Reason.OTHER_CODE)
    return _result(field, ComparisonOutcome.DIFFERENT)


def _names(mrz: Mrz, form: DocumentForm) -> FieldComparison:
    unreadable = FieldCheck.UNREADABLE in (
        mrz.verdict(MrzField.NAMES).verdict,
        mrz.verdict(MrzField.GIVEN_NAMES).verdict,
    )
    if unreadable:
        return _result(ComparedField.NAMES, ComparisonOutcome.ABSENT, Reason.UNREADABLE)
    agreement: NameAgreement = compare_names(
        PrintedNames(_real(mrz.surname), _real(mrz.given_names), mrz.names_may_be_cut),
        WrittenNames(form.surname, form.given_names),
    )
    return _result(ComparedField.NAMES, agreement.outcome, *agreement.reasons)


def _real(printed: str) -> str:
    """Return the name, or nothing where the document prints a filler for a name that the person does not have."""
    return "" if is_name_filler(printed) else printed
