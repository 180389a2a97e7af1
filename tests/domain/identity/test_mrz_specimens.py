"""Every specimen of the shared data, with an independent parser's verdict."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.identity.check_digits import check_digit
from domain.identity.layouts import MrzField
from domain.identity.mrz import parse
from domain.identity.readings import FieldCheck, Mrz, Sex

SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "travel-documents"
ON = date(2026, 11, 23)

# The source splits the French number in three parts and counts its digit as a failed field of its own.
EXCEPTIONS = {"fra-id-illegal-character": 2}


def specimens() -> list[Any]:
    path = SHARED / "mrz_specimens.json"
    if not path.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="the shared specimens are not here"))]
    return [pytest.param(specimen, id=specimen["id"]) for specimen in json.loads(path.read_text())]


def digits() -> list[Any]:
    path = SHARED / "check_digits.csv"
    if not path.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="the shared check digits are not here"))]
    with path.open(newline="") as lines:
        return [pytest.param(row, id=row["text"]) for row in csv.DictReader(lines)]


def read(specimen: dict[str, Any]) -> Mrz:
    return parse("\n".join(specimen["lines"]), on=ON)


def spoken(reading: Mrz) -> dict[str, Any]:
    """Return *reading* in the names and conventions of the source."""
    by_format = {"IDFRA": ("administrativeCode", ""), "TD1": ("optional1", "optional2"), "TD2": ("optional", "")}
    first, second = by_format.get(reading.format, ("personalNumber", ""))
    optional = (*reading.optional, "", "")
    sexes = {Sex.MALE: "male", Sex.FEMALE: "female"}
    return {
        "documentCode": reading.document_code,
        "issuingState": None if reading.issuer == "UTO" else reading.issuer,
        "documentNumber": reading.number,
        "birthDate": reading.birth_printed,
        "sex": sexes.get(reading.sex) if reading.sex else None,
        "expirationDate": reading.expiry_printed,
        "nationality": None if reading.nationality == "UTO" else reading.nationality,
        "lastName": reading.surname,
        "firstName": reading.given_names,
        first: optional[0],
        second: optional[1],
    }


@pytest.mark.parametrize("specimen", specimens())
def test_a_specimen_reads_as_its_source_says(specimen: dict[str, Any]) -> None:
    expected = specimen["expected"]
    reading = read(specimen)
    heard = spoken(reading)
    fields = dict(expected.get("fields", {}))
    if reading.format == "IDFRA":
        fields.pop("documentNumber", None)
        assert reading.number == expected.get("document_number", reading.number)
    for name in fields.keys() & heard.keys():
        assert heard[name] == fields[name], name
    if "valid" in expected:
        assert reading.is_clear is expected["valid"]
    if "failed_fields" in expected:
        assert len(reading.findings) == EXCEPTIONS.get(specimen["id"], expected["failed_fields"])
    assert reading.is_recognised is not expected.get("unrecognised", False)
    assert reading.digits_fit is not bool(
        {"failed", "corrects_to", "unrecognised"} & expected.keys() or specimen["id"] in EXCEPTIONS
    )


@pytest.mark.parametrize("specimen", [case for case in specimens() if "corrects_to" in str(case.values)])
def test_a_misread_specimen_is_kept_as_given_and_its_original_suggested(specimen: dict[str, Any]) -> None:
    meant = {case.values[0]["id"]: case.values[0] for case in specimens()}[specimen["expected"]["corrects_to"]]
    reading = read(specimen)
    assert reading.lines == tuple(specimen["lines"])
    assert [suggestion.lines for suggestion in reading.suggestions] == [tuple(meant["lines"])]


def test_a_wrong_digit_is_named_with_the_right_one() -> None:
    [specimen] = [case.values[0] for case in specimens() if case.id == "td3-uto-bad-digit"] or [None]
    if specimen is None:
        pytest.skip("the shared specimens are not here")
    reading = read(specimen)
    expected = specimen["expected"]["failed"]
    for field, name in (
        (MrzField.OPTIONAL, "personalNumberCheckDigit"),
        (MrzField.COMPOSITE, "compositeCheckDigit"),
    ):
        verdict = reading.verdict(field)
        assert verdict.verdict is FieldCheck.MISMATCH
        assert {"found": verdict.found, "computed": verdict.computed} == expected[name]


@pytest.mark.parametrize("row", digits())
def test_a_check_digit_is_computed_as_its_source_says(row: dict[str, str]) -> None:
    assert (check_digit(row["text"]) == row["digit"]) is (row["correct"] == "true")
