"""The XML of ODS workbooks (OpenDocument 1.3), read once for what libraries do not say, and to count rows again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from flows.intake.reading.ooxml import local, parsed
from flows.intake.reading.sheet_oddities import Merge, Oddities, Pasted, digits_in
from flows.intake.reading.text_tables import MOST_COLUMNS

_MOST_PARENTS = 20


def said(element: Element, name: str) -> str:
    """Return the attribute called *name* of whatever namespace; empty for none."""
    return next((value for key, value in element.items() if local(key) == name), "")


class Styles:
    """Styles by family and name, each with its parent and what it says of lines through text (OpenDocument 1.3-3)."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[str, bool | None]] = {}
        self.strikes_anything = False

    @classmethod
    def shared(cls, archive: ZipFile) -> Styles:
        """Return the named styles of the workbook, which those of its content inherit from."""
        found = cls()
        if "styles.xml" in archive.namelist():
            with archive.open("styles.xml") as packed:
                for _, element in parsed(packed):
                    if local(element.tag) == "styles":
                        for style in element:
                            found.take(style)
                        break
        return found

    def take(self, style: Element) -> None:
        """Write down what *style* says."""
        lines = [line for part in style.iter() if (line := said(part, "text-line-through-style"))]
        strikes = lines[-1] != "none" if lines else None
        self._known[said(style, "family"), said(style, "name")] = said(style, "parent-style-name"), strikes
        self.strikes_anything = self.strikes_anything or strikes is True

    def strike(self, family: str, name: str) -> bool | None:
        """Return whether the style strikes through; None where neither it nor what it inherits from says."""
        for _ in range(_MOST_PARENTS):
            name, strikes = self._known.get((family, name), ("", None))
            if strikes is not None or not name:
                return strikes
        return None

    def strokes(self, cell: Element, default: str) -> set[bool]:
        """Return which of struck through and not struck through is met in the text of *cell*."""
        if not self.strikes_anything:
            return {False}
        whole = bool(self.strike("table-cell", said(cell, "style-name") or default))
        met = {struck for part in cell if local(part.tag) == "p" for struck in self._of_runs(part, "paragraph", whole)}
        return met or {whole}

    def _of_runs(self, run: Element, family: str, struck: bool) -> Iterator[bool]:  # noqa: FBT001 -- what it inherits
        own = self.strike(family, said(run, "style-name"))
        struck = struck if own is None else own
        if (run.text or "").strip():
            yield struck
        for part in run:
            yield from self._of_runs(part, "text", struck)
            if (part.tail or "").strip():
                yield struck


_MOST_CELLS: Final = 20_000_000
"""Cells, repeated ones counted; more are a trap: rows and cells may say that they stand there a million times."""
_KEPT: Final = frozenset({"table-cell", "covered-table-cell", "p", "span", "s", "tab", "line-break", "frame", "image",
                          "a", "annotation", "text-properties"})  # fmt: skip
_GROUPS: Final = frozenset({"table-row-group", "table-column-group"})
_UNSEEN: Final = frozenset({"collapse", "filter"})


def scan_ods(archive: ZipFile) -> dict[str, Oddities]:
    """Return what each sheet shows besides values, by its title; raises :class:`ValueError` for a trap."""
    found: dict[str, Oddities] = {}
    styles = Styles.shared(archive)
    scan = _Scan(styles)
    with archive.open("content.xml") as packed:
        for event, element in parsed(packed, "start", "end"):
            kind = local(element.tag)
            if event == "start":
                if kind == "table":
                    scan = _Scan(styles)
                    found[said(element, "name")] = scan.found
                elif kind in _GROUPS:
                    scan.groups.append(said(element, "display") == "false")
            elif kind == "style":
                styles.take(element)
            elif kind not in _KEPT and kind != "table":
                scan.take(kind, element)
                element.clear()
    return found


def _times(element: Element, name: str) -> int:
    times = said(element, name)
    return max(1, int(times)) if times.isdigit() else 1


class _Scan:
    """Reads one sheet, row by row."""

    def __init__(self, styles: Styles) -> None:
        self.found = Oddities()
        self.groups: list[bool] = []
        """Of the groups that are open, whether each is folded away."""
        self._styles = styles
        self._defaults: list[tuple[int, str]] = []
        """Where columns end, and the style that their cells have."""
        self._row = self._column = 0
        self._cells = 0

    def take(self, kind: str, element: Element) -> None:
        """Read *element* where it is a column, a row, the end of a group of them, or pictures beside all cells."""
        match kind:
            case "table-column":
                self._take_column(element)
            case "table-row":
                self._take_row(element)
            case "table-row-group" | "table-column-group":
                self.groups.pop()
            case "shapes":
                self.found.pasted += [Pasted(0, 0, member) for member in _images(element)]
            case _:
                pass

    def _take_column(self, column: Element) -> None:
        times = _times(column, "number-columns-repeated")
        if said(column, "visibility") in _UNSEEN or any(self.groups):
            self.found.hidden_columns.update(range(self._column, min(self._column + times, MOST_COLUMNS)))
        self._column += times
        self._defaults.append((self._column, said(column, "default-cell-style-name")))

    def _take_row(self, row: Element) -> None:
        times = _times(row, "number-rows-repeated")
        first = self._row + 1
        is_filled, default = False, said(row, "default-cell-style-name")
        for column, width, cell in _across(row):
            is_filled = self._take_cell(cell, (first, column, width), default) or is_filled
            if cell.text or len(cell):
                self._cells += width * times
        if self._cells > _MOST_CELLS:
            raise ValueError("more cells than any nominations file has")
        self._row += times
        if is_filled:
            self.found.filled += times
            if (seen := said(row, "visibility")) in _UNSEEN or any(self.groups):
                self.found.hidden.update(range(first, first + times))
                self.found.is_filtered = self.found.is_filtered or seen == "filter"
            again = range(first + 1, first + times)
            if first in self.found.unsaid:
                self.found.unsaid.update(dict.fromkeys(again, self.found.unsaid[first]))
            if first in self.found.struck:
                self.found.struck.update(dict.fromkeys(again, self.found.struck[first]))
            self.found.partly.update(again if first in self.found.partly else ())

    def _take_cell(self, cell: Element, place: tuple[int, int, int], default: str) -> bool:
        row, column, width = place
        rows, columns = _times(cell, "number-rows-spanned"), _times(cell, "number-columns-spanned")
        if rows > 1 or columns > 1:
            self.found.merges.append(Merge(row, column, row + rows - 1, column + columns - 1))
        self.found.pasted += [Pasted(row, column, member) for member in _images(cell)]
        text = "\n".join(_text(part) for part in cell if local(part.tag) == "p").strip()
        formula = said(cell, "formula").partition(":")[2]
        kind = said(cell, "value-type")
        unsaid = ""
        if not text and not kind and formula:
            unsaid = formula
        elif kind == "float" and _shows_more(text, said(cell, "value")):
            unsaid = text
        elif not text and (not kind or kind == "string"):
            return False
        places = range(column, min(column + width, MOST_COLUMNS))
        if unsaid and places:
            self.found.unsaid.setdefault(row, {}).update(dict.fromkeys(places, unsaid))
        if True in (met := self._styles.strokes(cell, default or self._default_of(column))):
            self.found.struck.setdefault(row, set()).update(places if len(met) == 1 else ())
            self.found.partly.update([row] if len(met) > 1 else [])
        return column < MOST_COLUMNS

    def _default_of(self, column: int) -> str:
        return next((style for end, style in self._defaults if column < end), "")


def _shows_more(text: str, value: str) -> bool:
    """Whether a whole number is shown with zeros before it, or with letters; strokes between thousands are no more."""
    shown = digits_in(text)
    return value.isdigit() and shown.endswith(value) and (shown != value or any(map(str.isalpha, text)))


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
        if local(part.tag) == "image" and (member := said(part, "href")):
            yield member.removeprefix("./")
