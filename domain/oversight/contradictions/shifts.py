"""Shifts of surge staff held against offices, letters, lists, and what they signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from domain.letters.envelope import LetterKind
from domain.oversight.contradictions.contradiction import Contradiction
from domain.oversight.contradictions.snapshot import Signed, Snapshot
from domain.statements.officers import Officer, Shift

_PREPARES: Final = frozenset(
    {"note", "claim", "release", "answer", "enter", "consent", "acknowledge", "handover", "message"}
)
_ANY_TIME: Final = frozenset({("first_key", ""), ("staff", "recuse")})
_FOLLOW: Final = "Let offices and shifts follow: accredit office follow."


def in_shifts(seen: Snapshot) -> Iterator[Contradiction]:
    """Yield shifts at offices that are closed, or of which nobody was told, and acts outside of shifts."""
    surge = {officer.code: officer for officer in seen.officers if officer.is_surge}
    for officer in surge.values():
        for shift in officer.shifts:
            if not officer.suspended and not shift.cut and shift.ends > seen.now:
                yield from _shift(seen, officer, shift)
    yield from _closed_lists(seen)
    for act in seen.signed:
        if why := _wrong(seen, surge[act.officer], act):
            yield Contradiction(
                rule="act_in_shift", about=act.officer, problem=f"{act.kind}, {_at(seen, act)}: {why}.",
                remedy="Two others look at it again, and suspend the officer: accredit officer propose suspend.",
            )  # fmt: skip


def _shift(seen: Snapshot, officer: Officer, shift: Shift) -> Iterator[Contradiction]:
    zone = seen.profile.zone
    first, end = shift.begins.astimezone(zone).date(), (shift.ends - timedelta(seconds=1)).astimezone(zone).date()
    wanted: dict[date, str] = {}
    for number in range((end - first).days + 1):
        day = first + timedelta(days=number)
        found = seen.offices_for(shift.office, day)
        if len(found) != 1:
            yield _of(officer, f"on {day} nobody, or more than one office, acts for {shift.office}.")
            return
        wanted[day] = found[0].name
    told = _told(seen, officer, first)
    if told is None:
        yield _of(officer, f"no letter says that the shift at {shift.office} begins on {first}.")
    elif differing := [day for day in wanted if day >= seen.day and told.get(day) != wanted[day]]:
        yield _of(officer, f"for {differing[0]} the last letter names {told.get(differing[0], 'no office')}.")


def _told(seen: Snapshot, officer: Officer, first: date) -> dict[date, str] | None:
    """Return at which office the last letter about the shift that begins on the day *first* puts each day."""
    letters = [letter for letter in seen.letters if letter.kind is LetterKind.SHIFT]
    for letter in sorted(letters, key=lambda letter: (letter.queued_at, letter.key), reverse=True):
        days: dict[date, str] = {}
        for place in letter.contents["places"]:
            begins, ends = (date.fromisoformat(place[name]) for name in ("first_day", "last_day"))
            days |= {begins + timedelta(days=number): place["office"] for number in range((ends - begins).days + 1)}
        if letter.contents["officer"] == officer.code and days and min(days) == first:
            return days
    return None


def _of(officer: Officer, problem: str) -> Contradiction:
    return Contradiction(rule="shift_at_open_office", about=officer.code, problem=problem, remedy=_FOLLOW)


def _closed_lists(seen: Snapshot) -> Iterator[Contradiction]:
    for office in seen.geography.offices:
        listed = seen.lists.get(office.code)
        for named in listed.staff if listed else ():
            code, first, last = named.split()
            day = max(date.fromisoformat(first), seen.day)
            if date.fromisoformat(last) >= day and office not in seen.offices_for(office.code, day):
                yield Contradiction(
                    rule="shift_at_open_office", about=code, remedy=_FOLLOW,
                    problem=f"the list of {office.code}, which is closed on {day}, has them until {last}.",
                )  # fmt: skip


def _at(seen: Snapshot, act: Signed) -> datetime:
    """Return when an act counts: in a rehearsal the moment that it is dated, else its signing."""
    return act.arrived_at if act.arrived_at and seen.profile.credential.issuer == "TEST" else act.signed_at


def _wrong(seen: Snapshot, officer: Officer, act: Signed) -> str:
    if (act.kind, act.what) in _ANY_TIME:
        return ""
    at = _at(seen, act)
    if not any(shift.begins <= at < shift.ends for shift in officer.shifts):
        return "outside of every shift"
    return "" if act.kind in _PREPARES or seen.profile.desk.surge_decides else "surge staff prepare only"
