"""Corrections: a workbook of rows to mend that comes back, is known by its references, and cures exactly those rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages, case, everything

from db.letters import LetterFilter
from db.store import open_reader
from domain.application import Application, application_id
from domain.correspondence import LetterKind
from domain.events import NominationCorrected
from domain.forms.headers import meaning
from domain.intake import ChunkCounts
from domain.status import Status
from flows import intake
from flows.arrivals import Arrival
from flows.corrections import organisations_workbook
from flows.desk import database
from flows.files import file_store
from flows.lookup import case_file
from flows.rehearsal import read_truth
from flows.rehearsal.truth import Problem, TruthRow
from flows.returns import file_reports
from flows.trial import try_files

Book = openpyxl.Workbook


@pytest.fixture
def taken_in(stages: Stages) -> Iterator[Stages]:
    with stages.copy("taken in"):
        yield stages


def planted(stages: Stages, *problems: Problem) -> TruthRow:
    truth = read_truth(stages.package / "truth.jsonl")
    return next(row for row in truth if len(row.problems) == 1 and row.problems[0] in problems)


def the_book(organisation: str) -> Book:
    return openpyxl.load_workbook(io.BytesIO(organisations_workbook(ELECTION, organisation, now=AS_OF)))


def columns(book: Book) -> dict[str, int]:
    titles = [str(cell.value) for cell in book.worksheets[0][1]]
    return {str(meaning(name)): place for place, name in enumerate(titles, start=1) if meaning(name)}


def the_row(book: Book, reference: str) -> int:
    place = columns(book)["reference"]
    sheet = book.worksheets[0]
    return next(number for number in range(2, sheet.max_row + 1) if sheet.cell(number, place).value == reference)


def fill_in(book: Book, row: int, cells: Mapping[str, str]) -> None:
    places = columns(book)
    for column, text in cells.items():
        book.worksheets[0].cell(row, places[column]).value = text


def sent_back(book: Book, path: Path) -> Path:
    """Save the workbook as XLSX or, where the path says so, as a spreadsheet program saves CSV."""
    if path.suffix == ".xlsx":
        book.save(path)
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as out:
            rows = book.worksheets[0].iter_rows(values_only=True)
            csv.writer(out, delimiter=";").writerows([cell or "" for cell in row] for row in rows)
    return path


def take_back(path: Path, organisation: str, *, later: timedelta = timedelta(hours=1)) -> ChunkCounts:
    now = AS_OF + later
    for chunk in intake.stage_file(Arrival(path, organisation), ELECTION, now=now):
        intake.take_in(chunk, ELECTION, now=now)
    intake.close_files(ELECTION, now=now)
    return intake.reports(ELECTION)[-1].counts


def tried(path: Path, organisation: str) -> ChunkCounts:
    return try_files([Arrival(path, organisation)], ELECTION, now=AS_OF)[0].counts


def correction_event(application: Application) -> NominationCorrected:
    return next(e for e in reversed(case_file(application.id).history) if isinstance(e, NominationCorrected))


def rows_in(book: Book) -> int:
    return book.worksheets[0].max_row - 1


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_row_is_known_by_its_reference_after_everything_else_about_it_changed(
    taken_in: Stages, tmp_path: Path, ending: str
) -> None:
    row = planted(taken_in, Problem.BAD_EMAIL, Problem.MISSING_PLEDGE, Problem.EXPIRED_DOCUMENT)
    before = case(row.organisation, row.reference)
    book = the_book(row.organisation)
    mended = {
        "reference": "renumbered", "document_number": "Z98765432", "document_expiry": "2033-01-31", "mrz": "",
        "email": "somebody.else@mission.example", "pledge_accepted_on": "2027-03-01",
    }  # fmt: skip
    fill_in(book, the_row(book, row.reference), mended)
    path = sent_back(book, tmp_path / f"back.{ending}")
    expected = ChunkCounts(corrected=1, unchanged=rows_in(book) - 1)
    assert tried(path, row.organisation) == expected
    assert take_back(path, row.organisation) == expected
    after = case(row.organisation, row.reference)
    assert (before.status, after.status) == (Status.INCOMPLETE, Status.IN_VETTING)
    assert not correction_event(after).late
    with open_reader(database()) as store:
        person = store.people.current([after.id])[after.id]
    assert (person.reference, person.document_number) == ("renumbered", "Z98765432")
    assert person.photo is not None

    plain = tmp_path / "plain.csv"
    plain.write_text(f"reference,role,surname,given_names\nrenumbered,{person.role},{person.surname},Other\n")
    assert take_back(plain, row.organisation) == ChunkCounts(corrected=1), "the new reference is the same case's"
    with open_reader(database()) as store:
        assert application_id(ELECTION, row.organisation, "ref\x1frenumbered") not in store.applications.get_many(
            [application_id(ELECTION, row.organisation, "ref\x1frenumbered")]
        )
