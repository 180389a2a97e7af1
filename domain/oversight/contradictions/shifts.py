"""Shifts of surge staff held against offices, letters, lists, and what they signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from domain.letters.envelope import LetterKind
from domain.oversight.contradictions.contradiction import Contradiction
from domain.oversight.contradictions.snapshot import Signed, Snapshot
from domain.statements.officers import Officer, Shift
from domain.values import OfficerCode

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
                yield from _of_pool(seen, officer, shift)
    yield from _waiting_letters(seen, surge)
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


def _waiting_letters(seen: Snapshot, surge: Mapping[OfficerCode, Officer]) -> Iterator[Contradiction]:
    """Yield letters that wait and send somebody to an office where they have no shift any more."""
    for letter in seen.letters:
        if letter.kind is not LetterKind.SHIFT or not letter.waits or letter.contents["ended"]:
            continue
        officer = surge.get(str(letter.contents["officer"]))
        days = {date.fromisoformat(place["first_day"]) for place in letter.contents["places"]}
        running = {_day(seen, shift.begins) for shift in officer.shifts if not shift.cut} if officer else set[date]()
        if days and min(days) not in running:
            told = f"a letter waits that sends them to an office from {min(days)}; the shift was ended."
            yield Contradiction(
                rule="letter_overtaken", about=str(letter.contents["officer"]), problem=told,
                remedy=f"accredit letters cancel {letter.key}",
            )  # fmt: skip


def _of_pool(seen: Snapshot, officer: Officer, shift: Shift) -> Iterator[Contradiction]:
    """Yield a shift of somebody who, by the places of today, could not be sent."""
    first, last = (_day(seen, shift.begins), _day(seen, shift.ends - timedelta(seconds=1)))
    member = next((member for member in seen.geography.central_pool if member.code == officer.code), None)
    if member is None:
        why = "they are not in the central pool any more"
    elif member.trained_on is None or member.trained_on > first:
        why = "they were not trained by its first day"
    elif not (member.available_from or first) <= first <= last <= (member.available_until or last):
        why = "they are not free on all of its days"
    else:
        return
    remedy = f"Correct the central pool, or end it: accredit office end-shift {officer.code} {shift.office}."
    problem = f"they have a shift at {shift.office} until {last}, and {why}."
    yield Contradiction(rule="shift_of_pool", about=officer.code, problem=problem, remedy=remedy)


def _day(seen: Snapshot, at: datetime) -> date:
    return at.astimezone(seen.profile.zone).date()


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
    shift = next((shift for shift in officer.shifts if shift.begins <= at < shift.ends), None)
    if shift is None:
        return "outside of every shift"
    if elsewhere := next((office for case in act.cases if (office := _other_office(seen, shift, case, at))), None):
        return f"on a case of {elsewhere}, during a shift at {shift.office}"
    return "" if act.kind in _PREPARES or seen.profile.desk.surge_decides else "surge staff prepare only"


def _other_office(seen: Snapshot, shift: Shift, case: UUID, at: datetime) -> str:
    """Return the office whose *case* was at that moment, where it was another; offices in any order are left out.

    What an order said on a day that is over is not known any more.
    """
    moves = [event for event in seen.histories.get(case, ()) if event.kind == "region_assigned" and event.at <= at]
    where = moves[-1].body["region"] if moves else None
    home = next((region.office for region in seen.geography.regions if region.code == where), shift.office)
    ordered = {code for order in seen.geography.acting_orders for code in (order.office, order.acting)}
    return "" if home == shift.office or {home, shift.office} & ordered else home
