"""The XML of ODS workbooks (OpenDocument 1.3), read once for what libraries do not say, and to count rows again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from flows.intake.reading.ooxml import local, parsed
from flows.intake.reading.sheet_oddities import Merge, Oddities, Pasted
from flows.intake.reading.text_tables import MOST_COLUMNS

_MOST_CELLS: Final = 20_000_000
"""Cells, repeated ones counted; more are a trap: rows and cells may say that they stand there a million times."""
_KEPT: Final = frozenset({"table-cell", "covered-table-cell", "p", "span", "s", "tab", "line-break", "frame", "image",
                          "a", "annotation", "text-properties"})  # fmt: skip


def scan_ods(archive: ZipFile) -> dict[str, Oddities]:
    """Return what each sheet shows besides values, by its title; raises :class:`ValueError` for a trap."""
    found: dict[str, Oddities] = {}
    scan = _Scan(frozenset())
    struck: set[str] = set()
    with archive.open("content.xml") as packed:
        for event, element in parsed(packed, "start", "end"):
            kind = local(element.tag)
            if event == "start":
                if kind == "table":
                    scan = _Scan(frozenset(struck))
                    found[_said(element, "name")] = scan.found
            elif kind == "style" and _said(element, "family") == "table-cell" and _strikes(element):
                struck.add(_said(element, "name"))
            elif kind == "table-column":
                scan.take_column(element)
            elif kind == "table-row":
                scan.take_row(element)
                element.clear()
            elif kind not in _KEPT and kind not in {"style", "table"}:
                element.clear()
    return found


def _said(element: Element, name: str) -> str:
    return next((value for key, value in element.items() if local(key) == name), "")


def _strikes(style: Element) -> bool:
    return any(_said(part, "text-line-through-style") not in {"", "none"} for part in style.iter())


def _times(element: Element, name: str) -> int:
    said = _said(element, name)
    return max(1, int(said)) if said.isdigit() else 1


class _Scan:
    """Reads one sheet, row by row."""

    def __init__(self, struck: frozenset[str]) -> None:
        self.found = Oddities()
        self._struck = struck
        self._row = self._column = 0
        self._cells = 0

    def take_column(self, column: Element) -> None:
        times = _times(column, "number-columns-repeated")
        if _said(column, "visibility") in {"collapse", "filter"}:
            self.found.hidden_columns.update(range(self._column, min(self._column + times, MOST_COLUMNS)))
        self._column += times

    def take_row(self, row: Element) -> None:
        times = _times(row, "number-rows-repeated")
        first = self._row + 1
        is_filled = False
        for column, width, cell in _across(row):
            is_filled = self._take_cell(cell, first, column, width) or is_filled
            if cell.text or len(cell):
                self._cells += width * times
        if self._cells > _MOST_CELLS:
            raise ValueError("more cells than any nominations file has")
        self._row += times
        if is_filled:
            self.found.filled += times
            if (seen := _said(row, "visibility")) in {"collapse", "filter"}:
                self.found.hidden.update(range(first, first + times))
                self.found.is_filtered = self.found.is_filtered or seen == "filter"
            for row_again in range(first + 1, first + times):
                if first in self.found.unsaid:
                    self.found.unsaid[row_again] = self.found.unsaid[first]
                if first in self.found.struck:
                    self.found.struck[row_again] = self.found.struck[first]

    def _take_cell(self, cell: Element, row: int, column: int, width: int) -> bool:
        rows, columns = _times(cell, "number-rows-spanned"), _times(cell, "number-columns-spanned")
        if rows > 1 or columns > 1:
            self.found.merges.append(Merge(row, column, row + rows - 1, column + columns - 1))
        self.found.pasted += [Pasted(row, column, member) for member in _images(cell)]
        text = "\n".join(_text(part) for part in cell if local(part.tag) == "p").strip()
        formula = _said(cell, "formula").partition(":")[2]
        kind = _said(cell, "value-type")
        if not text and not kind and formula:
            self.found.unsaid.setdefault(row, {})[column] = formula
        elif kind == "float" and text != (value := _said(cell, "value")) and value.isdigit() and text.endswith(value):
            self.found.unsaid.setdefault(row, {})[column] = text
        elif not text and (not kind or kind == "string"):
            return False
        if _said(cell, "style-name") in self._struck:
            self.found.struck.setdefault(row, set()).update(range(column, column + width))
        return column < MOST_COLUMNS


def _across(row: Element) -> Iterator[tuple[int, int, Element]]:
    column = 0
    for cell in row:
        if local(cell.tag) in {"table-cell", "covered-table-cell"}:
            width = _times(cell, "number-columns-repeated")
            yield column, min(width, MOST_COLUMNS), cell
            column += width


def _text(paragraph: Element) -> str:
    return "".join(paragraph.itertext()).replace("\x00", "").strip()


def _images(cell: Element) -> Iterator[str]:
    for part in cell.iter():
        if local(part.tag) == "image" and (member := _said(part, "href")):
            yield member.removeprefix("./")
