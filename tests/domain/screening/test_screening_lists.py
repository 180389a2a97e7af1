"""Reference lists: what is read, what is reported, what is refused."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import pytest

from domain.errors import BadInputError
from domain.reference_lists.lists import ListTerms, LoadedList, load_list

TERMS = ListTerms(list_id="excluded-2026", owner="Valdara Commission", legal_basis="Electoral Code §12")


def loaded(text: str) -> LoadedList:
    return load_list(text.encode(), terms=TERMS)


@pytest.mark.parametrize("basis", ["", "  "])
def test_a_list_without_a_legal_basis_is_not_loaded(basis: str) -> None:
    with pytest.raises(BadInputError, match="no legal basis"):
        load_list(b"id,name\n1,Asa Lindqvist\n", terms=TERMS.revised(legal_basis=basis))


def test_a_list_is_named_by_the_hash_of_its_bytes() -> None:
    content = b"id,name\n1,Asa Lindqvist\n"
    assert load_list(content, terms=TERMS).reference.version_hash == hashlib.sha256(content).hexdigest()


def test_our_own_csv_is_read_with_its_optional_columns() -> None:
    (one,) = loaded(
        "\ufeffID,Name,Aliases,Date_of_birth,Country,Document\n"
        '7,"Lindqvist, Asa",Asa Lind;Å. L.,1980-02-03;1981,XVD,Q12;Q13\n'
    ).entries
    assert one.names == ("Lindqvist, Asa", "Asa Lind", "Å. L.")
    assert one.birth_dates == ("1980-02-03", "1981")
    assert (one.countries, set(one.document_keys)) == (("XVD",), {"Q12", "Q13"})


def test_follow_the_money_lines_give_people_only() -> None:
    people = [
        {"id": "a", "schema": "Person", "caption": "A", "properties": {
            "name": ["Asa Lindqvist"], "alias": ["Lind"], "birthDate": ["1980"], "passportNumber": ["Q1"],
            "nationality": ["xvd"], "topics": ["role.pep"]}},
        {"id": "b", "schema": "Company", "properties": {"name": ["Lindqvist Ltd"]}},
    ]  # fmt: skip
    (one,) = loaded("\n".join(map(json.dumps, people))).entries
    assert (one.names, one.birth_dates, one.note) == (("Asa Lindqvist", "Lind"), ("1980",), "role.pep")
    assert one.document_keys == {"Q1"}


def test_simplified_targets_give_people_only() -> None:
    (one,) = loaded(
        "id,schema,name,aliases,birth_date,countries,addresses,identifiers,sanctions,phones,emails,dataset\n"
        'q1,Person,Asa Lindqvist,"Lind;Asa L",1980-02-03,xvd,,"Q1234567 (passport);none",,,,Some list\n'
        "q2,Vessel,Lindqvist,,,,,,,,,Some list\n"
    ).entries
    assert one.names == ("Asa Lindqvist", "Lind", "Asa L")
    assert (set(one.document_keys), one.note) == ({"Q1234567"}, "Some list")


def test_malformed_rows_are_reported_and_the_rest_is_taken() -> None:
    found = loaded("id,name,birth_date\n1,Asa Lindqvist,\n,Nobody,\n3,…,\n4,Roman Malkovich,31.12.80\n1,Twice,\n")
    assert [entry.subject_id for entry in found.entries] == ["1", "4"]
    assert [(fault.row, fault.field) for fault in found.faults] == [
        (3, "id"), (4, "name"), (5, "birth_date"), (6, "id"),
    ]  # fmt: skip
    assert all(fault.problem and fault.remedy for fault in found.faults)


def test_a_broken_line_of_follow_the_money_does_not_stop_the_others() -> None:
    good = json.dumps({"id": "a", "schema": "Person", "properties": {"name": ["Asa"]}})
    found = loaded(f'{good}\n{{"id": \n[1]\n{{"id": "x", "schema": "Person", "properties": []}}\n')
    assert [entry.subject_id for entry in found.entries] == ["a"]
    assert [fault.row for fault in found.faults] == [2, 3, 4]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"id,name\n1,\xff\n", "line 2: it is not UTF-8"),
        (b"number,surname\n1,Lindqvist\n", "the columns are number, surname"),
        (b"", "the columns are missing"),
        (b"id,name\n", "no row can be used"),
        (b'{"id": 1', "no row can be used"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_place_and_remedy(content: bytes, problem: str) -> None:
    with pytest.raises(BadInputError, match=problem) as refused:
        load_list(content, terms=TERMS)
    assert refused.value.remedy


def test_a_list_is_valid_within_its_dates_only() -> None:
    terms = TERMS.revised(valid_from=date(2027, 1, 1), valid_until=date(2027, 12, 31))
    reference = load_list(b"id,name\n1,Asa\n", terms=terms).reference
    days = [date(2026, 12, 31), date(2027, 1, 1), date(2027, 12, 31), date(2028, 1, 1)]
    assert [reference.is_valid(on=day) for day in days] == [False, True, True, False]
