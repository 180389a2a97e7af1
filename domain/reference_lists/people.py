"""People from tables: lists to compare with, queries, and people to compare with each other."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

from domain.errors import BadInputError
from domain.intake.encodings import wide_encoding
from domain.intake.name_columns import NamePart
from domain.placeholders import is_name_filler, is_placeholder_name
from domain.reference_lists.half_names import is_number, refuse_half_names
from domain.reference_lists.headings import Headings, headings_known, read_headings
from domain.screening.names.scripts import SYLLABIC, Script, script_of
from domain.screening.subject import Subject

if TYPE_CHECKING:
    from _csv import Reader

_DELIMITERS: Final = ",;\t|"
_SAID: Final = re.compile(r"sep=([,;|\t])\r?\n")
_START: Final = 2**16
_TRIED: Final = 2**18
"""Letters at the beginning in which halves of names are looked for."""

_PACKED: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""With what workbooks begin, new and old ones."""

_SURNAME_FIRST: Final = SYLLABIC | {Script.KANA}


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table of people: its line, its id, names and other values."""

    number: int
    entry_id: str
    names: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    problem: str = ""
    """What keeps the row from being used."""


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """A table of people: what its columns mean, and its rows, which can be taken once."""

    headings: Headings
    rows: Iterator[TableRow]


def read_people(text: str, *, place: str, agreed: Mapping[str, str] | None = None) -> PeopleTable:
    """Return the table in *text*: cells parted by commas, semicolons, tabs or strokes; the first line names them.

    Raises BadInputError as :func:`read_headings` does, and while rows are taken for what is no table.
    """
    said = _SAID.match(text)
    start = said.end() if said else 0
    delimiter = said[1] if said else _delimiter(text[:_START])
    stream = io.StringIO(text, newline="")
    stream.seek(start)
    reader = csv.reader(stream, delimiter=delimiter, strict=False)
    cells = next((cells for cells in reader if any(map(str.strip, cells))), list[str]())
    headings = read_headings(cells, place=place, agreed=agreed)
    names = _Names(headings)
    refuse_half_names(_tried(text[start:_TRIED], delimiter, headings, names), headings, cells, agreed=agreed or {},
                      place=place)  # fmt: skip
    return PeopleTable(headings, _rows(reader, headings, names, place=place))


def _tried(
    start: str, delimiter: str, headings: Headings, names: _Names
) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Yield the names and the cells of the first rows."""
    try:
        lines = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
        rows = [[cell.strip() for cell in cells] for cells in lines if any(map(str.strip, cells))]
    except csv.Error:
        return
    for cells in rows[1:]:
        yield names.of(_filled(cells, headings)), cells


def _filled(cells: list[str], headings: Headings) -> list[str]:
    return [*cells, *[""] * (headings.width - len(cells))]


def _delimiter(start: str) -> str:
    """Return the sign that parts the first line into most headings that are understood."""
    line = next((line for line in start.splitlines() if line.strip()), "")
    fits = {sign: next(csv.reader([line], delimiter=sign), list[str]()) for sign in _DELIMITERS}
    return max(fits, key=lambda sign: (headings_known(fits[sign]), len(fits[sign])))


def _rows(reader: Reader, headings: Headings, names: _Names, *, place: str) -> Iterator[TableRow]:
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield _row(reader.line_num, [cell.strip() for cell in cells], headings, names)
    except csv.Error as error:
        raise BadInputError(f"{place}, line {reader.line_num}", f"{error}.", remedy="Save it as CSV anew.") from error


def _row(number: int, cells: list[str], headings: Headings, names: _Names) -> TableRow:
    extra = any(cells[headings.width :])
    cells = _filled(cells, headings)
    fields = {
        field: tuple(chain.from_iterable(several(cells[place]) for place in places))
        for field, places in headings.fields.items()
        if field not in {"id", "note"}
    }
    fields["note"] = tuple(filter(None, (cells[place] for place in headings.fields.get("note", ()))))
    problem = (
        "it has more cells than the first line names. Put quotation marks around commas in a cell." if extra else ""
    )
    return TableRow(number, cells[headings.fields["id"][0]], names.of(cells), fields, problem)


class _Names:
    """Puts names together from the cells of one table."""

    def __init__(self, headings: Headings) -> None:
        self._places = {part: headings.places(part) for part in NamePart}
        self._is_numbered = any(column.part is NamePart.NAME and column.number > 1 for _, column in headings.names)
        self._spellings = self._pairs(headings)

    def _pairs(self, headings: Headings) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Return the columns of surname and given names of each spelling; what has a number continues the first."""
        named = {part: self._places[part] for part in (NamePart.SURNAME, NamePart.GIVEN)}
        whole = self._places[NamePart.NAME]
        if whole and not all(named.values()) and any(named.values()):
            missing = NamePart.GIVEN if named[NamePart.SURNAME] else NamePart.SURNAME
            named[missing], self._places[NamePart.NAME] = whole, ()
        numbers = {place: column.number for place, column in headings.names}
        plain = {part: [place for place in places if not numbers[place]] for part, places in named.items()}
        surnames, given = plain[NamePart.SURNAME], plain[NamePart.GIVEN]
        if len(surnames) > 1 and len(surnames) == len(given):
            return [((family,), (own,)) for family, own in zip(surnames, given, strict=True)]
        return [(named[NamePart.SURNAME], named[NamePart.GIVEN])]

    def of(self, cells: Sequence[str]) -> tuple[str, ...]:
        """Return the person's names, the one in use first."""
        whole = [cells[place] for place in self._places[NamePart.NAME]]
        names = [" ".join(filter(None, whole))] if self._is_numbered else list(chain.from_iterable(map(several, whole)))
        for surname, given in self._spellings:
            for own in names[:] if not surname and not given else [self._text(cells, given)]:
                names += self._composed(cells, surname, own)
            if (literal := self._literal(cells, surname, given)) is not None:
                names.append(literal)
        names += chain.from_iterable(several(cells[place]) for place in self._places[NamePart.ALIAS])
        return tuple(dict.fromkeys(filter(None, names)))

    def _composed(self, cells: Sequence[str], surname: Sequence[int], first: str) -> Iterator[str]:
        """Yield the name put together from its parts: as it is, with the ancestors, and with another surname."""
        script = script_of(self._text(cells, surname) or first)
        before, after = (self._further(cells, part, script) for part in (NamePart.PARTICLE, NamePart.SECOND_SURNAME))
        family = self._text(cells, [*before, *surname, *after])
        own = with_further(first, self._text(cells, self._further(cells, NamePart.MIDDLE, script)))
        yield joined(own, family)
        if ancestors := self._text(cells, self._further(cells, NamePart.ANCESTOR, script)):
            yield joined(with_further(own, ancestors), family)
        if other := self._text(cells, self._places[NamePart.OTHER_SURNAME]):
            yield joined(own, other)

    def _further(self, cells: Sequence[str], part: NamePart, script: Script) -> list[int]:
        """Return the columns of *part* but for those in the script of another spelling than the one in *script*."""
        written = {place: script_of(cells[place]) for place in self._places[part] if cells[place]}
        others = {script_of(self._text(cells, [*surname, *given])) for surname, given in self._spellings} - {script}
        return [place for place, own in written.items() if own not in others]

    @staticmethod
    def _literal(cells: Sequence[str], surname: Sequence[int], given: Sequence[int]) -> str | None:
        """Return the name with words that mostly stand for none, such as Blank: some people are called so."""
        parts = [[cells[place] for place in places] for places in (given, surname)]
        if not any(is_placeholder_name(part) and not is_name_filler(part) for part in chain.from_iterable(parts)):
            return None
        own, family = (" ".join(filter(None, part)) for part in parts)
        return joined(own, family)

    @staticmethod
    def _text(cells: Sequence[str], places: Sequence[int]) -> str:
        return " ".join(cells[place] for place in places if cells[place] and not _stands_for_none(cells[place]))


def _stands_for_none(part: str) -> bool:
    """Return whether a part of a name only says that there is none, such as FNU, or is a number, as of a household."""
    return is_name_filler(part) or is_placeholder_name(part) or is_number(part)


def with_further(name: str, further: str) -> str:
    """Return *name* with further parts after it, but for those it has already.

    >>> with_further("Asa", "Bene Ola"), with_further("Asa Bene Lind", "Bene")
    ('Asa Bene Ola', 'Asa Bene Lind')
    """
    return name if _words(further) <= _words(name) else f"{name} {further}".strip()


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def joined(given: str, surname: str) -> str:
    """Return a name in the order of its script; a surname that the other cell has already is not said twice.

    >>> joined("Asa", "Lindqvist"), joined("Lindqvist, Asa", "Lindqvist"), joined("小明", "王")
    ('Asa Lindqvist', 'Lindqvist, Asa', '王小明')
    """
    if not given or not surname:
        return given or surname
    if _words(surname) < _words(given):
        return given
    if script_of(surname) in _SURNAME_FIRST:
        return f"{surname}{given}" if script_of(surname) in SYLLABIC else f"{surname} {given}"
    return f"{given} {surname}"


def several(text: str) -> tuple[str, ...]:
    """Return the values of a cell that may hold several, parted by semicolons."""
    return tuple(part.strip() for part in text.split(";") if part.strip())


def text_of(content: bytes, *, place: str) -> str:
    """Return *content* as text; raises BadInputError where it is neither UTF-8 nor UTF-16, or is a spreadsheet."""
    if content.startswith(_PACKED):
        raise BadInputError(place, "it is a spreadsheet or a packed file.", remedy="Save it as CSV UTF-8.")
    try:
        text = content.decode(wide_encoding(content) or "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInputError(f"{place}, line {line}", "it is not UTF-8.", remedy="Save it as CSV UTF-8.") from error
    if "\0" in text:
        raise BadInputError(place, "it has signs that no text has.", remedy="Save it as CSV UTF-8.")
    return text


def subject_of(row: TableRow) -> Subject | str:
    """Return the person of a row, or what keeps the row from being used.

    A date of birth that cannot be read stays in ``birth_dates`` and takes no part in any comparison.
    """
    if not row.entry_id:
        return f"line {row.number}: the id is empty. Give every row an id."
    if row.problem:
        return f"line {row.number}: {row.problem}"
    if not any(letter.isalnum() for name in row.names for letter in name):
        return f"line {row.number}: the name has no letters. Give the person's name."
    fields = row.fields
    return Subject(
        subject_id=row.entry_id,
        names=row.names,
        birth_dates=fields.get("birth_date", ()),
        countries=fields.get("country", ()),
        documents=fields.get("document", ()),
        contacts=(*fields.get("email", ()), *fields.get("phone", ())),
        places=fields.get("postcode", ()),
    )
