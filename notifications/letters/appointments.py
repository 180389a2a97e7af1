"""What a letter asks somebody to keep free, as an iCalendar file (RFC 5545) that any calendar takes in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Annotated, Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone
from pydantic import Field

from domain.values import Frozen, UtcTime
from notifications.letters.lines import single_line

_NAMESPACE: Final = UUID("5a0c0b3e-5b1a-5d0e-8f6b-3f5d0f1e2a77")
_PRODUCT: Final = "-//observer accreditation//letters//EN"
MEDIA_TYPE: Final = "text/calendar; charset=utf-8; method=PUBLISH"
"""As RFC 5545, 8.1 asks: its text is UTF-8, and the method stands beside it as within."""
FILE_NAME: Final = "dates.ics"


class Appointment(Frozen):
    """One entry of a calendar. Its *uid* stays the same when it is moved or called off."""

    uid: str
    summary: str
    begins: Annotated[UtcTime | date, Field(description="a moment, or a whole day")]
    last_day: Annotated[date | None, Field(description="of whole days; unset: one day")] = None
    place: str = ""
    note: str = ""
    called_off: bool = False


def uid_of(election: str, *what: str) -> str:
    """Return the same name each time for the same appointment; nothing can be read from it."""
    return f"{uuid5(_NAMESPACE, chr(31).join((election, *what)))}@{election.lower()}"


def calendar_file(
    appointments: Sequence[Appointment], *, sequence: int, zone: ZoneInfo, written_at: UtcTime
) -> bytes:  # fmt: skip
    """Return *appointments* as a file; *sequence* rises each time election day moves (RFC 5545, 3.8.7.4).

    Where it is the same, the later DTSTAMP counts (RFC 5546, 2.1.5). Moments stand in *zone*, which is described in the
    file for the years concerned, so that a change of clocks is read the same everywhere.
    """
    file = Calendar()
    file.add("prodid", _PRODUCT)
    file.add("version", "2.0")
    file.add("method", "PUBLISH")
    for appointment in appointments:
        file.add_component(_event(appointment, sequence=sequence, zone=zone, written_at=written_at))
    if moments := [each.begins for each in appointments if isinstance(each.begins, datetime)]:
        first, last = _years(moments)
        file.subcomponents[:0] = [_clock(name, first, last) for name in sorted(file.get_missing_tzids())]
    written: bytes = file.to_ical()
    return written


@cache  # it tries moment by moment (some 20 ms), and thousands of letters name moments of the same years
def _clock(name: str, first: date, last: date) -> Timezone:
    """Return what describes the clocks of a zone between two days (RFC 5545, 3.6.5)."""
    return Timezone.from_tzid(name, first_date=first, last_date=last)


def _years(moments: Iterable[datetime]) -> tuple[date, date]:
    years = [moment.year for moment in moments]
    return date(min(years) - 1, 1, 1), date(max(years) + 2, 1, 1)


def _event(appointment: Appointment, *, sequence: int, zone: ZoneInfo, written_at: UtcTime) -> Event:
    event = Event()
    event.add("uid", appointment.uid)
    event.add("dtstamp", written_at.astimezone(ZoneInfo("UTC")).replace(microsecond=0))
    event.add("sequence", sequence)
    event.add("status", "CANCELLED" if appointment.called_off else "CONFIRMED")
    event.add("summary", single_line(appointment.summary))
    for name, text in (("location", appointment.place), ("description", appointment.note)):
        if text:
            event.add(name, single_line(text))
    begins = appointment.begins
    if isinstance(begins, datetime):
        event.add("dtstart", begins.astimezone(zone))
    else:
        event.add("dtstart", begins)
        event.add("dtend", (appointment.last_day or begins) + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    return event
