"""What is wrong and what to do: a code with facts. Its sentences stand in :mod:`domain.words`, one file a language.

A message means the same to whoever reads it, is kept as its code and its facts, and becomes words where it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from string import Formatter
from typing import Any, Final, Self

from pydantic import model_validator

from domain.values import Frozen
from domain.words import LANGUAGES, Words, words_in

Fact = int | str
"""A number, or a text that is the same in every language: a name, a code, a day as ISO 8601 writes it."""

_SAME_REMEDY: Final[Mapping[str, str]] = {
    problem: remedy
    for remedy, problems in {
        "fill_column": ("field_missing", "field_unreadable", "other_rule"),
        "write_date": ("date_missing", "date_unclear"),
        "send_again": ("other_rule_elsewhere",),
        "mend_line": ("row_not_json", "row_repeats_field"),
        "save_anew": ("file_stops_reading", "file_empty", "file_damaged", "pdf_incomplete", "pdf_no_pages"),
        "print_anew": ("pdf_notice_only", "pdf_active_content"),
        "save_smaller": ("file_too_large", "image_too_many_pixels"),
        "save_as_picture": (
            "file_format_unknown", "file_format_not_allowed", "file_format_webp", "file_format_tiff",
            "file_format_other",
        ),
        "number_as_printed": ("number_placeholder", "number_implausible", "number_repeated"),
        "number_as_text": ("number_scientific", "number_date", "number_digits_lost", "number_zeros_lost"),
        "name_anew": ("name_decoded", "name_garbled", "name_letters_lost"),
        "name_only": ("name_marks", "name_title", "name_mixed_script"),
        "email_unusable": ("email_several",),
        "day_impossible": ("day_other_calendar",),
        "day_printed": ("birth_day_printed", "expiry_printed"),
        "one_file": ("no_ordinary_file", "table_is_folder", "table_too_large"),
        "send_file_again": ("table_empty", "table_without_header"),
        "save_as_utf8": ("table_other_encoding", "encoding_unclear", "encodings_alike"),
        "save_as_table": (
            "workbook_old", "pdf_for_table", "picture_for_table", "page_for_table", "text_for_table",
            "list_for_table", "slides_for_table",
        ),
        "outlook_message": ("mail_saved",),
        "pack_plainly": (
            "package_damaged", "package_of_tables", "package_without_table", "package_too_full", "package_too_large",
            "package_protected", "packed_by_method", "member_too_large", "member_shrunk", "some_member_too_large",
        ),
    }.items()
    for problem in problems
}  # fmt: skip
"""Problems with a remedy that is not theirs alone; every other has one of its own code."""

OF_COLUMN: Final = frozenset({"note", "codes", "choices"})
"""Placeholders that the words of the form fill, where the fact ``column`` says of which column."""


class Message(Frozen):
    """A problem and its remedy; raises ``ValueError`` for a code without words and for facts that they do not name."""

    code: str
    facts: Mapping[str, Fact] = {}
    hints: tuple[str, ...] = ()
    """What is to be said besides, after the remedy."""

    @classmethod
    def of(cls, code: str, **facts: Fact) -> Self:
        """Return the message *code* with its *facts*."""
        return cls(code=code, facts=facts)

    @classmethod
    def written(cls, problem: str, remedy: str) -> Self:
        """Return a message that has words of its own, which are shown as they are in every language."""
        return cls.of("written", problem=problem, remedy=remedy)

    @classmethod
    def kept(cls, stored: Any, problem: str, remedy: str) -> Self:
        """Return a message as it was stored; where none was, or one of another edition, its sentences as they are."""
        try:
            return cls.model_validate(stored)
        except ValueError:
            return cls.written(problem, remedy)

    @model_validator(mode="after")
    def _has_words(self) -> Self:
        if self.code not in words_in(LANGUAGES[0]).problems or self.facts.keys() ^ facts_of(self.code):
            raise ValueError(f"no message {self.code} with the facts {', '.join(sorted(self.facts))}")
        return self

    def problem(self, language: str = LANGUAGES[0]) -> str:
        """Return what is wrong, in *language*."""
        return self._filled(words_in(language).problems[self.code], language)

    def remedy(self, language: str = LANGUAGES[0]) -> str:
        """Return what to do, in *language*, with the hints after it."""
        words = words_in(language)
        said = self._filled(words.remedies[remedy_of(self.code)], language)
        return " ".join(filter(None, (said, *(words.hints[hint] for hint in self.hints))))

    def in_full(self, language: str = LANGUAGES[0]) -> str:
        """Return what is wrong and what to do, in *language*."""
        return f"{self.problem(language)} {self.remedy(language)}".strip()

    def hinting(self, hint: str) -> Self:
        """Return the message with *hint* after its remedy."""
        return self.revised(hints=(*self.hints, hint))

    def _filled(self, sentence: str, language: str) -> str:
        column = self.facts.get("column")
        return sentence.format(**self.facts, **(_of_column(str(column), language) if column else {}))

    def __str__(self) -> str:
        return self.in_full()


class ReadingNote(Frozen):
    """How a file was read, as far as that is worth saying: a code with facts, and nothing to mend.

    The fact ``cause`` is the code of a message, whose sentences are said in its place.
    """

    code: str
    facts: Mapping[str, Fact] = {}

    @classmethod
    def of(cls, code: str, **facts: Fact) -> Self:
        """Return the note *code* with its *facts*."""
        return cls(code=code, facts=facts)

    @model_validator(mode="after")
    def _has_words(self) -> Self:
        sentence = words_in(LANGUAGES[0]).reading.get(self.code)
        if sentence is None or self.facts.keys() ^ {*placeholders(sentence)}:
            raise ValueError(f"no note {self.code} with the facts {', '.join(sorted(self.facts))}")
        return self

    def said(self, language: str = LANGUAGES[0]) -> str:
        """Return the note as a sentence in *language*."""
        facts = {**self.facts}
        if cause := facts.get("cause"):
            told = Message.of(str(cause)) if not facts_of(str(cause)) else None
            facts["cause"] = told.in_full(language) if told else words_in(language).problems[str(cause)]
        return words_in(language).reading[self.code].format(**facts)

    def __str__(self) -> str:
        return self.said()


def remedy_of(code: str) -> str:
    """Return under which key the remedy of the message *code* stands."""
    return _SAME_REMEDY.get(code, code)


@cache
def facts_of(code: str) -> frozenset[str]:
    """Return the names of the facts that the message *code* has, as its English words name them."""
    words = words_in(LANGUAGES[0])
    named = {*placeholders(words.problems[code]), *placeholders(words.remedies[remedy_of(code)])}
    return frozenset(named - OF_COLUMN | ({"column"} if named & OF_COLUMN else set()))


def placeholders(sentence: str) -> Iterator[str]:
    """Yield the names that are to be filled in."""
    return (name for _, name, _, _ in Formatter().parse(sentence) if name)


def _of_column(column: str, language: str) -> dict[str, str]:
    words: Words = words_in(language)
    first = column.partition(", ")[0]  # of several columns the sentence names all; what is to be written is one's
    choices = words.choices_of(first)
    note = words.note(first)
    if words is words_in(LANGUAGES[0]):
        # An English note begins a sentence; here it ends one.
        note = f"{note[:1].lower()}{note[1:]}{'' if note.endswith('?') else '.'}"
    return {"note": note, "codes": ", ".join(choices), "choices": ", ".join(choices.values())}
