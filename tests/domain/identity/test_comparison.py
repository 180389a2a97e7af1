from datetime import date
from typing import Any

import pytest

from domain.identity.comparison import ComparedField, DocumentForm, FieldComparison, compare
from domain.identity.layouts import MrzFormat
from domain.identity.mrz import parse
from domain.identity.mrz_lines import PrintedDocument, td3_lines
from domain.identity.name_comparison import ComparisonOutcome as Outcome
from domain.identity.name_comparison import Reason
from domain.identity.readings import Mrz, Sex

ON = date(2026, 11, 23)
BIRTH, EXPIRY = date(1980, 3, 4), date(2031, 5, 6)


def a_zone(**changes: Any) -> Mrz:
    printed: dict[str, Any] = {"issuer": "XVD", "nationality": "XVD", "number": "Q1234567", "sex": Sex.FEMALE}
    printed |= {"birth_date": BIRTH, "expiry": EXPIRY, "surname": "Ortega", "given_names": "Lina Maria"}
    return parse("\n".join(td3_lines(PrintedDocument.model_validate(printed | changes))), on=ON)


def a_form(**changes: Any) -> DocumentForm:
    filled: dict[str, Any] = {"issuer": "XVD", "nationalities": ("XVD",), "number": "Q1234567", "sex": Sex.FEMALE}
    filled |= {"birth_date": BIRTH, "expiry": EXPIRY, "surname": "Ortega", "given_names": "Lina Maria"}
    return DocumentForm.model_validate(filled | changes)


def of(field: ComparedField, zone: Mrz, form: DocumentForm) -> FieldComparison:
    return next(comparison for comparison in compare(zone, form) if comparison.field is field)


def test_a_form_that_says_what_the_document_says_is_the_same_in_every_field() -> None:
    assert {comparison.outcome for comparison in compare(a_zone(), a_form())} == {Outcome.SAME}
    assert [comparison.field for comparison in compare(a_zone(), a_form())] == list(ComparedField)


def test_where_either_side_says_nothing_nothing_differs() -> None:
    silent = Mrz(format=MrzFormat.UNRECOGNISED, lines=())
    for zone, form in ((silent, a_form()), (a_zone(), DocumentForm()), (a_zone(), DocumentForm(issuer=""))):
        assert {comparison.outcome for comparison in compare(zone, form)} == {Outcome.ABSENT}


NAMES = [
    # written surname, written given names, printed field, outcome, reasons
    ("Müller", "Jörg", "MUELLER<<JOERG", Outcome.SAME, set()),
    ("Müller", "Jörg", "MULLER<<JORG", Outcome.COMPATIBLE, {Reason.SPELLING}),
    ("Müller", "Jörg", "MUXXLLER<<JORG", Outcome.COMPATIBLE, {Reason.SPELLING}),
    ("Åkerlund", "Þóra", "AAKERLUND<<THORA", Outcome.SAME, set()),
    ("Muñoz", "Íñigo", "MUNXXOZ<<INIGO", Outcome.COMPATIBLE, {Reason.SPELLING}),
    ("O’Hara-Lind", "Moya", "OHARA<LIND<<MOYA", Outcome.SAME, set()),
    ("O'Hara Lind", "Moya", "O<HARALIND<<MOYA", Outcome.COMPATIBLE, {Reason.SPELLING}),
    ("Щербак", "Юлія", "SHCHERBAK<<YULIIA", Outcome.COMPATIBLE, {Reason.SPELLING}),
    ("Ћосић", "Џејн", "COSIC<<DZEJN", Outcome.SAME, set()),
    ("رازي", "محمد", "RAZY<<MXHMD", Outcome.SAME, set()),
    ("رازي", "محمد", "RAZI<<MOHAMMED", Outcome.ABSENT, {Reason.SCRIPT}),
    ("田中", "花子", "TANAKA<<HANAKO", Outcome.ABSENT, {Reason.SCRIPT}),
    ("Ortega", "Lina", "LINA<<ORTEGA", Outcome.COMPATIBLE, {Reason.ORDER}),
    ("Ortega", "Lina Maria", "ORTEGA<<MARIA<LINA", Outcome.COMPATIBLE, {Reason.ORDER}),
    ("Ortega", "Lina Maria", "ORTEGA<<LINA", Outcome.COMPATIBLE, {Reason.MISSING_NAME}),
    ("Ortega", "Lina", "ORTEGA<<LINA<MARIA", Outcome.COMPATIBLE, {Reason.MISSING_NAME}),
    ("Ortega", "Dr. Lina", "ORTEGA<<LINA", Outcome.COMPATIBLE, {Reason.TITLE}),
    ("Ortega", "Lina", "ORTEGA<EPOUSE<VANCE<<LINA", Outcome.COMPATIBLE, {Reason.FAMILY_NAME}),
    ("Ortega Vance", "Lina", "ORTEGA<<LINA", Outcome.COMPATIBLE, {Reason.FAMILY_NAME}),
    ("He", "Lina", "HE<<LINA", Outcome.SAME, set()),
    ("", "Lina", "LINA", Outcome.COMPATIBLE, {Reason.ORDER}),
    ("Ortega", "Lina", "ORTEGA<<RUTH", Outcome.DIFFERENT, set()),
    ("Ortega", "Lina", "VANCE<<LINA", Outcome.DIFFERENT, set()),
    ("Ortega", "Lina Maria", "ORTEGA<<LINA<RUTH", Outcome.DIFFERENT, set()),
    ("Ortega", "Lina", "ORTEGAS<<LINA", Outcome.DIFFERENT, set()),
    ("Ortega", "Lina", "ORTEG<<LINA", Outcome.DIFFERENT, set()),
    ("", "", "ORTEGA<<LINA", Outcome.ABSENT, {Reason.NOT_STATED}),
    ("Ortega", "Lina", "0RTEGA<<LINA", Outcome.ABSENT, {Reason.UNREADABLE}),
]


@pytest.mark.parametrize(("surname", "given", "printed", "outcome", "reasons"), NAMES)
def test_names_agree_by_every_way_of_writing_them(
    surname: str, given: str, printed: str, outcome: Outcome, reasons: set[Reason]
) -> None:
    first, second = td3_lines(PrintedDocument.model_validate(dict(_document(), surname="A", given_names="B")))
    zone = parse(f"{first[:5]}{printed:<<39}\n{second}", on=ON)
    found = of(ComparedField.NAMES, zone, a_form(surname=surname, given_names=given))
    assert (found.outcome, set(found.reasons)) == (outcome, reasons)


def _document() -> dict[str, Any]:
    return {"issuer": "XVD", "nationality": "XVD", "number": "Q1", "birth_date": BIRTH, "expiry": EXPIRY}


def test_a_name_that_fills_its_field_agrees_by_its_beginning() -> None:
    long = {"surname": "Featherstonehaugh-Montmorency", "given_names": "Wilhelmina Konstantina"}
    found = of(ComparedField.NAMES, a_zone(**long), a_form(**long))
    assert (found.outcome, found.reasons) == (Outcome.COMPATIBLE, (Reason.CUT,))
    other = of(ComparedField.NAMES, a_zone(**long), a_form(**long | {"given_names": "Ruth"}))
    assert other.outcome is Outcome.DIFFERENT


@pytest.mark.parametrize(
    ("field", "printed", "filled", "outcome", "reasons"),
    [
        ("number", {}, {"number": "q 123-4567"}, Outcome.SAME, ()),
        ("number", {}, {"number": "Q1234568"}, Outcome.DIFFERENT, ()),
        ("number", {"number": "Q1O"}, {"number": "Q10"}, Outcome.DIFFERENT, (Reason.LOOK_ALIKE,)),
        (
            "number",
            {"number": "L898902C3"},
            {"number": "L898902C36"},
            Outcome.COMPATIBLE,
            (Reason.CHECK_DIGIT_INCLUDED,),
        ),
        (
            "birth_date",
            {},
            {"birth_date": date(1980, 4, 3)},
            Outcome.DIFFERENT,
            (Reason.DAY_AND_MONTH_SWAPPED,),
        ),
        ("birth_date", {}, {"birth_date": date(1880, 3, 4)}, Outcome.DIFFERENT, (Reason.CENTURY,)),
        ("expiry", {}, {"expiry": date(2031, 5, 7)}, Outcome.DIFFERENT, ()),
        ("sex", {"sex": "<"}, {"sex": "F"}, Outcome.COMPATIBLE, (Reason.PARTLY_UNKNOWN,)),
        ("sex", {"sex": "M"}, {"sex": "F"}, Outcome.DIFFERENT, ()),
        ("sex", {"sex": "<"}, {"sex": "X"}, Outcome.SAME, ()),
        ("sex", {"sex": "F"}, {"sex": ""}, Outcome.ABSENT, (Reason.NOT_STATED,)),
        ("issuer", {"issuer": "DEU"}, {"issuer": "DEU"}, Outcome.SAME, (Reason.OTHER_CODE,)),
        ("issuer", {"issuer": "UNO"}, {"issuer": "UNO"}, Outcome.SAME, ()),
        (
            "nationality",
            {"nationality": "GBO"},
            {"nationalities": ("GBR",)},
            Outcome.SAME,
            (Reason.OTHER_CODE,),
        ),
        ("nationality", {"nationality": "QMA"}, {"nationalities": ("XVD", "QMA")}, Outcome.SAME, ()),
        ("nationality", {"nationality": "QMA"}, {"nationalities": ("XVD",)}, Outcome.DIFFERENT, ()),
        *[
            (
                "nationality",
                {"nationality": code},
                {"nationalities": ("XVD",)},
                Outcome.COMPATIBLE,
                (Reason.STATES_NO_NATIONALITY,),
            )
            for code in ("UNO", "EUE", "XXA", "XXB")
        ],
    ],
)
def test_a_field_is_compared_for_what_it_states(
    field: str, printed: dict[str, Any], filled: dict[str, Any], outcome: Outcome, reasons: tuple[Reason, ...]
) -> None:
    found = of(ComparedField(field), a_zone(**printed), a_form(**filled))
    assert (found.outcome, found.reasons) == (outcome, reasons)


def test_a_birth_date_with_unknown_parts_agrees_in_the_parts_it_prints() -> None:
    first, _ = td3_lines(PrintedDocument.model_validate(_document()))
    zone = parse(f"{first}\nQ1<<<<<<<7XVD80<<<<0F3105067" + "<" * 15 + "0", on=ON)
    assert of(ComparedField.BIRTH_DATE, zone, a_form()).outcome is Outcome.COMPATIBLE
    assert of(ComparedField.BIRTH_DATE, zone, a_form(birth_date=date(1981, 3, 4))).outcome is Outcome.DIFFERENT
