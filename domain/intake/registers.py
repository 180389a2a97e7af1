"""Organisations and officers as rows of a spreadsheet: what its columns mean, and what is wrong with a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pydantic import ValidationError

from domain.identity.code_aliases import is_issued, likely_code
from domain.intake.columns import Form
from domain.intake.dates import read_date
from domain.intake.folding import plain
from domain.intake.plausibility.cleaning import parts_of, unguarded
from domain.organisations.organisation import Organisation
from domain.statements.officers import Officer
from domain.values import Frozen
from domain.words import register_words

_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,31}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ISO_LETTERS: Final = 3

ORGANISATION: Final = "organisation"
OFFICER: Final = "officer"
_NECESSARY: Final[Mapping[str, tuple[str, ...]]] = {
    ORGANISATION: ("code", "name", "kind", "country", "contact", "email"),
    OFFICER: ("code", "roles"),
}


class RegisterProblem(Frozen):
    """What is wrong with a cell, and what to do."""

    row: int
    field: str
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Reading:
    """How a cell is read: to a value, or to None, and then it is said what is wrong with it and what to write."""

    read: Callable[[str], Any]
    problem: str
    remedy: str


@cache
def _meanings(table: str) -> Mapping[str, str]:
    """Return what the words of *table* mean, comparable; the keys themselves are words, too."""
    said = {plain(word): key for key, words in register_words()[table].items() for word in words}
    return said | {plain(key): key for key in register_words()[table]}


def register_form(kind: str) -> Form:
    """Return what a spreadsheet of *kind* is read for."""
    return Form(lambda name: _meanings(kind).get(plain(name), ""), _NECESSARY[kind])


def register_columns(kind: str) -> tuple[str, ...]:
    """Return the columns of a spreadsheet of *kind*, those first that every row fills."""
    return (*_NECESSARY[kind], *(column for column in register_words()[kind] if column not in _NECESSARY[kind]))


def read_register_row(
    kind: str, number: int, cells: Mapping[str, str]
) -> Organisation | Officer | tuple[RegisterProblem, ...]:
    """Return what the row says, or everything that is wrong with it."""
    read: dict[str, Any] = {}
    wrong: list[RegisterProblem] = []
    for column, text in ((column, unguarded(text).strip()) for column, text in cells.items()):
        reading = _READINGS[kind].get(column, _TEXT)
        value = reading.read(text) if text else None
        if text and value is None:
            wrong.append(RegisterProblem(row=number, field=column, problem=reading.problem, remedy=reading.remedy))
        elif text:
            read[column] = value
    wrong += [
        RegisterProblem(row=number, field=column, problem="is empty.", remedy="Fill it in.")
        for column in _NECESSARY[kind]
        if not cells.get(column, "").strip()
    ]
    return tuple(wrong) or _made(kind, number, read)


def _made(kind: str, number: int, read: dict[str, Any]) -> Organisation | Officer | tuple[RegisterProblem, ...]:
    try:
        return _organisation(read) if kind == ORGANISATION else Officer.model_validate(read)
    except ValidationError as error:
        return tuple(
            RegisterProblem(
                row=number, field=".".join(map(str, problem["loc"])), problem=f"{problem['msg']}.", remedy="Correct it."
            )
            for problem in error.errors(include_url=False, include_input=False)
        )


def _organisation(read: Mapping[str, Any]) -> Organisation:
    own = {name: value for name, value in read.items() if name in Organisation.model_fields and name != "liaison"}
    focal_point = {"name": read["contact"], "email": read["email"], "phone": read.get("phone", "")}
    columns = {"name": "liaison", "phone": "liaison_phone", "email": "liaison_email"}
    liaison = {name: read[column] for name, column in columns.items() if column in read}
    return Organisation.model_validate(own | {"focal_point": focal_point} | ({"liaison": liaison} if liaison else {}))


def _code(text: str) -> str | None:
    return text.upper() if _CODE.fullmatch(text.upper()) else None


def _codes(text: str) -> tuple[str, ...] | None:
    codes = [_code(part) for part in parts_of(text)]
    return tuple(code for code in codes if code) if all(codes) else None


def _country(text: str) -> str | None:
    """Return the code; of a wrong code of three letters nothing, for it may mean two states."""
    if len(text) == _ISO_LETTERS and text.isalpha() and text.isascii():
        return text.upper() if is_issued(text.upper()) else None
    return likely_code(text) or None


def _roles(text: str) -> tuple[str, ...] | None:
    roles = [_meanings("role").get(plain(part)) for part in re.split(r"[,;/|\n、،]", text) if part.strip()]
    return tuple(role for role in roles if role) if all(roles) else None


def _choice(table: str) -> Callable[[str], str | None]:
    return lambda text: _meanings(table).get(plain(text))


def _offered(table: str) -> str:
    return f"Write one of: {', '.join(register_words()[table])}."


_TEXT: Final = _Reading(lambda text: " ".join(text.split()), "cannot be read.", "Write it as text.")
_CODE_OF: Final = _Reading(_code, "is no code.", "Write capitals, digits and hyphens, such as ORG-07.")
_SEVERAL: Final = _Reading(_codes, "holds what is no code.", "Write codes, parted by commas.")
_DAY: Final = _Reading(read_date, "is not one day.", "Write it as 2027-03-14.")
_MAIL: Final = _Reading(
    lambda text: text if _ADDRESS.fullmatch(text) else None, "is no address.", "Write one, such as name@example.org."
)
_READINGS: Final[Mapping[str, Mapping[str, _Reading]]] = {
    ORGANISATION: {
        "code": _CODE_OF,
        "kind": _Reading(_choice("kind"), "is no kind of organisation.", _offered("kind")),
        "country": _Reading(_country, "means no country.", "Write its three letters (ISO 3166)."),
        "language": _Reading(
            lambda text: text.lower() if _LANGUAGE.fullmatch(text.lower()) else None,
            "is no code of a language.", "Write two letters (ISO 639), such as fr.",
        ),
        "email": _MAIL,
        "liaison_email": _MAIL,
        "standing": _Reading(_choice("standing"), "is no standing.", _offered("standing")),
        "invited_on": _DAY,
        "admitted_on": _DAY,
    },
    OFFICER: {
        "code": _CODE_OF,
        "roles": _Reading(_roles, "holds what is no role.", f"Parted by commas. {_offered('role')}"),
        "offices": _SEVERAL,
        "regions": _SEVERAL,
        "organisations": _SEVERAL,
    },
}  # fmt: skip
