"""Corrections: a workbook of rows to mend that comes back, is known by its references, and cures exactly those rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from PIL import Image
from support.builders import ELECTION
from support.stages import AS_OF, Stages, case, deliver, everything

from db.letters.letters import LetterFilter
from db.store import open_reader
from domain.application.application import Application, application_id
from domain.application.events import NominationCorrected
from domain.application.status import Status
from domain.errors import BadInputError
from domain.intake.columns import meaning
from domain.intake.nominations_file import ChunkCounts
from domain.letters.envelope import LetterKind
from flows.context import database, election_context
from flows.decisions.case_file import case_file
from flows.intake import flow as intake
from flows.intake.arrivals import Arrival
from flows.intake.dry_run import dry_run_files
from flows.intake.mending.corrections import mendable, organisations_workbook
from flows.intake.mending.cures import late_table
from flows.intake.mending.returned_rows import file_reports
from flows.intake.workbooks.template import write_text
from flows.rehearsal import read_truth
from flows.rehearsal.package.lists.returned_corrections import fill_in_corrections
from flows.rehearsal.package.truth import PlantedProblem, RowOutcome, TruthRow
from flows.rehearsal.run import check_against_truth
from flows.storage.files import file_store

Book = openpyxl.Workbook


@pytest.fixture
def taken_in(stages: Stages) -> Iterator[Stages]:
    with stages.copy("taken in"):
        yield stages


def planted(stages: Stages, *problems: PlantedProblem) -> TruthRow:
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
        write_text(book.worksheets[0].cell(row, places[column]), text)


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
    return next(report.counts for report in intake.reports(ELECTION) if report.file.name == path.name)


def tried(path: Path, organisation: str) -> ChunkCounts:
    return dry_run_files([Arrival(path, organisation)], ELECTION, now=AS_OF)[0].counts


def correction_event(application: Application) -> NominationCorrected:
    return next(e for e in reversed(case_file(application.id).history) if isinstance(e, NominationCorrected))


def rows_in(book: Book) -> int:
    return book.worksheets[0].max_row - 1


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_row_is_known_by_its_reference_after_everything_else_about_it_changed(
    taken_in: Stages, tmp_path: Path, ending: str
) -> None:
    row = planted(taken_in, PlantedProblem.BAD_EMAIL, PlantedProblem.MISSING_PLEDGE, PlantedProblem.EXPIRED_DOCUMENT)
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
    plain.write_text(
        f"reference,role,surname,given_names\nrenumbered,{person.role},{person.surname},{person.given_names}\n"
    )
    assert take_back(plain, row.organisation) == ChunkCounts(unchanged=1), "the new reference is the same case's"
    with open_reader(database()) as store:
        assert application_id(ELECTION, row.organisation, "ref\x1frenumbered") not in store.applications.get_many(
            [application_id(ELECTION, row.organisation, "ref\x1frenumbered")]
        )


def test_a_forged_or_foreign_reference_sends_that_row_back_and_touches_nobody(taken_in: Stages, tmp_path: Path) -> None:
    row = planted(taken_in, PlantedProblem.BAD_EMAIL)
    ours = the_book(row.organisation)
    number, place = the_row(ours, row.reference), columns(ours)["correction"]
    right = str(ours.worksheets[0].cell(number, place).value)
    forged = right[:-1] + ("A" if right[-1] != "A" else "B")
    fill_in(ours, number, {"email": "right@mission.example", "correction": forged})
    before = everything()["heads"]
    counts = take_back(sent_back(ours, tmp_path / "forged.xlsx"), row.organisation)
    assert (counts.returned, counts.corrected) == (1, 0)
    fill_in(ours, number, {"correction": right})
    other = next(one for one in ("ORG-02", "ORG-03", "ORG-04") if one != row.organisation)
    fill_in(ours, number, {"organisation": ""})
    for line in range(2, ours.worksheets[0].max_row + 1):
        fill_in(ours, line, {"organisation": ""})
    counts = take_back(sent_back(ours, tmp_path / "foreign.xlsx"), other)
    assert counts == ChunkCounts(returned=rows_in(ours))
    assert everything()["heads"] == before
    problem = next(report for report in file_reports(ELECTION) if report["file"] == "forged.xlsx")["not_processed"][0]
    assert (problem["field"], problem["problem"]) == (
        "correction", "This reference was not given to your organisation.",
    )  # fmt: skip


def test_a_workbook_that_nobody_touched_changes_nothing_and_each_wrong_cell_says_what_to_write(
    taken_in: Stages, tmp_path: Path
) -> None:
    row = planted(taken_in, PlantedProblem.MISSING_PHOTO)
    book = the_book(row.organisation)
    number, places = the_row(book, row.reference), columns(book)
    wrong = book.worksheets[0].cell(number, places["photo"])
    assert wrong.comment is not None
    assert "The file is not there." in wrong.comment.text
    assert wrong.fill.fgColor.rgb != book.worksheets[0].cell(number, places["role"]).fill.fgColor.rgb
    assert "The file is not there." in str(book.worksheets[0].cell(number, 2).value)
    for withheld in ("birth_date", "document_number", "mrz"):
        assert not book.worksheets[0].cell(number, places[withheld]).value
    assert len(book.worksheets[0].data_validations.dataValidation) > 0
    before = everything()["heads"]
    whole_rows = sum(bool(kind) for kind in _kinds_that_may_stand(row.organisation))
    counts = take_back(sent_back(book, tmp_path / "untouched.xlsx"), row.organisation)
    assert counts.unchanged == rows_in(book) - whole_rows
    after = everything()["heads"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert after | before == after


def _kinds_that_may_stand(organisation: str) -> list[str]:
    """Return the rows of more cells than columns: sent back as they stand they count as right."""
    reports = [report for report in file_reports(ELECTION) if report["organisation"] == organisation]
    return [row["problem"] for report in reports for row in report["not_processed"] if not row["field"]]


def test_an_intake_writes_one_letter_to_each_organisation_about_all_of_its_rows(taken_in: Stages) -> None:
    del taken_in
    with open_reader(database()) as store:
        letters = store.letters.matching(ELECTION, LetterFilter(kind=LetterKind.CORRECTIONS))
        incomplete = store.applications.all_in(ELECTION, Status.INCOMPLETE)
    by_sender = {str(one.envelope.organisation): one.envelope for one in letters}
    assert len(by_sender) == len(letters) > 1
    for organisation, letter in by_sender.items():
        said = letter.contents
        assert said["deficient"] == sum(one.organisation == organisation for one in incomplete)
        book = openpyxl.load_workbook(io.BytesIO(file_store().get(letter.attachments[0].content)))
        assert rows_in(book) == int(str(said["deficient"])) + int(str(said["returned"]))
    assert {one.organisation for one in incomplete} <= by_sender.keys()


def test_a_letter_brings_the_first_rows_and_counts_all_of_them(taken_in: Stages) -> None:
    del taken_in
    with open_reader(database()) as store:
        first, every = (
            list(mendable(store, election_context(ELECTION, AS_OF), [f"ORG-{n:02}" for n in range(40)], most=most))
            for most in (1, 500)
        )
    assert [one.deficient for one in first] == [one.deficient for one in every]
    assert max(len(one.rows) - one.returned for one in first) == 1
    assert any(len(one.rows) - one.returned > 1 for one in every)


def test_a_row_that_went_back_is_recorded_once_it_is_mended_and_marked_so(taken_in: Stages, tmp_path: Path) -> None:
    row = planted(taken_in, PlantedProblem.MALFORMED)
    book = the_book(row.organisation)
    places, sheet = columns(book), book.worksheets[0]
    open_rows = rows_in(book)
    number = next(
        n for n in range(2, sheet.max_row + 1) if (sheet.cell(n, places["reference"]).value or "") == row.reference
    )
    cells = {"reference": "sent-again", "surname": "LINDENGARD", "given_names": "AVA", "document_number": "K7654321"}
    fill_in(
        book, number, {column: text for column, text in cells.items() if not sheet.cell(number, places[column]).value}
    )
    reference = str(sheet.cell(number, places["reference"]).value)
    path = sent_back(book, tmp_path / "mended.xlsx")
    expected = ChunkCounts(recorded=1, unchanged=open_rows - 1)
    assert tried(path, row.organisation) == expected
    assert take_back(path, row.organisation) == expected
    assert case(row.organisation, reference).status in {Status.INCOMPLETE, Status.IN_VETTING}
    with open_reader(database()) as store:
        first = next(report for report in store.intake.reports(ELECTION) if report.file.name == Path(row.file).name)
        entry = next(problem for problem in store.intake.problems(first.file.id) if problem.number == row.row)
    assert entry.mended_at is not None
    again = take_back(sent_back(book, tmp_path / "mended.csv"), row.organisation)
    assert again == ChunkCounts(unchanged=open_rows)


def test_what_one_organisation_of_the_rehearsal_mends_is_cured(taken_in: Stages) -> None:
    back = fill_in_corrections(ELECTION, taken_in.package)
    assert back is not None
    counts = take_back(back.path, back.organisation)
    planned = [row for row in read_truth(taken_in.package / "truth.jsonl") if row.mends]
    returned = sum(row.row_outcome is RowOutcome.RETURNED for row in planned)
    assert counts == ChunkCounts(corrected=len(planned) - returned, recorded=returned)
    assert [str(one) for one in check_against_truth(ELECTION, taken_in.package) if "mended" in str(one)] == []
    with pytest.raises(BadInputError, match="nothing to mend"):
        organisations_workbook(ELECTION, back.organisation, now=AS_OF)
    again = sent_back(openpyxl.load_workbook(back.path), back.path.with_name("again.csv"))
    assert take_back(again, back.organisation) == ChunkCounts(unchanged=len(planned))


def test_an_old_workbook_changes_what_stayed_and_writes_over_nothing_newer(taken_in: Stages, tmp_path: Path) -> None:
    row = planted(taken_in, PlantedProblem.BAD_EMAIL)
    first = the_book(row.organisation)
    number = the_row(first, row.reference)
    fill_in(first, number, {"email": "newer@mission.example", "surname": "NEWER"})
    take_back(sent_back(first, tmp_path / "newer.xlsx"), row.organisation)
    fill_in(first, number, {"email": "older@mission.example", "surname": ""})
    old = take_back(sent_back(first, tmp_path / "older.xlsx"), row.organisation)
    assert (old.returned, old.corrected) == (1, 0)
    problem = next(report for report in file_reports(ELECTION) if report["file"] == "older.xlsx")["not_processed"][0]
    assert problem["field"] == "email"
    assert "record of these cells changed after this workbook" in problem["problem"]
    fill_in(first, number, {"email": "", "native_name": "Somebody"})
    take_back(sent_back(first, tmp_path / "elsewhere.xlsx"), row.organisation)
    known = case(row.organisation, row.reference).id
    with open_reader(database()) as store:
        person = store.people.current([known])[known]
    assert (person.email, person.surname, person.native_name) == ("newer@mission.example", "NEWER", "Somebody")


def test_a_late_correction_is_recorded_as_late_and_a_partial_one_buys_no_time(taken_in: Stages, tmp_path: Path) -> None:
    deliver()  # the time to mend begins when the letter arrives
    row = planted(taken_in, PlantedProblem.MISSING_PHOTO, PlantedProblem.MISSING_IDENTITY_PAGE)
    clock = case(row.organisation, row.reference).due_at
    book = the_book(row.organisation)
    fill_in(book, the_row(book, row.reference), {"native_name": "Another Spelling"})
    take_back(sent_back(book, tmp_path / "part.xlsx"), row.organisation)
    assert case(row.organisation, row.reference).due_at == clock
    deliver()
    folder = tmp_path / "late"
    folder.mkdir()
    Image.effect_noise((600, 800), 80).convert("RGB").save(folder / "file.jpg", quality=95)
    column = row.problems[0].value.removeprefix("missing_")
    fill_in(book, the_row(book, row.reference), {column: "file.jpg"})
    take_back(sent_back(book, tmp_path / "late.xlsx"), row.organisation, later=timedelta(days=30))
    late = case(row.organisation, row.reference)
    assert correction_event(late).late
    assert late.status is not Status.INCOMPLETE or late.due_at == clock
    with open_reader(database()) as store:
        asked = store.letters.matching(ELECTION, LetterFilter(kind=LetterKind.DEFICIENCY))
    assert not [one for one in asked if str(one.envelope.contents["due"]) < str(one.envelope.contents["written_at"])]
    assert late.case_number in {line["case"] for line in late_table(ELECTION)}
