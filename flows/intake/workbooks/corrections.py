"""The corrections workbook of an organisation: its rows to mend, and what to do beside each cell."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from domain.application.nomination import COLUMNS
from domain.election.profile import ElectionProfile
from domain.intake.columns import own_columns
from domain.intake.corrections import RowToMend
from domain.intake.remedies import FieldProblem
from domain.words import words_in
from flows.intake.workbooks.template import (
    HIDDEN_LISTS,
    head_column,
    head_form,
    offer_choices,
    required_columns,
    write_text,
)
from notifications.workbooks import timeless, writable

_FIRST: Final = 3
"""The form begins behind the reference and what to mend."""
_PLACES: Final = {column: number for number, column in enumerate(COLUMNS, start=_FIRST)}
_WRONG: Final = PatternFill("solid", fgColor="F6B8AE")
_OURS: Final = PatternFill("solid", fgColor="E7E7E7")
_TOP: Final = Alignment(wrap_text=True, vertical="top")


def corrections_book(profile: ElectionProfile, language: str, rows: Sequence[RowToMend]) -> bytes:
    """Return the workbook of *rows*: the same bytes for the same rows.

    Before the form's columns stand the signed reference and all remedies of the row in words; each cell to mend is
    coloured and says in a comment what is wrong with it and what to write.
    """
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = words_in(language).sheets["corrections"]
    for number, (name, remark) in enumerate(own_columns(language), start=1):
        head_column(sheet, number, name, remark, fill=_OURS)
    head_form(sheet, language, required_columns(profile), profile=profile, first=_FIRST)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 38, 60
    sheet.freeze_panes = "C2"
    for number, row in enumerate(rows, start=2):
        _write(sheet, number, row, language)
    offer_choices(sheet, book.create_sheet(HIDDEN_LISTS), language, profile, first=_FIRST)
    written = io.BytesIO()
    book.save(written)
    return timeless(written.getvalue())


def _write(sheet: Worksheet, number: int, row: RowToMend, language: str) -> None:
    write_text(sheet.cell(number, 1), row.correction)
    write_text(sheet.cell(number, 2), "\n".join(_sentence(found, language) for found in row.problems))
    for place in (1, 2):
        sheet.cell(number, place).fill = _OURS
        sheet.cell(number, place).alignment = _TOP
    for column, text in row.cells.items():
        if text and column in _PLACES:
            write_text(sheet.cell(number, _PLACES[column]), text)
    for problem in row.problems:
        for column in problem.field.split(", "):
            if column in _PLACES:
                _mark(sheet, number, _PLACES[column], _said(problem, language))


def _mark(sheet: Worksheet, number: int, place: int, remark: str) -> None:
    cell = sheet.cell(number, place)
    before = f"{cell.comment.text}\n" if cell.comment else ""
    cell.number_format = "@"
    cell.fill = _WRONG
    cell.comment = Comment(before + writable(remark), "", height=90, width=280)


def _sentence(problem: FieldProblem, language: str) -> str:
    titles = [words_in(language).titles[column] for column in problem.field.split(", ") if column in _PLACES]
    where = f"{', '.join(titles)}: " if titles else ""
    return f"{where}{_said(problem, language)}".strip()


def _said(problem: FieldProblem, language: str) -> str:
    sentences = (problem.message.problem(language), problem.message.remedy(language), problem.hint(language))
    return " ".join(filter(None, sentences))
