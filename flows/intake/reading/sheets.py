"""Workbooks: which sheet holds the people, and its rows, without holding a large one whole."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import openpyxl
import python_calamine

from domain.errors import BadInputError
from domain.intake.columns import NOMINATIONS, Form, find_header
from domain.intake.rows import is_role
from domain.messages import Message, ReadingNote
from flows.intake.reading.ods_scan import scan_ods
from flows.intake.reading.sheet_oddities import Oddities
from flows.intake.reading.text_tables import MOST_ABOVE, MOST_COLUMNS, Rows, cell_text, nonempty
from flows.intake.reading.xlsx_scan import Workbook
from flows.intake.workbooks.template import example_sheets, own_sheets

_STREAMED_ABOVE: Final = 64 * 2**20
"""Bytes of unpacked workbook above which it is read in read-only mode: slower, in little memory."""
_LARGEST_UNPACKED: Final = 2**30
_FEWEST_TOLD: Final = 5
"""Cells of a row by which a sheet without a header goes on with the list of another one."""
_DENSE: Final = 8_000_000
"""Cells of the rectangle that holds a sheet's cells; a larger one is not held whole, however few cells it has."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet of a workbook: its rows can be taken once."""

    title: str
    rows: Rows
    odd: Oddities
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class SheetRead:
    """The sheet that holds the people: its rows, which can be taken once, what it shows besides, and what to tell."""

    rows: Rows
    odd: Oddities
    notes: tuple[ReadingNote, ...] = ()


@dataclass(frozen=True, slots=True)
class _Look:
    """A visible sheet with a header or without, all of its rows still to come."""

    title: str
    rows: Rows
    odd: Oddities
    known: int
    has_header: bool = False
    has_people: bool = False

    @classmethod
    def at(cls, sheet: _Sheet, agreed: Mapping[str, str] | None, form: Form) -> _Look:
        filled = (row for row in sheet.rows if nonempty(row[1]))
        top = list(islice(filled, MOST_ABOVE + 1))
        header = find_header((cells for _, cells in top[:MOST_ABOVE]), agreed, form)
        if header.is_complete:
            below = len(top) > header.place + 1
        else:
            goes_on = form is NOMINATIONS and sheet.title not in own_sheets()
            below = goes_on and any(_is_person(cells) for _, cells in top)
        return cls(sheet.title, chain(top, filled), sheet.odd, header.known, header.is_complete, below)


def _is_person(cells: Sequence[str]) -> bool:
    """Whether a row without a header seems to be a person: a role, with names and more beside it."""
    filled = [cell for cell in cells if cell.strip()]
    return len(filled) >= _FEWEST_TOLD and any(map(is_role, filled))


@contextmanager
def opened_workbook(
    path: Path, name: str, agreed: Mapping[str, str] | None = None, form: Form = NOMINATIONS
) -> Generator[SheetRead]:
    """Open an XLSX or ODS file: the one visible sheet that holds people, and what was not read.

    Raises :class:`BadInputError` for what is no workbook, and for people on several sheets: none is left out unsaid.
    """
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(ZipFile(path))
            found = _chosen(list(_sheets(path, archive, name, stack)), name, agreed, form)
        except BadInputError:
            raise
        except Exception as error:  # the libraries that read workbooks raise whatever the damage leads to
            raise _no_workbook(name) from error
        yield SheetRead(_guarded(found.rows, name), found.odd, found.notes)


def _guarded(rows: Rows, name: str) -> Rows:
    try:
        yield from rows
    except BadInputError:
        raise
    except Exception as error:
        raise _no_workbook(name) from error


def _chosen(sheets: Sequence[_Sheet], name: str, agreed: Mapping[str, str] | None, form: Form) -> SheetRead:
    visible = [sheet for sheet in sheets if not sheet.is_hidden]
    # The example of our own form names somebody who does not exist.
    meant = [sheet for sheet in visible if sheet is visible[0] or sheet.title not in example_sheets()]
    looks = [_Look.at(sheet, agreed, form) for sheet in meant]
    if len(several := [look.title for look in looks if look.has_people]) > 1:
        raise BadInputError(name, Message.of("people_on_several_sheets", count=len(several), sheets=_titles(several)))
    if not looks:
        return SheetRead(iter(()), Oddities())
    best = max(looks, key=lambda look: (look.has_people, look.has_header, look.known))
    others = [f"{_titles([sheet.title])}{' (hidden)' if sheet.is_hidden else ''}"
              for sheet in sheets if sheet.title != best.title and sheet.title not in own_sheets()]  # fmt: skip
    return SheetRead(best.rows, best.odd, _told(best.title, others))


def _told(read: str, others: Sequence[str]) -> tuple[ReadingNote, ...]:
    return (ReadingNote.of("sheet_read", sheet=_titles([read]), others=", ".join(others)),) if others else ()


def _titles(titles: Iterable[str]) -> str:
    return ", ".join(repr(title[:40]) for title in islice(titles, 10))


def _no_workbook(name: str) -> BadInputError:
    return BadInputError(name, Message.of("workbook_damaged"))


def _sheets(path: Path, archive: ZipFile, name: str, stack: ExitStack) -> Iterator[_Sheet]:
    unpacked = sum(entry.file_size for entry in archive.infolist())
    if is_xlsx := "[Content_Types].xml" in archive.namelist():
        odd_of: Callable[[str], Oddities | None] = Workbook.of(archive).oddities
    else:
        odd_of = scan_ods(archive).get
    if unpacked > (_LARGEST_UNPACKED if is_xlsx else _LARGEST_UNPACKED // 4):
        raise _no_workbook(name)
    book = python_calamine.load_workbook(stack.enter_context(path.open("rb")))
    for sheet in book.sheets_metadata:
        if sheet.typ is not python_calamine.SheetTypeEnum.WorkSheet:
            continue
        if sheet.visible is not python_calamine.SheetVisibleEnum.Visible:
            yield _Sheet(sheet.name, iter(()), Oddities(), is_hidden=True)
            continue
        odd = odd_of(sheet.name) or Oddities()
        is_large = is_xlsx and (unpacked > _STREAMED_ABOVE or odd.width * odd.height > _DENSE)
        rows = _streamed(path, sheet.name, stack) if is_large else _cells(book.get_sheet_by_name(sheet.name))
        yield _Sheet(sheet.name, odd.complete(rows, name), odd)


def _cells(sheet: python_calamine.CalamineSheet) -> Rows:
    # iter_rows begins at the first row that holds anything.
    first, left = sheet.start or (0, 0)
    indent = [""] * left
    for number, cells in enumerate(sheet.iter_rows(), start=first + 1):
        yield number, (indent + [cell_text(cell) for cell in cells])[:MOST_COLUMNS]


def _streamed(path: Path, title: str, stack: ExitStack) -> Rows:
    file = stack.enter_context(path.open("rb"))
    book = stack.enter_context(closing(openpyxl.load_workbook(file, read_only=True, data_only=True)))
    sheet = book[title]
    sheet.reset_dimensions()  # what the file says of its size bounds nothing: it may be old
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        yield number, [cell_text(cell) for cell in cells[:MOST_COLUMNS]]
