"""Tables in files: delimited text, workbooks and JSON Lines, row by row and without holding the whole file."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO, Final, cast
from zipfile import ZipFile

import openpyxl
import python_calamine

from domain.errors import BadInputError
from domain.forms import Decision, decide_encoding, recognised_names

Rows = Iterator[tuple[int, list[str]]]

_BLOCK: Final = 2**18
_DELIMITERS: Final = ",;\t|"
_LONGEST_RECORD: Final = 60
"""Lines that one row may run over; more means a quotation mark that nobody closed."""
_STREAMED_ABOVE: Final = 8 * 2**20
"""Bytes of workbook (unpacked: eight times that) above which it is read in read-only mode: slower, in little memory."""
_LARGEST_UNPACKED: Final = 2**30
_FAR_OUT: Final = re.compile(rb'r="(?:[A-Z]{3}[0-9]+|[H-Z][A-Z][0-9]+|[A-Z]+[0-9]{6,})"')
"""A cell right of column GZ or below row 99,999."""
_MOST_COLUMNS: Final = 200

csv.field_size_limit(2**20)


def decided_encoding(stream: BinaryIO, name: str) -> Decision:
    """Return the encoding of the whole text in *stream*, read once in blocks; see :func:`decide_encoding`."""
    start = stream.read(_BLOCK)
    telling = bytearray(start)
    strict = codecs.getincrementaldecoder("utf-8")()
    is_utf8 = True
    block = start
    while block:
        is_utf8 = is_utf8 and _accepts(strict, block)
        block = stream.read(_BLOCK)
        if not is_utf8 and len(telling) < 4 * _BLOCK:
            telling += b"".join(line for line in block.splitlines(keepends=True) if not line.isascii())
    is_utf8 = is_utf8 and _accepts(strict, b"", final=True)
    return decide_encoding(bytes(telling), place=name, is_utf8=is_utf8)


def _accepts(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def text_of(stream: BinaryIO, name: str) -> tuple[io.TextIOWrapper, Decision]:
    """Return *stream* as text in the encoding that was decided."""
    decision = decided_encoding(stream, name)
    stream.seek(0)
    return io.TextIOWrapper(stream, encoding=decision.encoding, newline=""), decision


def delimited(text: io.TextIOWrapper, name: str) -> Rows:
    """Yield the records of a delimited text; quoted cells may hold delimiters and line breaks."""
    delimiter = _delimiter(text)
    reader = csv.reader(text, delimiter=delimiter)
    line = number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if reader.line_num - line > _LONGEST_RECORD:
                raise BadInputError(
                    f"{name}, row {number}", "a quotation mark is opened and not closed.",
                    remedy="Close it and send the file again; nothing was recorded.",
                )  # fmt: skip
            line = reader.line_num
            yield number, [cell.replace("\x00", "").strip() for cell in cells]
    except csv.Error as error:
        raise BadInputError(
            f"{name}, line {reader.line_num}", f"cannot be read as CSV ({error}).", remedy="Check the quotation marks."
        ) from error
    except UnicodeDecodeError as error:
        raise BadInputError(
            f"{name}, after line {reader.line_num}", f"is not in the encoding {error.encoding} that it begins with.",
            remedy="Save the file as 'CSV UTF-8', or send it as XLSX; nothing was recorded.",
        ) from error  # fmt: skip


def _delimiter(text: io.TextIOWrapper) -> str:
    """Return the delimiter by which most names of the header are known, and leave *text* at the header."""
    try:
        start = text.read(_BLOCK // 4)
    except UnicodeDecodeError:
        start = ""
    text.seek(0)
    if said := re.match(r"\ufeff?sep=([,;|\t])\r?\n", start):
        text.readline()
        return said[1]
    return max(_DELIMITERS, key=lambda delimiter: _fit(start, delimiter))


def _fit(start: str, delimiter: str) -> tuple[int, int]:
    try:
        header = next(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter))
    except StopIteration:
        return 0, 0
    except csv.Error:
        return 0, 0
    return recognised_names(header[:_MOST_COLUMNS]), len(header)


def json_lines(text: io.TextIOWrapper, name: str) -> Iterator[tuple[int, dict[str, str] | None]]:
    """Yield the object of each line as texts by name; None for a line that is no JSON object."""
    try:
        for number, line in enumerate(text, start=1):
            if line.strip(" \t\r\n\ufeff"):
                yield number, _object(line)
    except UnicodeDecodeError as error:
        raise BadInputError(name, "is not text throughout.", remedy="Save it as UTF-8 and send it again.") from error


def _object(line: str) -> dict[str, str] | None:
    try:
        read: Any = json.loads(line.strip("\ufeff"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict):
        return None
    return {str(key): _json_text(value) for key, value in cast("dict[str, Any]", read).items()}


def _json_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case [*several]:
            return ";".join(_json_text(one) for one in several)
        case dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value).replace("\x00", "").strip()


def workbook(path: Path, name: str) -> Rows:
    """Yield the rows of the first sheet of an XLSX or ODS file."""
    try:
        yield from _streamed(path) if _needs_care(path, name) else _loaded(path)
    except BadInputError:
        raise
    except Exception as error:  # the libraries that read workbooks raise whatever the damage leads to
        raise _no_workbook(name) from error


def _needs_care(path: Path, name: str) -> bool:
    """Return whether a workbook is large, or a cell lies so far out that reading it whole would fill the memory."""
    with ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
        sheets = [
            entry for entry in archive.namelist() if entry.startswith("xl/worksheets/") and entry.endswith(".xml")
        ]
        if unpacked > (_LARGEST_UNPACKED if sheets else _LARGEST_UNPACKED // 4):
            raise _no_workbook(name)
        if not sheets:
            return False
        return unpacked > _STREAMED_ABOVE * 8 or any(_lies_far_out(archive, sheet) for sheet in sheets)


def _lies_far_out(archive: ZipFile, sheet: str) -> bool:
    with archive.open(sheet) as packed:
        while block := packed.read(_BLOCK):
            if _FAR_OUT.search(block):
                return True
    return False


def _no_workbook(name: str) -> BadInputError:
    return BadInputError(
        name, "is no workbook that can be opened.", remedy="Save it as .xlsx without a password and send it again."
    )


def _loaded(path: Path) -> Rows:
    with path.open("rb") as file:
        sheet = python_calamine.load_workbook(file).get_sheet_by_index(0)
    # iter_rows begins at the first row that holds anything.
    first = (sheet.start or (0, 0))[0]
    indent = [""] * (sheet.start or (0, 0))[1]
    for number, cells in enumerate(sheet.iter_rows(), start=first + 1):
        yield number, indent + [cell_text(cell) for cell in cells]


def _streamed(path: Path) -> Rows:
    with path.open("rb") as file, closing(openpyxl.load_workbook(file, read_only=True, data_only=True)) as book:
        for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
            yield number, [cell_text(cell) for cell in cells[:_MOST_COLUMNS]]


def cell_text(cell: object) -> str:
    """Return a cell as text: days as ISO dates, whole numbers without a point, truth as yes or no."""
    match cell:
        case None:
            return ""
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case date() | datetime():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
        case bool():
            return "yes" if cell else "no"
        case _:
            return str(cell).replace("\x00", "").strip()


def is_archive(start: bytes) -> bool:
    """Return whether a file begins as a ZIP archive does, which workbooks are too."""
    return start.startswith(b"PK\x03\x04")


def is_json(start: bytes) -> bool:
    """Return whether a file begins as JSON Lines does."""
    return bytes(byte for byte in start[:16] if byte not in b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] == b"{"


def nonempty(cells: Sequence[str]) -> bool:
    """Return whether a row holds anything."""
    return any(cells)
