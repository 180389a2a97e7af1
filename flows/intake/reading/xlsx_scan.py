"""The XML of XLSX workbooks (ECMA-376), read once for what libraries do not say, and to count rows a second time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from flows.intake.reading.ooxml import (
    elements,
    id_of,
    local,
    parsed,
    part_called,
    relations,
    target,
)
from flows.intake.reading.sheet_oddities import PLACED, Merge, Oddities
from flows.intake.reading.sheet_pictures import pictures
from flows.intake.reading.text_tables import MOST_COLUMNS

_PLACE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CONSTANT: Final = re.compile(r'"((?:[^"]|"")*)"')
_LITERAL: Final = r'"[^"]*"|\\.|[-+()/ ]'
_PADDED: Final = re.compile(rf"(?:\[[^\]]*\])*((?:{_LITERAL}|0)*0(?:{_LITERAL})*0(?:{_LITERAL}|0)*)(?:;.*)?")
"""A number format of zeros with texts before, between and after them: a number is shown with as many digits."""
_PIECE: Final = re.compile(f"({_LITERAL})|0")
_BESIDE_ROWS: Final = frozenset({"mergeCell", "filterColumn", "col"})


def place_of(reference: str) -> tuple[int, int]:
    """Return row (from 1) and column (from 0) of a cell such as C7; (0, -1) for what is none."""
    found = _PLACE.fullmatch(reference)
    if found is None:
        return 0, -1
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column - 1


@dataclass(frozen=True, slots=True)
class SharedTexts:
    """What sheets share of texts, by their number."""

    blank: frozenset[str]
    """Those that show nothing."""
    strokes: dict[str, set[bool]]
    """Of those that are struck through, whether only in part."""


@dataclass(frozen=True, slots=True)
class Workbook:
    """An XLSX archive and what its sheets share."""

    archive: ZipFile
    sheets: dict[str, str]
    """Each sheet's member by its title."""
    struck_styles: frozenset[str]
    padded_styles: dict[str, str]
    """Of styles that show zeros before a number, or texts beside them: the format."""
    texts: SharedTexts

    @classmethod
    def of(cls, archive: ZipFile) -> Workbook:
        """Read the small parts of the workbook; raises whatever damage leads to."""
        book = part_called(archive, "officeDocument", "", default="xl/workbook.xml")
        related = relations(archive, book)
        styles = _styles(archive, target(related, "styles"))
        return cls(
            archive,
            {
                element.get("name", ""): related.get(id_of(element), ("", ""))[1]
                for element in elements(archive, book, "sheet")
            },
            _struck(styles),
            _padded(styles),
            _texts(archive, target(related, "sharedStrings")),
        )

    def oddities(self, title: str) -> Oddities:
        """Return what the sheet called *title* shows besides values."""
        member = self.sheets.get(title, "")
        return _Scan(self).of(member) if member else Oddities()


class _Scan:
    """Reads one sheet, row by row."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._found = Oddities()
        self._heights: dict[int, float] = {}
        self._row = 0
        self._valued: dict[tuple[int, int], str] = {}

    def of(self, member: str) -> Oddities:
        with self._book.archive.open(member) as packed:
            for _, element in parsed(packed):
                kind = _kind(element.tag)
                if kind == "row":
                    self._take_row(element)
                    element.clear()
                elif kind in _BESIDE_ROWS:
                    self._take(kind, element)
        self._found.pasted = list(pictures(self._book.archive, member, self._heights, self._valued))
        return self._found

    def _take(self, kind: str, element: Element) -> None:
        if kind == "mergeCell":
            first, _, last = element.get("ref", "").partition(":")
            (top, left), (bottom, right) = place_of(first), place_of(last or first)
            if 0 < top <= bottom and left <= right:
                self._found.merges.append(Merge(top, left, bottom, right))
        elif kind == "filterColumn":
            self._found.is_filtered = True
        elif kind == "col" and (_is_on(element.get("hidden")) or element.get("width") == "0"):
            left, right = int(element.get("min", "1")), int(element.get("max", "1"))
            self._found.hidden_columns.update(range(left - 1, min(right, MOST_COLUMNS)))

    def _take_row(self, row: Element) -> None:
        number = self._row = int(row.get("r") or self._row + 1)
        if height := row.get("ht"):
            self._heights[number] = float(height)
        if _is_on(row.get("hidden")) or row.get("ht") == "0":
            self._found.hidden.add(number)
        is_filled, column, width = False, -1, self._found.width
        for cell in row:
            reference = cell.get("r")
            column = _column(reference.rstrip("0123456789")) if reference else column + 1
            width = max(width, column + 1)
            is_filled = self._take_cell(cell, number, column) or is_filled
        self._found.width = width
        if len(row):
            self._found.height = max(self._found.height, number)
        self._found.filled += is_filled

    def _take_cell(self, cell: Element, number: int, column: int) -> bool:
        kind, (value, formula) = cell.get("t", "n"), _said(cell)
        unsaid = ""
        if picture := cell.get("vm") or _picture_named(formula):
            self._valued[number, column] = picture
            if kind == "e":
                return False
        if kind == "e" and value:
            unsaid = value
        elif formula is not None and not value.strip():
            unsaid = _unsaid(formula) if kind != "str" else ""
        elif kind == "n" and (padded := self._book.padded_styles.get(cell.get("s", ""))) and value.isdigit():
            unsaid = _shown_by(padded, value)
        if not unsaid and (value in self._book.texts.blank if kind == "s" else not _shown(value)):
            return False
        if column >= MOST_COLUMNS:
            return False
        if unsaid:
            self._found.unsaid.setdefault(number, {})[column] = unsaid
        self._take_strokes(cell, (number, column), value)
        return True

    def _take_strokes(self, cell: Element, place: tuple[int, int], value: str) -> None:
        (number, column), kind, texts = place, cell.get("t"), self._book.texts
        strokes = (
            _strokes(cell.find("{*}is")) if kind == "inlineStr" else texts.strokes.get(value) if kind == "s" else None
        )
        if strokes and len(strokes) > 1:
            self._found.partly.add(number)
        elif strokes == {True} or cell.get("s") in self._book.struck_styles:
            self._found.struck.setdefault(number, set()).add(column)


@lru_cache(maxsize=1000)
def _kind(tag: str) -> str:
    return local(tag)


@lru_cache(maxsize=20_000)
def _column(letters: str) -> int:
    return place_of(f"{letters}1")[1]


def _picture_named(formula: str | None) -> str:
    found = PLACED.search(formula) if formula else None
    return found[1] if found else ""


def _unsaid(formula: str) -> str:
    """Return the text that a formula is, such as ="0123", or the formula itself, of which nobody knows the value."""
    constant = _CONSTANT.fullmatch(formula.strip())
    return constant[1].replace('""', '"') if constant else f"={formula}"


def _said(cell: Element) -> tuple[str, str | None]:
    """Return what stands in a cell, and its formula if it has one."""
    value, formula = "", None
    for part in cell:
        name = _kind(part.tag)
        if name == "v":
            value = part.text or ""
        elif name == "is":
            value = _text(part)
        elif name == "f":
            formula = part.text or ""
    return value, formula


def _is_on(said: str | None) -> bool:
    return said in {"1", "true", "on"}


def _shown(text: str) -> str:
    if "_x" not in text and "\x00" not in text:
        return text.strip()
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).replace("\x00", "").strip()


def _text(element: Element) -> str:
    """Return the text of a rich or plain string, without how it is pronounced."""
    parts: list[str] = []
    for part in element:
        if local(part.tag) == "t":
            parts.append(part.text or "")
        elif local(part.tag) == "r":
            parts.append(_text(part))
    return "".join(parts)


def _styles(archive: ZipFile, member: str) -> dict[str, list[Element]]:
    """Return the groups of the style sheet (fonts, cellXfs, numFmts), each with what stands in it."""
    if not member or member not in archive.namelist():
        return {}
    with archive.open(member) as packed:
        root = next(element for _, element in parsed(packed) if local(element.tag) == "styleSheet")
    return {local(group.tag): list(group) for group in root}


def _struck(styles: dict[str, list[Element]]) -> frozenset[str]:
    """Return the numbers of the styles of cells whose text is struck through."""
    fonts = {str(number) for number, font in enumerate(styles.get("fonts", ())) if any(_strikes(part) for part in font)}
    return frozenset(
        str(number) for number, style in enumerate(styles.get("cellXfs", ())) if style.get("fontId") in fonts
    )


def _strikes(part: Element) -> bool:
    return local(part.tag) == "strike" and part.get("val", "1") not in {"0", "false"}


def _padded(styles: dict[str, list[Element]]) -> dict[str, str]:
    codes = {
        style.get("numFmtId"): _PADDED.fullmatch(style.get("formatCode", "")) for style in styles.get("numFmts", ())
    }
    found = ((str(number), codes.get(style.get("numFmtId"))) for number, style in enumerate(styles.get("cellXfs", ())))
    return {number: code[1] for number, code in found if code is not None}


def _shown_by(code: str, digits: str) -> str:
    """Return a number of *digits* as the format *code* shows it.

    >>> _shown_by('"AB-"0000000', "441101"), _shown_by("0000 0000", "441101")
    ('AB-0441101', '0044 1101')
    """
    pieces = [(piece[1] or "").strip('"').removeprefix("\\") for piece in _PIECE.finditer(code)]
    places = [place for place, piece in enumerate(_PIECE.finditer(code)) if not piece[1]]
    whole = digits.zfill(len(places))
    spare = len(whole) - len(places)
    for number, place in enumerate(places):
        pieces[place] = whole[number + spare] if number else whole[: spare + 1]
    return "".join(pieces)


def _strokes(text: Element | None) -> set[bool]:
    """Return which of struck through and not is met in the runs of a rich text; nothing for a plain one."""
    runs = [] if text is None else text.findall("{*}r")
    return {any(map(_strikes, run.findall("{*}rPr/*"))) for run in runs if _shown(_text_of(run))}


def _text_of(run: Element) -> str:
    return "".join(part.text or "" for part in run.findall("{*}t"))


def _texts(archive: ZipFile, member: str) -> SharedTexts:
    if not member or member not in archive.namelist():
        return SharedTexts(frozenset({""}), {})
    blank, strokes = {""}, dict[str, set[bool]]()
    with archive.open(member) as packed:
        number = 0
        for _, element in parsed(packed):
            if local(element.tag) == "si":
                if not _shown(_text(element)):
                    blank.add(str(number))
                elif True in (met := _strokes(element)):
                    strokes[str(number)] = met
                number += 1
                element.clear()
    return SharedTexts(frozenset(blank), strokes)
