"""Tables for other systems: what is taken out is on record, and personal columns are an officer's to sign for."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from support.builders import ELECTION
from support.stages import AS_OF, Stages
from typer.testing import CliRunner

from db.store import open_reader
from domain.application.application import Application
from domain.errors import BadInputError
from domain.oversight.extracts import ExtractTable, PersonalColumn
from domain.statements.officer_acts import StaffAct
from domain.statements.officers import OfficerRefusedError
from domain.statements.statement import ActKind
from flows.cli.app import app
from flows.context import database
from flows.decisions.officer_acts import Act, recuse
from flows.decisions.openings import looks_table
from flows.oversight.extracts.files import contents_of
from flows.oversight.extracts.taking import Wanted, count, extracts_table, take, take_personal
from flows.oversight.overview import audit
from flows.statements.acceptance import ActingOfficer

OFFICER = ActingOfficer("OFF-DEMO-1", ELECTION, AS_OF)
NOBODY = ActingOfficer("", ELECTION, AS_OF)
PURPOSE = "Hotel list 2027-3"
NAMED = Wanted(table=ExtractTable.PLAN, personal=(PersonalColumn.SURNAME, PersonalColumn.BIRTH_DATE), purpose=PURPOSE)


@pytest.fixture(autouse=True)
def issued(stages: Stages) -> Iterator[None]:
    with stages.copy("issued"):
        yield


def all_cases() -> list[Application]:
    with open_reader(database()) as store:
        return store.applications.all_in(ELECTION)


def signed_extracts() -> list[dict[str, Any]]:
    with open_reader(database()) as store:
        entries = store.statements.entries(ELECTION, kinds=(ActKind.EXTRACT,))
        return [json.loads(entry.document)["terms"] for entry in entries if "terms" in json.loads(entry.document)]


@pytest.mark.parametrize("table", ExtractTable)
def test_a_table_without_people_needs_a_purpose_and_no_officer_and_is_on_record(
    table: ExtractTable, tmp_path: Path
) -> None:
    out = tmp_path / f"{table}.jsonl"
    with pytest.raises(BadInputError, match="--purpose"):
        take(Wanted(table=table), NOBODY, out, account="account desk")
    assert not out.exists()
    assert extracts_table(ELECTION) == []
    taken = take(Wanted(table=table, purpose=PURPOSE), NOBODY, out, account="account desk")
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    schema, account = (json.loads(path.read_text("utf-8")) for path in taken.files[1:])
    assert taken.rows == len(lines) > 10
    assert [*lines[0]] == [*schema["properties"]]
    assert account["taken_for"] == PURPOSE
    assert account["taken_by"] == "account desk"
    (entry,) = extracts_table(ELECTION)
    assert (entry["table"], entry["purpose"]) == (table.value, PURPOSE)
    assert account["sha256"].startswith(entry["sha256"])
    assert {stat.S_IMODE(path.stat().st_mode) for path in taken.files} == {0o600}
    assert audit(ELECTION).is_whole


def test_the_tables_say_what_the_database_says(tmp_path: Path) -> None:
    out = tmp_path / "applications.jsonl"
    take(Wanted(table=ExtractTable.APPLICATIONS, purpose=PURPOSE), NOBODY, out, account="account desk")
    told = {line["id"]: line for line in map(json.loads, out.read_text("utf-8").splitlines())}
    for case in all_cases():
        line = told.pop(str(case.id))
        assert (line["status"], line["region"], line["serial"]) == (case.status, case.region, case.serial)
    assert told == {}


def test_who_takes_names_signs_says_how_many_and_is_found_beside_each_person(tmp_path: Path) -> None:
    people = len(count(NAMED, OFFICER).cases)
    with pytest.raises(BadInputError, match=f"--number {people}"):
        take_personal(NAMED, OFFICER, tmp_path / "plan.csv", number=people - 1)
    assert not [*tmp_path.iterdir()]
    assert signed_extracts() == []
    taken = take_personal(NAMED, OFFICER, tmp_path / "plan.csv", number=people)
    with taken.files[0].open(encoding="utf-8", newline="") as file:
        lines = [*csv.DictReader(file)]
    assert all(line["surname"] and line["taken_by"] == OFFICER.officer for line in lines)
    assert {line["taken_for"] for line in lines} == {PURPOSE}
    (terms,) = signed_extracts()
    assert (terms["people"], terms["personal"]) == (people, ["surname", "birth_date"])
    looks = looks_table(ELECTION)
    assert len(looks) == people
    assert {(look["what"], look["why"]) for look in looks} == {("extract", PURPOSE)}
    assert len(extracts_table(ELECTION)) == 1
    assert audit(ELECTION).is_whole


def test_who_is_no_case_officer_takes_no_names(tmp_path: Path) -> None:
    with open_reader(database()) as store:
        others = [one.code for one in store.officers.all_in(ELECTION) if "case_officer" not in one.roles]
    for code in others:
        by = ActingOfficer(code, ELECTION, AS_OF)
        with pytest.raises(OfficerRefusedError):
            count(NAMED, by)
        with pytest.raises(OfficerRefusedError):
            take_personal(NAMED, by, tmp_path / "plan.csv", number=len(count(NAMED, OFFICER).cases))
    assert others
    assert not [*tmp_path.iterdir()]


def test_cases_from_which_the_officer_stepped_off_are_left_out() -> None:
    before = count(NAMED, OFFICER)
    organisation = all_cases()[0].organisation
    recuse(Act(act=StaffAct.RECUSE, officer=OFFICER.officer, detail=organisation), OFFICER)
    after = count(NAMED, OFFICER)
    theirs = {case.id for case in all_cases() if case.organisation == organisation}
    assert set(after.cases) == set(before.cases) - theirs
    assert after.left_out == len(theirs)


def test_no_spreadsheet_runs_what_a_person_wrote(tmp_path: Path) -> None:
    heads, rows, account = ["surname", "lines"], [{"surname": "=1+1", "lines": 3}], {"table": "plan"}
    assert contents_of(tmp_path / "a.csv", heads, rows, account) == b"surname,lines\r\n'=1+1,3\r\n"
    (tmp_path / "a.xlsx").write_bytes(contents_of(tmp_path / "a.xlsx", heads, rows, account))
    cells = load_workbook(tmp_path / "a.xlsx").worksheets[0]["A2:B2"][0]
    assert [(cell.value, cell.data_type) for cell in cells] == [("=1+1", "s"), (3, "n")]


def test_the_command_counts_first_and_says_what_to_type(tmp_path: Path) -> None:
    typed = ["export", "applications", "--to", str(tmp_path / "a.xlsx"), "--purpose", PURPOSE, "--personal", "surname"]
    assert "--officer" in str(CliRunner().invoke(app, typed).exception)
    typed += ["--officer", OFFICER.officer, "--as-of", "2027-03-10T08:00"]
    preview = CliRunner().invoke(app, typed)
    assert f"--number {len(all_cases())}" in preview.output
    assert not [*tmp_path.iterdir()]
    done = CliRunner().invoke(app, [*typed, "--number", str(len(all_cases()))])
    assert done.exit_code == 0, done.output
    assert load_workbook(tmp_path / "a.xlsx").sheetnames == ["applications", "account"]
    assert PURPOSE in CliRunner().invoke(app, ["exports", "--json"]).output
