"""What the other rows of a file claim: a case that another row names better is not this row's.

A file is read once to its end before any of it is recorded. Two marks of each row are kept, as numbers that tell
nothing by themselves: its travel document, and its name with the year of birth. Lists come in any order, and somebody
may stand a hundred rows below the person who now has the old reference.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Final

from domain.application.nomination import folded
from domain.intake.folding import western_digits
from domain.intake.row_identity import Traits, identifying_number

_YEAR: Final = re.compile(r"(?<!\d)(?:1[89]|20|2[45])\d\d(?!\d)")
"""A year of birth; the twenty-fourth and -fifth centuries are the Buddhist era's."""


class Claims:
    """The marks of all rows of a file."""

    __slots__ = ("_marks",)

    def __init__(self, marks: Iterable[int] = ()) -> None:
        self._marks = array("q", sorted(marks))

    @classmethod
    def of_bytes(cls, kept: bytes) -> Claims:
        """Return the claims that were kept as eight bytes a mark."""
        return cls(array("q", kept))

    def is_anothers(self, recorded: Traits, *, row: Traits, organisation: str) -> bool:
        """Whether a row has the document, or name and year of birth, of who is *recorded*, where *row* has others.

        What both have claims nothing: somebody may stand twice in a file.
        """
        own = {*marks_of(row, organisation)}
        return any(mark not in own and self._holds(mark) for mark in marks_of(recorded, organisation))

    def _holds(self, mark: int) -> bool:
        place = bisect_left(self._marks, mark)
        return place < len(self._marks) and self._marks[place] == mark


def marks_of_cells(cells: Mapping[str, str], organisation: str) -> Iterator[int]:
    """Yield the marks of a row of *organisation* as it came."""
    number = identifying_number(western_digits(cells.get("document_number", "")))
    if number:
        yield _mark("document", organisation, number)
    year = _YEAR.search(western_digits(cells.get("birth_date", "")))
    if name := _sorted(f"{cells.get('given_names', '')} {cells.get('surname', '')}"):
        yield _mark("name", organisation, name, year[0] if year else "")


def marks_of(person: Traits, organisation: str) -> Iterator[int]:
    """Yield the marks of a person of *organisation*."""
    if person.number:
        yield _mark("document", organisation, person.number)
    year = str(person.birth_date.year) if person.birth_date else ""
    if person.names:
        yield _mark("name", organisation, _sorted(person.names[0]), year)


def _sorted(name: str) -> str:
    return " ".join(sorted(folded(name).split()))


def _mark(*parts: str) -> int:
    text = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)
