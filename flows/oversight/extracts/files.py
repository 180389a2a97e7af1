"""An extract as a file: CSV, a workbook, or JSON Lines; its schema and its account beside it."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from domain.errors import BadInputError
from flows.intake.workbooks.template import write_text
from notifications.workbooks import plain, timeless

Row = Mapping[str, Any]
Account = Mapping[str, Any]
"""Who took it, when, for what, and how much of it there is."""
_BOLD: Final = Font(bold=True)


def contents_of(out: Path, heads: Sequence[str], rows: Sequence[Row], account: Account) -> bytes:
    """Return the file that *out* names by its ending, with *rows* in it."""
    return _FORMS[out.suffix.lower()](heads, rows, account)


def require_place(out: Path) -> None:
    """Raise :class:`BadInputError` unless an extract can be written to *out*: before it is recorded as taken."""
    if out.suffix.lower() not in _FORMS or not out.parent.is_dir():
        problem = "is no CSV, XLSX or JSONL file in a folder that is there."
        raise BadInputError("--to", problem, remedy="Name it such as applications.csv.")
    for path in (out, *_beside(out)):
        if path.exists():
            raise BadInputError(str(path), "is there already.", remedy="Name another file.")


def write_files(out: Path, content: bytes, *, schema: Mapping[str, Any], account: Account) -> tuple[Path, Path, Path]:
    """Write the file, its schema and its account, closed to others; return their paths."""
    beside = _beside(out)
    for path, told in zip(beside, (schema, account), strict=True):
        _write(path, json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n")
    _write(out, content)
    return out, *beside


def _beside(out: Path) -> tuple[Path, Path]:
    return out.with_name(f"{out.name}.schema.json"), out.with_name(f"{out.name}.account.json")


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _csv(heads: Sequence[str], rows: Sequence[Row], account: Account) -> bytes:  # noqa: ARG001 -- as the others
    """Return RFC 4180 in UTF-8; text that a spreadsheet would run gets an apostrophe before it."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(heads)
    table.writerows([_cell(row[head]) for head in heads] for row in rows)
    return written.getvalue().encode()


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case _:
            return plain(value)


def _json_lines(heads: Sequence[str], rows: Sequence[Row], account: Account) -> bytes:  # noqa: ARG001 -- as the others
    lines = (json.dumps({head: row[head] for head in heads}, ensure_ascii=False) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def _workbook(heads: Sequence[str], rows: Sequence[Row], account: Account) -> bytes:
    """Return a workbook whose text is text to every spreadsheet; its second sheet is the account."""
    book = Workbook(write_only=True)
    _sheet(book, str(account["table"]), heads, ([row[head] for head in heads] for row in rows))
    _sheet(book, "account", ("what", "said"), ([name, str(said)] for name, said in account.items()))
    written = io.BytesIO()
    book.save(written)
    return timeless(written.getvalue())


def _sheet(book: Any, title: str, heads: Sequence[str], lines: Any) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append([_typed(sheet, head, bold=True) for head in heads])
    for line in lines:
        sheet.append([_typed(sheet, value) for value in line])


def _typed(sheet: Any, value: object, *, bold: bool = False) -> Any:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    cell = WriteOnlyCell(sheet)
    write_text(cell, str(_cell(value)) if isinstance(value, bool) else str(value))
    if bold:
        cell.font = _BOLD
    return cell


_FORMS: Final[Mapping[str, Callable[[Sequence[str], Sequence[Row], Account], bytes]]] = {
    ".csv": _csv,
    ".xlsx": _workbook,
    ".jsonl": _json_lines,
}
