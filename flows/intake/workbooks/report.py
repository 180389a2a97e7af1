"""The report on a nominations file as a workbook: its counts, and every row that was not processed with its remedy."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from flows.intake.workbooks.template import write_text
from notifications.workbooks import timeless

OUTCOMES: Final = ("recorded", "unchanged", "corrected", "held", "returned")
KNOWN: Final = ("recognised_by_other_evidence", "reference_reused")
_FACTS: Final = (
    "file",
    "organisation",
    "received_at",
    "problem",
    "remedy",
    "rows",
    *OUTCOMES,
    *KNOWN,
    "people",
    "rows_again",
)
_COLUMNS: Final = ("row", "outcome", "field", "problem", "remedy", "mended_at")
_WIDTHS: Final = (8, 12, 22, 60, 70, 22)
_BOLD: Final = Font(bold=True)
_WRAPPED: Final = Alignment(wrap_text=True, vertical="top")


def account_book(account: Mapping[str, Any]) -> bytes:
    """Return an account of a file as a workbook: the same bytes for the same account, and nothing of what rows say."""
    book = Workbook()
    summary = book.worksheets[0]
    summary.title = "Summary"
    for number, name in enumerate((fact for fact in _FACTS if account.get(fact) is not None), start=1):
        _line(summary, number, (name.replace("_", " "), account[name]))
        summary.cell(number, 1).font = _BOLD
    summary.column_dimensions["A"].width, summary.column_dimensions["B"].width = 16, 70
    _rows(book.create_sheet("Rows"), account.get("not_processed", ()))
    _people(book.create_sheet("People"), account.get("recognised", ()))
    written = io.BytesIO()
    book.save(written)
    return timeless(written.getvalue())


def _rows(sheet: Worksheet, rows: Sequence[Mapping[str, Any]]) -> None:
    _line(sheet, 1, [name.replace("_", " ") for name in _COLUMNS])
    for place, width in enumerate(_WIDTHS, start=1):
        sheet.cell(1, place).font = _BOLD
        sheet.column_dimensions["ABCDEF"[place - 1]].width = width
    for number, row in enumerate(rows, start=2):
        _line(sheet, number, [row[name] for name in _COLUMNS])
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _people(sheet: Worksheet, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write which rows were not known by their own reference alone, and whose cases they are."""
    names = ("row", "known_by", "case", "case_before")
    _line(sheet, 1, [name.replace("_", " ") for name in names])
    for place, width in enumerate((8, 22, 20, 20), start=1):
        sheet.cell(1, place).font = _BOLD
        sheet.column_dimensions["ABCD"[place - 1]].width = width
    for number, row in enumerate(rows, start=2):
        _line(sheet, number, [str(row[name]).replace("_", " ") for name in names])


def _line(sheet: Worksheet, number: int, values: Sequence[Any]) -> None:
    for place, value in enumerate(values, start=1):
        cell = sheet.cell(number, place)
        cell.alignment = _WRAPPED
        if isinstance(value, int):
            cell.value = value  # pyright: ignore[reportAttributeAccessIssue]  # sheets written here merge no cells
        else:
            write_text(cell, str(value or ""))
