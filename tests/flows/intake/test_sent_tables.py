"""Tables as people really send them: each person is read rightly, or named with the row; nobody is in or out unsaid."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.drawing.image import Image as SheetImage
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image

from domain.application.nomination import Nomination
from domain.errors import BadInputError
from domain.intake.nominations_file import RowProblem
from domain.intake.rows import read_row
from flows.intake.reading import sheets
from flows.intake.reading.people import ACROSS, STRUCK, RawRow
from flows.intake.reading.tables import Table, open_table
from flows.intake.reading.text_tables import Rows

HEADER = ("reference", "role", "surname", "given_names", "document_number", "photo", "identity_page")
PEOPLE = tuple((f"{n:04}", "expert", f"FAMILY{chr(64 + n)}", f"Given {n}", f"K00{n}", "", "") for n in range(1, 5))


def picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 50), colour).save(out, "PNG")
    return out.getvalue()


def colour_of(content: bytes) -> Any:
    return Image.open(io.BytesIO(content)).convert("RGB").getpixel((5, 5))


def book(change: Callable[[Worksheet], object] | None = None, *people: tuple[str, ...]) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for row in (HEADER, *(people or PEOPLE)):
        sheet.append(row)
    if change is not None:
        change(sheet)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def edited(content: bytes, pattern: str, new: str, member: str = "xl/worksheets/sheet1.xml") -> bytes:
    """Return a workbook with something in its XML written otherwise, as other programs write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in old.namelist():
            text = old.read(name)
            if name == member:
                text, times = re.subn(pattern.encode(), new.encode(), text)
                assert times, pattern
            made.writestr(name, text)
    return out.getvalue()


def read(content: bytes, folder: Path) -> tuple[list[RawRow], Table]:
    path = folder / "sent"
    path.write_bytes(content)
    with open_table(path, name="sent.xlsx") as table:
        rows = list(table.rows)
    return rows, table


def surnames(rows: list[RawRow]) -> list[str]:
    return [row.cells["surname"] for row in rows if not row.broken]


@pytest.mark.parametrize("ref", ["A1:G2", "A1", "A1:XFD1048576", "B3:C3"])
def test_what_a_workbook_says_of_its_size_is_not_believed(tmp_path: Path, ref: str) -> None:
    content = edited(book(), '<dimension ref="[^"]*"', f'<dimension ref="{ref}"')
    assert len(read(content, tmp_path)[0]) == 4
    far = edited(content, "</row></sheetData>", '<c r="XFD5" s="0"/></row></sheetData>')
    assert len(read(far, tmp_path)[0]) == 4


@settings(max_examples=25)
@given(
    kept=st.lists(st.booleans(), min_size=1, max_size=30),
    size=st.sampled_from(["A1", "A1:B2", "A1:G9"]),
    far=st.sampled_from(["", "H2", "IV9", "XFD900000"]),
)
def test_rows_read_are_rows_there_whatever_lies_between_and_beside_them(
    kept: list[bool], size: str, far: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    people = [
        (f"{n}", "expert", f"N{n}", "G", "", "", "") if is_there else ("",) * 7 for n, is_there in enumerate(kept)
    ]
    content = edited(book(None, *people), '<dimension ref="[^"]*"', f'<dimension ref="{size}"')
    if far:
        number = re.sub(r"\D", "", far)
        content = edited(content, "</sheetData>", f"<row r='{max(int(number), 100)}'><c r='{far}'/></row></sheetData>")
    try:
        rows, _ = read(content, tmp_path_factory.mktemp("sent"))
    except BadInputError as refused:
        assert not any(kept) and "no rows below its header" in refused.problem  # noqa: PT018, PT017 -- the one reason
        return
    assert surnames(rows) == [f"N{n}" for n, is_there in enumerate(kept) if is_there]


def filtered(sheet: Worksheet) -> None:
    sheet.auto_filter.ref = "A1:G5"
    sheet.auto_filter.add_filter_column(1, ["expert"])
    sheet.row_dimensions[3].hidden = sheet.row_dimensions[5].hidden = True


def hidden(sheet: Worksheet) -> None:
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["E"].hidden = True


def struck(sheet: Worksheet) -> None:
    for cell in sheet[3]:
        cell.font = Font(strike=True)
    sheet["E4"].font = Font(strike=True)


def merged(sheet: Worksheet) -> None:
    sheet.merge_cells("B2:B4")
    sheet.merge_cells("C5:D5")


def again(sheet: Worksheet) -> None:
    sheet.insert_rows(4, 2)
    for place, text in enumerate(("Family name", "First name", "Role", "reference"), start=1):
        sheet.cell(5, place, text)
    for place, text in enumerate(("FAMILYX", "Other", "expert", "0009"), start=1):
        sheet.cell(6, place, text)
        sheet.cell(7, place, text.replace("X", "Y").replace("0009", "0010"))
    for row in (6, 7):
        for column in range(5, 8):
            sheet.cell(row, column).value = None


@pytest.mark.parametrize(
    ("change", "found", "note"),
    [
        (filtered, "ABCD", "4 rows were read, 2 of them hidden by a filter: 3, 5."),
        (hidden, "ABCD", "4 rows were read, 1 of them hidden in the sheet: 4."),
        (hidden, "ABCD", "Hidden columns were read too: document_number."),
        (struck, "ACD", "Struck through in part, but read as a whole: row 4."),
        (merged, "ABC", "Cells are merged downwards; each row was read as shown: row 3-4."),
        (again, "ABXY", "Row 5 is a header again, with other columns; the rows below it were read by it."),
    ],
)
def test_what_a_sheet_shows_besides_values_is_read_as_shown_and_told(
    tmp_path: Path, change: Callable[[Worksheet], object], found: str, note: str
) -> None:
    rows, table = read(book(change), tmp_path)
    assert surnames(rows) == [f"FAMILY{letter}" for letter in found]
    assert note in map(str, table.notes)
    assert all(row.cells["role"] == "expert" for row in rows if not row.broken)
    broken = {row.number: row.broken for row in rows if row.broken}
    assert broken == ({3: STRUCK} if change is struck else {5: ACROSS} if change is merged else {})
    assert all(problem.problem("ru") != problem.problem() for problem in broken.values())


@pytest.mark.parametrize(
    ("cell", "outcome"),
    [
        ('<c r="C3" t="e"><v>#N/A</v></c>', "surname"),
        ('<c r="C3" t="e"><f>VLOOKUP(1,Z:Z,1)</f><v>#REF!</v></c>', "surname"),
        ('<c r="C3"><f>VLOOKUP(1,Z:Z,1)</f></c>', "The cell holds a formula."),
        ('<c r="C3"><f>"0123"</f><v></v></c>', "0123"),
        ('<c r="C3" t="str"><f>"0123"</f><v>0123</v></c>', "0123"),
        ("<c r='C3' t='inlineStr'><is><r><t>01</t></r><r><t>23</t></r></is></c>", "0123"),
    ],
)
def test_errors_and_formulas_are_read_or_named_and_never_empty(tmp_path: Path, cell: str, outcome: str) -> None:
    rows, _ = read(edited(book(), '<c r="C3".*?</c>', cell), tmp_path)
    person = read_row(3, rows[1].cells)
    if isinstance(person, RowProblem):
        assert (person.number, person.field, person.problem) == (3, "surname", outcome)
    else:
        assert outcome in {person.surname, *person.unreadable}
        assert person.surname in {"", "0123"}


def test_an_error_in_any_column_is_asked_for_and_a_constant_formula_of_a_text_file_is_its_value(tmp_path: Path) -> None:
    path = tmp_path / "sent.csv"
    path.write_text(
        'reference,role,surname,given_names,document_number\n="0007",expert,A,B,#ССЫЛКА!\n"=""0008""",expert,A,C,K1\n',
        "utf-8",
    )
    with open_table(path, name="sent.csv") as table:
        first, second = (read_row(row.number, row.cells) for row in table.rows)
    assert isinstance(first, Nomination)
    assert isinstance(second, Nomination)
    assert (first.reference, first.document_number, first.unreadable) == ("0007", "", ("document_number",))
    assert second.reference == "0008"


def test_pictures_on_the_rows_of_a_sheet_belong_to_those_rows(tmp_path: Path) -> None:
    def paste(sheet: Worksheet) -> None:
        for place, colour in {"F2": "red", "G2": "blue", "F3": "green", "J5": "black", "A40": "white"}.items():
            sheet.add_image(SheetImage(io.BytesIO(picture(colour))), place)
            sheet.row_dimensions[int(place[1:])].height = 60

    rows, table = read(book(paste), tmp_path)
    colours: Any = [
        {
            column: Image.open(io.BytesIO(content)).convert("RGB").getpixel((5, 5))
            for column, content in row.pictures.items()
        }
        for row in rows
    ]
    assert colours == [
        {"photo": (255, 0, 0), "identity_page": (0, 0, 255)}, {"photo": (0, 128, 0)}, {}, {"photo": (0, 0, 0)},
    ]  # fmt: skip
    assert any("belong to no row" in str(note) and "1" in str(note) for note in table.notes)


def with_pictures_of_wps(content: bytes) -> bytes:
    """Return a workbook with pictures in cells F2 and F3 as WPS Office places them: a formula names each."""
    out = io.BytesIO()
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    images = "".join(
        f'<e:cellImage><x:pic><x:cNvPr name="ID_{number}"/><a:blip r:embed="rId{number}"/></x:pic></e:cellImage>'
        for number in (1, 2)
    )
    links = "".join(f'<Relationship Id="rId{n}" Type="{relation}/image" Target="media/{n}.png"/>' for n in (1, 2))
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as made:
        for name in old.namelist():
            made.writestr(name, old.read(name))
        made.writestr(
            "xl/cellimages.xml", f'<e:i xmlns:e="e" xmlns:x="x" xmlns:a="a" xmlns:r="{relation}">{images}</e:i>'
        )
        made.writestr("xl/_rels/cellimages.xml.rels", f"<Relationships>{links}</Relationships>")
        for number, colour in ((1, "red"), (2, "blue")):
            made.writestr(f"xl/media/{number}.png", picture(colour))
    formula = '<c r="F{0}" t="str"><f>_xlfn.DISPIMG("ID_{1}",1)</f><v>=DISPIMG("ID_{1}",1)</v></c>'
    whole = out.getvalue()
    for row, number in ((2, 2), (3, 1)):
        whole = edited(whole, f'(<row r="{row}".*?)</row>', rf"\1{formula.format(row, number)}</row>")
    return whole


def test_pictures_that_wps_office_places_in_cells_are_read(tmp_path: Path) -> None:
    people = tuple(person[:5] for person in PEOPLE)
    rows, _ = read(with_pictures_of_wps(book(None, *people)), tmp_path)
    assert [(row.cells.get("photo"), {name: colour_of(content) for name, content in row.pictures.items()})
            for row in rows[:2]] == [("", {"photo": (0, 0, 255)}), ("", {"photo": (255, 0, 0)})]  # fmt: skip
    assert [surnames(rows), [row.broken for row in rows]] == [[f"FAMILY{letter}" for letter in "ABCD"], [None] * 4]


def test_archives_inside_an_archive_are_named(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("list.csv", "reference,role,surname,given_names\n1,expert,FAMILYA,Given\n")
        archive.writestr("photos.rar", b"Rar!")
    rows, table = read(out.getvalue(), tmp_path)
    assert surnames(rows) == ["FAMILYA"]
    assert [str(note) for note in table.notes] == ["Packed files in it were not opened (1): 'photos.rar'."]


def test_rows_that_a_library_loses_are_counted_and_the_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: Callable[[object], Rows] = getattr(sheets, "_cells")  # noqa: B009 -- the library's reading, made to fail

    def all_but_one(sheet: object) -> Rows:
        return (row for row in whole(sheet) if row[0] != 4)

    monkeypatch.setattr(sheets, "_cells", all_but_one)
    with pytest.raises(BadInputError, match="holds 5 rows, of which 4 could be read"):
        read(book(), tmp_path)


def other(name: str, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


def packed_by(method: int) -> bytes:
    """Return an archive whose entries say that they are packed by *method*."""
    content = bytearray(other("list.csv", b"role,surname,given_names\n"))
    for sign, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        place = content.index(sign) + offset
        content[place : place + 2] = method.to_bytes(2, "little")
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "with a password"),
        (other("Index/Document.iwa"), "Apple Numbers"),
        (b'{"url":"https://docs.example/open?id=1","doc_id":"1","email":"a@mission.example"}', "link to a table"),
        (other("META-INF/manifest.xml", b"<encryption-data/>").replace(b"x", b"x"), "tables"),
        (packed_by(9), "is packed with the method Deflate64, which"),
        (packed_by(98), "is packed with the method PPMd, which"),
        (packed_by(77), "is packed with the method number 77, which"),
        (b'{"":"WARNING! DO NOT EDIT THIS FILE!","doc_id":"1","resource_key":"","email":"a@b.example"}', "link to a"),
        (b"[InternetShortcut]\r\nURL=https://docs.example/1\r\n", "link to a table"),
        (b'<?xml version="1.0"?><plist><dict><key>URL</key><string>x</string></dict></plist>', "link to a table"),
        (other("list.numbers", other("Index/Document.iwa")), "list.numbers: is a document of Apple Numbers"),
        (other("list.xls", b"\xd0\xcf\x11\xe0" + bytes(600)), "list.xls: is a workbook in the old format"),
        (other("list.gsheet", b'{"doc_id":"1"}'), "list.gsheet: is only a link"),
        (other("xl/workbook.bin"), "in the old format"),
        (b'ID;PWXL;N;E\r\nC;Y1;X1;K"role"\r\n', "in the old format"),
        (b"Subject: list\r\nMIME-Version: 1.0\r\n\r\nHello", "web page"),
    ],
)
def test_what_is_sent_for_a_table_is_called_what_it_is(tmp_path: Path, content: bytes, problem: str) -> None:
    with pytest.raises(BadInputError, match=problem) as refused:
        read(content, tmp_path)
    message = refused.value.message
    assert (message.problem("fr") != message.problem(), message.remedy("fr") != message.remedy()) == (True, True)


@pytest.mark.parametrize(
    ("shown_as", "read_as"), [("00000000", "00441101"), ('"K"0000000', "K0441101"), (r"\K0000000", "K0441101"),
                              ('"AB-"0000000', "AB-0441101"), (r"0000\ 0000", "0044 1101"), ('0000000"A"', "0441101A"),
                              ("[$-409]00000000", "00441101"), ("000-000-000", "000-441-101"), ("0.00", "441101"),
                              ("0", "441101"), ("General", "441101"), ("#,##0", "441101")],
)  # fmt: skip
def test_a_number_is_read_with_the_zeros_and_letters_that_its_format_shows(
    tmp_path: Path, shown_as: str, read_as: str
) -> None:
    def numbered(sheet: Worksheet) -> None:
        sheet["E3"].value = 441101
        sheet["E3"].number_format = shown_as

    rows, _ = read(book(numbered), tmp_path)
    assert [row.cells["document_number"] for row in rows] == ["K001", read_as, "K003", "K004"]


@pytest.mark.parametrize(
    ("more", "is_refused"), [(PEOPLE[2:], True), ((("expert", "knows a subject"), ("interpreter", "speaks")), False)]
)
def test_a_sheet_that_goes_on_with_the_list_of_another_is_not_left_out(
    tmp_path: Path, more: tuple[tuple[str, ...], ...], *, is_refused: bool
) -> None:
    made = openpyxl.load_workbook(io.BytesIO(book(None, *PEOPLE[:2])))
    beside = made.create_sheet("Page 2")
    for row in more:
        beside.append(row)
    out = io.BytesIO()
    made.save(out)
    if is_refused:
        with pytest.raises(BadInputError, match="holds people on 2 sheets: 'Sheet', 'Page 2'"):
            read(out.getvalue(), tmp_path)
    else:
        assert surnames(read(out.getvalue(), tmp_path)[0]) == ["FAMILYA", "FAMILYB"]
