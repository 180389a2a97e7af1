"""The words of forms, of reports on files and of messages about problems: one TOML file a language.

They stand apart from the words of letters because rules read them: what a header means and what may stand in a cell is
decided by them. They are part of the program as its modules are; nobody replaces them by a path or a setting, so that
loading them (once a process, by :mod:`importlib.resources`) is no more input than an import is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from domain.values import Frozen

LANGUAGES: Final = ("en", "fr", "es", "ru", "ar", "zh")
"""The languages that forms and messages are in: the six of the United Nations. The first is complete by definition."""

Sort = Literal[
    "text", "name", "date", "countries", "country", "language", "languages", "choice", "file", "email", "phone", "codes"
]

SORTS: Final[Mapping[str, Sort]] = {
    "reference": "text", "organisation": "codes", "role": "choice", "surname": "name", "given_names": "name",
    "native_name": "text", "sex": "choice", "birth_date": "date", "nationality": "countries",
    "document_kind": "choice", "document_number": "text", "document_issuer": "country", "document_expiry": "date",
    "mrz": "text", "email": "email", "phone": "phone", "languages": "languages", "letter_language": "language",
    "arrival": "date", "departure": "date", "preferred_regions": "codes", "accepted_notices": "codes",
    "conflict_declared": "choice", "conflict_regions": "codes", "stay_together": "choice",
    "gain_from_contestant": "choice", "family_tie": "choice", "paid_by_host": "choice",
    "excluded_before": "choice", "disclosure": "text", "funded_by": "text", "pledge_text": "text",
    "pledge_accepted_on": "date", "photo": "file", "identity_page": "file", "role_detail": "text",
}  # fmt: skip
"""What is written into each column of the form."""


class Words(Frozen):
    """The words of one language."""

    titles: Mapping[str, str]
    """What a form shows over each column."""
    names: Mapping[str, tuple[str, ...]]
    """What else people write over a column."""
    not_ours: tuple[str, ...]
    """Names of columns that other forms have: near to some of ours, and never to be taken for them."""
    several_meanings: Mapping[str, tuple[str, ...]]
    """Names that could mean more than one column; who sent the file must say which."""
    notes: Mapping[str, str]
    """What is to be written into a column, by column or by sort; the questions are those of the OSCE's assembly."""
    choices: Mapping[str, Mapping[str, str]]
    """What a form offers in a column with choices, by what it means."""
    other_choices: Mapping[str, Mapping[str, tuple[str, ...]]]
    """What else people write where a form offers choices."""
    months: tuple[tuple[str, ...], ...] = ()
    """The names of the twelve months: Russian also in the case of dates, Arabic as in Cairo and as in Damascus."""
    sheets: Mapping[str, str]
    corrections: Mapping[str, str]
    """Titles and notes of a corrections workbook's own columns."""
    report: Mapping[str, str]
    """The report on a nominations file."""
    problems: Mapping[str, str]
    remedies: Mapping[str, str]
    reading: Mapping[str, str]
    """How a file was read: notes, with nothing to mend."""
    hints: Mapping[str, str]
    """What may follow a remedy."""

    def note(self, column: str) -> str:
        """Return what is to be written into *column*."""
        return self.notes.get(column) or self.notes[SORTS[column]]

    def choices_of(self, column: str) -> Mapping[str, str]:
        """Return what may stand in *column*, by what it means; nothing for a column without choices."""
        if SORTS.get(column) != "choice":
            return {}
        return self.choices.get(column) or self.choices["yes_no"]


@cache
def words_in(language: str) -> Words:
    """Return the words of *language*, or English where it is none of :data:`LANGUAGES`."""
    name = language if language in LANGUAGES else LANGUAGES[0]
    return Words.model_validate(tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text("utf-8")))


@cache
def register_words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return what people write over columns, and for choices, in spreadsheets of organisations and officers."""
    read = tomllib.loads(files(__name__).joinpath("registers.toml").read_text("utf-8"))
    return {table: {key: tuple(words) for key, words in said.items()} for table, said in read.items()}


def all_words() -> Iterator[Words]:
    """Yield the words of every language, English first."""
    return map(words_in, LANGUAGES)
