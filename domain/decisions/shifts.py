"""Shifts of surge staff: who is sent where and when, what they may do there, and for which office on which day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from domain.errors import BadInputError, UnknownThingError
from domain.statements.officers import Officer, OfficerRefusedError, Shift
from domain.statements.statement import ActKind
from domain.values import OfficeCode, UtcTime

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from domain.election.geography import Geography, PoolMember
    from domain.election.profile import ElectionProfile

PREPARING: Final = frozenset({
    ActKind.NOTE, ActKind.CLAIM, ActKind.RELEASE, ActKind.ANSWER, ActKind.ENTER, ActKind.CONSENT, ActKind.ACKNOWLEDGE,
    ActKind.HANDOVER, ActKind.MESSAGE, ActKind.STAFF,
})  # fmt: skip
"""What surge staff may do where the profile appoints them for nothing more; of acts about officers, stepping off."""


class Stay(NamedTuple):
    """A part of a shift: at which office, from which day to which."""

    office: OfficeCode
    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.office} {self.first} {self.last}"


def check_prepares(officer: Officer, kind: ActKind, profile: ElectionProfile) -> None:
    """Raise :class:`OfficerRefusedError` where surge staff would do more than prepare, and are not appointed to."""
    if officer.is_surge and kind not in PREPARING and not profile.desk.surge_decides:
        raise OfficerRefusedError(officer.code, "is surge staff, who prepare; another officer does this.")


def in_shift(officer: Officer, geography: Geography, zone: ZoneInfo, *, at: UtcTime) -> Officer:
    """Return *officer* serving what is served at that moment: surge staff the office that they work for, and no other.

    Whoever is no surge staff, or has no shift then, is returned as they are: without a shift they sign nothing.
    """
    shift = officer.shift_at(at) if officer.is_surge else None
    if shift is None:
        return officer
    office = _serving(shift, geography, at.astimezone(zone).date())
    return officer.revised(offices=(office,), regions=(), organisations=())


def _serving(shift: Shift, geography: Geography, on: date) -> OfficeCode:
    return geography.serving(shift.office, on=geography.day_served(on)).code


def stays(shift: Shift, geography: Geography, zone: ZoneInfo) -> tuple[Stay, ...]:
    """Return where a shift is spent, part by part: while its office is closed, at the one that acts for it."""
    parts = groupby(_days(shift, zone), key=lambda day: _serving(shift, geography, day))
    spent = ((office, [*days]) for office, days in parts)
    return tuple(Stay(office, days[0], days[-1]) for office, days in spent)


def _days(shift: Shift, zone: ZoneInfo) -> Iterator[date]:
    day, end = shift.begins.astimezone(zone).date(), shift.ends.astimezone(zone)
    while datetime.combine(day, time(), tzinfo=zone) < end:
        yield day
        day += timedelta(days=1)


def shift_wanted(
    detail: str, officer: Officer, profile: ElectionProfile, geography: Geography, *, at: UtcTime
) -> Shift:  # fmt: skip
    """Return the shift that *detail* describes: office, first day, last day, as in ``OF-03 2027-03-10 2027-03-14``.

    One that begins today begins now: nobody is given access for the past. Raises :class:`BadInputError` for whoever
    cannot be sent: not of the pool, not trained by then, not free; and for a first day that is over.
    """
    office, (first, last) = _read(detail, days=2)
    geography.office(office)
    begins = max(_midnight(first, profile.zone), at)
    shift = Shift(office=office, begins=begins, ends=_midnight(last + _DAY, profile.zone))
    member = next((member for member in geography.central_pool if member.code == officer.code), None)
    if told := next(_hindrances(officer, member, first, last), None):
        raise BadInputError(officer.code, told[0], remedy=told[1])
    if not geography.serves_from <= first <= last <= geography.last_day():
        raise BadInputError(
            detail, "is no span of days within the service period.", remedy="Give the first day and the last."
        )
    if first < at.astimezone(profile.zone).date():
        raise BadInputError(detail, "begins on a day that is over.", remedy="Give today or a later day.")
    if any(max(shift.begins, other.begins) < min(shift.ends, other.ends) for other in officer.shifts):
        raise BadInputError(officer.code, "has a shift on these days already.", remedy="End that one first.")
    return shift


_DAY: Final = timedelta(days=1)


def _hindrances(officer: Officer, member: PoolMember | None, first: date, last: date) -> Iterator[tuple[str, str]]:
    """Yield why somebody cannot be sent, and what to do."""
    if not officer.is_surge:
        yield "is no surge staff.", "Give them the role surge_officer in officers.yaml, and load it."
    if member is None:
        yield "is not in the central pool.", "Add them under central_pool of geography.yaml, and load it."
        return
    if not member.email:
        yield "has no e-mail address in the central pool.", "Add it: shifts are told by letter."
    if member.trained_on is None or member.trained_on > first:
        yield "is not trained by then.", "Enter the day of the training as trained_on in the central pool."
    if (member.available_from or first) > first or last > (member.available_until or last):
        yield "is not free on all of these days.", "Look at available_from and available_until in the central pool."


def shift_ended(detail: str, officer: Officer, profile: ElectionProfile, *, at: UtcTime) -> Shift:
    """Return the shift that *detail* names by office and first day, ending at that moment; begun or not, it is over.

    Raises :class:`UnknownThingError` where the officer has no such shift that is not over.
    """
    office, (first,) = _read(detail, days=1)
    open_shifts = {
        (shift.office, shift.begins.astimezone(profile.zone).date()): shift
        for shift in officer.shifts if not shift.cut and at < shift.ends
    }  # fmt: skip
    found = open_shifts.get((office, first))
    if found is None:
        known = [f"{known_office} {day}" for known_office, day in open_shifts]
        raise UnknownThingError("shift that is not over", detail, known=known)
    return found.revised(ends=max(found.begins, at))


def _read(detail: str, *, days: int) -> tuple[OfficeCode, list[date]]:
    """Return the office and the days that *detail* names."""
    office, *written = detail.split() or [""]
    try:
        read = [date.fromisoformat(day) for day in written]
    except ValueError:
        read = []
    if len(read) != days:
        example = "OF-03 2027-03-10 2027-03-14" if days > 1 else "OF-03 2027-03-10"
        raise BadInputError("shift", "names no office and days.", remedy=f"Write it so: {example}")
    return office, read


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)
