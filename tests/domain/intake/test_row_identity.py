"""Whom a row is about: evidence and what it comes to, and that lists of any kind neither lose nor exchange anybody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.application.nomination import Nomination
from domain.application.roles import Role
from domain.intake.roll import Claims, Roll, RowSought, marks_of_cells
from domain.intake.row_identity import (
    RULES,
    IdentityVerdict,
    Match,
    RowEvidence,
    Traits,
    compare_traits,
    evidence_that_counts,
    identifying_reference,
    is_replacement,
    rule_for,
)
from domain.screening.applicants import applicant_keys, applicant_of
from domain.screening.keys import key_number

EVERY = [RowEvidence(*found) for found in product(Match, repeat=5)]


@dataclass(frozen=True)
class Somebody:
    """An invented person, and how the sender writes them down this time."""

    given: str
    surname: str
    born: date | None
    number: str
    email: str
    reference: str = ""

    @property
    def row(self) -> Nomination:
        return Nomination(
            role=Role.EXPERT, reference=self.reference, surname=self.surname, given_names=self.given, native_name="",
            sex="", birth_date=self.born, document_number=self.number, document_issuer="XCA", mrz="", email=self.email,
            phone="", disclosure="", funded_by="",
        )  # fmt: skip

    @property
    def cells(self) -> dict[str, str]:
        return {
            "surname": self.surname, "given_names": self.given, "document_number": self.number,
            "birth_date": str(self.born or ""),
        }  # fmt: skip


ONE = Somebody("Pelem", "Ondrakis", date(1968, 2, 11), "K4411019", "pelem@mission.example", "1")


def judged(row: Somebody, recorded: Somebody) -> IdentityVerdict:
    same = {True: Match.SAME, False: Match.OTHER}[identifying_reference(row.reference) == recorded.reference]
    reference = same if identifying_reference(row.reference) and recorded.reference else Match.UNKNOWN
    return rule_for(compare_traits(Traits.of(row.row), Traits.of(recorded.row), reference=reference)).verdict


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"reference": "7"}, IdentityVerdict.SAME),
        ({"reference": "0001", "number": "k 441-1019"}, IdentityVerdict.SAME),
        ({"reference": "7", "number": "K4411O19"}, IdentityVerdict.SAME),
        ({"reference": "7", "number": "applied for"}, IdentityVerdict.SAME),
        ({"reference": "7", "number": "P9000001"}, IdentityVerdict.SAME),
        ({"reference": "7", "number": "P9000001", "email": "other@mission.example"}, IdentityVerdict.ASK),
        ({"given": "Pelem", "surname": "Brusetto", "reference": "1"}, IdentityVerdict.SAME),
        ({"surname": "Ondrakiss", "number": "-", "email": ""}, IdentityVerdict.ASK),
        ({"born": None, "number": "", "reference": "7", "email": ""}, IdentityVerdict.ASK),
        ({"born": date(1994, 6, 30), "number": "N/A", "email": ""}, IdentityVerdict.ASK),
        ({"born": date(1994, 6, 30), "number": "P9000001", "email": ""}, IdentityVerdict.OTHER),
        (
            {"given": "Ilvana", "surname": "Brusetto", "born": date(1971, 3, 12), "number": "K4418938"},
            IdentityVerdict.OTHER,
        ),
        ({"given": "Ilvana", "surname": "Brusetto", "born": date(1971, 3, 12)}, IdentityVerdict.OTHER),
        ({"given": "Ilvana", "surname": "Brusetto"}, IdentityVerdict.ASK),
        ({"surname": "Brusetto", "number": "P9000001", "email": "other@mission.example"}, IdentityVerdict.ASK),
        ({"given": "Pelim", "number": "-", "reference": "7", "email": "other@mission.example"}, IdentityVerdict.OTHER),
    ],
)
def test_what_a_row_comes_to_beside_one_recorded_person(changes: dict[str, str], verdict: IdentityVerdict) -> None:
    assert judged(replace(ONE, **changes), ONE) is verdict  # type: ignore[arg-type]  # fields by name


def test_every_rule_is_reached_and_every_combination_has_one() -> None:
    assert {rule_for(one) for one in EVERY} == {*RULES}


def test_nobody_is_taken_for_somebody_whom_name_birth_and_document_contradict() -> None:
    contradicted = [one for one in EVERY if is_replacement(one)]
    assert {rule_for(one).verdict for one in contradicted if Match.UNKNOWN not in one[:3]} == {IdentityVerdict.OTHER}
    assert IdentityVerdict.SAME not in {rule_for(one).verdict for one in contradicted}


def test_where_names_are_not_compared_they_could_decide_nothing() -> None:
    left_out = [
        one for one in EVERY
        if one.name in {Match.NEAR, Match.PARTLY, Match.OTHER} or one.birth is Match.OTHER
        if one.document not in {Match.SAME, Match.NEAR} and Match.SAME not in {one.birth, one.reference, one.email}
    ]  # fmt: skip
    assert {rule_for(one).verdict for one in left_out} == {IdentityVerdict.OTHER}
    other = replace(ONE, given="Ilvana", born=date(1971, 3, 12), number="K1", email="", reference="")
    assert evidence_that_counts(Traits.of(ONE.row), Traits.of(other.row), reference=Match.UNKNOWN) is None


GIVEN = ("Pelem", "Pelim", "Ilvana", "Joric", "Miresa", "Tavan")
SURNAMES = ("Ondrakis", "Brusetto", "Tarvold")
BORN = (date(1968, 2, 11), date(1998, 2, 11), date(1971, 3, 12), date(1985, 11, 30))


@st.composite
def crowds(draw: st.DrawFn) -> list[Somebody]:
    """Draw people of whom no two share both name and birth date: brothers, twins, father and son, one office."""
    keys = st.tuples(st.sampled_from(GIVEN), st.sampled_from(SURNAMES), st.sampled_from(BORN))
    chosen = draw(st.lists(keys, min_size=2, max_size=9, unique=True))
    shared = draw(st.booleans())
    office = "office@mission.example"
    return [
        Somebody(given, surname, born, f"K{4411019 + 7919 * place}", office if shared else f"p{place}@mission.example")
        for place, (given, surname, born) in enumerate(chosen)
    ]  # fmt: skip


NUMBERING: tuple[Callable[[int], str], ...] = (
    lambda place: str(place + 1),
    lambda place: f"{place + 1:04d}",
    lambda place: str(place % 3 + 1),
    lambda place: f"{place + 1}.0",
    lambda place: f"ORG-01/{place + 7}",
    lambda _: "ORG-01",
    lambda _: "n/a",
    lambda _: "1",
    lambda _: "",
)


def retyped(number: str, place: int) -> str:
    return number[:place] + ("0" if number[place] != "0" else "O") + number[place + 1 :]


def slipped(rows: Sequence[Somebody], first: int, second: int, by: int) -> list[Somebody]:
    """Return *rows* with the document numbers moved *by* rows, or (0) those of two rows exchanged."""
    numbers = [row.number for row in rows]
    if by:
        numbers = [*numbers[by:], *[""] * by]
    else:
        numbers[first], numbers[second] = numbers[second], numbers[first]
    return [replace(row, number=number) for row, number in zip(rows, numbers, strict=True)]


@st.composite
def lists(draw: st.DrawFn, people: Sequence[Somebody]) -> list[Somebody]:
    """Draw a list of some of *people*, in any order, numbered in any way, some numbers missing, mistyped or slipped."""
    chosen = draw(st.lists(st.sampled_from(people), min_size=1, max_size=len(people), unique=True))
    numbering = draw(st.sampled_from(NUMBERING))
    written: list[Somebody] = []
    for place, somebody in enumerate(chosen):
        number = draw(
            st.sampled_from((somebody.number, somebody.number, "applied for", "-", "", retyped(somebody.number, 4)))
        )
        written.append(replace(somebody, reference=numbering(place), number=number))
    places = st.integers(0, len(written) - 1)
    # Of namesakes or people of one birth date, once recorded with each other's numbers, nobody can say who is meant.
    names, births = {(person.given, person.surname) for person in people}, {person.born for person in people}
    if draw(st.integers(0, 3)) == 0 and len(names) == len(births) == len(people):
        written = slipped(written, draw(places), draw(places), draw(st.integers(0, 1)))
    if draw(st.integers(0, 5)) == 0:
        written = [replace(row, email="") for row in written]
    return written


class Intake:
    """Takes lists in as intake does, and watches that everybody keeps the one case they have."""

    def __init__(self) -> None:
        self.roll = Roll()
        self.owners: dict[UUID, tuple[str, str, date | None]] = {}
        self.asked: list[Somebody] = []

    def take_in(self, rows: Sequence[Somebody]) -> None:
        claims = Claims(mark for row in rows for mark in marks_of_cells(row.cells, "ORG-01"))
        for row in rows:
            self._row(row, claims)

    def _row(self, row: Somebody, claims: Claims) -> None:
        sought = RowSought(
            "ORG-01",
            Traits.of(row.row),
            uuid5(NAMESPACE_URL, row.row.key),
            row.row.has_reference,
            frozenset(key_number(b"E", key) for key in applicant_keys(applicant_of(row.row, case="row"))),
        )
        found = self.roll.recognise(sought, lambda: claims)
        who = (row.given, row.surname, row.born)
        if found.verdict is IdentityVerdict.ASK:
            self.asked.append(row)
            return
        if found.case is None:
            assert who not in self.owners.values(), f"a second case for one person ({found})"
        else:
            assert self.owners[found.case] == who, f"somebody else's case ({found})"
        case = found.case or (sought.key if self.roll.holder(sought.key) is None else uuid4())
        self.owners[case] = who
        self.roll.keep(sought, case, changed=True)


@settings(max_examples=300)
@given(st.data())
def test_each_person_has_one_case_and_keeps_it_whatever_becomes_of_the_list(data: st.DataObject) -> None:
    people = data.draw(crowds())
    intake = Intake()
    for _ in range(3):
        intake.take_in(data.draw(lists(people)))
