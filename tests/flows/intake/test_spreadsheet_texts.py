"""What stands in files for spreadsheets is read, never run, and costs no more than a form could."""

from __future__ import annotations

import io
import json
import re

import pytest
from openpyxl import Workbook, load_workbook

from flows.intake.reading.text_tables import MOST_COLUMNS, delimited, json_lines
from flows.intake.workbooks.template import write_text
from notifications.workbooks import is_like_a_formula, plain

RUN = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r\n=1",
    " =1",
    "\u200b=1",
    "\ufeff\u2060=1",
    "\uff1d1",
    "\u202e=1",
    "\x0b=1",
]


@pytest.mark.parametrize("text", RUN)
def test_no_text_is_run_as_a_formula_whatever_stands_before_it(text: str) -> None:
    assert plain(text) == f"'{text}"
    book = Workbook()
    write_text(book.worksheets[0].cell(1, 1), text)
    book.save(written := io.BytesIO())
    cell = load_workbook(written).worksheets[0]["A1"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


@pytest.mark.parametrize("text", ["Ida;=1+1", "Ida; @SUM(1)", "Ida\t＝1", "Ida\n-2+3", ";=1", "=1;=2", "Ida;\xa0+1"])
def test_no_text_is_run_where_a_semicolon_or_a_tab_divides_cells(text: str) -> None:
    cells = re.split(r"[;\t\n]", str(plain(text)))
    assert [cell for cell in cells if is_like_a_formula(cell)] == []


@pytest.mark.parametrize("text", ["Anna", "", "1", "a=b", "(+999) 555", "a; b", "a;b-c"])
def test_other_text_and_numbers_stay(text: str) -> None:
    assert (plain(text), plain(7)) == (text, 7)


@pytest.mark.parametrize("unwritable", ["\x00", "\x0b", "\x1f", "\ud800", "\uffff"])
def test_what_no_workbook_can_hold_is_left_out_and_breaks_nothing(unwritable: str) -> None:
    book = Workbook()
    write_text(book.worksheets[0].cell(1, 1), f"a{unwritable}b")
    book.save(written := io.BytesIO())
    assert load_workbook(written).worksheets[0]["A1"].value == "ab"


def test_columns_that_no_form_could_have_are_not_compared_with_its_names() -> None:
    names = [f"c{number}" for number in range(5000)]
    text = io.TextIOWrapper(io.BytesIO(",".join(names).encode()), encoding="utf-8", newline="")
    assert [len(cells) for _, cells in delimited(text, "wide.csv")] == [MOST_COLUMNS]
    line = io.TextIOWrapper(io.BytesIO(json.dumps(dict.fromkeys(names, 1)).encode()), encoding="utf-8")
    assert [found for _, found in json_lines(line, "wide.jsonl")] == [None]
