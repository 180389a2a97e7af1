"""The verdict on each field of a recognised zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from domain.identity.check_digits import FILLER, check_digit, is_readable
from domain.identity.layouts import LAYOUTS, MrzField, MrzFormat, MrzLayout
from domain.identity.readings import SEXES, FieldCheck, FieldVerdict, FindingCode, MrzFinding, NumberRule
from domain.identity.state_codes import CodeKind, lookup

_CENTURY: Final = 100


def birth_date(printed: str, *, on: date) -> date | None:
    """Return the day that YYMMDD names: in the latest century that is not in the future on *on*.

    ``None`` where parts are unknown (fillers) or no such day exists.
    """
    this_century = on.year - on.year % _CENTURY
    candidates = (_day(printed, century=this_century - back * _CENTURY) for back in (0, 1))
    return next((day for day in candidates if day is not None and day <= on), None)


def expiry_date(printed: str) -> date | None:
    """Return the day that YYMMDD names in this century: a document outlives no other (practice of issuers)."""
    return _day(printed, century=2000)


def _day(printed: str, *, century: int) -> date | None:
    if len(printed) != len("YYMMDD") or not (printed.isascii() and printed.isdigit()):
        return None
    try:
        return date(century + int(printed[:2]), int(printed[2:4]), int(printed[4:]))
    except ValueError:
        return None


_LETTERS_ONLY: Final = frozenset({MrzField.ISSUER, MrzField.NATIONALITY, MrzField.NAMES, MrzField.GIVEN_NAMES})
_DIGITS: Final = frozenset("0123456789")

_FIRST_LETTERS: Final = {
    MrzFormat.TD1: "ACIPR",
    MrzFormat.TD2: "ACIPR",
    MrzFormat.TD3: "P",
    MrzFormat.MRV_A: "V",
    MrzFormat.MRV_B: "V",
    MrzFormat.FRENCH_ID: "I",
}
"""Doc 9303 gives A, C and I to cards; P (passport cards) and R (residence permits) are met on them as well."""


class DocumentNumber(NamedTuple):
    """A document number put together, and how its digit was found."""

    text: str
    verdict: FieldVerdict
    rule: NumberRule


@dataclass(frozen=True, slots=True)
class Zone:
    """The lines of a recognised format."""

    format: MrzFormat
    lines: tuple[str, ...]

    @property
    def layout(self) -> MrzLayout:
        """Return the layout that the lines have."""
        return LAYOUTS[self.format]

    def text(self, field: MrzField) -> str:
        """Return the characters of *field*, fillers included; empty if the format has no such field."""
        span = self.layout.fields.get(field)
        return span.of(self.lines) if span else ""

    def digit(self, field: MrzField) -> str:
        """Return the character in the place of *field*'s check digit; empty if it has none."""
        span = self.layout.digits.get(field)
        return span.of(self.lines) if span else ""


@lru_cache(maxsize=64)
def verdict_on(field: MrzField, verdict: FieldCheck) -> FieldVerdict:
    """Return the verdict without digits; there are few, and each is made once."""
    return FieldVerdict(field=field, verdict=verdict)


def judged(field: MrzField, text: str, *, digit: str) -> FieldVerdict:
    """Return the verdict on *text* with its check *digit* (``<`` counts as no digit)."""
    computed = check_digit(text)
    readable_digit = digit == FILLER or (digit.isascii() and digit.isdigit())
    if computed is None or not readable_digit:
        return verdict_on(field, FieldCheck.UNREADABLE)
    if not text.strip(FILLER) and digit in {FILLER, "0"}:
        return verdict_on(field, FieldCheck.ABSENT)
    if digit == computed:
        return verdict_on(field, FieldCheck.OK)
    return FieldVerdict(field=field, verdict=FieldCheck.MISMATCH, found=digit, computed=computed)


def document_number(zone: Zone) -> DocumentNumber:
    """Return the number, following it into the optional field where its digit's place holds a filler."""
    printed, digit = zone.text(MrzField.NUMBER), zone.digit(MrzField.NUMBER)
    number = printed.strip(FILLER)
    continues = zone.layout.allows_long_number and digit == FILLER and FILLER not in printed
    if not continues:
        return DocumentNumber(number, judged(MrzField.NUMBER, printed, digit=digit), NumberRule.WITHIN_FIELD)
    tail = zone.text(MrzField.OPTIONAL).split(FILLER)[0]
    if not tail:
        return DocumentNumber(number, verdict_on(MrzField.NUMBER, FieldCheck.ABSENT), NumberRule.WITHIN_FIELD)
    return _long_number(number, tail)


def _long_number(head: str, tail: str) -> DocumentNumber:
    """Return the number over both fields, by ICAO's rule if it fits, else by the rule that counts the filler."""
    whole, digit = head + tail[:-1], tail[-1]
    plain = judged(MrzField.NUMBER, whole, digit=digit)
    counted = judged(MrzField.NUMBER, head + FILLER + tail[:-1], digit=digit)
    if plain.verdict is not FieldCheck.OK and counted.verdict is FieldCheck.OK:
        return DocumentNumber(whole, counted, NumberRule.LONG_WITH_FILLER)
    return DocumentNumber(whole, plain, NumberRule.LONG)


def date_verdict(zone: Zone, field: MrzField, *, on: date) -> FieldVerdict:
    """Return the verdict on a date: its characters, its digit, and whether the calendar has such a day."""
    printed = zone.text(field)
    if not printed:
        return verdict_on(field, FieldCheck.ABSENT)
    verdict = judged(field, printed, digit=zone.digit(field))
    day = birth_date(printed, on=on) if field is MrzField.BIRTH_DATE else expiry_date(printed)
    shaped = all(character.isdigit() or character == FILLER for character in printed)
    if verdict.verdict is FieldCheck.OK and not (shaped and (day or FILLER in printed)):
        return verdict_on(field, FieldCheck.UNREADABLE)
    return verdict


def composite_verdict(zone: Zone) -> FieldVerdict | None:
    """Return the verdict on the composite digit over the characters as printed; visas have none."""
    spans = zone.layout.composite_over
    if not spans:
        return None
    covered = "".join(span.of(zone.lines) for span in spans)
    verdict = judged(MrzField.COMPOSITE, covered, digit=zone.digit(MrzField.COMPOSITE))
    if verdict.verdict is FieldCheck.ABSENT:
        return FieldVerdict(field=MrzField.COMPOSITE, verdict=FieldCheck.MISMATCH, found=FILLER, computed="0")
    return verdict


def plain_verdict(zone: Zone, field: MrzField) -> FieldVerdict:
    """Return the verdict on a field whose characters, not whose digit, can be wrong."""
    text = zone.text(field)
    if zone.digit(field):
        return judged(field, text, digit=zone.digit(field))
    if not text.strip(FILLER):
        return verdict_on(field, FieldCheck.ABSENT)
    return verdict_on(field, FieldCheck.OK if _fits(field, text) else FieldCheck.UNREADABLE)


def _fits(field: MrzField, text: str) -> bool:
    if field is MrzField.SEX:
        return text in SEXES
    return is_readable(text) and not (field in _LETTERS_ONLY and not _DIGITS.isdisjoint(text))


def state_findings(zone: Zone) -> Iterator[MrzFinding]:
    """Yield what is odd about the issuer's and the nationality's code; an empty nationality is not odd."""
    for field in (MrzField.ISSUER, MrzField.NATIONALITY):
        code = zone.text(field).rstrip(FILLER)
        entry = lookup(code)
        if code and entry is None:
            yield MrzFinding(code=FindingCode.UNKNOWN_STATE, field=field)
        elif entry and entry.kind is CodeKind.SPECIMEN:
            yield MrzFinding(code=FindingCode.SPECIMEN_STATE, field=field)


def document_code_findings(zone: Zone) -> Iterator[MrzFinding]:
    """Yield a finding where the document code's first letter belongs to no document of this format."""
    if zone.text(MrzField.DOCUMENT_CODE)[:1] not in _FIRST_LETTERS[zone.format]:
        yield MrzFinding(code=FindingCode.DOCUMENT_CODE, field=MrzField.DOCUMENT_CODE)
