"""What a document does not print: a second name, the day of birth, an expiry. It is recorded as such, never made up.

Where the machine-readable zone leaves the same out (ICAO Doc 9303-3, sections 3.4, 4.6 and 4.7), that is proof enough.
Where there is no zone, an officer compares the statement with the page; where the zone prints it, the sender is asked.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from domain.application.findings import Finding, Severity
from domain.application.nomination import Nomination
from domain.application.reasons import ReasonCode
from domain.identity.check_digits import FILLER
from domain.identity.readings import Mrz
from domain.intake.plausibility.rules import NAMES, JudgedRow
from domain.placeholders import is_name_filler


def omissions(nomination: Nomination, *, on: date) -> Iterator[Finding]:
    """Yield what follows from each thing that the document is said, or seems, to leave out."""
    row = JudgedRow(nomination, on)
    yield from _one_name(row)
    if nomination.birth_period:
        yield from _birth(row, nomination.birth_period)
    if nomination.document_never_expires:
        yield from _expiry(row.zone)


def _ask(rule: str, column: str) -> Finding:
    return Finding(rule=rule, code=ReasonCode.D06, severity=Severity.CURE, fields=(column,))


def _look(rule: str, column: str) -> Finding:
    return Finding(rule=rule, code=ReasonCode.D04, severity=Severity.HUMAN, fields=(column,))


def _one_name(row: JudgedRow) -> Iterator[Finding]:
    person = row.nomination
    empty = [column for column in NAMES if not getattr(person, column) and column not in person.unreadable]
    if len(empty) != 1:
        return
    if row.zone is None and person.has_one_name:
        yield _look("one_name_unproved", empty[0])
    elif row.zone is None or not _prints_one_name(row.zone):
        yield _ask("name_missing", empty[0])


def _prints_one_name(zone: Mrz) -> bool:
    """Whether only one of the names stands in the zone; FNU, XXX and the like stand for none there too."""
    return sum(bool(name) and not is_name_filler(name) for name in (zone.surname, zone.given_names)) == 1


def _birth(row: JudgedRow, period: str) -> Iterator[Finding]:
    if row.zone is None:
        yield _look("birth_day_unproved", "birth_date")
    elif row.zone.birth_date is not None:
        yield _ask("birth_day_printed", "birth_date")
    elif not _agrees(row.zone.birth_printed, period):
        yield _look("mrz_differs_from_form", "birth_date")


def _agrees(printed: str, period: str) -> bool:
    """Whether year and month as the zone prints them (YYMMDD, unknown parts as fillers) are those of *period*."""
    said = (period[2:4] + period[5:7]).ljust(4, FILLER)
    return all(FILLER in {one, other} or one == other for one, other in zip(printed[:4], said, strict=True))


def _expiry(zone: Mrz | None) -> Iterator[Finding]:
    if zone is None:
        yield _look("expiry_unproved", "document_expiry")
    elif zone.expiry_printed.strip(FILLER):
        yield _ask("expiry_printed", "document_expiry")


def days_of_birth(nomination: Nomination) -> tuple[date, date] | None:
    """Return the first and the last day on which the person can have been born; None where nothing is known.

    >>> from domain.application.roles import Role
    >>> days_of_birth(Nomination(role=Role.EXPERT, birth_period="2008-02"))
    (datetime.date(2008, 2, 1), datetime.date(2008, 2, 29))
    """
    if nomination.birth_date:
        return nomination.birth_date, nomination.birth_date
    if not nomination.birth_period:
        return None
    year, _, month = nomination.birth_period.partition("-")
    first, last = (int(month), int(month)) if month else (1, 12)
    return date(int(year), first, 1), date(int(year), last, monthrange(int(year), last)[1])
