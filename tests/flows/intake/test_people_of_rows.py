"""People behind rows: whatever their references say, each has one case and keeps it, and both sides are told."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages, take_in, vet

from db.store import open_reader
from domain.application.nomination import Nomination
from domain.intake.nominations_file import ChunkCounts
from flows.context import database
from flows.election.loading import init_election
from flows.intake import flow as intake
from flows.intake.arrivals import Arrival
from flows.intake.dry_run import dry_run_files
from flows.intake.mending.returned_rows import account_text, file_reports, write_returns
from flows.rehearsal import read_truth, write_package
from flows.rehearsal.package.pictures.faces import face
from flows.rehearsal.package.pictures.portraits import portrait
from flows.rehearsal.package.truth import PlantedProblem
from flows.rehearsal.run import check_against_truth

FIELD_CASES = Path(__file__).parents[3].parent / "shared" / "data" / "field-cases"
pytestmark = pytest.mark.usefixtures("loaded")

PEOPLE = {
    "Tarvold": ("Miresa", "1965-01-10", "K4403100"),
    "Ondrakis": ("Pelem", "1968-02-11", "K4411019"),
    "Brusetto": ("Ilvana", "1971-03-12", "K4418938"),
    "Kessandro": ("Joric", "1974-04-13", "K4426857"),
}
Row = tuple[str, str, dict[str, str]]


@pytest.fixture
def loaded(stages: Stages) -> Iterator[Stages]:
    with stages.copy("loaded"):
        yield stages


def sent(path: Path, rows: Sequence[Row]) -> Path:
    """Write rows of reference, surname and what differs from what is known of that person."""
    written = [
        {"reference": reference, "role": "expert", "surname": surname, "given_names": PEOPLE[surname][0],
         "birth_date": PEOPLE[surname][1], "document_number": PEOPLE[surname][2], "document_issuer": "XCA",
         "email": f"{surname.lower()}@mission.example", **changes}
        for reference, surname, changes in rows
    ]  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(written[0]))
        writer.writeheader()
        writer.writerows(written)
    return path


def told(path: Path) -> ChunkCounts:
    """Try the file, take it in, and return what became of it: both say the same."""
    tried = dry_run_files([Arrival(path, "ORG-01")], ELECTION, now=AS_OF)[0].counts
    take_in(path, "ORG-01")
    (counts,) = [report.counts for report in intake.reports(ELECTION) if report.file.name == path.name]
    assert tried == counts
    return counts


def cases() -> dict[str, list[str]]:
    """Return the case numbers of each surname."""
    found: dict[str, list[str]] = {}
    with open_reader(database()) as store:
        applications = {one.id: one for one in store.applications.all_in(ELECTION)}
        for known, person in store.people.current(list(applications)).items():
            found.setdefault(person.surname, []).append(applications[known].case_number)
    return found


def people() -> dict[str, Nomination]:
    """Return what is on record by surname."""
    with open_reader(database()) as store:
        found = store.people.current([one.id for one in store.applications.all_in(ELECTION)])
    return {one.surname: one for one in found.values()}


def plain(*surnames: str) -> list[Row]:
    return [(str(number), surname, {}) for number, surname in enumerate(surnames, start=1)]


RENUMBERED = ("Tarvold", "Ondrakis", "Brusetto", "Kessandro")


@pytest.mark.parametrize("decided", [False, True])
def test_a_list_numbered_anew_leaves_everybody_their_case_and_shows_the_new_one(
    tmp_path: Path, *, decided: bool
) -> None:
    told(sent(tmp_path / "first.csv", plain(*RENUMBERED[1:])))
    if decided:
        vet()
    before = cases()
    counts = told(sent(tmp_path / "second.csv", plain(*RENUMBERED)))
    assert counts == ChunkCounts(recorded=1, unchanged=3, recognised_by_other_evidence=3, reference_reused=1)
    after = cases()
    assert {name: after[name] for name in before} == before
    assert [len(numbers) for numbers in after.values()] == [1] * 4
    report = next(one for one in file_reports(ELECTION) if one["file"] == "second.csv")
    assert (report["people"], report["rows_again"]) == (4, 0)
    assert f"case {after['Tarvold'][0]}. The reference belongs to the person of case {before['Ondrakis'][0]}" in (
        account_text(report)
    )
    assert "Miresa Tarvold" in write_returns(ELECTION).read_text("utf-8-sig")
    again = sent(tmp_path / "third.csv", [*plain(*RENUMBERED), ("5", "Tarvold", {})])
    assert told(again).recorded == 0


def test_references_that_begin_again_or_are_constant_or_none_overwrite_nobody(tmp_path: Path) -> None:
    restarting: list[Row] = [(number, surname, {}) for number, surname in zip("1212", PEOPLE, strict=True)]
    assert told(sent(tmp_path / "restarting.csv", restarting)) == ChunkCounts(recorded=4, reference_reused=2)
    before = cases()
    for number, reference in enumerate(("-", "N/A", "1", "0001", "2.0")):
        rows: list[Row] = [(reference, surname, {}) for surname in reversed(PEOPLE)]
        counts = told(sent(tmp_path / f"{number}.csv", rows))
        assert (counts.unchanged, counts.rows) == (4, 4)
    assert cases() == before


def test_numbers_applied_for_are_three_people_and_a_number_that_comes_later_cures_the_case(tmp_path: Path) -> None:
    first: list[Row] = [("", surname, {"document_number": "applied for"}) for surname in list(PEOPLE)[:3]]
    assert told(sent(tmp_path / "first.csv", first)).recorded == 3
    before = cases()
    later: list[Row] = [("", surname, {}) for surname in list(PEOPLE)[:3]]
    counts = told(sent(tmp_path / "later.csv", later))
    assert (counts.corrected, counts.recognised_by_other_evidence) == (3, 3)
    assert cases() == before
    with open_reader(database()) as store:
        ids = [one.id for one in store.applications.all_in(ELECTION)]
        assert {one.document_number for one in store.people.current(ids).values()} == {
            PEOPLE[surname][2] for surname in before
        }


def test_where_evidence_speaks_for_both_the_sender_is_asked_and_nobody_is_touched(tmp_path: Path) -> None:
    told(sent(tmp_path / "first.csv", plain("Tarvold")))
    before = cases()
    doubtful = {"document_number": "P9000001", "email": "somebody.else@mission.example"}
    assert told(sent(tmp_path / "second.csv", [("7", "Tarvold", doubtful)])) == ChunkCounts(returned=1)
    (row,) = next(report for report in file_reports(ELECTION) if report["file"] == "second.csv")["not_processed"]
    assert before["Tarvold"][0] in row["problem"]
    assert row["field"] == "document_number, reference, email"
    assert cases() == before
    assert told(sent(tmp_path / "third.csv", [("1", "Tarvold", doubtful)])) == ChunkCounts(corrected=1)
    assert cases() == before
    twins: list[Row] = [("8", "Brusetto", {}), ("9", "Brusetto", {"given_names": "Ilvina"})]
    assert told(sent(tmp_path / "twins.csv", twins)) == ChunkCounts(recorded=1, returned=1), "one number was copied"


def column_of(rows: Sequence[Row], column: str, texts: Sequence[str]) -> list[Row]:
    """Return *rows* with other texts in one column, as after a mistake in filling or sorting."""
    return [
        (number, name, {**changes, column: text}) for (number, name, changes), text in zip(rows, texts, strict=True)
    ]


NUMBERS = [PEOPLE[name][2] for name in RENUMBERED]


@pytest.mark.parametrize(
    ("column", "texts", "counts"),
    [
        ("document_number", [NUMBERS[1], "", *NUMBERS[2:]], ChunkCounts(corrected=2, unchanged=2)),
        ("document_number", [NUMBERS[1], NUMBERS[0], *NUMBERS[2:]], ChunkCounts(corrected=2, unchanged=2)),
        ("document_number", [f"K440310{n}" for n in range(4)], ChunkCounts(corrected=3, unchanged=1)),
        ("birth_date", ["1968-02-11", "1965-01-10", "1971-03-12", "1974-04-13"], ChunkCounts(corrected=2, unchanged=2)),
    ],
)
def test_a_column_that_slipped_or_was_sorted_apart_doubles_nobody_and_exchanges_nobody(
    tmp_path: Path, column: str, texts: list[str], counts: ChunkCounts
) -> None:
    told(sent(tmp_path / "first.csv", plain(*RENUMBERED)))
    before = cases()
    assert told(sent(tmp_path / "second.csv", column_of(plain(*RENUMBERED), column, texts))) == counts
    assert cases() == before


def test_names_sorted_apart_from_the_rest_are_asked_about_row_by_row(tmp_path: Path) -> None:
    told(sent(tmp_path / "first.csv", plain(*RENUMBERED)))
    before = cases()
    turned = [*RENUMBERED[1:], RENUMBERED[0]]
    rows: list[Row] = [
        (str(number), name, {"document_number": PEOPLE[old][2], "birth_date": PEOPLE[old][1],
                             "email": f"{old.lower()}@mission.example"})
        for number, (name, old) in enumerate(zip(turned, RENUMBERED, strict=True), start=1)
    ]  # fmt: skip
    assert told(sent(tmp_path / "second.csv", rows)) == ChunkCounts(returned=4)
    assert cases() == before


def test_one_address_and_one_number_for_everybody_are_found_however_far_apart_their_rows_lie(tmp_path: Path) -> None:
    rows: list[Row] = [
        (f"{place}", "Tarvold", {"surname": f"Sur{'abcdefghij'[place % 10]}{'klmnopqrst'[place // 10]}ex",
         "given_names": "Ilvana", "birth_date": f"19{40 + place}-0{place % 9 + 1}-1{place % 7}",
         "document_number": f"K44{place * 7919:06d}", "email": f"p{place}@mission.example"})
        for place in range(60)
    ]  # fmt: skip
    for place in (0, 30, 59):
        rows[place][2].update(email="office@mission.example", document_number="K4403100")
    told(sent(tmp_path / "first.csv", rows))
    with open_reader(database()) as store:
        people = store.people.current([one.id for one in store.applications.all_in(ELECTION)])
    noted = [{remark.rule for remark in person.remarks} for person in people.values() if person.remarks]
    assert noted == [{"email_shared", "number_repeated"}] * 3


def test_what_a_second_list_does_not_speak_of_stays_as_recorded_and_an_empty_cell_takes_it_away(
    tmp_path: Path,
) -> None:
    (tmp_path / "first").mkdir()
    portrait(face(99, 1, sex="F", age=40)).save(tmp_path / "first" / "p.jpg")
    told(
        sent(
            tmp_path / "first.csv", [("1", name, {"photo": "p.jpg", "phone": "+800 1234 5678"}) for name in RENUMBERED]
        )
    )
    before = people()
    short = tmp_path / "short.csv"
    short.write_text(
        "surname,given_names,birth_date,role,photo\n"
        + "".join(f"{name},{PEOPLE[name][0]},{PEOPLE[name][1]},expert,p.jpg\n" for name in reversed(RENUMBERED))
    )
    counts = told(short)
    assert (counts.unchanged, counts.rows) == (4, 4)
    assert people() == before
    assert all(person.photo and person.phone == "+800 1234 5678" for person in before.values())
    told(sent(tmp_path / "second.csv", [("1", "Tarvold", {"phone": "", "photo": "later.jpg"})]))
    after = people()["Tarvold"]
    assert (after.phone, after.photo) == ("", before["Tarvold"].photo)


@pytest.mark.skipif(not FIELD_CASES.is_dir(), reason="the field cases lie beside the project only")
@pytest.mark.parametrize(
    ("case", "files", "people"), [("k1-renumbered", 2, 4), ("k2-number-later", 2, 2), ("k4-restarting-reference", 1, 4)]
)
def test_the_lists_that_were_sent_in_life_end_with_one_case_for_each_person(case: str, files: int, people: int) -> None:
    for number in range(1, files + 1):
        told(FIELD_CASES / case / f"v{number}.csv")
    assert [len(numbers) for numbers in cases().values()] == [1] * people


def test_a_rehearsal_plants_such_lists_beside_the_same_election_and_knows_what_comes_of_them(
    stages: Stages, tmp_path: Path
) -> None:
    with_lists, without = tmp_path / "with", tmp_path / "without"
    write_package(with_lists, applications=24, seed=11, processes=1, renumbered=True)
    write_package(without, applications=24, seed=11, processes=1)
    shared = [path.relative_to(without) for path in without.rglob("*") if path.is_file() and "ORG" in path.name]
    assert shared
    assert [path for path in shared if (without / path).read_bytes() != (with_lists / path).read_bytes()] == []
    with stages.empty():
        init_election(with_lists, now=AS_OF)
        take_in(with_lists / "nominations")
        vet()
        assert [str(one) for one in check_against_truth(ELECTION, with_lists)] == []
    planted = {problem for row in read_truth(with_lists / "truth.jsonl") for problem in row.problems}
    assert {
        PlantedProblem.RENUMBERED,
        PlantedProblem.NUMBER_LATER,
        PlantedProblem.REUSED_REFERENCE,
        PlantedProblem.NO_REFERENCE,
    } <= planted
