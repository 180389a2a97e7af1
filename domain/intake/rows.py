"""From the cells of a nominations file to a nomination, and back: what cannot be read is asked about."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from domain.application.nomination import COLUMNS, DISCLOSURES, Nomination, Remark, TravelDocumentKind
from domain.application.roles import USUAL_ROLES, Role
from domain.identity.code_aliases import is_issued, likely_code
from domain.intake.dates import read_date, read_period
from domain.intake.folding import plain, western_digits
from domain.intake.nominations_file import RowProblem
from domain.intake.plausibility.calendars import common_days
from domain.intake.plausibility.cleaning import (
    country_parts,
    in_usual_letters,
    never_expires,
    parts_of,
    read_name,
    read_names,
    unguarded,
    visible,
)
from domain.messages import Message
from domain.placeholders import is_placeholder, is_placeholder_name
from domain.words import all_words, words_in

NO_ROLES: Final[Mapping[str, Role]] = MappingProxyType({})
"""The usual roles only."""
LONGEST_CELL: Final = 500
"""Characters; the longest field of any form is a machine-readable zone of 92."""
_LONGEST: Final = {"reference": 200}
"""Columns with a limit of their own: the reference is kept with the case, and quoted."""

_SAID: Final = ("disclosure", "funded_by", "pledge_text", "role_detail")
_CODE: Final = re.compile(r"^[A-Z]{3}$")
_LANGUAGE: Final = re.compile(r"^[a-z]{2,3}$")
_REGION: Final = re.compile(r"^[A-Z0-9][A-Z0-9-]{0,15}$")
_NOTICE: Final = re.compile(r"^[A-Z0-9][A-Z0-9-]*:[0-9]+$")


_VALUES: Final[Mapping[str, Mapping[str, Any]]] = {
    "role": {role.value: role for role in USUAL_ROLES},
    "document_kind": {kind.value: kind for kind in TravelDocumentKind},
    "sex": {sex: sex for sex in "MFX"},
}
_YES_NO: Final[Mapping[str, bool]] = {
    "yes": True, "no": False, "y": True, "true": True, "1": True, "n": False, "false": False, "0": False,
}  # fmt: skip
"""What a column with choices can mean; every other one is answered with yes or no."""
_AS_TYPED: Final = frozenset({"surname", "given_names", "native_name", "disclosure", "funded_by"})
"""Columns in which an apostrophe may begin a word."""
_USUAL_YEARS: Final = range(1900, 2100)
_ERROR: Final = re.compile(
    r"#(?:N/A|NV|N/D|REF|VALUE|WERT|VALOR|VALEUR|NAME|NOMBRE|NOM|DIV/0|NUM|NULL|SPILL|CALC|FIELD|BLOCKED|"
    r"GETTING_DATA|¡?(?:REF|VALOR|DIV/0|NUM|NULO)|ССЫЛКА|ЗНАЧ|ИМЯ|Н/Д|ДЕЛ/0|ЧИСЛО|ПУСТО)[!?]{0,2}|Err:[0-9]{3}"
)
"""Errors as spreadsheets show them, in the languages they are made in (ECMA-376, 18.17.3)."""


def is_error(text: str) -> bool:
    """Return whether *text* is what a spreadsheet shows for a value that it could not compute."""
    return text.startswith(("#", "Err:")) and bool(_ERROR.fullmatch(text))


def organisation_in(cells: Mapping[str, str]) -> str:
    """Return the code of the organisation that a row names; empty where it names none."""
    return unguarded(cells.get("organisation", "")).strip().upper()


def is_role(text: str) -> bool:
    """Return whether *text* is a role, in any language."""
    return plain(text) in _choices("role")


def row_problem(number: int, cells: Mapping[str, str], field: str, message: Message) -> RowProblem:
    """Return the row as one that goes back, its overlong cells cut so that it can be shown and stored."""
    kept = {name: text if len(text) <= LONGEST_CELL else f"{text[:40]}… ({len(text)} characters)"
            for name, text in cells.items()}  # fmt: skip
    return RowProblem(number=number, outcome="returned", field=field, message=message, cells=kept)


def read_row(
    number: int, cells: Mapping[str, str], *, extra_cells: int = 0, roles: Mapping[str, Role] = NO_ROLES
) -> Nomination | RowProblem:
    """Return the nomination in *cells* (column → text; photo and identity page are read elsewhere), or why not.

    *roles* is what the election's profile says may be written for a role, besides the usual words.
    """
    if extra_cells:
        return row_problem(number, cells, "", Message.of("row_too_long", extra=extra_cells))
    for name, text in cells.items():
        if len(text) > (longest := _LONGEST.get(name, LONGEST_CELL)):
            return row_problem(number, cells, name, Message.of("cell_too_long", length=len(text), most=longest))
        if text.startswith(("=", "@", "\t")):
            return row_problem(number, cells, name, Message.of("cell_formula"))
    return _tied(number, cells, _Reader(cells, roles).nomination())


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


def _says_nothing(text: str) -> bool:
    """Say whether *text* is as good as an empty cell; a question mark asks something."""
    return is_placeholder(text) and "?" not in text


def _number(text: str) -> str:
    """Return the number of a document without what guards or fills it, so that "No." before it stays a word."""
    return western_digits(unguarded(western_digits(text.replace("№", "№ ")).upper())).rstrip("<.,;")


OR: Final = " / "
"""Between the values that may have been meant."""


class _Reader:
    """Reads one row's cells, remembering which could not be read."""

    def __init__(self, cells: Mapping[str, str], roles: Mapping[str, Role]) -> None:
        self._roles = {plain(name): role for name, role in roles.items()}
        # What a spreadsheet could not compute says nothing; the column is asked for.
        self._unreadable: list[str] = [column for column, text in cells.items() if is_error(text)]
        known = {column: text for column, text in cells.items() if column not in self._unreadable}
        self._cells = {column: text if column in _AS_TYPED else unguarded(text) for column, text in known.items()}
        self._remarks = [
            Remark(field=column, rule="apostrophe_removed")
            for column, text in self._cells.items()
            if text != cells[column] and column != "organisation"
        ]

    def nomination(self) -> Nomination | None:
        """Return the nomination, or None where the role is unknown."""
        role = self._roles.get(plain(self._text("role"))) or self._one_of("role")
        if role is None:
            return None
        fields: dict[str, Any] = {name: self._text(name) for name in ("reference", "email", "phone", *_SAID)}
        fields |= self._names() | self._days() | {"sex": self._one_of("sex") or "", "mrz": self._zone()}
        fields |= {
            "nationalities": self._countries("nationality"),
            "languages": self._several("languages", _LANGUAGE, str.lower),
            "preferred_regions": self._several("preferred_regions", _REGION, str.upper)[:5],
            "accepted_notices": self._several("accepted_notices", _NOTICE, str.upper),
            "document_kind": self._one_of("document_kind") or "passport",
            "document_number": _number(self._text("document_number")),
            "document_issuer": next(iter(self._countries("document_issuer")), ""),
            "letter_language": next(iter(self._several("letter_language", _LANGUAGE, str.lower)), None),
            **{name: self._one_of(name) for name in ("conflict_declared", *DISCLOSURES)},
            "conflict_regions": self._several("conflict_regions", _REGION, str.upper),
            "stay_together": self._one_of("stay_together"),
        }  # fmt: skip
        return Nomination(
            role=role, unreadable=tuple(sorted(set(self._unreadable))), remarks=tuple(self._remarks), **fields
        )

    def _text(self, column: str) -> str:
        text = in_usual_letters(" ".join(self._cells.get(column, "").split()))
        return text if text.isprintable() else visible(text)

    def _ask(self, column: str, rule: str, likely: str = "") -> None:
        """Note a cell that holds something the sender has to write anew, by what rule, and what may be meant."""
        self._unreadable.append(column)
        self._remarks.append(Remark(field=column, rule=rule, likely=likely))

    def _names(self) -> dict[str, Any]:
        """Return the names; what an odd one holds is kept, so that the row finds its person."""
        read: dict[str, Any] = {}
        for column in ("surname", "given_names", "native_name"):
            read[column], rule = read_name(self._cells.get(column, "").strip())
            if rule:
                self._ask(column, rule)
        surname, given_names, one_name = read_names(read["surname"], read["given_names"])
        no_name = is_placeholder_name(read["native_name"]) or not read["native_name"].strip("-\u2013\u2014. ")
        native_name = "" if no_name else read["native_name"]
        return {"surname": surname, "given_names": given_names, "native_name": native_name, "has_one_name": one_name}

    def _days(self) -> dict[str, Any]:
        """Return the days; of a birth perhaps a year only, of a document perhaps that it never expires."""
        expiry = self._text("document_expiry")
        never = never_expires(expiry)
        period = read_period(self._text("birth_date"))
        left_out = {"document_expiry": never, "birth_date": bool(period)}
        days = ("birth_date", "document_expiry", "arrival", "departure", "pledge_accepted_on")
        read = {name: None if left_out.get(name) else self._date(name) for name in days}
        return {**read, "birth_period": period, "document_never_expires": never}

    def _zone(self) -> str:
        return "\n".join(part.strip() for part in re.split(r"[/\n]", self._cells.get("mrz", "")) if part.strip())

    def _date(self, column: str) -> date | None:
        text = self._text(column)
        if not text or _says_nothing(text):
            return None
        day = read_date(text)
        if day is not None and day.year in _USUAL_YEARS:
            return day
        if days := common_days(text):
            likely = OR.join(day.isoformat() for day in days)
            self._remarks.append(Remark(field=column, rule="day_other_calendar", likely=likely))
        if day is None:
            self._unreadable.append(column)
        return day

    def _one_of(self, column: str) -> Any:
        values = _choices(column)
        key = plain(text := self._text(column))
        if text and key not in values and not (column in _VALUES and _says_nothing(text)):  # a tick is an answer
            self._unreadable.append(column)
        return values.get(key) if key else None

    def _countries(self, column: str) -> tuple[str, ...]:
        """Return the codes; one that nobody issues is kept, and what may be meant is noted."""
        parts, likely = country_parts(self._cells.get(column, ""))
        good = tuple(part for part in parts if _CODE.match(part))
        if len(good) < len(parts):
            self._ask(column, "code_unknown", likely)
        if column == "document_issuer" and len(good) > 1:
            self._ask(column, "code_unknown")
        for code in good:
            if not is_issued(code):
                self._remarks.append(Remark(field=column, rule="code_unknown", likely=likely_code(code)))
        return good

    def _several(self, column: str, shape: re.Pattern[str], case: Callable[[str], str]) -> tuple[Any, ...]:
        parts = [case(part) for part in parts_of(self._cells.get(column, ""))]
        good = [part for part in dict.fromkeys(parts) if shape.match(part)]
        if len(good) < len(set(parts)) and not _says_nothing(self._text(column)):
            self._unreadable.append(column)
        return tuple(good)


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
            return ";".join(str(part) for part in value)  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]  # codes
        case StrEnum() | Role():
            return named.get(value.value, value.value)
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
