"""A photograph or document that cannot be used takes the place of none on record, by whatever way it comes."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest
from PIL import Image
from support.builders import ELECTION, a_nomination
from support.pdfs import Pdf
from support.stages import AS_OF, Stages, vet

from db.store import open_reader, open_store
from domain.application.application import Application
from domain.application.nomination import Nomination
from domain.application.status import Status
from domain.errors import BadInputError
from domain.intake.columns import meaning
from domain.intake.mailbox import MessageState
from domain.intake.nominations_file import ChunkCounts
from domain.intake.rows import cells_of
from domain.words import LANGUAGES, words_in
from flows.context import database, election_context
from flows.decisions.case_file import case_file
from flows.intake import flow as intake
from flows.intake.arrivals import Arrival
from flows.intake.collection.messages import due_files, kept_message
from flows.intake.dry_run import dry_run_files
from flows.intake.entry import EnteredApplication, correct, enter
from flows.intake.mending.corrections import organisations_workbook
from flows.intake.mending.returned_rows import account_text, accounts_of
from flows.intake.workbooks.template import write_text
from flows.statements.acceptance import ActingOfficer

Files = Mapping[str, bytes]
Way = Callable[[Path, Mapping[str, str], Files], Arrival]

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)
NO_PAGES = Pdf([]).written()
OFFICER = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)


def picture(colour: str, size: tuple[int, int] = (420, 540)) -> bytes:
    out = io.BytesIO()
    noise = Image.effect_noise(size, 60).convert("RGB")
    Image.blend(noise, Image.new("RGB", size, colour), 0.3).save(out, "JPEG")
    return out.getvalue()


GOOD = picture("blue")
DAMAGED = GOOD[: len(GOOD) // 3]
SMALL = picture("blue", (60, 77))
BLANK = io.BytesIO()
Image.new("RGB", (900, 640), "white").save(BLANK, "JPEG")


@pytest.fixture
def loaded(sqlite_stages: Stages) -> Iterator[None]:
    with sqlite_stages.copy("loaded"):
        yield


def rows(cells: Mapping[str, str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([cells.keys(), cells.values()])
    return out.getvalue().encode()


def archive(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


def by_folder(folder: Path, cells: Mapping[str, str], files: Files) -> Arrival:
    path = folder / "list.csv"
    path.write_bytes(rows(cells) + b"\n" * len(folder.name))  # each time another file
    path.with_suffix("").mkdir()
    for name, content in files.items():
        (path.with_suffix("") / name).write_bytes(content)
    return Arrival(path, "ORG-01")


def by_package(folder: Path, cells: Mapping[str, str], files: Files) -> Arrival:
    path = folder / "list.zip"
    path.write_bytes(archive({"list.csv": rows(cells), **files}))
    return Arrival(path, "ORG-01")


def message(folder: Path, files: Files) -> Arrival:
    """Return the file out of a message that is taken in as collection does."""
    made = EmailMessage()
    made["From"] = election_context(ELECTION, AS_OF).organisations["ORG-01"].focal_point.email
    made["Message-ID"] = f"<{folder.name}@mission.example>"
    made.set_content("See the list.")
    for name, content in files.items():
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    kept = kept_message(ELECTION, made.as_bytes(), received_at=AS_OF + timedelta(minutes=1))
    with open_store(database()) as store:
        store.incoming.put(kept)
    _, (file,) = due_files(ELECTION, folder / "taken")
    with open_store(database()) as store:
        store.incoming.settle(kept.revised(state=MessageState.TAKEN), before=MessageState.ARRIVED)
    return file.arrival


def by_mail(folder: Path, cells: Mapping[str, str], files: Files) -> Arrival:
    return message(folder, {"list.csv": rows(cells), **files})


def by_second_message(folder: Path, _cells: Mapping[str, str], files: Files) -> Arrival:
    return message(folder, files)


def by_corrections(folder: Path, cells: Mapping[str, str], files: Files) -> Arrival:
    book = openpyxl.load_workbook(io.BytesIO(organisations_workbook(ELECTION, "ORG-01", now=AS_OF)))
    for place, cell in enumerate(book.worksheets[0][1], start=1):
        if (column := meaning(str(cell.value))) in {"photo", "identity_page"}:
            write_text(book.worksheets[0].cell(2, place), cells[column])
    table = io.BytesIO()
    book.save(table)
    path = folder / "back.zip"
    path.write_bytes(archive({"back.xlsx": table.getvalue(), **files}))
    return Arrival(path, "ORG-01")


def take_in(arrival: Arrival) -> tuple[ChunkCounts, list[str]]:
    """Return what became of the rows and what the report on the file notes."""
    with open_reader(database()) as store:
        before = {report.file.id for report in store.intake.reports(ELECTION)}
    for chunk in intake.stage_file(arrival, ELECTION, now=AS_OF + timedelta(minutes=1)):
        intake.take_in(chunk, ELECTION, now=AS_OF + timedelta(minutes=1))
    intake.close_files(ELECTION, now=AS_OF)
    (report,) = (found for found in intake.reports(ELECTION) if found.file.id not in before)
    return report.counts, [str(note) for note in report.notes]


def person() -> tuple[Application, Nomination]:
    with open_reader(database()) as store:
        (known,) = store.applications.ids_in(ELECTION, *Status)
        return store.applications.get(known), store.people.current([known])[known]


def nominee(**changes: str) -> dict[str, str]:
    cells = {column: text for column, text in cells_of(a_nomination(birth_date=None)).items() if text}
    return cells | {"photo": "face.jpg", "identity_page": "page.jpg"} | changes


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("way", "photo", "page", "causes"),
    [
        (by_folder, HEIC, NO_PAGES, ("file_format_heic", "pdf_no_pages")),
        (by_package, DAMAGED, BLANK.getvalue(), ("file_damaged", "image_blank")),
        (by_mail, SMALL, b"", ("image_too_few_pixels", "file_empty")),
        (by_second_message, HEIC, DAMAGED, ("file_format_heic", "file_damaged")),
        (by_corrections, HEIC, b"", ("file_format_heic", "file_empty")),
    ],
    ids=["folder", "package", "mail", "second message", "corrections"],
)
def test_what_cannot_be_used_leaves_what_is_on_record_and_its_sender_is_told_why(
    tmp_path: Path, way: Way, photo: bytes, page: bytes, causes: tuple[str, str]
) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    take_in(by_folder(tmp_path / "first", nominee(), {"face.jpg": GOOD, "page.jpg": picture("red", (900, 640))}))
    application, recorded = person()
    assert application.status is Status.INCOMPLETE
    arrival = way(tmp_path / "second", nominee(), {"face.jpg": photo, "page.jpg": page})
    trial = None if arrival.only_files else dry_run_files([arrival], ELECTION, now=AS_OF)[0]
    counts, notes = take_in(arrival)
    assert counts == ChunkCounts(unchanged=1)
    assert trial is None or (trial.counts, [*trial.reading.notes]) == (counts, notes)
    assert person()[1] == recorded
    told = [note for note in notes if "so the one on record stays" in note]
    assert [words_in("en").problems[cause] in note for cause, note in zip(causes, told, strict=True)] == [True, True]
    (account,) = (
        account
        for account in accounts_of(ELECTION, {report.file.id for report in intake.reports(ELECTION)}).values()
        if any("so the one on record stays" in note["text"] for note in account["notes"])
    )
    for language in LANGUAGES:
        assert all(words_in(language).problems[cause] in account_text(account, language) for cause in causes)


@pytest.mark.usefixtures("loaded")
def test_of_two_unfit_files_the_newer_counts_and_a_good_one_ends_it(tmp_path: Path) -> None:
    other = picture("green", (70, 90))
    for number, (content, outcome, is_unfit) in enumerate(
        [(None, "recorded", False), (HEIC, "corrected", True), (HEIC, "unchanged", True), (SMALL, "corrected", True),
         (DAMAGED, "unchanged", True), (other, "corrected", True), (GOOD, "corrected", False)]
    ):  # fmt: skip
        folder = tmp_path / str(number)
        folder.mkdir()
        files = {} if content is None else {"face.jpg": content}
        arrival = by_folder(folder, nominee(remarks=str(number)), files)
        arrival.path.write_bytes(arrival.path.read_bytes().replace(b"remarks", b"our own remarks"))
        (trial,) = dry_run_files([arrival], ELECTION, now=AS_OF)
        assert (take_in(arrival)[0], trial.counts) == (ChunkCounts.model_validate({outcome: 1}), trial.counts), number
        assert trial.counts == ChunkCounts.model_validate({outcome: 1})
        found = case_file(person()[0].id).findings
        assert any(finding.about == "photo" and finding.rule != "file_not_found" for finding in found) == is_unfit


@pytest.mark.usefixtures("loaded")
def test_a_case_that_waits_or_is_decided_keeps_its_files_too(tmp_path: Path) -> None:
    cells = nominee(birth_date="1980-05-01")
    for name in ("0", "1", "2"):
        (tmp_path / name).mkdir()
    take_in(by_folder(tmp_path / "0", cells, {"face.jpg": GOOD, "page.jpg": picture("red", (900, 640))}))
    application, recorded = person()
    assert application.status is Status.IN_VETTING
    unfit = {"face.jpg": DAMAGED, "page.jpg": NO_PAGES}
    assert take_in(by_package(tmp_path / "1", cells, unfit))[0] == ChunkCounts(unchanged=1)
    vet()
    decided = person()[0]
    assert decided.status is not Status.IN_VETTING
    assert take_in(by_mail(tmp_path / "2", cells, unfit))[0] == ChunkCounts(unchanged=1)
    assert person() == (decided, recorded)


@pytest.mark.usefixtures("loaded")
def test_an_officer_is_told_at_once_and_nothing_is_recorded(tmp_path: Path) -> None:
    for name, content in (("face.jpg", GOOD), ("page.jpg", picture("red", (900, 640))), ("bad.jpg", HEIC)):
        (tmp_path / name).write_bytes(content)
    cells = {**nominee(), "photo": str(tmp_path / "face.jpg"), "identity_page": str(tmp_path / "page.jpg")}
    known = enter("ORG-01", EnteredApplication(cells), OFFICER).application_id
    before = person()
    with pytest.raises(BadInputError, match="HEIC"):
        correct(known, EnteredApplication({"photo": str(tmp_path / "bad.jpg")}), OFFICER)
    with pytest.raises(BadInputError, match="HEIC"):
        enter("ORG-01", EnteredApplication(cells | {"photo": str(tmp_path / "bad.jpg")}), OFFICER)
    assert person() == before
