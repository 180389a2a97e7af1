"""Workbooks: which sheet holds the people, and its rows, without holding a large one whole."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import openpyxl
import python_calamine

from domain.errors import BadInputError
from domain.intake.columns import find_header
from domain.messages import Message
from flows.intake.reading.text_tables import MOST_ABOVE, MOST_COLUMNS, Rows, cell_text, nonempty
from flows.intake.workbooks.template import example_sheets, own_sheets

_BLOCK: Final = 2**18
_STREAMED_ABOVE: Final = 8 * 2**20
"""Bytes of workbook (unpacked: eight times that) above which it is read in read-only mode: slower, in little memory."""
_LARGEST_UNPACKED: Final = 2**30
_FAR_OUT: Final = re.compile(rb'r="(?:[A-Z]{3}[0-9]+|[H-Z][A-Z][0-9]+|[A-Z]+[0-9]{6,})"')
"""A cell right of column GZ or below row 99,999."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet of a workbook: its rows can be taken once."""

    title: str
    rows: Rows
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class _Look:
    """A visible sheet with a header or without, all of its rows still to come."""

    title: str
    rows: Rows
    known: int
    has_header: bool = False
    has_people: bool = False

    @classmethod
    def at(cls, sheet: _Sheet, agreed: Mapping[str, str] | None) -> _Look:
        filled = (row for row in sheet.rows if nonempty(row[1]))
        top = list(islice(filled, MOST_ABOVE + 1))
        header = find_header((cells for _, cells in top[:MOST_ABOVE]), agreed)
        below = header.is_complete and len(top) > header.place + 1
        return cls(sheet.title, chain(top, filled), header.known, header.is_complete, below)


@contextmanager
def opened_workbook(
    path: Path, name: str, agreed: Mapping[str, str] | None = None
) -> Generator[tuple[Rows, tuple[str, ...]]]:
    """Open an XLSX or ODS file: the rows of the one visible sheet that holds people, and what was not read.

    Raises :class:`BadInputError` for what is no workbook, and for people on several sheets: none is left out unsaid.
    """
    with ExitStack() as stack:
        try:
            sheets = list(_streamed(path, stack) if _needs_care(path, name) else _loaded(path, stack))
            rows, notes = _chosen(sheets, name, agreed)
        except BadInputError:
            raise
        except Exception as error:  # the libraries that read workbooks raise whatever the damage leads to
            raise _no_workbook(name) from error
        yield _guarded(rows, name), notes


def _guarded(rows: Rows, name: str) -> Rows:
    try:
        yield from rows
    except Exception as error:
        raise _no_workbook(name) from error


def _chosen(sheets: Sequence[_Sheet], name: str, agreed: Mapping[str, str] | None) -> tuple[Rows, tuple[str, ...]]:
    visible = [sheet for sheet in sheets if not sheet.is_hidden]
    # The example of our own form names somebody who does not exist.
    meant = [sheet for sheet in visible if sheet is visible[0] or sheet.title not in example_sheets()]
    looks = [_Look.at(sheet, agreed) for sheet in meant]
    if len(several := [look.title for look in looks if look.has_people]) > 1:
        raise BadInputError(name, Message.of("people_on_several_sheets", count=len(several), sheets=_titles(several)))
    if not looks:
        return iter(()), ()
    best = max(looks, key=lambda look: (look.has_people, look.has_header, look.known))
    others = [f"{_titles([sheet.title])}{' (hidden)' if sheet.is_hidden else ''}"
              for sheet in sheets if sheet.title != best.title and sheet.title not in own_sheets()]  # fmt: skip
    return best.rows, _told(best.title, others)


def _told(read: str, others: Sequence[str]) -> tuple[str, ...]:
    return (f"The sheet {_titles([read])} was read; not read: {', '.join(others)}.",) if others else ()


def _titles(titles: Iterable[str]) -> str:
    return ", ".join(repr(title[:40]) for title in islice(titles, 10))


def _needs_care(path: Path, name: str) -> bool:
    """Return whether a workbook is large, or a cell lies so far out that reading it whole would fill the memory."""
    with ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
        names = archive.namelist()
        if any(one.startswith(("word/", "ppt/")) for one in names):
            raise BadInputError(name, Message.of("slides_for_table"))
        sheets = [one for one in names if one.startswith("xl/worksheets/") and one.endswith(".xml")]
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
    return BadInputError(name, Message.of("workbook_damaged"))


def _loaded(path: Path, stack: ExitStack) -> Iterator[_Sheet]:
    book = python_calamine.load_workbook(stack.enter_context(path.open("rb")))
    for sheet in book.sheets_metadata:
        if sheet.typ is python_calamine.SheetTypeEnum.WorkSheet:
            hidden = sheet.visible is not python_calamine.SheetVisibleEnum.Visible
            yield _Sheet(sheet.name, iter(()) if hidden else _cells(book.get_sheet_by_name(sheet.name)), hidden)


def _cells(sheet: python_calamine.CalamineSheet) -> Rows:
    # iter_rows begins at the first row that holds anything.
    first = (sheet.start or (0, 0))[0]
    indent = [""] * (sheet.start or (0, 0))[1]
    for number, cells in enumerate(sheet.iter_rows(), start=first + 1):
        yield number, indent + [cell_text(cell) for cell in cells]


def _streamed(path: Path, stack: ExitStack) -> Iterator[_Sheet]:
    file = stack.enter_context(path.open("rb"))
    book = stack.enter_context(closing(openpyxl.load_workbook(file, read_only=True, data_only=True)))
    for sheet in book.worksheets:
        rows = enumerate(sheet.iter_rows(values_only=True), start=1)
        texts = ((number, [cell_text(cell) for cell in cells[:MOST_COLUMNS]]) for number, cells in rows)
        yield _Sheet(sheet.title, texts, sheet.sheet_state != "visible")
