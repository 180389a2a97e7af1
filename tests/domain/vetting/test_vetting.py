from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from support.builders import NOW, a_nomination

from domain.application.findings import Severity, needs_human
from domain.application.nomination import Nomination
from domain.application.roles import Role
from domain.screening.hits import Hit
from domain.screening.screening_hit import Band
from domain.vetting.checks import Surroundings, age_on, document_key, name_key, vet
from flows.rehearsal import valdara

VALDARA = valdara()
CLOSES = datetime.fromisoformat("2027-03-09T18:00:00+02:00")


def digit(text: str) -> int:
    values = {"<": 0} | {str(n): n for n in range(10)} | {chr(65 + n): 10 + n for n in range(26)}
    return sum(values[one] * (7, 3, 1)[place % 3] for place, one in enumerate(text)) % 10


def zone(number: str = "K1234567<", born: str = "850517", expiry: str = "310131", *, wrong: bool = False) -> str:
    """Return a passport's lines for the builder's person, with check digits (ICAO Doc 9303-4)."""
    first = "P<XAALINDENGARD<<AVA<MARIT".ljust(44, "<")
    fields = [number, born, expiry]
    digits = [digit(field) for field in fields]
    digits[0] = (digits[0] + wrong) % 10
    personal = "<" * 14
    checked = f"{number}{digits[0]}{born}{digits[1]}{expiry}{digits[2]}{personal}0"
    second = f"{number}{digits[0]}XAA{born}{digits[1]}F{expiry}{digits[2]}{personal}0{digit(checked)}"
    return f"{first}\n{second}"


def a_hit(rule: str, about: str) -> Hit:
    return Hit(
        rule=rule, about=about, person_hash="a" * 64, other_hash="b" * 64, algorithm_version="test", score=1.0,
        name_score=1.0, band=Band.EXACT, evidence=(),
    )  # fmt: skip


REFERRED: list[tuple[dict[str, object], dict[str, Any], str, str]] = [
    ({}, {"received_at": CLOSES + timedelta(seconds=60)}, "received_late", "R01"),
    ({"nationalities": ("XAA", "XVD")}, {}, "host_national", "R04"),
    ({"birth_date": date(2009, 3, 15)}, {}, "under_age", "D08"),
    ({"conflict_declared": True}, {}, "conflict_declared", "D08"),
    ({"mrz": "P<XAA"}, {}, "mrz_unrecognised", "D02"),
    ({"mrz": zone(wrong=True)}, {}, "mrz_check_digit", "D04"),
    ({"mrz": zone(born="850518")}, {}, "mrz_differs_from_form", "D04"),
    ({"mrz": zone(), "document_number": "K7654321"}, {}, "mrz_differs_from_form", "D04"),
    ({}, {"hits": (a_hit("same_document", "other"),)}, "same_document", "D08"),
    ({}, {"hits": (a_hit("same_name_and_birth", "other"),)}, "same_name_and_birth", "D08"),
    ({}, {"hits": (a_hit("on_reference_list", "EXCLUDED:7"),)}, "on_reference_list", "D08"),
]


def found(fields: dict[str, object], around: dict[str, object]) -> list[tuple[str, str, str]]:
    surroundings = Surroundings.model_validate({"received_at": NOW, **around})
    findings = vet(a_nomination(**fields), VALDARA, surroundings)
    assert needs_human(findings) == bool(findings)
    assert {finding.severity for finding in findings} <= {Severity.HUMAN}
    return [(finding.rule, finding.code.value, finding.about) for finding in findings]


@pytest.mark.parametrize(("fields", "around", "rule", "code"), REFERRED)
def test_what_a_check_finds_goes_to_an_officer(
    fields: dict[str, object], around: dict[str, Any], rule: str, code: str
) -> None:
    ((found_rule, found_code, about),) = found(fields, around)
    assert (found_rule, found_code) == (rule, code)
    assert about == (around["hits"][0].about if "hits" in around else "")


@pytest.mark.parametrize(
    ("fields", "around"),
    [
        ({}, {}),
        ({}, {"received_at": CLOSES}),
        ({"nationalities": ("XVD",), "role": Role.INTERPRETER}, {}),
        ({"birth_date": date(2009, 3, 14)}, {}),
        ({"birth_date": None}, {}),
        ({"mrz": zone()}, {}),
    ],
)
def test_nothing_found_is_a_clear_case(fields: dict[str, object], around: dict[str, object]) -> None:
    assert found(fields, around) == []


def test_weak_and_cleared_resemblances_ask_nobody() -> None:
    cleared = a_hit("same_document", "a").revised(cleared_by="OFF-1")
    weak = a_hit("likely_same_person", "b").revised(band=Band.WEAK)
    assert found({}, {"hits": (cleared, weak)}) == []


def test_keys_see_through_writing_but_not_through_difference() -> None:
    one = a_nomination(surname="Lindengård", given_names="Ava  Marit", document_number="k 12-34567")
    other = a_nomination(surname="ava marit", given_names="LINDENGÅRD", document_number="K1234567")
    assert (name_key(one), document_key(one)) == (name_key(other), document_key(other))
    assert name_key(a_nomination(birth_date=date(1985, 5, 18))) != name_key(a_nomination())
    assert document_key(a_nomination(document_issuer="XAB")) != document_key(a_nomination())
    assert name_key(a_nomination(birth_date=None)) is None
    assert document_key(a_nomination(document_number="--")) is None


@pytest.mark.parametrize("length", [100, 500])
def test_keys_stay_short_however_long_the_fields_and_still_tell_them_apart(length: int) -> None:
    def person(last: str) -> Nomination:
        name, number = "Ω" * (length - 1) + last, "Q" * (length - 1) + last
        return a_nomination(surname=name, given_names="\ufdfa" * length, document_number=number)

    for key in (name_key, document_key):
        assert key(person("a")) == key(person("A"))
        assert key(person("A")) != key(person("B"))
        assert len(key(person("A")) or "") <= 220


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2009, 3, 14), date(2027, 3, 14), 18),
        (date(2009, 3, 15), date(2027, 3, 14), 17),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
    ],
)
def test_age_counts_whole_years(born: date, day: date, age: int) -> None:
    assert age_on(born, day) == age
