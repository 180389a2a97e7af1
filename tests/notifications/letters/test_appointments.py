"""Calendar files: read by another library, with the time zone that the file itself describes."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.tz import tzical
from icalendar import Calendar

from notifications.letters.appointments import Appointment, calendar_file, uid_of

ZONE = ZoneInfo("Europe/Lisbon")
NOW = datetime(2027, 3, 10, 8, 0, tzinfo=UTC)
BRIEFING = Appointment(
    uid=uid_of("VALDARA-2027", "briefing", "GEN"),
    summary="Briefing; for observers, all of them\nATTENDEE:mailto:somebody@else.example",
    begins=datetime(2027, 4, 16, 9, 30, tzinfo=ZONE),
    place="Hall 2, " + "Выборная площадь " * 8,
)
STAY = Appointment(
    uid=uid_of("VALDARA-2027", "stay", "1"), summary="Election", begins=date(2027, 4, 9), last_day=date(2027, 4, 12)
)


def written(*appointments: Appointment, sequence: int = 0, at: datetime = NOW) -> bytes:
    return calendar_file(appointments, sequence=sequence, zone=ZONE, written_at=at)


def test_lines_are_short_and_end_as_the_standard_says_and_no_name_forges_a_line() -> None:
    lines = written(BRIEFING, STAY).split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    assert not any(line.startswith(b"ATTENDEE") for line in lines)
    event = Calendar.from_ical(written(BRIEFING)).walk("VEVENT")[0]
    assert str(event["location"]).startswith("Hall 2, Выборная площадь")


def test_another_library_reads_the_same_moment_from_the_zone_in_the_file() -> None:
    file = written(BRIEFING).decode().replace("\r\n ", "")
    zone = tzical(io.StringIO(file)).get("Europe/Lisbon")
    wall = next(line.split(":")[1] for line in file.splitlines() if line.startswith("DTSTART;TZID=Europe/Lisbon"))
    assert datetime.strptime(wall, "%Y%m%dT%H%M%S").replace(tzinfo=zone).astimezone(UTC) == BRIEFING.begins
    assert BRIEFING.begins == datetime(2027, 4, 16, 8, 30, tzinfo=UTC)


def test_days_are_whole_days_and_the_end_is_the_day_after_the_last() -> None:
    event = Calendar.from_ical(written(STAY)).walk("VEVENT")[0]
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (date(2027, 4, 9), date(2027, 4, 13))


def test_what_is_moved_or_called_off_keeps_its_name_and_rises() -> None:
    first, moved = written(BRIEFING), written(BRIEFING, sequence=1, at=NOW + timedelta(days=1))
    off = written(BRIEFING.revised(called_off=True), sequence=2, at=NOW + timedelta(days=2))
    events = [Calendar.from_ical(file).walk("VEVENT")[0] for file in (first, moved, off)]
    assert {str(event["uid"]) for event in events} == {BRIEFING.uid}
    assert [str(event["sequence"]) for event in events] == ["0", "1", "2"]
    assert [str(event["status"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert BRIEFING.uid != STAY.uid
