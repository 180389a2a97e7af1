"""Reading machine-readable zones: TD1, TD2, TD3, visas A and B, and the old French card.

Layouts, digits and long numbers follow ICAO Doc 9303 parts 3 to 7. Any text is read: what fits no format is a
reading with the format ``UNRECOGNISED``, what is odd is a finding, and nothing is corrected in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import permutations
from typing import Final

from domain.identity.check_digits import FILLER, likely_readings
from domain.identity.fields import (
    DocumentNumber,
    Zone,
    birth_date,
    composite_verdict,
    date_verdict,
    document_code_findings,
    document_number,
    expiry_date,
    plain_verdict,
    state_findings,
)
from domain.identity.layouts import MrzField, MrzFormat, recognise
from domain.identity.readings import (
    SEXES,
    FieldCheck,
    FieldVerdict,
    FindingCode,
    Mrz,
    MrzFinding,
    Sex,
    Suggestion,
)

_LONGEST: Final = 1_000
"""Characters beyond which text is not looked at: no format has a tenth of it."""

_FILLER_LOOKALIKES: Final = str.maketrans(dict.fromkeys("«‹＜〈≪", FILLER))
_JOINED: Final = {72: 36, 88: 44, 90: 30}
"""Total characters of the formats, and the width at which lines that lost their ends come apart."""


def parse(text: str, *, on: date) -> Mrz:
    """Return what *text* reads as on the day *on* (which settles the century of birth); raises on no text.

    Lines in another order than they are printed in are put in order where every check digit then fits; it is a finding.
    """
    lines = cleaned(text)
    zone = Zone(recognise(lines), lines)
    if zone.format is MrzFormat.UNRECOGNISED:
        return Mrz(format=zone.format, lines=lines, findings=(MrzFinding(code=FindingCode.UNRECOGNISED),))
    reading = _read(zone, on=on)
    if reading.digits_fit:
        return reading
    if swapped := _in_order(lines, on=on):
        return swapped.revised(findings=(*swapped.findings, MrzFinding(code=FindingCode.LINES_SWAPPED)))
    candidates = (_read(Zone(zone.format, other), on=on) for other in likely_readings(zone.format, lines))
    return reading.revised(suggestions=tuple(_suggestions(reading, candidates)))


def _in_order(lines: tuple[str, ...], *, on: date) -> Mrz | None:
    """Return the reading of *lines* in the order in which all digits fit, that of the number too; None without one."""
    zones = (Zone(recognise(other), other) for other in permutations(lines) if other != lines)
    readings = (_read(zone, on=on) for zone in zones)
    return next((found for found in readings if found.digits_fit and _proves_its_number(found)), None)


def _proves_its_number(reading: Mrz) -> bool:
    return reading.verdict(MrzField.NUMBER).verdict is FieldCheck.OK


def cleaned(text: str) -> tuple[str, ...]:
    """Return the lines of *text* upper-cased, without blanks, look-alikes of the filler replaced.

    Lines end as text lines do, or at a slash. A zone that lost its line ends (one line of 72, 88 or 90 characters)
    comes apart again.
    """
    if len(text) > _LONGEST:
        return ()
    bare = (
        _upper("".join(line.split())).translate(_FILLER_LOOKALIKES) for line in text.replace("/", "\n").splitlines()
    )
    lines = tuple(line for line in bare if line)
    if len(lines) == 1 and (width := _JOINED.get(len(lines[0]))):
        return tuple(lines[0][start : start + width] for start in range(0, len(lines[0]), width))
    return lines


def _upper(line: str) -> str:
    """Return *line* in capitals, of the same length: some capitals of Unicode are two characters."""
    if line.isascii():
        return line.upper()
    return "".join(character.upper() if character.isascii() else character for character in line)


def _read(zone: Zone, *, on: date) -> Mrz:
    number = document_number(zone)
    verdicts = tuple(_verdicts(zone, number, on=on))
    surname, given = _names(zone)
    birth, expiry = zone.text(MrzField.BIRTH_DATE), zone.text(MrzField.EXPIRY)
    return Mrz(
        format=zone.format,
        lines=zone.lines,
        document_code=_plain(zone, MrzField.DOCUMENT_CODE),
        issuer=_plain(zone, MrzField.ISSUER),
        number=number.text,
        number_rule=number.rule,
        nationality=_plain(zone, MrzField.NATIONALITY),
        birth_date=birth_date(birth, on=on),
        birth_printed=birth,
        sex=_sex(zone),
        expiry=expiry_date(expiry),
        expiry_printed=expiry,
        surname=surname,
        given_names=given,
        names_may_be_cut=_may_be_cut(zone),
        optional=tuple(
            _plain(zone, field) for field in (MrzField.OPTIONAL, MrzField.OPTIONAL_2) if field in zone.layout.fields
        ),
        verdicts=verdicts,
        findings=(*_digit_findings(zone, verdicts), *state_findings(zone), *document_code_findings(zone)),
    )


def _verdicts(zone: Zone, number: DocumentNumber, *, on: date) -> Iterator[FieldVerdict]:
    for field in zone.layout.fields:
        if field is MrzField.NUMBER:
            yield number.verdict
        elif field in {MrzField.BIRTH_DATE, MrzField.EXPIRY}:
            yield date_verdict(zone, field, on=on)
        else:
            yield plain_verdict(zone, field)
    composite = composite_verdict(zone)
    if composite:
        yield composite


def _digit_findings(zone: Zone, verdicts: tuple[FieldVerdict, ...]) -> Iterator[MrzFinding]:
    """Yield what the verdicts warn of; an unstated nationality, sex or expiry is in order (Doc 9303-3)."""
    dates = {MrzField.BIRTH_DATE, MrzField.EXPIRY}
    for verdict in verdicts:
        field = verdict.field
        if verdict.verdict is FieldCheck.MISMATCH:
            code = FindingCode.DIGIT_ABSENT if verdict.found == FILLER else FindingCode.CHECK_DIGIT
            yield MrzFinding(code=code, field=field)
        elif verdict.verdict is FieldCheck.UNREADABLE:
            printed = zone.text(field)
            code = FindingCode.NOT_A_DATE if field in dates and printed.isdigit() else FindingCode.UNREADABLE
            yield MrzFinding(code=code, field=field)
        elif verdict.verdict is FieldCheck.ABSENT and field is MrzField.NUMBER and zone.text(field).strip(FILLER):
            yield MrzFinding(code=FindingCode.DIGIT_ABSENT, field=field)
        elif verdict.verdict is FieldCheck.ABSENT and field in {MrzField.NUMBER, MrzField.NAMES, MrzField.ISSUER}:
            yield MrzFinding(code=FindingCode.NOTHING_STATED, field=field)


def _plain(zone: Zone, field: MrzField) -> str:
    return zone.text(field).replace(FILLER, " ").strip()


def _sex(zone: Zone) -> Sex | None:
    printed = zone.text(MrzField.SEX)
    return Sex(printed) if printed in SEXES else None


def _names(zone: Zone) -> tuple[str, str]:
    """Return surname and given names with single blanks; a zone without ``<<`` has one name only."""
    if zone.format is MrzFormat.FRENCH_ID:
        return _plain(zone, MrzField.NAMES), " ".join(_plain(zone, MrzField.GIVEN_NAMES).split())
    surname, _, given = zone.text(MrzField.NAMES).partition(FILLER * 2)
    return " ".join(surname.replace(FILLER, " ").split()), " ".join(given.replace(FILLER, " ").split())


def _may_be_cut(zone: Zone) -> bool:
    printed = (zone.text(field) for field in (MrzField.NAMES, MrzField.GIVEN_NAMES))
    return any(text and not text.endswith(FILLER) for text in printed)


def _suggestions(reading: Mrz, candidates: Iterator[Mrz]) -> Iterator[Suggestion]:
    """Yield a suggestion for each candidate whose digits all fit and which states what *reading* could not."""
    for candidate in candidates:
        if candidate.digits_fit and candidate.lines != reading.lines:
            yield Suggestion(lines=candidate.lines, changed=tuple(_changed(reading, candidate)))


def _changed(reading: Mrz, candidate: Mrz) -> Iterator[MrzField]:
    given, meant = Zone(reading.format, reading.lines), Zone(candidate.format, candidate.lines)
    for field in (*given.layout.fields, MrzField.COMPOSITE):
        if (given.text(field), given.digit(field)) != (meant.text(field), meant.digit(field)):
            yield field
