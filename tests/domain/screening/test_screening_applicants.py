"""Applicants of one election compared with each other."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import a_nomination

from domain.application.findings import Severity
from domain.application.nomination import Nomination
from domain.screening.applicants import applicant_keys, applicant_of, resemblance
from domain.screening.evidence import total
from domain.screening.hits import Hit, findings_of, marked
from domain.screening.screening_hit import Band

FIRST = a_nomination(
    surname="Vorontsova", given_names="Ekaterina Maria", native_name="Екатерина Мария Воронцова", phone="+999 555 1"
)
OTHER_PAPERS: dict[str, object] = {"document_number": "Z9999999", "email": "other@elsewhere.example", "phone": ""}


def compared(**fields: object) -> Hit | None:
    other = a_nomination(**(dict(FIRST) | OTHER_PAPERS | fields))
    one, two = applicant_of(FIRST, case="1"), applicant_of(other, case="2")
    found, mirrored = resemblance(one, two), resemblance(two, one)
    assert (found and (found.band, found.score, found.pair)) == (
        mirrored and (mirrored.band, mirrored.score, mirrored.pair)
    )
    assert found is None or not found.is_open or applicant_keys(one) & applicant_keys(two)
    assert found is None or found.score == total(found.evidence)
    return found


SAME = [
    ({}, "same_name_and_birth"),
    ({"native_name": "", "surname": "VORONCOVA"}, "likely_same_person"),
    ({"native_name": "", "surname": "Ekaterina Maria", "given_names": "Vorontsova"}, "same_name_and_birth"),
    ({"native_name": "", "given_names": "E. M."}, "likely_same_person"),
    ({"native_name": "", "given_names": "Yekaterina", "surname": "Vorontsova"}, "likely_same_person"),
    ({"given_names": "", "surname": "Воронцова Екатерина Мария"}, "same_name_and_birth"),
    ({"native_name": "", "surname": "Lindengard"}, "likely_same_person"),
    ({"native_name": "", "surname": "Voronsova", "birth_date": date(1985, 5, 11)}, "likely_same_person"),
    ({"native_name": "", "birth_date": None, "surname": "Vorontsowa"}, "likely_same_person"),
    ({"native_name": "", "surname": "Voronsowa", "birth_date": date(1985, 9, 1), "email": FIRST.email.upper()},
     "likely_same_person"),
    ({"native_name": "", "surname": "Somebody", "given_names": "Else", "document_number": "k-123 4567"},
     "same_document"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "rule"), SAME)
def test_one_person_is_found_under_another_spelling_script_order_name_or_passport(
    fields: dict[str, object], rule: str
) -> None:
    found = compared(**fields)
    assert found is not None
    assert (found.rule, found.is_open) == (rule, True)
    (finding,) = findings_of([found])
    assert (finding.rule, finding.about, finding.severity) == (rule, "2", Severity.HUMAN)


OTHERS = [
    {"birth_date": date(1961, 2, 3)},
    {"native_name": "", "given_names": "Ludmila Sofia"},
    {"native_name": "", "given_names": "Ivan", "surname": "Petrenko"},
    {"native_name": "", "surname": "Lindengard", "nationalities": ("XAB",)},
    {"native_name": "", "surname": "Lindengard", "birth_date": date(1985, 5, 19)},
]


@pytest.mark.parametrize("fields", OTHERS)
def test_a_namesake_a_sister_and_a_stranger_of_the_same_day_are_left_in_peace(fields: dict[str, object]) -> None:
    found = compared(**fields)
    assert found is None or (found.band, findings_of([found])) == (Band.WEAK, ())


def test_a_cleared_pair_asks_nobody_until_either_side_changes() -> None:
    found = compared()
    assert found is not None
    (cleared,) = marked([found], {found.pair: "by an officer"})
    assert (cleared.is_open, findings_of([cleared])) == (False, ())
    changed = compared(phone="+999 555 2")
    assert changed is not None
    assert [hit.is_open for hit in marked([changed], {found.pair: "by an officer"})] == [True]


@given(st.text(max_size=300), st.text(max_size=300))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_whatever_stands_in_the_name_of_a_row_makes_a_bounded_number_of_keys(surname: str, native: str) -> None:
    anybody = applicant_of(a_nomination(surname=surname, given_names="", native_name=native), case="1")
    assert len(applicant_keys(anybody)) <= 400
    same = resemblance(
        anybody, applicant_of(a_nomination(surname=surname, given_names="", native_name=native), case="2")
    )
    assert same is not None
    assert same.rule == "same_document"


def test_what_is_shown_of_a_hit_in_logs_names_nobody() -> None:
    assert "oront" not in repr(compared(native_name="", surname="VORONCOVA")).lower()
    assert "oront" not in repr(applicant_of(Nomination.model_validate(dict(FIRST)), case="1")).lower()
