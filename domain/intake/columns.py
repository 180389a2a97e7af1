"""Which columns the names over a table mean: known names in six languages, near misses, and what a sender agreed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from rapidfuzz.distance import DamerauLevenshtein

from domain.application.nomination import COLUMNS
from domain.errors import BadInputError
from domain.intake.folding import plain
from domain.intake.name_columns import NamePart, looks_like_name, name_column
from domain.messages import Message
from domain.values import Frozen
from domain.words import all_words, words_in

CORRECTION: Final = "correction"
"""The column that holds a row's signed reference; it belongs to corrections files only."""


def own_names() -> dict[str, str]:
    """Return the names of the own columns, with what they mean to a reader; the second is for people alone."""
    return {
        CORRECTION: CORRECTION,
        **{words.corrections["correction"]: CORRECTION for words in all_words()},
        **{words.corrections["to_mend"]: "" for words in all_words()},
    }


def own_columns(language: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return title and note of the two columns: the reference, and what is to be mended."""
    said = words_in(language).corrections
    return (said["correction"], said["correction_note"]), (said["to_mend"], said["to_mend_note"])


NECESSARY: Final = ("surname", "given_names", "role")
"""Columns without which nobody can be recorded."""
_NEAR: Final = 0.84
"""Least similarity of a near miss (1 - edits by length): one slip in seven letters, two in thirteen."""
_CLEARLY: Final = 0.06
"""How much nearer the best column must be than the next."""


class HeaderError(BadInputError):
    """The header of a nominations file does not fit the documented columns."""


class Header(Frozen):
    """What the names over a table mean."""

    columns: tuple[str, ...]
    """The column of each cell, in order; empty where the cell is not read."""
    recognised: Mapping[str, str]
    """Names that are not ours as they stand, with the column they were taken for."""
    ignored: tuple[str, ...]
    """Names that mean no column; their cells are not read."""
    further: Mapping[int, str] = {}
    """Cells with a further part of a name (middle name, second surname), and the column that it belongs to."""
    particles: tuple[int, ...] = ()
    """Those of ``further`` that stand before the surname: van der."""


def read_header(names: Sequence[str], *, place: str, agreed: Mapping[str, str] | None = None) -> Header:
    """Return what *names* mean; *agreed* (name → column) goes before everything and is the sender's own.

    Raises :class:`HeaderError` where a necessary column is missing, a column comes twice, a name could mean two
    columns, or looks like a part of a name and is not understood; a name that means none is reported and its cells
    are not read.
    """
    known = {plain(name): column for name, column in (agreed or {}).items()}
    given = list(names)
    while given and not given[-1].strip():
        given.pop()
    meanings = [(name, known.get(plain(name)) or meaning(name)) for name in given]
    _refuse_unclear(meanings, place)
    _refuse_unread_names(meanings, known, place)
    columns = tuple(means if isinstance(means, str) else "" for _, means in meanings)
    _refuse_repeated(columns, given, place)
    _refuse_incomplete(columns, given, place)
    further = {
        number: column
        for number, name in enumerate(given)
        if not columns[number] and plain(name) not in known and (column := _continues(name))
    }
    return Header(
        columns=columns,
        further=further,
        particles=tuple(number for number in further if _is_particle(given[number])),
        recognised={name: column for name, column in zip(given, columns, strict=True)
                    if column and plain(name) != plain(column)},
        ignored=tuple(name for number, (name, column) in enumerate(zip(given, columns, strict=True))
                      if not column and number not in further and name not in own_names()),
    )  # fmt: skip


_FURTHER: Final = {
    NamePart.MIDDLE: "given_names", NamePart.GIVEN: "given_names",
    NamePart.SECOND_SURNAME: "surname", NamePart.SURNAME: "surname", NamePart.PARTICLE: "surname",
}  # fmt: skip
_NUMBERED_ONLY: Final = (NamePart.GIVEN, NamePart.SURNAME)
_SECOND: Final = 2
_NOT_PRINTED: Final = frozenset(map(plain, ("отчество", "по батькові", "patronymic", "бащино име")))
"""Patronymics: the Latin lines of travel documents do not have them."""


def _continues(name: str) -> str:
    """Return the column that *name* holds a further part of, such as a middle name; nothing for any other."""
    found = name_column(name)
    if found is None or plain(name) in _NOT_PRINTED or (found.part in _NUMBERED_ONLY and found.number < _SECOND):
        return ""
    return _FURTHER.get(found.part, "")


def _is_particle(name: str) -> bool:
    found = name_column(name)
    return found is not None and found.part is NamePart.PARTICLE


class HeaderFound(NamedTuple):
    """Where the header of a table stands among its first rows, from 0, and how well its names are known."""

    place: int
    known: int
    is_complete: bool
    """Whether all necessary columns are named."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a table is read for: what a name over a column means, and the columns it cannot do without."""

    meaning: Callable[[str], str | tuple[str, ...]]
    necessary: tuple[str, ...]

    def recognised(self, names: Iterable[str]) -> int:
        """Return how many of *names* mean a column or could: how well a table was read."""
        return sum(1 for name in names if name.strip() and self.meaning(name))


def find_header(
    rows: Iterable[Sequence[str]], agreed: Mapping[str, str] | None = None, form: Form | None = None
) -> HeaderFound:
    """Return which of the first *rows* of a table is its header: titles and groups of columns stand above it.

    The first that names all necessary columns of *form* (left out: of nominations); where none does, the one with the
    most known names, for its errors.
    """
    wanted = form or NOMINATIONS
    said = {plain(name): column for name, column in (agreed or {}).items()}
    best = HeaderFound(0, 0, is_complete=False)
    for place, row in enumerate(rows):
        columns = [said.get(plain(cell)) or wanted.meaning(cell) for cell in row if cell.strip()]
        if set(wanted.necessary) <= {column for column in columns if isinstance(column, str)}:
            return HeaderFound(place, len(columns), is_complete=True)
        if (known := sum(map(bool, columns))) > best.known:
            best = HeaderFound(place, known, is_complete=False)
    return best


def repeats_header(cells: Mapping[str, str]) -> bool:
    """Return whether a row (column → text) says over again what its columns are called, in any language."""
    return all(_names().get(plain(cells.get(column, ""))) == column for column in NECESSARY)


def meaning(name: str) -> str | tuple[str, ...]:
    """Return the column that *name* means, several where that is not clear, or an empty text for none."""
    word = plain(name)
    if word in (several := _several()):
        return several[word]
    if word in (names := _names()):
        return names[word]
    return _nearest(word)


NOMINATIONS: Final = Form(meaning, NECESSARY)


@cache
def words_of_headers() -> frozenset[str]:
    """Return all known names, comparable: what a right encoding makes readable."""
    return frozenset({*_names(), *_several()})


@cache
def _names() -> dict[str, str]:
    ours = {plain(column): column for column in COLUMNS}
    titles = {plain(title): column for words in all_words() for column, title in words.titles.items()}
    others = {plain(name): column for words in all_words() for column, names in words.names.items() for name in names}
    not_ours = {plain(name): "" for words in all_words() for name in words.not_ours}
    return not_ours | others | titles | ours | {plain(name): column for name, column in own_names().items()}


@cache
def _several() -> dict[str, tuple[str, ...]]:
    return {plain(name): columns for words in all_words() for name, columns in words.several_meanings.items()}


@cache
def _nearest(word: str) -> str | tuple[str, ...]:
    best: dict[str, float] = {}
    for name, column in _names().items():
        likeness = DamerauLevenshtein.normalized_similarity(word, name, score_cutoff=_NEAR)
        best[column] = max(best.get(column, 0.0), likeness)
    near = sorted(((likeness, column) for column, likeness in best.items() if likeness >= _NEAR), reverse=True)
    if not near:
        return ""
    rivals = tuple(column for likeness, column in near if near[0][0] - likeness < _CLEARLY)
    return rivals[0] if len(rivals) == 1 else tuple(sorted(rivals))


def _refuse_unclear(meanings: Sequence[tuple[str, str | tuple[str, ...]]], place: str) -> None:
    taken = {means for _, means in meanings if isinstance(means, str)}
    for number, (name, means) in enumerate(meanings, start=1):
        open_to = [column for column in means if column and column not in taken] if isinstance(means, tuple) else []
        if len(open_to) > 1 or set(open_to) & set(NECESSARY):
            unclear = Message.of("header_unclear", name=repr(name[:60]), number=number, columns=" or ".join(open_to))
            raise HeaderError(f"{place}, header row", unclear)


def _refuse_unread_names(
    meanings: Sequence[tuple[str, str | tuple[str, ...]]], known: Mapping[str, str], place: str
) -> None:
    """Refuse what looks like a part of a name and is not understood: half a name would be recorded."""
    for number, (name, means) in enumerate(meanings, start=1):
        if not means and plain(name) not in {*known, *_names()} and name_column(name) is None and looks_like_name(name):
            raise HeaderError(
                f"{place}, header row", Message.of("header_name_unread", name=repr(name[:60]), number=number)
            )


def _refuse_repeated(columns: Sequence[str], names: Sequence[str], place: str) -> None:
    if repeated := sorted({name for name in columns if name and columns.count(name) > 1}):
        where = "; ".join(
            " and ".join(f"{name[:60]!r} (column {number})" for number, (name, column) in
                         enumerate(zip(names, columns, strict=True), start=1) if column == again)
            for again in repeated
        )  # fmt: skip
        raise HeaderError(
            f"{place}, header row", Message.of("header_repeats", columns=", ".join(repeated), places=where)
        )


def _refuse_incomplete(columns: Sequence[str], names: Sequence[str], place: str) -> None:
    missing = [name for name in NECESSARY if name not in columns]
    if not missing:
        return
    unknown = [f"{name[:60]!r} (column {number})" for number, (name, column) in
               enumerate(zip(names, columns, strict=True), start=1) if name.strip() and not column]  # fmt: skip
    message = Message.of("header_incomplete", columns=", ".join(missing))
    if unknown:
        message = Message.of("header_unknown_names", **message.facts, unknown=", ".join(unknown[:10]))
    raise HeaderError(f"{place}, header row", message)
