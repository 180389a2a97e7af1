"""What stands in files for spreadsheets is read, and never run."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook, load_workbook

from flows.intake.workbooks.template import write_text
from notifications.workbooks import plain

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


@pytest.mark.parametrize("text", ["Anna", "", "1", "a=b", "(+999) 555"])
def test_other_text_and_numbers_stay(text: str) -> None:
    assert (plain(text), plain(7)) == (text, 7)


@pytest.mark.parametrize("unwritable", ["\x00", "\x0b", "\x1f", "\ud800", "\uffff"])
def test_what_no_workbook_can_hold_is_left_out_and_breaks_nothing(unwritable: str) -> None:
    book = Workbook()
    write_text(book.worksheets[0].cell(1, 1), f"a{unwritable}b")
    book.save(written := io.BytesIO())
    assert load_workbook(written).worksheets[0]["A1"].value == "ab"
