from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import NOW

from domain.application.findings import Severity
from domain.application.nomination import COLUMNS, Nomination
from domain.application.roles import Role
from domain.intake.columns import HeaderError, read_header
from domain.intake.completeness import completeness
from domain.intake.nominations_file import ChunkCounts, RowProblem
from domain.intake.rows import LONGEST_CELL, read_row
from domain.vetting.checks import Surroundings, document_key, name_key, vet
from flows.rehearsal import valdara

GOOD = {
    "reference": "0001", "role": "Short-term observer", "surname": "Lindengard", "given_names": " Ava  Marit ",
    "birth_date": "1985-05-17 00:00:00", "nationality": "xaa; XAB, xaa", "document_number": "k1234567",
    "document_issuer": "xaa", "document_expiry": "2031-01-31", "mrz": "P<XAA / K12", "sex": "f", "email": "a@b.example",
    "languages": "EN;fr", "letter_language": "FR", "preferred_regions": "vd-02; VD-01", "accepted_notices": "n1:2",
    "conflict_declared": "No", "pledge_accepted_on": "2027-02-01",
}  # fmt: skip


def read(**cells: str) -> Nomination:
    nomination = read_row(2, GOOD | cells)
    assert isinstance(nomination, Nomination)
    return nomination


def test_what_people_write_in_their_own_way_is_read() -> None:
    nomination = read()
    assert (nomination.role, nomination.sex, nomination.given_names) == (Role.SHORT_TERM_OBSERVER, "F", "Ava Marit")
    assert (nomination.birth_date, nomination.nationalities) == (date(1985, 5, 17), ("XAA", "XAB"))
    assert (nomination.document_number, nomination.document_issuer) == ("K1234567", "XAA")
    assert (nomination.mrz, nomination.languages, nomination.letter_language) == ("P<XAA\nK12", ("en", "fr"), "fr")
    assert nomination.preferred_regions == ("VD-02", "VD-01")
    assert (nomination.accepted_notices, nomination.conflict_declared) == (("N1:2",), False)
    assert nomination.unreadable == ()
    assert read(letter_language="").letter_language is None


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("birth_date", "03/04/1985"), ("document_expiry", "2031-02-30"), ("arrival", "soon"),
        ("pledge_accepted_on", "yes"), ("conflict_declared", "perhaps"), ("sex", "?"),
        ("surname", "Lindengard \N{GRINNING FACE}"), ("given_names", "J\ufffdrg"),
        ("nationality", "XAA; Valdaran"), ("document_issuer", "X"), ("languages", "english"),
        ("document_kind", "licence"),
        ("preferred_regions", "the north!"), ("accepted_notices", "N1"), ("letter_language", "?"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_and_the_row_is_recorded_all_the_same(column: str, text: str) -> None:
    assert read(**{column: text}).unreadable == (column,)


@pytest.mark.parametrize(
    ("column", "text", "field", "value"),
    [
        ("role", "STO", "role", Role.SHORT_TERM_OBSERVER), ("role", "Observatrice de court terme", "role",
                                                            Role.SHORT_TERM_OBSERVER),
        ("sex", "Female", "sex", "F"), ("document_kind", "Diplomatic passport", "document_kind", "passport"),
        ("nationality", "XAA / XAB", "nationalities", ("XAA", "XAB")),
        ("languages", "en، fr", "languages", ("en", "fr")),
        ("document_number", "k١٢٣", "document_number", "K123"),
        ("surname", "Lin\u202eden\u200bgard\u00a0 Z\u200c", "surname", "Lindengard Z\u200c"),
    ],
)  # fmt: skip
def test_what_people_write_instead_is_understood_and_what_cannot_be_seen_is_dropped(
    column: str, text: str, field: str, value: object
) -> None:
    assert getattr(read(**{column: text}), field) == value
    assert read(**{column: text}).unreadable == ()


def test_only_five_preferences_count() -> None:
    assert len(read(preferred_regions=";".join(f"R{number}" for number in range(9))).preferred_regions) == 5


RETURNED: list[tuple[dict[str, str], int, str, str]] = [
    ({}, 2, "", "2 more cells"),
    ({"surname": "x" * (LONGEST_CELL + 1)}, 0, "surname", "501 characters"),
    ({"reference": "x" * 201}, 0, "reference", "201 characters"),
    ({"native_name": "x" * 100_000}, 0, "native_name", "100,000 characters"),
    ({"email": "=HYPERLINK(1)"}, 0, "email", "formula"),
    ({"phone": "@SUM(A1)"}, 0, "phone", "formula"),
    ({"role": "tourist"}, 0, "role", "not a role"),
    ({"role": ""}, 0, "role", "not a role"),
    ({"surname": "", "given_names": " "}, 0, "surname", "Nobody is named"),
    ({"reference": "", "document_number": "", "birth_date": "17.5.85"}, 0, "reference", "no reference"),
]


@pytest.mark.parametrize(("cells", "extra", "field", "problem"), RETURNED)
def test_a_row_that_cannot_be_tied_to_a_person_goes_back_with_field_problem_and_remedy(
    cells: dict[str, str], extra: int, field: str, problem: str
) -> None:
    returned = read_row(7, GOOD | cells, extra_cells=extra)
    assert isinstance(returned, RowProblem)
    assert (returned.number, returned.outcome, returned.field) == (7, "returned", field)
    assert problem in returned.problem
    assert returned.remedy.endswith(".")
    assert all(len(text) <= LONGEST_CELL for text in returned.cells.values())
    assert "Lindengard" not in f"{returned.problem}{returned.remedy}{returned!r}"


def test_a_row_is_known_by_its_reference_else_its_document_else_name_and_birth() -> None:
    assert read(surname="Other", document_number="X1").key == read().key
    assert read(reference="", surname="Other").key == read(reference="", given_names="Else").key
    bare = {"reference": "", "document_number": ""}
    assert read(**bare, surname="LINDENGARD").key == read(**bare).key
    assert read(**bare, birth_date="1985-05-18").key != read(**bare).key


def test_a_header_may_be_written_loosely_and_end_in_empty_columns() -> None:
    assert list(read_header([" Surname", "GIVEN  NAMES", "role", "", ""], place="a.csv").columns) == [
        "surname",
        "given_names",
        "role",
    ]


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["surname", "given_names"], "missing: role"),
        (["surname", "role", "shoe size"], "missing: given_names. Add the columns"),
        (["surname", "role", "shoe size"], "Not known are: 'shoe size' (column 3)"),
        (["Name", "role"], "'Name' (column 1) could mean surname or given_names or native_name"),
        (["surname", "Nom", "given_names", "role"], "given twice: surname"),
        (["surname", "given_names", "role", "Surname"], "given twice: surname"),
        ([], "missing: surname, given_names, role"),
    ],
)
def test_a_header_that_does_not_fit_is_refused_naming_the_column(names: list[str], problem: str) -> None:
    with pytest.raises(HeaderError) as refused:
        read_header(names, place="a.csv")
    assert problem in str(refused.value)
    assert str(refused.value).startswith("a.csv, header row: ")


cells = st.dictionaries(
    st.sampled_from(list(COLUMNS)),
    st.text(max_size=60)
    | st.sampled_from(
        [*GOOD.values(), "9999-12-31", "0001-01-01", "P<XAA<<<", "\U0001f600", "a@xn--.example", "..@.."]
    ),
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(cells | cells.map(lambda some: GOOD | some), st.integers(0, 2))
def test_whatever_stands_in_a_row_the_machine_reads_it_and_never_refuses_anybody(
    row: dict[str, str], extra: int
) -> None:
    read_back = read_row(2, row, extra_cells=extra)
    if isinstance(read_back, RowProblem):
        assert read_back.remedy
        return
    assert set(read_back.unreadable) <= set(row)
    assert Nomination.model_validate_json(read_back.model_dump_json()) == read_back
    assert len(document_key(read_back) or "") <= 200
    assert len(name_key(read_back) or "") <= 220
    assert {one.severity for one in completeness(read_back, valdara())} <= {Severity.CURE, Severity.NOTE}
    assert all(one.severity is not Severity.CURE for one in vet(read_back, valdara(), Surroundings(received_at=NOW)))


def test_rows_are_always_the_sum_of_what_became_of_them() -> None:
    some = ChunkCounts(recorded=3, unchanged=1) + ChunkCounts(corrected=2, held=1, returned=4)
    assert (some.rows, some.recorded, some.returned) == (11, 3, 4)
