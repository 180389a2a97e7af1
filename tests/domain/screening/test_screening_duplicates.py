"""One person under two applications."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from domain.screening.blocking import blocked_pairs
from domain.screening.duplicates import DuplicateReport, compare_people, find_duplicates
from domain.screening.screening_hit import Band
from domain.screening.subject import Subject

SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "duplicates"


def somebody(subject_id: str, name: str, born: str = "", **fields: tuple[str, ...]) -> Subject:
    dates = (born,) if born else ()
    return Subject(subject_id=subject_id, names=(name,), birth_dates=dates, **fields)


def pairs(report: DuplicateReport, band: Band | None = None) -> set[tuple[str, str]]:
    return {(pair.left_id, pair.right_id) for pair in report.pairs if band in {None, pair.band}}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (somebody("a", "Asa Lindqvist", "1980-02-03"), somebody("b", "Lindqvist Åsa", "1980-02-03")),
        (somebody("a", "A. Lindqvist", "1980-02-03"), somebody("b", "Asa Lindqvist", "1980-02-03")),
        (somebody("a", "محمد الحداد", "1980-02-03"), somebody("b", "Mohammed al-Haddad", "1980-02-03")),
        (somebody("a", "Галина Орлова", "1980-02-03"), somebody("b", "Galina Orlova", "1980-03-02")),
        (somebody("a", "김민서", "1980-02-03"), somebody("b", "Min-seo Kim", "1980-02-03")),
        (
            somebody("a", "Asa Lindqvist", "1980-02-03", documents=("Q1234567",)),
            somebody("b", "Asa Lindqvist", "1980-02-03", documents=("R7654321",)),
        ),
        (
            somebody("a", "Asa Lindqvist", "1980-02-03", contacts=("asa@example.org",)),
            somebody("b", "Asa Maria Berg", "1980-02-03", contacts=("ASA@example.org",)),
        ),
    ],
    ids=["order", "initial", "Arabic", "Cyrillic", "Korean", "new passport", "married name"],
)
def test_one_person_is_found_twice(left: Subject, right: Subject) -> None:
    (found,) = find_duplicates([right, left]).pairs
    pair = compare_people(left, right)
    assert found.band in {Band.EXACT, Band.STRONG}
    assert (found.score, found.band) == (pair.score, pair.band)
    assert sum(part.contribution for part in pair.evidence) == pytest.approx(pair.score, abs=1e-9)


def test_a_married_name_without_anything_else_in_common_is_kept_as_weak() -> None:
    people = [somebody("a", "Anna Lindqvist", "1980-02-03"), somebody("b", "Anna Bergman", "1980-02-03")]
    assert pairs(find_duplicates(people), Band.WEAK) == {("a", "b")}


def test_one_passport_under_two_names_is_always_shown() -> None:
    people = [
        somebody("a", "Asa Lindqvist", "1980-02-03", documents=("Q-1234567",)),
        somebody("b", "Roman Malkovich", "1955-12-31", documents=("q1234567",)),
    ]
    assert pairs(find_duplicates(people), Band.EXACT) == {("a", "b")}


def test_namesakes_with_contradicting_dates_and_places_are_not_strong() -> None:
    left = somebody("a", "Asa Lindqvist", "1980-02-03", places=("1010",))
    assert compare_people(left, somebody("b", "Asa Lindqvist", "1955-11-30", places=("9999",))).band is Band.WEAK


def test_undated_namesakes_of_one_word_are_not_strong() -> None:
    people = [somebody("a", "Suparno"), somebody("b", "Suparno", places=("1010",)), somebody("c", "Suparno")]
    assert pairs(find_duplicates(people)) == pairs(find_duplicates(people), Band.WEAK) != set()
    reached = [somebody(subject_id, "Suparno", contacts=("s@example.org",)) for subject_id in "ab"]
    assert pairs(find_duplicates(reached), Band.STRONG) == {("a", "b")}


@pytest.mark.parametrize(
    ("name", "other"),
    [("Alexey Jdanov", "Aleksei Zhdanov"), ("Chang Hsiao-ping", "Zhang Xiaoping"), ("Yi Sang-min", "Lee Sangmin"),
     ("Tariq Essaadi", "Tariq al-Saadi"), ("Mykyta Herasym", "Nikita Gerasim"), ("Carla Delpelm", "Karla Del Pelm")],
)  # fmt: skip
def test_people_without_a_date_are_compared_however_their_names_are_romanised(name: str, other: str) -> None:
    people = [somebody("a", name), somebody("b", other), somebody("c", "Zorislava Pelmond", "1980-02-03")]
    assert pairs(find_duplicates(people), Band.STRONG) == {("a", "b")}
    assert not pairs(find_duplicates([somebody("a", name, "1980-02-03"), somebody("b", other, "1955"), people[2]]))


@pytest.mark.parametrize(
    ("name", "band"), [("Maria Garcia", Band.WEAK), ("Zorislava Pelmond", Band.STRONG), ("Maria Pelmond", Band.WEAK)]
)
def test_a_mistyped_digit_makes_one_person_only_where_the_name_is_rare(name: str, band: Band) -> None:
    left, right = somebody("a", name, "1980-02-03"), somebody("b", name, "1980-02-08")
    assert compare_people(left, right).band is band
    placed = [somebody(side, name, born, places=("1010",)) for side, born in (("a", "1980-02-03"), ("b", "1980-02-08"))]
    assert compare_people(*placed).band is Band.STRONG


@pytest.mark.parametrize("places", [(), ("1010",)])
def test_relatives_who_share_a_chain_of_names_are_not_strong_by_it(places: tuple[str, ...]) -> None:
    chain = "Ahmad Mahmud Salih al-Zarqi"
    left, right = (somebody(side, f"{own} {chain}", places=places) for side, own in (("a", "Tariq"), ("b", "Wasim")))
    assert compare_people(left, right).band is Band.WEAK
    born = [somebody(side, f"{own} {chain}", "1980-02-03") for side, own in (("a", "Tariq"), ("b", "Tareq"))]
    assert compare_people(*born).band is Band.STRONG


def test_what_is_ruled_out_beforehand_would_not_have_been_kept() -> None:
    chance = random.Random(7)
    names = ["Asa Lind", "Asa Lindt", "A. Lind", "Maria Garcia", "Mary Garcia Lopez", "Suparno", "أحمد صالح",
             "Ahmad Salih", "Bob Pelmond", "Robert Pelmond", "Jin Ping Zarr", "Jinping Zarr"]  # fmt: skip
    dates = ["", "1980", "1980-02-03", "1980-03-02", "1955-11-30"]
    people = [
        somebody(
            f"p{number:03}",
            chance.choice(names),
            chance.choice(dates),
            places=chance.choice([(), ("1010",), ("1011",), ("9999",)]),
            contacts=chance.choice([(), (), ("a@example.org",)]),
        )
        for number in range(90)
    ]
    (left, right), _ = blocked_pairs(people, largest=100)
    places = zip(map(int, left), map(int, right), strict=True)
    every = [compare_people(people[first], people[second]) for first, second in places]
    found = {(pair.left_id, pair.right_id, pair.score, pair.band) for pair in find_duplicates(people).pairs}
    kept = {(pair.left_id, pair.right_id, pair.score, pair.band) for pair in every if pair.band is not Band.NONE}
    assert found == kept
    assert 100 < len(kept) < len(every)


def test_a_block_too_large_to_compare_is_reported() -> None:
    people = [somebody(f"p{number:02}", f"Person{number:02}x", "1980-02-03") for number in range(20)]
    report = find_duplicates(people, largest_block=10)
    assert [(block.kind, block.size) for block in report.crowded] == [("birth date", 20)]
    assert not find_duplicates(people, largest_block=20).crowded


def test_the_order_of_people_changes_nothing() -> None:
    people = [somebody(f"p{number}", name, "1980") for number, name in enumerate(["Asa Lind", "Asa Lindt", "A Lind"])]
    assert find_duplicates(people) == find_duplicates(people[::-1])


def test_only_pairs_with_somebody_fresh_are_compared_when_asked_so() -> None:
    people = [somebody(subject_id, "Asa Lindqvist", "1980-02-03") for subject_id in "abc"]
    assert pairs(find_duplicates(people, fresh=frozenset("c"))) == {("a", "c"), ("b", "c")}


def records(name: str) -> list[Subject]:
    with (SHARED / name).open(encoding="utf-8", newline="") as opened:
        return [
            somebody(row["rec_id"], f"{row['given_name']} {row['surname']}".strip() or "-", row["date_of_birth"],
                     places=(row["postcode"],))
            for row in csv.DictReader(opened)
        ]  # fmt: skip


@pytest.mark.parametrize("share", [4, pytest.param(1, marks=pytest.mark.full)], ids=["a fourth", "all"])
def test_public_duplicates_reach_the_target_at_the_threshold_fixed_elsewhere(share: int) -> None:
    if not SHARED.exists():
        pytest.skip("the shared public duplicates are not beside this tree")
    with (SHARED / "febrl4_links.csv").open(encoding="utf-8", newline="") as opened:
        links = [(row["a"], row["b"]) for row in csv.DictReader(opened)][::share]
    true = {tuple(sorted(link)) for link in links}
    sampled = {subject_id for link in links for subject_id in link}
    people = [record for record in records("febrl4a.csv") + records("febrl4b.csv") if record.subject_id in sampled]
    report = find_duplicates(people)
    found = pairs(report, Band.STRONG) | pairs(report, Band.EXACT)
    assert len(found & true) / len(found) >= 0.98
    assert len(found & true) / len(true) >= 0.90
