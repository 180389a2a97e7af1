"""Nominations files as organisations send them: CSV, and workbooks whose dates are dates."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Final

from openpyxl import Workbook

from domain.application.nomination import COLUMNS
from flows.rehearsal.cases import RehearsalCase
from notifications.workbooks import timeless

_DATES: Final = {"birth_date", "document_expiry", "arrival", "departure", "pledge_accepted_on"}


def write_nominations(folder: Path, rows: list[RehearsalCase]) -> None:
    """Write the file of *rows*, all of one batch, at its place below the package *folder*."""
    path = folder / rows[0].batch.file
    if rows[0].batch.kind == "csv":
        write_csv(path, list(COLUMNS), ([*case.cells.values(), *case.spare_cells] for case in rows))
    else:
        path.write_bytes(_workbook(rows))


def write_csv(path: Path, header: list[str], rows: Iterable[list[str]]) -> None:
    """Write a CSV file in UTF-8 with commas and, as RFC 4180 has it, CRLF."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _workbook(rows: list[RehearsalCase]) -> bytes:
    """Return a workbook with the lines of a zone below each other, and nothing in it of when it was written."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Nominations")
    sheet.append(list(COLUMNS))
    for case in rows:
        sheet.append([_cell(column, text) for column, text in case.cells.items()])
    written = io.BytesIO()
    book.save(written)
    return timeless(written.getvalue())


def _cell(column: str, text: str) -> str | datetime | None:
    if not text:
        return None
    if column in _DATES:
        return datetime.combine(date.fromisoformat(text), datetime.min.time())
    return text.replace("/", "\n") if column == "mrz" else text
