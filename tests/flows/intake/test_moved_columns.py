"""A list of which one column was sorted apart is asked about as a whole; nothing changes until its sender answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image
from support.builders import ELECTION
from support.stages import AS_OF, Stages

from db.store import open_reader
from domain.application.nomination import Nomination
from domain.application.status import Status
from domain.intake.nominations_file import ChunkCounts
from domain.words import LANGUAGES
from flows.context import database
from flows.intake import flow as intake
from flows.intake.arrivals import Arrival
from flows.intake.dry_run import dry_run_files
from flows.intake.mending.corrections import organisations_workbook
from flows.intake.mending.returned_rows import account_text, accounts_of
from flows.settings import reset_settings

COLUMNS = ("reference", "role", "surname", "given_names", "birth_date", "document_number", "document_issuer")
GIVEN = ("Maja", "Zoe", "Ana", "Timo", "Bela", "Ruth", "Cosmo")


def people() -> list[list[str]]:
    return [
        [
            f"{n:04}",
            "expert",
            f"FAMILY{9 - n}",
            GIVEN[n],
            f"19{80 - 3 * n}-0{n + 1}-11",
            f"K{(n * 3 % 7) * 7919 + 4411019}",
            "UTO",
        ]
        for n in range(len(GIVEN))
    ]


def sorted_apart(rows: Sequence[Sequence[str]], column: str) -> list[list[str]]:
    place = COLUMNS.index(column)
    values = sorted(row[place] for row in rows)
    return [[*row[:place], value, *row[place + 1 :]] for row, value in zip(rows, values, strict=True)]


def sent(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    out = io.StringIO()
    csv.writer(out).writerows([COLUMNS, *rows])
    path.write_text(out.getvalue())
    return path


def take_in(path: Path) -> ChunkCounts:
    (trial,) = dry_run_files([Arrival(path, "ORG-01")], ELECTION, now=AS_OF)
    for chunk in intake.stage_file(Arrival(path, "ORG-01"), ELECTION, now=AS_OF):
        intake.take_in(chunk, ELECTION, now=AS_OF)
    intake.close_files(ELECTION, now=AS_OF)
    (report,) = (one for one in intake.reports(ELECTION) if one.file.name == path.name)
    assert (trial.counts, sorted(trial.reading.notes)) == (report.counts, sorted(map(str, report.notes)))
    return report.counts


def recorded() -> dict[str, Nomination]:
    with open_reader(database()) as store:
        found = store.people.current(store.applications.ids_in(ELECTION, *Status))
    return {one.document_number: one for one in found.values()}


@pytest.fixture
def loaded(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("loaded"):
        yield


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("chunk", "column"),
    [(500, "given_names"), (500, "surname"), (500, "birth_date"), (500, "document_number"), (3, "given_names")],
)
def test_a_column_sorted_apart_changes_nothing_until_it_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, column: str
) -> None:
    monkeypatch.setenv("ACCREDIT_CHUNK_SIZE", str(chunk))
    reset_settings()
    assert take_in(sent(tmp_path / "first.csv", people())) == ChunkCounts(recorded=7)
    before = recorded()
    moved = sorted_apart(people(), column)
    still = sum(row in people() for row in moved)
    counts = take_in(sent(tmp_path / "second.csv", moved))
    assert counts == ChunkCounts(returned=7 - still, unchanged=still)
    assert recorded() == before
    accounts = accounts_of(ELECTION, {report.file.id for report in intake.reports(ELECTION)}).values()
    (account,) = (account for account in accounts if account["file"] == "second.csv")
    assert all(column in account_text(account, language) for language in LANGUAGES)
    back = tmp_path / "back.xlsx"
    back.write_bytes(organisations_workbook(ELECTION, "ORG-01", now=AS_OF))
    answered = take_in(back)
    assert answered.corrected == 7 - still
    assert {
        (one.surname, one.given_names, str(one.birth_date), one.document_number) for one in recorded().values()
    } == {(row[2], row[3], row[4], row[5]) for row in moved}


@pytest.mark.usefixtures("loaded")
def test_whole_rows_sorted_and_names_that_two_people_changed_are_taken(tmp_path: Path) -> None:
    take_in(sent(tmp_path / "first.csv", people()))
    assert take_in(sent(tmp_path / "sorted.csv", sorted(people(), key=lambda row: row[3]))) == ChunkCounts(unchanged=7)
    wed = people()
    wed[0][2], wed[1][2], wed[2][2] = wed[3][2], wed[4][2], "NEWNAME"
    assert take_in(sent(tmp_path / "wed.csv", wed)) == ChunkCounts(corrected=3, unchanged=4)
    wed[0][3], wed[4][3], wed[5][2] = wed[4][3], wed[0][3], "OTHERNAME"
    counts = take_in(sent(tmp_path / "exchanged.csv", wed))
    assert counts == ChunkCounts(returned=2, corrected=1, unchanged=4), "only the two are asked"


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(("files", "chunk", "by"), [(("photo",), 500, 1), (("photo", "identity_page"), 3, 3)])
def test_pictures_that_came_beside_other_people_change_nothing_until_it_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[str, ...], chunk: int, by: int
) -> None:
    monkeypatch.setenv("ACCREDIT_CHUNK_SIZE", str(chunk))
    reset_settings()

    def with_files(name: str, by: int) -> Path:
        places = {column: by if column in files else 0 for column in ("photo", "identity_page")}
        rows = [
            [*row, *(f"{(n + places[column]) % 7}-{column}.jpg" for column in places)] for n, row in enumerate(people())
        ]
        out = io.StringIO()
        csv.writer(out).writerows([[*COLUMNS, *places], *rows])
        path = tmp_path / f"{name}.csv"
        path.write_text(out.getvalue())
        path.with_suffix("").mkdir()
        for n in range(7):
            for place, column in enumerate(places):
                picture = Image.effect_noise((420, 540), 20 + 9 * (2 * n + place)).convert("RGB")
                drawn = path.with_suffix("") / f"{n}-{column}.jpg"
                if by:
                    drawn.write_bytes((tmp_path / "first" / drawn.name).read_bytes())
                else:
                    picture.save(drawn)
        return path

    assert take_in(with_files("first", 0)) == ChunkCounts(recorded=7)
    before = recorded()
    assert all(one.photo and one.identity_page for one in before.values())
    assert take_in(with_files("second", by)) == ChunkCounts(returned=7)
    assert recorded() == before
