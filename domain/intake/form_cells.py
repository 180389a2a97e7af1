"""From a nomination back to the cells of a form: what :func:`domain.intake.rows.read_row` reads, in any language."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, Final

from domain.application.nomination import COLUMNS, Nomination
from domain.words import words_in

_NAMED_ELSE: Final = {"nationality": "nationalities"}
_FILES: Final = frozenset({"photo", "identity_page"})


def cells_of(nomination: Nomination, language: str = "en") -> dict[str, str]:
    """Return the cells that mean *nomination*; names of files are not known and stay empty."""
    return {column: "" if column in _FILES or column == "organisation" else _text(nomination, column, language)
            for column in COLUMNS}  # fmt: skip


def _text(nomination: Nomination, column: str, language: str) -> str:
    return _stated(nomination, column) or _of_value(nomination, column, language)


def _of_value(nomination: Nomination, column: str, language: str) -> str:
    value: Any = getattr(nomination, _NAMED_ELSE.get(column, column))
    named = words_in(language).choices_of(column)
    match value:
        case None:
            return ""
        case bool():
            return named["yes" if value else "no"]
        case date():
            return value.isoformat()
        case tuple():
            return ";".join(str(one) for one in value)  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]  # codes
        case StrEnum():
            return named[value.value]
        case _:
            return str(value)


def _stated(nomination: Nomination, column: str) -> str:
    """Return what a cell says in place of a value: a name or an expiry that the document does not print, a year."""
    match column:
        case "birth_date":
            return nomination.birth_period
        case "document_expiry":
            return "unlimited" if nomination.document_never_expires else ""
        case "surname" | "given_names" if nomination.has_one_name and not getattr(nomination, column):
            return "-"
        case _:
            return ""
