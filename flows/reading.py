"""Reading nominations files: CSV and XLSX, row by row, with the row numbers that a spreadsheet shows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path, PurePosixPath
from typing import Any, Final

import python_calamine

from domain.errors import BadInputError
from domain.forms import check_header

LARGEST_FILE: Final = 200 * 2**20
"""Bytes; 150,000 rows of CSV are about 60 MB."""

csv.field_size_limit(2**20)


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it came: number, cells by column, and how many cells more than columns."""

    number: int
    cells: Mapping[str, str]
    extra_cells: int = 0


def read_file(path: Path) -> bytes:
    """Return the content of a nominations file; raises :class:`BadInputError` for what is none."""
    place = path.name
    try:
        size = path.stat().st_size
        if path.is_dir() or size > LARGEST_FILE:
            problem = "is a folder." if path.is_dir() else f"is larger than {LARGEST_FILE // 2**20} MB."
            raise BadInputError(place, problem, remedy="Name one CSV or XLSX file, or split it.")
        content = path.read_bytes()
    except OSError as error:
        raise BadInputError(
            place, f"cannot be read ({error.strerror}).", remedy="Check the path and try again."
        ) from error
    if not content.strip():
        raise BadInputError(place, "is empty.", remedy="Send the file again; nothing was recorded.")
    return content


def raw_rows(content: bytes, *, name: str) -> Iterator[RawRow]:
    """Yield the rows below the header; raises :class:`BadInputError` for a file or header that cannot be read."""
    table = _sheet(content, name) if content.startswith(b"PK\x03\x04") else _delimited(content, name)
    nothing: tuple[int, list[str]] = (0, [])
    number, header = next(table, nothing)
    if not number:
        raise BadInputError(name, "holds no header row.", remedy="Send the file again; nothing was recorded.")
    columns = check_header(header, place=name)
    for row_number, cells in table:
        if any(cells):
            extra = sum(1 for text in cells[len(columns) :] if text)
            yield RawRow(row_number, dict(zip(columns, cells, strict=False)), extra)


def _delimited(content: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInputError(
            f"{name}, line {line}", "is not in the encoding UTF-8.",
            remedy="Save the file as 'CSV UTF-8', or send it as XLSX; nothing was recorded.",
        ) from error  # fmt: skip
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, [cell.replace("\x00", "").strip() for cell in cells]
    except csv.Error as error:
        raise BadInputError(
            f"{name}, line {reader.line_num}", f"cannot be read as CSV ({error}).", remedy="Check the quotation marks."
        ) from error


def _sheet(content: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    try:
        sheets = python_calamine.load_workbook(io.BytesIO(content))
        rows: Sequence[Sequence[Any]] = sheets.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except Exception as error:
        raise BadInputError(
            name, "is no workbook that can be opened.", remedy="Save it as .xlsx without a password and send it again."
        ) from error
    for number, cells in enumerate(rows, start=1):
        yield number, [_text(cell) for cell in cells]


def _text(cell: object) -> str:
    match cell:
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case date() | datetime():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
        case bool():
            return "yes" if cell else "no"
        case _:
            return str(cell).strip()


class OutsideFolderError(BadInputError):
    """A file name that leads out of the folder beside the nominations file."""


def beside(folder: Path, name: str) -> Path:
    """Return the file *name* in *folder* or below; raises :class:`OutsideFolderError` for any way out."""
    relative = PurePosixPath(name.replace("\\", "/"))
    path = (folder / relative).resolve()
    if relative.is_absolute() or ".." in relative.parts or not path.is_relative_to(folder.resolve()):
        raise OutsideFolderError(
            folder.name, "a file name leads out of this folder.",
            remedy="Give the name of a file in the folder beside the nominations file.",
        )  # fmt: skip
    return path
