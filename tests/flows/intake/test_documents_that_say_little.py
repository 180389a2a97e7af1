"""Real people whose documents say little, or whose list says it badly: each comes from a row of a file to a badge."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import openpyxl
import pytest
import yaml
from openpyxl.cell import Cell
from support.builders import ELECTION
from support.stages import AS_OF, Stages, assign, case, due, issue, vet

from domain.application.application import Application
from domain.application.findings import Severity
from domain.application.nomination import COLUMNS
from domain.application.status import Status
from domain.decisions.rulings import Outcome, Ruling
from domain.identity.mrz_lines import PrintedDocument, td3_lines
from domain.identity.readings import Sex
from domain.intake.columns import meaning
from domain.words import words_in
from flows.decisions.case_file import case_file
from flows.decisions.rulings import decide_applications
from flows.election.loading import init_election
from flows.intake import flow as intake
from flows.intake.arrivals import arrivals
from flows.intake.mending.corrections import organisations_workbook
from flows.rehearsal.package.pictures.faces import face
from flows.rehearsal.package.pictures.portraits import portrait
from flows.rehearsal.package.pictures.zones import without_day_of_birth, without_expiry
from flows.statements.acceptance import ActingOfficer

ORGANISATION: Final = "ORG-01"
LONG: Final = "Vandermaelenbroeckhuizen-Ostrellanderthal", "Ava Maritanna Wilhelmiria Ottilanda Severinella Corn"


class Person(NamedTuple):
    """Cells, what the zone prints (None: there is none), the way the case goes first, and what mends it."""

    cells: dict[str, str]
    zone: dict[str, object] | None
    first: Status
    rule: str = ""
    mends: Mapping[str, str] = {}


CLEAR, ASK, LOOK = Status.APPROVED, Status.INCOMPLETE, Status.IN_REVIEW
PEOPLE: Final = {
    "one name": Person({"given_names": "-"}, {"given_names": ""}, CLEAR),
    "one name, FNU in the zone": Person({"given_names": ""}, {"given_names": "FNU"}, CLEAR),
    "one name, in the other cell": Person({"surname": "XXX", "given_names": "Oruma"}, {"surname": "Oruma",
                                          "given_names": ""}, CLEAR),
    "one name, no zone": Person({"given_names": "FNU"}, None, LOOK, "one_name_unproved"),
    "an empty name": Person({"given_names": ""}, None, ASK, "name_missing", {"given_names": "-"}),
    "a year of birth": Person({"birth_date": "1970"}, {"birth_date": date(1970, 7, 1), "day": "unknown"}, CLEAR),
    "fillers as in the zone": Person({"birth_date": "70<<<<"}, {"birth_date": date(1970, 7, 1), "day": "unknown"},
                                     CLEAR),
    "a month of birth, no zone": Person({"birth_date": "00.05.1970"}, None, LOOK, "birth_day_unproved"),
    "a year though the day is printed": Person({"birth_date": "1985"}, {}, ASK, "birth_day_printed",
                                               {"birth_date": "1985-05-17"}),
    "another calendar": Person({"birth_date": "2528-05-17"}, None, ASK, "day_other_calendar",
                               {"birth_date": "1985-05-17"}),
    "two citizenships": Person({"nationality": "XBE and XAA"}, {}, CLEAR),
    "stateless": Person({"nationality": "stateless"}, {"nationality": "XXA"}, CLEAR),
    "refugee": Person({"nationality": "XXB"}, {"nationality": "XXB"}, CLEAR),
    "refugee, unspecified": Person({"nationality": "XXX"}, {"nationality": "XXX"}, CLEAR),
    "laissez-passer": Person({"document_issuer": "UNO", "document_kind": "laissez_passer"}, {"issuer": "UNO"}, CLEAR),
    "a code of sport": Person({"nationality": "GER"}, None, ASK, "code_unknown", {"nationality": "XAA"}),
    "a long name": Person({"surname": LONG[0], "given_names": LONG[1]}, {"surname": LONG[0], "given_names": LONG[1]},
                          CLEAR),
    "no expiry": Person({"document_expiry": "бессрочно"}, {"expires": "never"}, CLEAR),
    "no expiry, no zone": Person({"document_expiry": "unlimited"}, None, LOOK, "expiry_unproved"),
    "a number to come": Person({"document_number": "en cours"}, None, ASK, "number_placeholder",
                               {"document_number": "K0000077"}),
    "an escaped name": Person({"surname": "O&#39;Sellan"}, None, ASK, "name_decoded", {"surname": "O'Sellan"}),
    "a number from a cell": Person({"document_number": "34567"}, {"number": "00034567"}, ASK, "number_zeros_lost",
                                   {"document_number": "00034567"}),
}  # fmt: skip
_SURNAMES: Final = (
    "Aldric Brenlow Cormeth Dravik Elsmar Fenwold Gorrane Hestvik Ilmaren Jorvald Kestrin Lomberg Marvenn Nostrad "
    "Orvell Pellgrin Quorra Rimstad Solvang Tormund Ulverth Vexmoor"
)


SOME = [pytest.param(language, marks=pytest.mark.full) for language in ("es", "fr", "ru", "zh")]


@pytest.mark.parametrize("language", ["ar", "en", *SOME])
def test_each_of_them_comes_from_a_row_to_a_badge(sqlite_stages: Stages, tmp_path: Path, language: str) -> None:
    with sqlite_stages.empty():
        init_election(package_in(language, sqlite_stages.package, tmp_path / "package"), now=AS_OF)
        send(list_of(tmp_path))
        vet()
        for name, person in PEOPLE.items():
            assert (name, the_case(name).status, findings(name)) == (name, person.first, {person.rule} - {""})
        send(mended(tmp_path, language))
        vet()
        assert {name: the_case(name).status for name, one in PEOPLE.items() if one.mends and not looked_at(name)} == {
            name: Status.APPROVED for name, one in PEOPLE.items() if one.mends and not looked_at(name)
        }
        approve()
        assign()
        issue()
        assert {name: the_case(name).status for name in PEOPLE} == dict.fromkeys(PEOPLE, Status.CREDENTIALED)


def package_in(language: str, package: Path, folder: Path) -> Path:
    """Write the election anew with the organisation's letters in *language*."""
    shutil.copytree(package, folder, ignore=shutil.ignore_patterns("nominations"))
    organisations = yaml.safe_load((folder / "organisations.yaml").read_text("utf-8"))
    for organisation in organisations:
        organisation["language"] = language
    (folder / "organisations.yaml").write_text(yaml.safe_dump(organisations), "utf-8")
    return folder


def send(path: Path) -> None:
    """Take a file in that came long before the deadline."""
    for arrival in arrivals(path, organisation=ORGANISATION, received_at=AS_OF - timedelta(days=20)):
        for chunk in intake.stage_file(arrival, ELECTION, now=AS_OF):
            intake.take_in(chunk, ELECTION, now=AS_OF)
    intake.close_files(ELECTION, now=AS_OF)


def looked_at(name: str) -> bool:
    """Whether an officer looks at it once it is mended: what no zone proves."""
    return name == "an empty name"


def list_of(folder: Path) -> Path:
    path = folder / "list.csv"
    (folder / "list").mkdir()
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(COLUMNS))
        writer.writeheader()
        for number, (person, surname) in enumerate(zip(PEOPLE.values(), _SURNAMES.split(), strict=True), start=1):
            writer.writerow(row(number, person, surname))
            picture = portrait(face(77, number, sex="F", age=40))
            picture.save(folder / "list" / f"{number}.jpg", dpi=(300, 300))
            picture.resize((900, 640)).save(folder / "list" / f"{number}-page.jpg")
    return path


def row(number: int, person: Person, surname: str) -> dict[str, str]:
    usual = {
        "reference": str(number), "role": "short_term_observer", "surname": surname, "given_names": f"{surname[2:]}ia",
        "sex": "F", "birth_date": "1985-05-17", "nationality": "XAA", "document_kind": "passport",
        "document_number": f"K{number * 48_271_093 % 10**8:08d}", "document_issuer": "XAA",
        "document_expiry": "2031-01-31",
        "email": f"{surname}@mission.example", "conflict_declared": "no", "pledge_accepted_on": "2027-02-01",
        "photo": f"{number}.jpg", "identity_page": f"{number}-page.jpg",
    }  # fmt: skip
    return usual | {"mrz": "" if person.zone is None else zone(usual, person.zone)} | person.cells


def zone(usual: dict[str, str], printed: dict[str, object]) -> str:
    said: dict[str, Any] = {
        "issuer": "XAA", "nationality": "XAA", "number": usual["document_number"], "birth_date": date(1985, 5, 17),
        "sex": Sex.FEMALE, "expiry": date(2031, 1, 31), "surname": usual["surname"],
        "given_names": usual["given_names"], **printed,
    }  # fmt: skip
    fields = {name: value for name, value in said.items() if name in PrintedDocument.model_fields}
    lines = td3_lines(PrintedDocument.model_validate(fields))
    lines = without_day_of_birth(lines) if "day" in printed else lines
    return "/".join(without_expiry(lines) if "expires" in printed else lines)


def the_case(name: str) -> Application:
    return case(ORGANISATION, str(1 + list(PEOPLE).index(name)))


def findings(name: str) -> set[str]:
    return {finding.rule for finding in case_file(the_case(name).id).findings if finding.severity is not Severity.NOTE}


def mended(folder: Path, language: str) -> Path:
    """Fill in the corrections workbook as it was sent, cell by cell, and return where it lies."""
    book = openpyxl.load_workbook(io.BytesIO(organisations_workbook(ELECTION, ORGANISATION, now=AS_OF)))
    sheet = book.worksheets[0]
    assert words_in(language).titles["surname"] in {cell.value for cell in sheet[1]}
    columns = {str(meaning(str(cell.value or ""))): cell.column or 0 for cell in sheet[1]}
    names = list(PEOPLE)
    for place in range(2, sheet.max_row + 1):
        person = PEOPLE[names[int(str(sheet.cell(place, columns["reference"]).value)) - 1]]
        assert person.mends, "a row to mend that should be clear"
        for column, text in person.mends.items():
            cell = sheet.cell(place, columns[column])
            assert isinstance(cell, Cell)
            cell.value = text
    path = folder / "mended.xlsx"
    book.save(path)
    return path


def approve() -> None:
    ruling = Ruling(outcome=Outcome.APPROVE)
    ids = due(Status.IN_REVIEW)
    results = decide_applications(ids, ruling, ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF))
    assert all(result.applied for result in results)
