"""Tables in text files: delimited and JSON Lines, row by row and without holding the whole file."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import Any, BinaryIO, Final, cast

from domain.errors import BadInputError
from domain.intake.columns import NOMINATIONS, Form
from domain.intake.encodings import FoundEncoding, decide_encoding
from domain.messages import Message

Rows = Iterator[tuple[int, list[str]]]

_BLOCK: Final = 2**18
_DELIMITERS: Final = ",;\t|"
_CONSTANT: Final = re.compile(r'="((?:[^"]|"")*)"')
_LONGEST_RECORD: Final = 60
"""Lines that one row may run over; more means a quotation mark that nobody closed."""
_SEVERAL: Final = 2
_BEYOND_DIGITS: Final = 10**15
"""A number in a cell keeps 15 digits (IEEE 754): what is larger is shown as it is kept, so that it is asked about."""
MOST_COLUMNS: Final = 200
MOST_ABOVE: Final = 25
"""Lines, empty ones aside, among which the header is looked for: titles stand above it."""

csv.field_size_limit(2**20)


def decided_encoding(stream: BinaryIO, name: str) -> FoundEncoding:
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


def text_of(stream: BinaryIO, name: str) -> tuple[io.TextIOWrapper, FoundEncoding]:
    """Return *stream* as text in the encoding that was decided."""
    decision = decided_encoding(stream, name)
    stream.seek(0)
    return io.TextIOWrapper(stream, encoding=decision.encoding, newline=""), decision


def delimited(text: io.TextIOWrapper, name: str, form: Form = NOMINATIONS) -> Rows:
    """Yield the records of a delimited text; quoted cells may hold delimiters and line breaks."""
    delimiter = _delimiter(text, form)
    reader = csv.reader(text, delimiter=delimiter)
    line = number = width = 0
    try:
        for number, cells in enumerate(reader, start=1):
            width = max(width, len(cells)) if reader.line_num - line <= 1 else width
            if reader.line_num - line > _LONGEST_RECORD or _holds_a_record(cells, delimiter, width):
                raise BadInputError(f"{name}, row {number}", Message.of("quotation_open"))
            line = reader.line_num
            yield number, [_said(cell.replace("\x00", "").strip()) for cell in cells[:MOST_COLUMNS]]
    except csv.Error as error:
        message = Message.of("csv_unreadable", error=str(error))
        raise BadInputError(f"{name}, line {reader.line_num}", message) from error
    except UnicodeDecodeError as error:
        message = Message.of("table_other_encoding", encoding=error.encoding)
        raise BadInputError(f"{name}, after line {reader.line_num}", message) from error


def _holds_a_record(cells: Sequence[str], delimiter: str, width: int) -> bool:
    """Return whether a cell holds another line of a table *width* cells wide: its quotation mark was never closed."""
    inner = (line.count(delimiter) for cell in cells if "\n" in cell for line in cell.splitlines()[1:])
    return any(count >= _SEVERAL and (count >= width - 1 or len(cells) > width) for count in inner)


def _said(cell: str) -> str:
    """Return the text in a cell written ="0123", as spreadsheets' users write it to keep its zeros."""
    if cell.startswith('="') and (constant := _CONSTANT.fullmatch(cell)):
        return constant[1].replace('""', '"').strip()
    return cell


def _delimiter(text: io.TextIOWrapper, form: Form) -> str:
    """Return the delimiter by which most names of the header are known, and leave *text* at the header."""
    try:
        start = text.read(_BLOCK // 4)
    except UnicodeDecodeError:
        start = ""
    text.seek(0)
    if said := re.match(r"\ufeff?sep=([,;|\t])\r?\n", start):
        text.readline()
        return said[1]
    return max(_DELIMITERS, key=lambda delimiter: _fit(start, delimiter, form))


def _fit(start: str, delimiter: str, form: Form) -> tuple[int, int]:
    best = (0, 0)
    try:
        for cells in islice(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter), MOST_ABOVE):
            best = max(best, (form.recognised(cells[:MOST_COLUMNS]), len(cells)))
            if best[0] >= len(form.necessary):
                break
    except csv.Error:
        pass
    return best


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
    if not isinstance(read, dict) or len(cast("dict[str, Any]", read)) > MOST_COLUMNS:
        return None
    return {str(key): _json_text(value) for key, value in cast("dict[str, Any]", read).items()}


def _json_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case [*several]:
            return ";".join(_json_text(item) for item in several)
        case dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value).replace("\x00", "").strip()


def _number_text(number: float) -> str:
    if abs(number) >= _BEYOND_DIGITS:
        return f"{number:.14E}"
    return str(int(number)) if float(number).is_integer() else str(number)


def cell_text(cell: object) -> str:
    """Return a cell as text: days as ISO dates, whole numbers without a point, truth as yes or no."""
    match cell:
        case None:
            return ""
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case date() | datetime():
            return cell.isoformat()
        case bool():
            return "yes" if cell else "no"
        case float() | int():
            return _number_text(cell)
        case _:
            return str(cell).replace("\x00", "").strip()


_FOREIGN: Final = (
    (rb"\xd0\xcf\x11\xe0", "workbook_old"),
    (rb"%PDF", "pdf_for_table"),
    (rb"\xff\xd8\xff|\x89PNG|GIF8|II\*\x00|MM\x00\*|.{4}ftyp", "picture_for_table"),
    (rb"\x78\x9f\x3e\x22", "outlook_packed"),
    (
        rb"\x30[\x80-\x84].{0,6}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07|-----BEGIN (?:PGP MESSAGE|PKCS7|CMS)",
        "mail_encrypted",
    ),
    (rb"ID;P|TABLE\r?\n0,1\r?\n", "workbook_old"),
    (
        rb"(?=[A-Za-z-]+: ?\S)(?=(?:.{0,3500}?\n)?(?i:from): )(?=.{0,3900}?\n(?i:message-id|received|to): )",
        "mail_saved",
    ),
    (rb"(?i)(?:[a-z-]+: .{0,3000}?)?MIME-Version: 1", "page_for_table"),
    (rb"PK\x05\x06", "table_empty"),
    (rb"(?i)\s*(?:<!doctype|<html|<\?xml|<table)", "page_for_table"),
    (rb"\{\\rtf", "text_for_table"),
    (rb"\s*\[\s*\{", "list_for_table"),
)


_PACKED: Final = (
    (rb"Rar!\x1a\x07", "RAR"),
    (rb"7z\xbc\xaf\x27\x1c", "7z"),
    (rb"\x1f\x8b", "gzip"),
    (rb"BZh", "bzip2"),
    (rb"\xfd7zXZ", "xz"),
    (rb".{257}ustar", "tar"),
    (rb"MSCF\x00", "CAB"),
    (rb".{2}-l[hz]\w-", "LHA"),
)


def require_known_form(start: bytes, name: str) -> None:
    """Raise :class:`BadInputError` for a file that begins as something else than a table does, and say as what."""
    bare = start.removeprefix(codecs.BOM_UTF8)
    for sign, kind in _PACKED:
        if re.match(sign, bare, re.DOTALL):
            raise BadInputError(name, Message.of("packed_as", kind=kind))
    for sign, code in _FOREIGN:
        if re.match(sign, bare, re.DOTALL):
            raise BadInputError(name, Message.of(code))


def is_archive(start: bytes) -> bool:
    """Return whether a file begins as a ZIP archive does, which workbooks are too."""
    return start.startswith(b"PK\x03\x04")


def is_json(start: bytes) -> bool:
    """Return whether a file begins as JSON Lines does."""
    return bytes(byte for byte in start[:16] if byte not in b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] == b"{"


def nonempty(cells: Sequence[str]) -> bool:
    """Return whether a row holds anything."""
    return any(cells)
