"""Parts of names that would be lost: text beside the names of which nothing is known, and which looks like names.

A heading in a language that nobody here reads does not look like a name. What stands below it does.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from domain.errors import BadInputError
from domain.intake.columns import meaning
from domain.intake.folding import plain
from domain.intake.name_columns import NamePart, is_of_others, name_column
from domain.reference_lists.headings import SAY, Headings
from domain.reference_lists.other_columns import is_of_other_things
from domain.screening.names.scripts import SYLLABIC, Script, script_of

_UNPARTED: Final = SYLLABIC | {Script.KANA}
"""Scripts in which a whole name is written without a space."""

_SIGNS: Final = frozenset(" .'’ʼ-\u200c\u200d")
_MOST_WORDS: Final = 4
_LONGEST: Final = 41
_MOSTLY: Final = 0.5
_LONGEST_CODE: Final = 3
_OFTEN: Final = 3
_FEW_KINDS: Final = 20
"""Values that come again and again, and are no more than these, are kinds of something: nobody's names are so few."""

Row = tuple[Sequence[str], Sequence[str]]
"""A person's names, and the cells of the row."""


def refuse_half_names(
    rows: Iterable[Row], headings: Headings, cells: Sequence[str], *, agreed: Mapping[str, str], place: str
) -> None:
    """Raise BadInputError where what stands below an unknown heading may be a part of most *rows'* names.

    That is what looks like names, is not said by the name already, and is no kind of something. Where names have one
    word, columns of other names count as well: under "other names" some write given names. *agreed* settles a column.
    """
    known = [(names[0], row) for names, row in rows if names]
    halves = [(name, row) for name, row in known if _is_one_word(name)]
    are_halves = len(halves) > _MOSTLY * len(known)
    if are_halves:
        _refuse_numbers([row for _, row in halves], headings, cells, place=place)
    is_capital = _are_capital([name for name, _ in known])
    for column in _doubtful(headings, cells, {plain(name) for name in agreed}, with_aliases=are_halves):
        beside = [(name, row[column].strip()) for name, row in known if len(row) > column and row[column].strip()]
        if _may_be_parts(beside, is_capital=is_capital):
            said = cells[column].strip()[:60]
            problem = (
                f"the names have one word, and “{said}” may hold the rest of them."
                if are_halves
                else f"“{said}” is not understood, and what stands below it looks like a part of the names."
            )
            raise BadInputError(place, problem, remedy=SAY)


def is_number(text: str) -> bool:
    """Return whether *text* has more digits than letters, as the number of a household has.

    >>> is_number("17"), is_number("HH-0017"), is_number("M0hamed")
    (True, True, False)
    """
    return sum(map(str.isdigit, text)) > sum(map(str.isalpha, text))


def _refuse_numbers(rows: Sequence[Sequence[str]], headings: Headings, cells: Sequence[str], *, place: str) -> None:
    """Raise BadInputError where a part of names of one word is a number in most rows, such as that of a family."""
    for column in (*headings.places(NamePart.SURNAME), *headings.places(NamePart.GIVEN)):
        filled = [row[column] for row in rows if len(row) > column and row[column]]
        if sum(map(is_number, filled)) > _MOSTLY * len(filled):
            problem = f"the names have one word, and “{cells[column].strip()[:60]}” holds numbers."
            raise BadInputError(place, problem, remedy=SAY)


def _doubtful(headings: Headings, cells: Sequence[str], agreed: set[str], *, with_aliases: bool) -> list[int]:
    """Return the columns that may hold a part of a name as far as their headings say, if they say anything."""
    aliases = headings.places(NamePart.ALIAS) if with_aliases else ()
    taken = {place for places in headings.fields.values() for place in places} | {place for place, _ in headings.names}
    return [
        place
        for place, heading in enumerate(cells)
        if plain(heading) not in agreed and (place in aliases or (place not in taken and _says_nothing(heading)))
    ]


def _says_nothing(heading: str) -> bool:
    return not (meaning(heading) or name_column(heading) or is_of_others(heading) or is_of_other_things(heading))


def _may_be_parts(beside: Sequence[tuple[str, str]], *, is_capital: bool) -> bool:
    """Return whether most cells *beside* names look like further parts of them."""
    texts = {text for _, text in beside}
    if len(texts) <= _FEW_KINDS and len(beside) >= _OFTEN * len(texts) > 0:
        return False
    further = [text for name, text in beside if _is_name_like(text, is_capital=is_capital) and not _says(name, text)]
    return len(further) > _MOSTLY * len(beside)


def _is_one_word(name: str) -> bool:
    return len(name.split()) == 1 and script_of(name) not in _UNPARTED


def _are_capital(texts: Sequence[str]) -> bool:
    """Return whether most of *texts* begin with a capital and go on in small letters, as names do."""
    return sum(text[:1].isupper() and not text.isupper() for text in texts) > _MOSTLY * len(texts)


def _is_name_like(text: str, *, is_capital: bool) -> bool:
    """Return whether *text* looks like names; where these have capitals, small letters and codes do not."""
    if is_capital and (text[0].islower() or (text.isascii() and text.isupper() and len(text) <= _LONGEST_CODE)):
        return False
    kinds = [unicodedata.category(letter)[0] for letter in text if letter not in _SIGNS]
    return 1 < len(kinds) <= _LONGEST and {"L"} <= {*kinds} <= {"L", "M"} and len(text.split()) <= _MOST_WORDS


def _says(name: str, text: str) -> bool:
    """Return whether all words of *text* stand in *name*."""
    return set(plain(text).split()) <= set(plain(name).split())
