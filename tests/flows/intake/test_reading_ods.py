"""What ODS workbooks show besides values: text that is struck through, rows and columns folded away, merged cells."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from tempfile import NamedTemporaryFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from domain.messages import Message
from flows.intake.reading.people import ACROSS, STRUCK
from flows.intake.reading.tables import open_table

NAMES = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"'
    for name, urn in {"office": "office", "table": "table", "text": "text", "style": "style", "draw": "drawing"}.items()
)
LINE = '<style:text-properties style:text-line-through-style="solid"/>'
STYLES = (
    f'<style:style style:name="Gone" style:family="table-cell">{LINE}</style:style>'
    '<style:style style:name="Kept" style:family="table-cell" style:parent-style-name="Gone">'
    '<style:text-properties style:text-line-through-style="none"/></style:style>'
)
AUTOMATIC = (
    '<style:style style:name="ce1" style:family="table-cell" style:parent-style-name="Gone"/>'
    '<style:style style:name="ce2" style:family="table-cell" style:parent-style-name="Kept"/>'
    f'<style:style style:name="T1" style:family="text">{LINE}</style:style>'
    f'<style:style style:name="P1" style:family="paragraph">{LINE}</style:style>'
)
HEADER = ("role", "surname", "given_names", "birth_date", "phone")


def cell(words: str, said: str = "", inside: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {said}>{inside}<text:p>{words}</text:p></table:table-cell>'


def row(*cells: str, said: str = "") -> str:
    filled = (one if one.startswith("<") else cell(one) for one in cells)
    return f"<table:table-row {said}>{''.join(filled)}</table:table-row>"


def person(number: int, **cells: str) -> str:
    known = {"role": "expert", "surname": f"FAMILY{number}", "given_names": "Ava", "birth_date": "1980-01-01"} | cells
    return row(*known.values())


def ods(*rows: str, columns: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("styles.xml", f"<office:document-styles{NAMES}><office:styles>{STYLES}</office:styles>"
                                       "</office:document-styles>")  # fmt: skip
        archive.writestr(
            "content.xml",
            f"<office:document-content{NAMES}><office:automatic-styles>{AUTOMATIC}</office:automatic-styles><office:body>"
            f'<office:spreadsheet><table:table table:name="S">{columns}{row(*HEADER)}{"".join(rows)}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


def read(content: bytes) -> tuple[dict[int, dict[str, str]], dict[int, Message], list[str]]:
    """Return the rows that were read, why some go back, and what is told, by row number."""
    with NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        with open_table(Path(file.name), name="sent.ods") as table:
            rows = list(table.rows)
        broken = {found.number: found.broken for found in rows if found.broken}
        return {found.number: dict(found.cells) for found in rows}, broken, [str(note) for note in table.notes]


def in_style(words: str) -> str:
    return (
        f'<table:table-cell office:value-type="string"><text:p text:style-name="P1">{words}</text:p></table:table-cell>'
    )


STRUCK_CELL = 'table:style-name="ce1"'
SPAN = '<text:span text:style-name="T1">{}</text:span>'


@pytest.mark.parametrize(
    ("surname", "given", "outcome"),
    [
        (cell(SPAN.format("FAMILY2")), cell(SPAN.format("Ava")), "back"),
        (cell(SPAN.format("FAMILY") + SPAN.format("2")), cell(SPAN.format("A") + " " + SPAN.format("B")), "back"),
        (cell("FAMILY2", STRUCK_CELL), cell("Ava", STRUCK_CELL), "back"),
        (cell("FAMILY2", STRUCK_CELL), cell("Ava"), "noted"),
        (cell("FAMILY2"), cell(f"{SPAN.format('Ana')} Ava"), "noted"),
        (cell("FAMILY2", 'table:style-name="ce2"'), cell("Ava", 'table:style-name="ce2"'), "clear"),
        (in_style("FAMILY2"), in_style("Ava"), "back"),
    ],
)  # fmt: skip
def test_text_struck_through_by_whatever_style_goes_back_or_is_noted(surname: str, given: str, outcome: str) -> None:
    rows, broken, notes = read(ods(person(1), person(2, surname=surname, given_names=given), person(3)))
    assert [*rows] == [2, 3, 4]
    assert broken == ({3: STRUCK} if outcome == "back" else {})
    assert any("Struck through in part" in note and note.endswith("row 3.") for note in notes) == (outcome == "noted")


def test_a_row_and_a_column_may_say_how_their_cells_look() -> None:
    struck = row("expert", "FAMILY2", "Ava", said='table:default-cell-style-name="Gone"')
    _, broken, _ = read(ods(person(1), struck))
    assert broken == {3: STRUCK}
    two = 'table:number-columns-repeated="2" table:default-cell-style-name="Gone"'
    columns = f"<table:table-column/><table:table-column {two}/>"
    assert [*read(ods(person(1), columns=columns))[1]] == [2]


HIDDEN = 'table:visibility="collapse"'


@pytest.mark.parametrize(
    ("before", "said", "after", "told"),
    [
        ("", HIDDEN, "", "1 of them hidden in the sheet: 3."),
        ("", 'table:visibility="filter"', "", "1 of them hidden by a filter: 3."),
        ('<table:table-row-group table:display="false">', "", "</table:table-row-group>", "hidden in the sheet: 3."),
        ('<table:table-row-group table:display="false"><table:table-row-group>', "",
         "</table:table-row-group></table:table-row-group>", "hidden in the sheet: 3."),
        ("<table:table-row-group>", "", "</table:table-row-group>", ""),
    ],
)  # fmt: skip
def test_rows_folded_filtered_or_hidden_are_read_and_named(before: str, said: str, after: str, told: str) -> None:
    rows, _, notes = read(ods(person(1), before + row("expert", "FAMILY2", "Ava", said=said) + after, person(3)))
    assert [*rows] == [2, 3, 4]
    assert notes == ([note for note in notes if told in note] if told else [])
    assert bool(notes) == bool(told)


def test_columns_folded_away_are_read_and_named() -> None:
    columns = (
        '<table:table-column table:number-columns-repeated="3"/><table:table-column-group table:display="false">'
        "<table:table-column/></table:table-column-group><table:table-column/>"
    )
    rows, _, notes = read(ods(person(1), columns=columns))
    assert rows[2]["birth_date"] == "1980-01-01"
    assert notes == ["Hidden columns were read too: birth_date."]


def test_remarks_on_cells_are_no_part_of_them_and_repeated_cells_stand_in_each_column() -> None:
    remark = "<office:annotation><text:p>Not him!</text:p></office:annotation>"
    twice = cell("ANNA", 'table:number-columns-repeated="2"')
    rows, broken, notes = read(ods(row(cell("expert", inside=remark), twice, "1980-01-01"), person(2)))
    assert (rows[2]["role"], rows[2]["surname"], rows[2]["given_names"]) == ("expert", "ANNA", "ANNA")
    assert (rows[2]["birth_date"], broken, notes) == ("1980-01-01", {}, [])


def covered(words: str = "") -> str:
    said = f' office:value-type="string"><text:p>{words}</text:p>' if words else ">"
    return f"<table:covered-table-cell{said}</table:covered-table-cell>"


def test_merged_cells_are_read_as_shown_or_named_with_their_row() -> None:
    down = cell("CLAN", 'table:number-rows-spanned="3" table:number-columns-spanned="1"')
    rows, broken, notes = read(
        ods(row("expert", down, "Ava"), row("expert", covered(), "Bea"), row("expert", covered("OTHER"), "Cea"),
            row("expert", cell("LONE", 'table:number-columns-spanned="2"'), covered()))
    )  # fmt: skip
    assert [rows[number]["surname"] for number in (2, 3, 4)] == ["CLAN", "CLAN", "OTHER"]
    assert broken == {5: ACROSS}
    assert any("each row was read as shown: row 3." in note for note in notes)
    assert any("under merged cells" in note and note.endswith("row 4.") for note in notes)


times = st.integers(1, 5)


@settings(max_examples=40)
@given(st.lists(st.tuples(times, st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=8))
def test_every_row_that_is_there_is_read_however_often_it_says_that_it_stands(
    pieces: list[tuple[int, bool, bool, bool]],
) -> None:
    content, expected, hidden, struck, number = person(1), [2], list[int](), list[int](), 3
    for count, is_filled, is_hidden, is_struck in pieces:
        said = f'table:number-rows-repeated="{count}" {HIDDEN if is_hidden else ""}'
        filled = (
            "expert",
            cell("FAMILY", STRUCK_CELL if is_struck else ""),
            cell("Ava", STRUCK_CELL if is_struck else ""),
        )
        content += row(*filled, said=said) if is_filled else row("<table:table-cell/>", said=said)
        places = range(number, number + count) if is_filled else ()
        expected += places
        hidden += places if is_hidden else ()
        struck += places if is_struck else ()
        number += count
    rows, broken, notes = read(ods(content))
    assert ([*rows], [*broken]) == (expected, struck)
    assert any(f"{len(hidden)} of them hidden" in note for note in notes) == bool(hidden)


def test_text_struck_through_inside_a_cell_of_xlsx_is_seen_too() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    line = InlineFont(strike=True)
    for cells in (HEADER[:3], ("expert", "FAMILY1", "Ava"),
                  ("expert", CellRichText(TextBlock(line, "FAMILY2")), CellRichText(TextBlock(line, "Bea"))),
                  ("expert", "FAMILY3", CellRichText(TextBlock(line, "Cea"), " Dea"))):  # fmt: skip
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    rows, broken, notes = read(out.getvalue())
    assert ([*rows], broken) == ([2, 3, 4], {3: STRUCK})
    assert notes == ["Struck through in part, but read as a whole: row 4."]
