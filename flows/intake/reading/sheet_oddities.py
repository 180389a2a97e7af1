"""What a sheet shows that its cells do not say: hidden rows, struck-through people, merged cells, errors, pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.errors import BadInputError
from domain.messages import Message
from flows.intake.reading.text_tables import Rows, nonempty

PLACED: Final = re.compile(r'DISPIMG\("([^"]+)"')
"""The formula by which WPS Office shows a picture in a cell, with the name of the picture."""
_MOST_NAMED: Final = 20
"""Row numbers in one note."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Cells shown as one: rows from 1, columns from 0, both ends in it."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Pasted:
    """A picture that lies on a sheet, and the cell it lies on: row from 1, column from 0."""

    row: int
    column: int
    member: str
    """Its name in the workbook's archive."""


@dataclass(slots=True)
class Oddities:
    """What one sheet shows besides values, by row from 1 and column from 0, and how many of its rows hold anything."""

    filled: int = 0
    hidden: set[int] = field(default_factory=set[int])
    is_filtered: bool = False
    hidden_columns: set[int] = field(default_factory=set[int])
    struck: dict[int, set[int]] = field(default_factory=dict[int, set[int]])
    partly: set[int] = field(default_factory=set[int])
    """Rows with cells whose text is struck through in part."""
    unsaid: dict[int, dict[int, str]] = field(default_factory=dict[int, dict[int, str]])
    """Cells that libraries read as empty: errors as shown, formulas whose value was never computed, and numbers
    as they are shown, with zeros or letters before them that are no part of the value."""
    merges: list[Merge] = field(default_factory=list[Merge])
    pasted: list[Pasted] = field(default_factory=list[Pasted])
    width: int = 0
    """One more than the last column of any cell, filled or not."""
    height: int = 0
    """The last row of any cell."""

    def complete(self, rows: Rows, name: str) -> Rows:
        """Yield *rows* with what libraries leave out of them; raises :class:`BadInputError` where rows are missing.

        The count is taken from the file's own XML, so that no stated size and no fault of a library can lose anybody.
        """
        seen = 0
        for number, cells in self._with_unsaid(rows):
            seen += nonempty(cells)
            yield number, cells
        if seen != self.filled:
            raise BadInputError(name, Message.of("rows_lost", rows=self.filled, seen=seen))

    def _with_unsaid(self, rows: Rows) -> Rows:
        due = dict(self.unsaid)
        for number, cells in rows:
            while due and (first := next(iter(due))) < number:
                yield first, _filled_in([], due.pop(first))
            yield (number, _filled_in(cells, due.pop(number)) if number in due else cells)
        for number, unsaid in due.items():
            yield number, _filled_in([], unsaid)


def _filled_in(cells: Sequence[str], unsaid: Mapping[int, str]) -> list[str]:
    """Return *cells* with what is *unsaid* where nothing stands, or a number without what it is shown with."""
    found = [*cells, *[""] * (max(unsaid) + 1 - len(cells))]
    for column, text in unsaid.items():
        known = found[column]
        if not known or (known.isdigit() and known in digits_in(text)):
            found[column] = text
    return found


def digits_in(text: str) -> str:
    """Return the digits of *text*; a number is shown with more of them than it has, and perhaps parted."""
    return "".join(filter(str.isdigit, text))


def numbers(rows: Sequence[int] | set[int]) -> str:
    """Return row numbers as people write them: runs together, the rest counted.

    >>> numbers({3, 4, 5, 9})
    '3-5, 9'
    """
    runs: list[list[int]] = []
    for row in sorted(rows):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    named = [f"{first}-{last}" if last > first else f"{first}" for first, last in runs]
    rest = len(named) - _MOST_NAMED
    return ", ".join(named[:_MOST_NAMED]) + (f" (+{rest})" if rest > 0 else "")


def spread(merges: Sequence[Merge]) -> dict[int, list[tuple[int, int]]]:
    """Return for each row below the first of a merge the columns covered by it, with the row their value stands in."""
    covered: dict[int, list[tuple[int, int]]] = {}
    for merge in merges:
        if merge.bottom - merge.top > MOST_MERGED:
            continue
        for row in range(merge.top + 1, merge.bottom + 1):
            covered.setdefault(row, []).append((merge.left, merge.top))
    return covered


MOST_MERGED: Final = 10_000
"""Rows; cells merged over more are a design of the whole sheet."""


def across(merges: Sequence[Merge]) -> Iterator[tuple[int, Merge]]:
    """Yield each row that cells are merged in across columns, with the merge."""
    for merge in merges:
        if merge.right > merge.left and merge.bottom - merge.top <= MOST_MERGED:
            yield from ((row, merge) for row in range(merge.top, merge.bottom + 1))
