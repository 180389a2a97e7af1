"""From the cells of a nominations file to a nomination: what can be read is read, what cannot is named.

A row is returned only where it cannot be tied to a person, or where a cell is not what a form can hold (a formula,
a text longer than any form field, a path). Everything else becomes a nomination whose *unreadable* names the
fields that held something that could not be read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any, Final

from domain.application.nomination import DISCLOSURES, Nomination, TravelDocumentKind
from domain.application.roles import Role
from domain.intake.dates import read_date
from domain.intake.folding import plain, western_digits
from domain.intake.nominations_file import RowProblem
from domain.messages import Message
from domain.words import all_words

LONGEST_CELL: Final = 500
"""Characters; the longest field of any form is a machine-readable zone of 92."""
_LONGEST: Final = {"reference": 200}
"""Columns with a limit of their own: the reference is kept with the case, and quoted."""

_SAID: Final = ("disclosure", "funded_by", "pledge_text")
_CODE: Final = re.compile(r"^[A-Z]{3}$")
_LANGUAGE: Final = re.compile(r"^[a-z]{2,3}$")
_REGION: Final = re.compile(r"^[A-Z0-9][A-Z0-9-]{0,15}$")
_NOTICE: Final = re.compile(r"^[A-Z0-9][A-Z0-9-]*:[0-9]+$")


_VALUES: Final[Mapping[str, Mapping[str, Any]]] = {
    "role": {role.value: role for role in Role},
    "document_kind": {kind.value: kind for kind in TravelDocumentKind},
    "sex": {sex: sex for sex in "MFX"},
}
_YES_NO: Final[Mapping[str, bool]] = {
    "yes": True, "no": False, "y": True, "true": True, "1": True, "n": False, "false": False, "0": False,
}  # fmt: skip
"""What a column with choices can mean; every other one is answered with yes or no."""
_BETWEEN: Final = re.compile(r"[;,/|\n؛،；，、]")
"""What people write between several codes."""
_JOINERS: Final = "\u200c\u200d"
"""Invisible, but part of the spelling of Persian and Indian names."""
_SIGNS: Final = frozenset({"So", "Sm", "Sc", "Co", "Cn"})
"""Pictures, signs and letters that a wrong encoding left (U+FFFD): no name has them."""


def row_problem(number: int, cells: Mapping[str, str], field: str, message: Message) -> RowProblem:
    """Return the row as one that goes back, its overlong cells cut so that it can be shown and stored."""
    kept = {name: text if len(text) <= LONGEST_CELL else f"{text[:40]}… ({len(text)} characters)"
            for name, text in cells.items()}  # fmt: skip
    return RowProblem(number=number, outcome="returned", field=field, message=message, cells=kept)


def read_row(number: int, cells: Mapping[str, str], *, extra_cells: int = 0) -> Nomination | RowProblem:
    """Return the nomination in *cells* (column → text; photo and identity page are read elsewhere), or why not."""
    if extra_cells:
        return row_problem(number, cells, "", Message.of("row_too_long", extra=extra_cells))
    for name, text in cells.items():
        if len(text) > (longest := _LONGEST.get(name, LONGEST_CELL)):
            return row_problem(number, cells, name, Message.of("cell_too_long", length=len(text), most=longest))
        if text.startswith(("=", "@", "\t")):
            return row_problem(number, cells, name, Message.of("cell_formula"))
    return _tied(number, cells, _Reader(cells).nomination())


def _tied(number: int, cells: Mapping[str, str], nomination: Nomination | None) -> Nomination | RowProblem:
    if nomination is None:
        return row_problem(number, cells, "role", Message.of("role_unknown", column="role"))
    if not (nomination.surname or nomination.given_names):
        return row_problem(number, cells, "surname", Message.of("nobody_named"))
    if not nomination.is_tied_to_a_person:
        return row_problem(number, cells, "reference", Message.of("row_without_key"))
    return nomination


@cache
def _choices(column: str) -> dict[str, Any]:
    """Return what may stand in *column*, comparable, in every language, with what it means."""
    values = _VALUES.get(column, _YES_NO)
    said: dict[str, Any] = {}
    for words in all_words():
        others = words.other_choices.get(column, {})
        said |= {plain(name): values[meant] for meant, names in others.items() for name in names}
    for words in all_words():
        said |= {plain(name): values[meant] for meant, name in words.choices_of(column).items()}
    return said | {plain(meant): value for meant, value in values.items()}


def _visible(text: str) -> str:
    """Return *text* without what cannot be seen and could turn a name round (Unicode TR36): controls, directions."""
    return "".join(letter for letter in text if letter in _JOINERS or unicodedata.category(letter) not in {"Cc", "Cf"})


class _Reader:
    """Reads one row's cells, remembering which could not be read."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = cells
        self._unreadable: list[str] = []

    def nomination(self) -> Nomination | None:
        """Return the nomination, or None where the role is unknown."""
        role = self._one_of("role")
        if role is None:
            return None
        fields: dict[str, Any] = {
            name: self._text(name)
            for name in ("reference", "surname", "given_names", "native_name", "email", "phone", *_SAID)
        }
        fields |= {"sex": self._one_of("sex") or "", "mrz": self._zone()}
        fields |= {
            name: self._date(name)
            for name in ("birth_date", "document_expiry", "arrival", "departure", "pledge_accepted_on")
        }
        fields |= {
            "nationalities": self._several("nationality", _CODE, str.upper),
            "languages": self._several("languages", _LANGUAGE, str.lower),
            "preferred_regions": self._several("preferred_regions", _REGION, str.upper)[:5],
            "accepted_notices": self._several("accepted_notices", _NOTICE, str.upper),
            "document_kind": self._one_of("document_kind") or "passport",
            "document_number": western_digits(western_digits(self._text("document_number")).upper()),
            "document_issuer": next(iter(self._several("document_issuer", _CODE, str.upper)), ""),
            "letter_language": next(iter(self._several("letter_language", _LANGUAGE, str.lower)), None),
            **{name: self._one_of(name) for name in ("conflict_declared", *DISCLOSURES)},
            "conflict_regions": self._several("conflict_regions", _REGION, str.upper),
            "stay_together": self._one_of("stay_together"),
        }  # fmt: skip
        self._names()
        return Nomination(role=role, unreadable=tuple(sorted(self._unreadable)), **fields)

    def _text(self, column: str) -> str:
        text = " ".join(self._cells.get(column, "").split())
        return text if text.isprintable() else _visible(text)

    def _names(self) -> None:
        """Note a name that holds what no name holds; what stands there is kept, so that the row finds its person."""
        for column in ("surname", "given_names"):
            text = self._cells.get(column, "")
            if not text.isascii() and any(unicodedata.category(letter) in _SIGNS for letter in text):
                self._unreadable.append(column)

    def _zone(self) -> str:
        return "\n".join(part.strip() for part in re.split(r"[/\n]", self._cells.get("mrz", "")) if part.strip())

    def _date(self, column: str) -> date | None:
        text = self._text(column)
        if not text:
            return None
        day = read_date(text)
        if day is None:
            self._unreadable.append(column)
        return day

    def _one_of(self, column: str) -> Any:
        values = _choices(column)
        key = plain(text := self._text(column))
        if text and key not in values:
            self._unreadable.append(column)
        return values.get(key) if key else None

    def _several(self, column: str, shape: re.Pattern[str], case: Callable[[str], str]) -> tuple[Any, ...]:
        parts = [case(part.strip()) for part in _BETWEEN.split(self._cells.get(column, "")) if part.strip()]
        good = [part for part in dict.fromkeys(parts) if shape.match(part)]
        if len(good) < len(set(parts)):
            self._unreadable.append(column)
        return tuple(good)
