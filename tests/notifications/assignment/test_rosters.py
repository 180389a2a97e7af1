from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from notifications.assignment.rosters import Roster, RosterLine, StaffLine, roster_workbook


def a_line(**changes: object) -> RosterLine:
    facts: dict[str, object] = {
        "name": "ÅNGSTRÖM Zoë",
        "own_script_name": "Зоя Ангстрем",
        "role": "Short-term observer",
        "organisation": "Observers' League",
        "languages": ("en", "fr"),
        "region": "The Islands",
        "notice": "N1:2",
        "phone": "+999 20 555 0100",
        "email": "zoe@league.example",
        "credential": "valid",
    }
    return RosterLine.model_validate(facts | changes)


def a_roster(*lines: RosterLine) -> Roster:
    return Roster(
        election_title="General election of Valdara",
        office="Office of the Northern Coast",
        acting_for="Office of the Islands",
        version=2,
        drawn_up_at=datetime(2027, 3, 20, 9, 30, tzinfo=UTC),
        timezone="Etc/GMT-2",
        lines=lines,
    )


def test_a_line_says_when_somebody_comes_with_whom_and_by_which_serial_the_badge_goes() -> None:
    line = a_line(team="VD-01-K7QA", partners=("NOVAK Ola",), arrival="2027-03-27", serial="VD-000017")
    sheet = load_workbook(io.BytesIO(roster_workbook(a_roster(line)))).worksheets[0]
    said = dict(zip((cell.value for cell in sheet[4]), (cell.value for cell in sheet[5]), strict=True))
    assert (said["Together with"], said["Arrival"], said["Serial"]) == ("NOVAK Ola", "2027-03-27", "VD-000017")
    assert said["Departure"] is None


def test_who_is_sent_to_help_stands_on_a_sheet_of_its_own_and_no_sheet_is_empty() -> None:
    helper = StaffLine(code="POOL-01", name="Tam Orrel", phone="+999 1", first_day="2027-03-20", last_day="2027-03-24")
    books = [
        load_workbook(io.BytesIO(roster_workbook(a_roster(a_line()).revised(staff=staff)))) for staff in ((helper,), ())
    ]
    assert [book.sheetnames for book in books] == [["Roster", "Staff sent"], ["Roster"]]
    said = [cell.value for cell in books[0]["Staff sent"][2]]
    assert said == ["POOL-01", "Tam Orrel", None, "+999 1", "2027-03-20", "2027-03-24"]


def test_a_roster_shows_what_an_office_may_know_and_nothing_else() -> None:
    sheet = load_workbook(io.BytesIO(roster_workbook(a_roster(a_line(), a_line(region=""))))).worksheets[0]

    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert rows[0] == [
        "Name", "Name in own script", "Role", "Organisation", "Languages", "Region", "Team",
        "Together with", "Site", "Arrival", "Departure", "Notice accepted", "Telephone", "E-mail", "Credential",
        "Serial", "Change",
    ]  # fmt: skip
    assert rows[1][:2] == ["ÅNGSTRÖM Zoë", "Зоя Ангстрем"]
    assert rows[2][5] == "at large"
    assert sheet["A2"].value == (
        "Version 2, Saturday, 20 March 2027, 11:30 (UTC+02:00), 2 people. For official use only."
    )


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1+1", "-1", "@SUM(A1)", "\x00\x07=1", "y" * 40_000])
def test_no_name_becomes_a_formula_or_breaks_the_sheet(name: str) -> None:
    sheet = load_workbook(io.BytesIO(roster_workbook(a_roster(a_line(name=name))))).worksheets[0]

    assert sheet["A5"].data_type == "s"
    assert len(str(sheet["A5"].value)) <= 32_767


def test_equal_rosters_give_equal_bytes() -> None:
    assert roster_workbook(a_roster(a_line())) == roster_workbook(a_roster(a_line()))
    assert roster_workbook(a_roster(a_line())) != roster_workbook(a_roster(a_line(credential="revoked")))


def test_a_line_prints_no_person() -> None:
    assert "Zoë" not in f"{a_line()} {a_line()!r}"
