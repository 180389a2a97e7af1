"""The rows below a header as rows of people: what a sheet shows of them is read rightly, or named with the row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.intake.columns import Header, find_header, read_header, repeats_header
from domain.intake.rows import is_role
from domain.messages import Message, ReadingNote
from flows.intake.reading.sheet_oddities import PLACED, Oddities, Pasted, across, numbers, spread
from flows.intake.reading.text_tables import Rows

STRUCK: Final = Message.of("row_struck")
ACROSS: Final = Message.of("cells_across")
FILES: Final = ("photo", "identity_page")


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it came: number, cells by column, how many cells more than columns, and why it is none."""

    number: int
    cells: Mapping[str, str]
    extra_cells: int = 0
    broken: Message | None = None
    pictures: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    """Pictures that lie on the row in the table itself, by column."""


@dataclass(slots=True)
class RowCollector:
    """Takes the rows below a header one after another, and notes what was met among them."""

    name: str
    header: Header
    notes: list[ReadingNote]
    odd: Oddities
    picture: Callable[[str], bytes | None]
    """Gives the content of a picture in the table's own archive."""
    agreed: Mapping[str, str] | None = None
    _seen: int = 0
    _hidden: set[int] = field(default_factory=set[int])
    _partly: set[int] = field(default_factory=set[int])
    _merged: set[int] = field(default_factory=set[int])
    _under: set[int] = field(default_factory=set[int])
    _shown: set[int] = field(default_factory=set[int])
    _pasted: dict[int, list[Pasted]] = field(default_factory=dict[int, list[Pasted]])
    _unread: int = 0

    def rows(self, below: Rows) -> Iterator[RawRow]:
        """Yield the people of the rows *below* the header; afterwards the notes say what was odd about them."""
        covered, beside = spread(self.odd.merges), dict(across(self.odd.merges))
        above: dict[tuple[int, int], str] = {}
        wanted = {area.top for area in self.odd.merges if area.bottom > area.top}
        for picture in self.odd.pasted:
            self._pasted.setdefault(picture.row, []).append(picture)
        for number, cells in below:
            if number in wanted:
                above |= {(number, column): text for column, text in enumerate(cells)}
            if self._is_header(number, cells):
                continue
            if number in covered:
                cells = self._spread(number, cells, covered[number], above)  # noqa: PLW2901 -- the same row, as shown
            merge = beside.get(number)
            yield self._row(number, cells, is_across=merge is not None and self._crosses(merge.left, merge.right))
        self._tell()

    def _row(self, number: int, cells: Sequence[str], *, is_across: bool) -> RawRow:
        columns = self.header.columns
        extra = sum(1 for text in cells[len(columns) :] if text)
        named = {column: text for column, text in zip(columns, cells, strict=False) if column}
        for place, column in self.header.further.items():
            if place < len(cells) and cells[place]:
                parts = (named.get(column, ""), cells[place])
                named[column] = " ".join(reversed(parts) if place in self.header.particles else parts).strip()
        self._seen += 1
        if number in self.odd.hidden:
            self._hidden.add(number)
        broken = STRUCK if self._is_struck(number, cells) else ACROSS if is_across else None
        self._partly.update({number} & self.odd.partly)
        pictures = self._pictures(number, named) if number in self._pasted else {}
        named |= {column: "" for column in pictures if PLACED.search(named.get(column, ""))}
        return RawRow(number, named, extra, broken, pictures)

    def _is_struck(self, number: int, cells: Sequence[str]) -> bool:
        """Return whether the whole row, or the person's name in it, is struck through; note it where less is."""
        struck = self.odd.struck.get(number)
        if not struck:
            return False
        columns = self.header.columns
        filled = {place for place, text in enumerate(cells[: len(columns)]) if text and columns[place]}
        names = {place for place in filled if columns[place] in {"surname", "given_names"}}
        if (names and names <= struck) or filled <= struck:
            return True
        if filled & struck:
            self._partly.add(number)
        return False

    def _crosses(self, left: int, right: int) -> bool:
        return sum(1 for column in self.header.columns[left : right + 1] if column) > 1

    def _spread(
        self,
        number: int,
        cells: Sequence[str],
        covered: Sequence[tuple[int, int]],
        above: Mapping[tuple[int, int], str],
    ) -> list[str]:
        """Return *cells* with the value of cells that are merged downwards in every row that shows it."""
        found = [*cells, *[""] * (len(self.header.columns) - len(cells))]
        for column, top in covered:
            text = above.get((top, column), "")
            if text and column < len(found) and not found[column]:
                found[column] = text
                self._merged.add(number)
            elif column < len(found) and found[column] not in {"", text}:
                self._under.add(number)
        return found

    def _pictures(self, number: int, named: Mapping[str, str]) -> dict[str, bytes]:
        """Return the pictures of a row by column: where they lie, else the photograph, where it is missing."""
        found: dict[str, bytes] = {}
        for pasted in sorted(self._pasted.pop(number), key=lambda pasted: pasted.column):
            column = self.header.columns[pasted.column] if pasted.column < len(self.header.columns) else ""
            if column not in FILES:
                column = next((name for name in FILES if name not in found and not named.get(name)), "")
            content = self.picture(pasted.member) if column and column not in found else None
            if content is None:
                self._unread += 1
            else:
                found[column] = content
                self._shown.add(number)
        return found

    def _is_header(self, number: int, cells: Sequence[str]) -> bool:
        """Return whether a row is a header again; where it names other columns, the rows below are read by it."""
        columns = self.header.columns
        role = next((text for text, column in zip(cells, columns, strict=False) if column == "role"), "")
        if is_role(role):
            return False
        if repeats_header({column: text for column, text in zip(columns, cells, strict=False) if column}):
            self.notes.append(ReadingNote.of("header_again", row=number))
            return True
        if not role or not find_header([cells], self.agreed).is_complete:
            return False
        self.header = read_header(cells, place=f"{self.name}, row {number}", agreed=self.agreed)
        self.notes.append(ReadingNote.of("other_header", row=number))
        return True

    def _tell(self) -> None:
        self._unread += sum(map(len, self._pasted.values()))
        columns = [
            column for place, column in enumerate(self.header.columns) if column and place in self.odd.hidden_columns
        ]
        if self._hidden:
            code = "rows_filtered" if self.odd.is_filtered else "rows_hidden"
            hidden = len(self._hidden)
            self.notes.append(ReadingNote.of(code, rows=self._seen, hidden=hidden, numbers=numbers(self._hidden)))
        if columns:
            self.notes.append(ReadingNote.of("columns_hidden", columns=", ".join(columns)))
        of_rows = {
            "struck_in_part": self._partly,
            "cells_merged_down": self._merged,
            "cells_under_merged": self._under,
            "pictures_taken": self._shown,
        }
        self.notes.extend(ReadingNote.of(code, numbers=numbers(met)) for code, met in of_rows.items() if met)
        if self._unread:
            self.notes.append(ReadingNote.of("pictures_left", count=self._unread))
