"""The columns that a corrections workbook has before those of the form."""

from __future__ import annotations

from typing import Final

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
