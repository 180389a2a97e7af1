"""Workbooks that no library of ours wrote: ODS as offices save it, and XLSX too large to be read whole."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support.builders import ELECTION
from support.stages import AS_OF, Stages

from domain.application.nomination import Nomination
from domain.errors import BadInputError
from domain.intake.rows import read_row
from flows.intake import flow as intake
from flows.intake.arrivals import Arrival
from flows.intake.reading import sheets
from flows.intake.reading.tables import open_table, raw_rows
from flows.intake.recognition import MARKS
from flows.settings import settings

HEADER = ("reference", "role", "surname", "given_names", "birth_date", "phone")
NAMESPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)
TAIL = '<table:table-cell table:number-columns-repeated="1018"/>'


def text(words: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{words}</text:p></table:table-cell>'


def row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}{TAIL}</table:table-row>"


def ods(*rows: str) -> bytes:
    """Return a spreadsheet as LibreOffice packs it: the media type first and unpacked, empty rows counted, not kept."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMESPACES} office:version="1.3">'
            f'<office:body><office:spreadsheet><table:table table:name="Sheet1">{"".join(rows)}'
            '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
            'table:number-columns-repeated="1024"/></table:table-row></table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


def test_an_ods_file_as_an_office_saves_it_is_read_with_its_dates_numbers_lines_and_row_numbers() -> None:
    content = ods(
        row(*map(text, HEADER)),
        '<table:table-row table:number-rows-repeated="2"><table:table-cell '
        'table:number-columns-repeated="1024"/></table:table-row>',
        row(
            '<table:table-cell office:value-type="float" office:value="7"><text:p>0007</text:p></table:table-cell>',
            text("Expert"), text("O&apos;Lindengård &amp; Søn"), text("Ava</text:p><text:p>Marit"),
            '<table:table-cell office:value-type="date" office:date-value="1985-05-17"><text:p>17.05.85</text:p>'
            "</table:table-cell>",
            text("+999<text:s/>555"),
        ),
    )  # fmt: skip
    (found,) = raw_rows(content, name="sent.ods")
    assert found.number == 4
    assert found.cells["reference"] == "0007"
    assert found.cells["birth_date"] == "1985-05-17"
    person = read_row(found.number, found.cells, extra_cells=found.extra_cells)
    assert isinstance(person, Nomination)
    assert (person.surname, person.given_names) == ("O'Lindengård & Søn", "Ava Marit")
    assert person.role == "expert"


PERSON = ("1", "expert", "LINDENGARD", "AVA", "1985-05-17", "")
TITLED = [("Delegation of the Assembly",), (), ("Person", "", "", "", "Contact"), HEADER, PERSON]
COLUMNS_AGAIN = ("Номер строки", "Роль", "Фамилия", "Имена", "Дата рождения", "Телефон")


def book(path: Path, **rows: list[tuple[str, ...]]) -> Path:
    """Write a workbook of sheets; one whose name ends in _hidden is hidden."""
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for title, lines in rows.items():
        sheet = made.create_sheet(title)
        sheet.sheet_state = "hidden" if title.endswith("_hidden") else "visible"
        for line in lines:
            sheet.append(line)
    made.active = next(place for place, title in enumerate(rows) if not title.endswith("_hidden"))
    made.save(path)
    return path


@pytest.mark.parametrize(
    ("rows", "row", "note"),
    [
        ({"List": TITLED}, 5, "Above the header, not read: row 1, 3."),
        ({"Cover": [("Please see the next sheet",)], "List": [HEADER, PERSON]}, 2, "not read: 'Cover'."),
        ({"old_hidden": [HEADER, PERSON, PERSON], "List": [HEADER, PERSON]}, 2, "not read: 'old_hidden' (hidden)."),
        ({"List": [HEADER, COLUMNS_AGAIN, PERSON]}, 3, "Row 2 is a header again; not read."),
        ({"List": [HEADER, PERSON], "Example": [HEADER, PERSON]}, 2, ""),
    ],
    ids=["titles above", "cover", "hidden", "header in two languages", "our own example"],
)
@pytest.mark.parametrize("streamed_above", [0, 2**20])
def test_people_are_found_wherever_a_workbook_holds_them_and_what_is_left_out_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: dict[str, Any], row: int, note: str, streamed_above: int
) -> None:
    monkeypatch.setattr(sheets, "_STREAMED_ABOVE", streamed_above)
    with open_table(book(tmp_path / "sent.xlsx", **rows), name="sent.xlsx") as table:
        people = [(one.number, one.cells["surname"]) for one in table.rows]
    assert people == [(row, "LINDENGARD")]
    assert note in " ".join(map(str, table.notes))


def test_a_list_of_people_on_a_second_sheet_is_never_left_out_unsaid(tmp_path: Path) -> None:
    path = book(tmp_path / "sent.xlsx", North=[HEADER, PERSON], South=[HEADER, PERSON])
    with pytest.raises(BadInputError, match="holds people on 2 sheets: 'North', 'South'"):
        list(raw_rows(path, name="sent.xlsx"))


@pytest.mark.parametrize(
    "member", ["<table:table-row", '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>', "\x00"]
)
def test_a_damaged_ods_file_is_refused_or_read_and_never_a_traceback(member: str) -> None:
    try:
        list(raw_rows(ods(member, row(*map(text, HEADER))), name="sent.ods"))
    except BadInputError as refused:
        assert refused.remedy  # noqa: PT017 -- either ending is right


def test_a_large_xlsx_file_is_read_row_by_row_in_little_memory_and_says_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "sent.xlsx"
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Nominations")
    sheet.append(HEADER)
    for number in range(400):
        sheet.append([number, "expert", "LINDENGARD", f"AVA {number}", None, "+999 555 0100 " + "x" * 2000])
    book.save(path)
    whole = [(one.number, dict(one.cells)) for one in raw_rows(path, name="sent.xlsx")]
    monkeypatch.setattr(sheets, "_STREAMED_ABOVE", 1)
    monkeypatch.setattr(sheets, "_cells", None)
    with open_table(path, name="sent.xlsx") as table:
        next(table.rows)
        tracemalloc.start()
        try:
            assert sum(1 for _ in table.rows) == 399
            assert tracemalloc.get_traced_memory()[1] < 2**18
        finally:
            tracemalloc.stop()
    assert [(one.number, dict(one.cells)) for one in raw_rows(path, name="sent.xlsx")] == whole


def test_a_file_that_breaks_off_leaves_nothing_staged_and_one_taken_in_does_not_either(
    sqlite_stages: Stages, tmp_path: Path
) -> None:
    path = tmp_path / "sent.csv"
    lines = [f"{number},expert,LINDENGARD,AVA {number},1985-05-17,\n" for number in range(60)]
    with sqlite_stages.copy("loaded"):
        staged = Path(settings().files_url) / "staged"
        path.write_text(",".join(HEADER) + "\n" + "".join(lines) + '60,expert,"LINDENGARD\n' + "x\n" * 80)
        with pytest.raises(BadInputError, match="does not close"):
            intake.stage_file(Arrival(path, "ORG-01"), ELECTION, now=AS_OF)
        assert not staged.exists()
        assert intake.reports(ELECTION) == []
        path.write_text(",".join(HEADER) + "\n" + "".join(lines))
        chunks = intake.stage_file(Arrival(path, "ORG-01"), ELECTION, now=AS_OF)
        numbers = {int(one.name) for one in staged.rglob("[0-9]")}
        assert numbers == {MARKS, *(chunk.number for chunk in chunks)}
        assert len(chunks) == 3
        for chunk in chunks:
            intake.take_in(chunk, ELECTION, now=AS_OF)
        intake.close_files(ELECTION, now=AS_OF)
        assert not [one for one in staged.rglob("*") if one.is_file()]
        assert intake.stage_file(Arrival(path, "ORG-01"), ELECTION, now=AS_OF) == []
        assert [report.counts.recorded for report in intake.reports(ELECTION)] == [60]
