"""Halves of names: a table whose names have one word, and text beside them of which nothing is known.

A heading in a language that nobody here reads does not look like a name. What stands below it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from domain.errors import BadInputError
from domain.intake.columns import meaning
from domain.intake.folding import plain
from domain.intake.name_columns import NamePart, is_of_others, name_column
from domain.reference_lists.headings import SAY, Headings
from domain.screening.names.scripts import SYLLABIC, Script, script_of

_UNPARTED: Final = SYLLABIC | {Script.KANA}
"""Scripts in which a whole name is written without a space."""

_NAME_LIKE: Final = re.compile(r"[^\W\d_]{2}(?:[^\W\d_]|\w?[\u0300-\u0dff]|[ .'’ʼ-]){0,39}")
_MOST_WORDS: Final = 4
_MOSTLY: Final = 0.5


def refuse_half_names(
    rows: Iterable[tuple[Sequence[str], Sequence[str]]],
    headings: Headings,
    cells: Sequence[str],
    *,
    agreed: Mapping[str, str],
    place: str,
) -> None:
    """Raise BadInputError where most *rows* (names, cells) have a name of one word, and beside it what may be the rest.

    Columns of other names count as well: under "other names" some write given names. *agreed* settles a column.
    """
    known = list(rows)
    halves = [row for names, row in known if names and _is_one_word(names[0])]
    if len(halves) <= _MOSTLY * len(known):
        return
    for column in _doubtful(headings, cells, {plain(name) for name in agreed}):
        beside = [row[column] for row in halves if len(row) > column and row[column].strip()]
        if len(beside) > _MOSTLY * len(halves) and sum(map(_is_name_like, beside)) > _MOSTLY * len(beside):
            problem = f"the names have one word, and “{cells[column].strip()[:60]}” may hold the rest of them."
            raise BadInputError(place, problem, remedy=SAY)


def _doubtful(headings: Headings, cells: Sequence[str], agreed: set[str]) -> list[int]:
    """Return the columns that may hold a part of a name as far as their headings say, if they say anything."""
    aliases = headings.places(NamePart.ALIAS)
    taken = {place for places in headings.fields.values() for place in places} | {place for place, _ in headings.names}
    return [
        place
        for place, heading in enumerate(cells)
        if plain(heading) not in agreed and (place in aliases or (place not in taken and _says_nothing(heading)))
    ]


def _says_nothing(heading: str) -> bool:
    return not meaning(heading) and name_column(heading) is None and not is_of_others(heading)


def _is_one_word(name: str) -> bool:
    return len(name.split()) == 1 and script_of(name) not in _UNPARTED


def _is_name_like(text: str) -> bool:
    return len(text.split()) <= _MOST_WORDS and _NAME_LIKE.fullmatch(text.strip()) is not None
