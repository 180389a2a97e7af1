"""The essentials of an election as questions: what is asked, what is proposed, and what is wrong with an answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from domain.election.deadlines import ZoneName
from domain.identity.code_aliases import is_issued, likely_code
from domain.intake.dates import read_date
from domain.intake.plausibility.cleaning import parts_of
from domain.values import ElectionCode, OfficerCode
from notifications.letters.words import languages

Answers = Mapping[str, str]
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ISSUER: Final = re.compile(r"[A-Z0-9]{2,8}")
_PREFIX: Final = re.compile(r"[A-Z0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Question:
    """One question: *proposal* may use the answers before; *problem* says what is wrong with an answer, or nothing."""

    name: str
    words: str
    proposal: Callable[[Answers], str]
    problem: Callable[[str, date], str]
    tidy: Callable[[str], str] = str.strip


def _fixed(text: str) -> Callable[[Answers], str]:
    return lambda _: text


def _like(kind: Any, told: str) -> Callable[[str, date], str]:
    def problem(text: str, _: date) -> str:
        try:
            TypeAdapter(kind).validate_python(text)
        except ValidationError:
            return told
        return ""

    return problem


def _shape(pattern: re.Pattern[str], told: str) -> Callable[[str, date], str]:
    return lambda text, _: "" if pattern.fullmatch(text) else told


def _said(text: str, _: date) -> str:
    return "" if text else "Something has to stand here."


def _day_problem(text: str, today: date) -> str:
    day = read_date(text)
    if day is None:
        return "Write the day as 2027-03-14."
    return "" if day > today else "The day has passed."


def _day(text: str) -> str:
    day = read_date(text.strip())
    return day.isoformat() if day else text.strip()


def _country_problem(text: str, _: date) -> str:
    if is_issued(text) and len(text) == len("XAA"):
        return ""
    likely = likely_code(text)
    return f"Write three letters (ISO 3166){f', perhaps {likely}' if likely else ''}."


def _languages_problem(text: str, _: date) -> str:
    known = languages()
    unknown = [part for part in parts_of(text) if part not in known]
    return f"Letters are written in {', '.join(known)}." if unknown or not text else ""


def _number_problem(text: str, _: date) -> str:
    return "" if text.isdecimal() and 0 < int(text) < 1000 else "Write a number from 1 to 999."  # noqa: PLR2004


def _officers_problem(text: str, _: date) -> str:
    codes = [*parts_of(text)]
    wrong = [code for code in codes if _like(OfficerCode, "wrong")(code, date.max)]
    if wrong:
        return f"{wrong[0][:40]} is no code: write staff codes, capitals, digits and hyphens, never names."
    return "" if len({*codes}) > 1 else "Two different ones at least: no act that counts is done by one alone."


_MAIL: Final = _shape(_ADDRESS, "Write an address such as observers@commission.example.")

QUESTIONS: Final[tuple[Question, ...]] = (
    Question("code", "Code of the election", _fixed(""),
             _like(ElectionCode, "Write capitals, digits and hyphens, such as VALDARA-2027."),
             lambda text: text.strip().upper()),
    Question("title", "Its title, as letters name it", _fixed(""), _said),
    Question("day", "Election day", _fixed(""), _day_problem, _day),
    Question("timezone", "Time zone, as Area/City or Etc/GMT-2", _fixed("UTC"),
             _like(ZoneName, "There is no such zone; write Area/City, or hours as Etc/GMT-2 (two hours east).")),
    Question("host_body", "Authority that accredits", _fixed(""), _said),
    Question("host_country", "Its country, three letters", _fixed(""), _country_problem,
             lambda text: text.strip().upper()),
    Question("signatory", "In whose name letters go out", lambda known: f"Chair, {known['host_body']}", _said),
    Question("contact_email", "E-mail address for applicants", _fixed(""), _MAIL),
    Question("officers_email", "E-mail address of the officers", lambda known: known["contact_email"], _MAIL),
    Question("languages", "Languages of letters, the official one first", _fixed("en"), _languages_problem,
             lambda text: text.strip().lower()),
    Question("law", "The law or procedure that everything rests on", _fixed(""), _said),
    Question("remedy", "To whom a decision is appealed", _fixed(""), _said),
    Question("results", "Days from polling until results are confirmed", _fixed("14"), _number_problem),
    Question("issuer", "Code of the issuer in credentials; TEST for a rehearsal", lambda known: known["host_country"],
             _shape(_ISSUER, "Write 2 to 8 capitals or digits."), lambda text: text.strip().upper()),
    Question("serial_prefix", "What serials begin with", lambda known: known["host_country"][:2],
             _shape(_PREFIX, "Write 1 to 6 capitals or digits."), lambda text: text.strip().upper()),
    Question("regions", "Regions, parted by semicolons; each name once", _fixed("Whole country"), _said),
    Question("seats", "Observers that a region can take at once", _fixed("100"), _number_problem),
    Question("office", "Office that looks after observers", _fixed("Accreditation office"), _said),
    Question("administrators", "Administrators, by staff code: three, so that a lost key can be replaced",
             _fixed("OFF-ADMIN-1, OFF-ADMIN-2, OFF-ADMIN-3"),
             _officers_problem, lambda text: text.strip().upper()),
    Question("case_officers", "Two case officers", _fixed("OFF-1, OFF-2"), _officers_problem,
             lambda text: text.strip().upper()),
    Question("appeals_officers", "Two appeals officers", _fixed("OFF-APPEALS-1, OFF-APPEALS-2"), _officers_problem,
             lambda text: text.strip().upper()),
)  # fmt: skip
