"""Another election day: the rules and places as they are then, what moves, and what becomes of what runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import Field

from domain.election.deadlines import Deadline
from domain.election.geography import Geography
from domain.election.profile import AssignmentRules, Briefing, Calendar, ElectionProfile, FilingWindow, RunOff
from domain.election.profile.calendar import OPENINGS
from domain.errors import BadInputError
from domain.values import Frozen, UtcTime

Subject = Literal["election", "deadline", "validity", "briefing", "office", "acting order", "region", "retention"]
OLD_TITLE: Final = "the title of the election, in every letter, names the old day: --title"
_DAY: Final = timedelta(days=1)
_FARTHEST: Final = timedelta(days=3660)
"""Beyond that it is a slip of the pen."""


class Move(Frozen):
    """An order to move election day, with what the host body published anew."""

    day: date
    ground: Annotated[str, Field(description="the act or resolution")]
    published: Annotated[Mapping[str, date], Field(description="days of the new calendar, by their keys")] = {}
    mend_until: Annotated[
        UtcTime | None, Field(description="the ground ends every time to mend then at the latest; unset: none is cut")
    ] = None
    title: Annotated[str, Field(description="of the election, where it names the day; empty: as it is")] = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is law in an election: its profile, and its places with their days."""

    profile: ElectionProfile
    land: Geography


class Movement(Frozen):
    """One thing that moves: what, and how it was and is, as people of the election read it."""

    subject: Subject
    what: str
    before: str
    after: str
    note: str = ""


def moved(rules: Rules, move: Move, *, now: UtcTime) -> Rules:
    """Return the rules for the new day: offsets counted anew, days to come moved alike, days that were left alone.

    Days of places and briefings that lie ahead keep their distance to the vote, and none comes to lie before tomorrow;
    so who serves whom has no gap that it did not have. A day that the host body only published, and nothing counts,
    must be published anew where it lies ahead. Raises :class:`BadInputError` for what cannot be moved so.
    """
    profile = rules.profile
    today = now.astimezone(profile.zone).date()
    _check(profile, move, today=today, now=now)
    former = {"day": profile.election.day, "calendar": profile.calendar, "until": now, "ground": move.ground}
    then = on_another_day(rules, move, now=now)
    version = f"{profile.profile_version.partition('+')[0]}+{len(profile.former_calendars) + 1}"
    after = then.profile.revised(profile_version=version, former_calendars=(*profile.former_calendars, former))
    return Rules(after, then.land)


def on_another_day(rules: Rules, move: Move, *, now: UtcTime) -> Rules:
    """Return the rules with all days counted from the new day, and nothing said of the calendar before.

    Raises :class:`BadInputError` for a day that nothing counts and that is not published anew.
    """
    profile = rules.profile
    today = now.astimezone(profile.zone).date()
    _check_published(profile, move)
    shifted = _shift(move.day - profile.election.day, today=today)
    letters = profile.letters
    then = profile.revised(
        election=profile.election.revised(day=move.day, title=move.title or profile.election.title),
        calendar=_calendar(profile, move, today=today),
        letters=letters.revised(
            briefings=tuple(_later(briefing, profile, shifted, now=now) for briefing in letters.briefings)
        ),
        run_off=_run_off(profile.run_off, shifted),
        assignment=_assignment(profile, today=today),
    )
    return Rules(then, _land(rules.land, shifted))


def _check(profile: ElectionProfile, move: Move, *, today: date, now: UtcTime) -> None:
    day = profile.election.day
    if day < today:
        raise BadInputError("DAY", f"election day was {day}; a vote that is over is not moved.", remedy="Load another.")
    if move.day in {day, today} or move.day < today:
        told = "is election day already." if move.day == day else "leaves no day before the vote."
        raise BadInputError("DAY", f"{move.day} {told}", remedy="Name the new day, from tomorrow on.")
    if abs(move.day - day) > _FARTHEST:
        raise BadInputError("DAY", f"{move.day} is years from {day}.", remedy="Write the day as 2027-04-25.")
    if not move.ground.strip():
        raise BadInputError("--ground", "says nothing.", remedy="Name the act or resolution that moves the vote.")
    if move.mend_until and move.mend_until <= now:
        raise BadInputError("--mend-until", "is over.", remedy="Name a moment to come, as the ground does.")


def _check_published(profile: ElectionProfile, move: Move) -> None:
    if unknown := sorted(set(move.published) - set(deadlines_of(profile.calendar))):
        known = ", ".join(deadlines_of(profile.calendar))
        raise BadInputError("--published", f"{unknown[0]} is no deadline.", remedy=f"There are: {known}.")


def _shift(by: timedelta, *, today: date) -> Callable[[date], date]:
    """Return where a day goes: one to come by as many days as the vote, though not before tomorrow."""
    return lambda day: day if day <= today else max(day + by, today + _DAY)


def _calendar(profile: ElectionProfile, move: Move, *, today: date) -> Calendar:
    """Return the calendar counted from the new day; what was published for this very day before is published again."""
    before = profile.calendar
    after = before.unpublished()
    again = next((old for old in reversed(profile.former_calendars) if old.day == move.day), None)
    kept = again.calendar if again else None
    changes: dict[str, object] = {}
    for name, deadline in deadlines_of(before).items():
        counted, old = getattr(after, name), getattr(kept, name, None)
        if old is not None and (counted is None or old.revised(published=None) == counted):
            changes[name] = old
        elif counted is None and name not in move.published:
            changes[name] = _only_published(name, deadline, today=today)
    if kept and kept.unpublished().windows == after.windows:
        changes["windows"] = kept.windows
    published = {name: deadlines_of(before)[name].revised(published=day) for name, day in move.published.items()}
    return after.revised(**changes | published)


def _only_published(name: str, deadline: Deadline, *, today: date) -> Deadline:
    """Return a deadline that nothing counts: it was, and stays so; raises where it lies ahead."""
    published = deadline.published
    day = published.date() if isinstance(published, datetime) else published
    if day is None or day <= today:
        return deadline
    raise BadInputError(
        f"calendar.{name}", f"is only known as published: {day}.",
        remedy=f"Say the new one: --published {name}=DAY, as the host body published it.",
    )  # fmt: skip


def deadlines_of(calendar: Calendar) -> dict[str, Deadline]:
    """Return the deadlines that are set, by their keys."""
    values = {name: getattr(calendar, name) for name in Calendar.model_fields}
    return {name: value for name, value in values.items() if isinstance(value, Deadline)}


def _later(briefing: Briefing, profile: ElectionProfile, shifted: Callable[[date], date], *, now: UtcTime) -> Briefing:
    """Return a briefing to come at the same hour of its new day, whatever the clocks do between."""
    if briefing.begins <= now:
        return briefing
    local = briefing.begins.astimezone(profile.zone)
    return briefing.revised(begins=datetime.combine(shifted(local.date()), local.time(), tzinfo=profile.zone))


def _run_off(second: RunOff | None, shifted: Callable[[date], date]) -> RunOff | None:
    return second.revised(day=shifted(second.day)) if second and second.day else second


def _assignment(profile: ElectionProfile, *, today: date) -> AssignmentRules:
    """Return the rules of places, the day from which nobody is moved counted anew."""
    kept = profile.assignment.places_kept_from
    if kept is None or kept.published is None:
        return profile.assignment
    counts = kept.offset_days is not None
    counted = kept.revised(published=None) if counts else _only_published("places_kept_from", kept, today=today)
    return profile.assignment.revised(places_kept_from=counted)


def _land(land: Geography, shifted: Callable[[date], date]) -> Geography:
    def day(known: date | None) -> date | None:
        return shifted(known) if known else None

    return land.revised(
        serves_from=shifted(land.serves_from),
        serves_until=shifted(land.serves_until),
        regions=tuple(
            region.revised(present_from=day(region.present_from), present_until=day(region.present_until))
            for region in land.regions
        ),
        offices=tuple(
            office.revised(opens_on=shifted(office.opens_on), closes_on=day(office.closes_on))
            for office in land.offices
        ),
        acting_orders=tuple(
            order.revised(begins_on=shifted(order.begins_on), ends_on=shifted(order.ends_on))
            for order in land.acting_orders
        ),
    )


def decision_due(before: ElectionProfile, after: ElectionProfile, *, began: UtcTime, due: UtcTime) -> UtcTime:
    """Return the last moment for a decision that was due at *due*: as the rules have it now, and not before the move.

    A clock that other rules set keeps its end.
    """
    expected = before.decision_due(began)
    cut = max([expected, *(former.until for former in before.former_calendars[-1:])])
    if due not in {expected, cut}:
        return due
    return max(after.decision_due(began), min(due, after.former_calendars[-1].until))


def is_outdated(profile: ElectionProfile, *, issued_at: UtcTime, valid_from: UtcTime, valid_until: UtcTime) -> bool:
    """Whether a credential of before the last move ends too early for the new day, or begins too late.

    One that ends later than it now had to keeps its end: nobody loses what is printed.
    """
    if not profile.former_calendars or issued_at > profile.former_calendars[-1].until:
        return False
    begins = profile.effective(issued_at).replace(microsecond=0)
    ends = profile.valid_until(min(begins, valid_from)).replace(microsecond=0)
    return valid_until < ends or (profile.calendar.valid_from is not None and valid_from > max(begins, issued_at))


def keeps_old_title(before: Rules, after: Rules) -> bool:
    """Whether the election, or the one made out of it, goes on with a title that names the old day."""
    old, title = before.profile.election.day, after.profile.election.title
    stays = title == before.profile.election.title and old != after.profile.election.day
    return stays and {str(old.day), str(old.year)} <= set(re.findall(r"\d+", title))


def movements(before: Rules, after: Rules, *, now: UtcTime) -> Iterator[Movement]:
    """Yield everything that moves, what comes first in an election first; what stays is not named."""
    for subject, name, (old, new, note) in _compared(before, after, now=now):
        if old != new:
            yield Movement(subject=subject, what=name, before=old or "nothing", after=new or "nothing", note=note)


_Told = tuple[Subject, str, tuple[str, str, str]]


def _compared(before: Rules, after: Rules, *, now: UtcTime) -> Iterator[_Told]:
    old, new = before.profile, after.profile
    yield "election", "election day", (str(old.election.day), str(new.election.day), "")
    for name in deadlines_of(old.calendar) | deadlines_of(new.calendar):
        subject: Subject = "validity" if name in {"ends", "valid_from"} else "deadline"
        yield subject, name, _ends(old, getattr(old.calendar, name), new, getattr(new.calendar, name), name, now=now)
    yield from _windows(old, new, now=now)
    was_kept, will_keep = old.assignment.places_kept_from, new.assignment.places_kept_from
    yield "deadline", "places kept from", _ends(old, was_kept, new, will_keep, "places_kept_from", now=now)
    for was, will in zip(old.letters.briefings, new.letters.briefings, strict=True):
        yield "briefing", was.code, (_minute(was.begins, old), _minute(will.begins, new), "")
    yield from _places(before.land, after.land)
    if old.run_off and new.run_off:
        yield "election", "run-off", (str(old.run_off.day or ""), str(new.run_off.day or ""), "")
    kept, longer = old.kept_until, new.kept_until
    if kept and longer:
        yield "retention", "personal data kept until", (_minute(kept, old), _minute(longer, new), "")


def _windows(old: ElectionProfile, new: ElectionProfile, *, now: UtcTime) -> Iterator[_Told]:
    def of(window: FilingWindow) -> tuple[tuple[str, Deadline | None], ...]:
        return (("opens", window.opens), ("closes", window.closes))

    for was, will in zip(old.calendar.windows, new.calendar.windows, strict=True):
        for (name, earlier), (_, later) in zip(of(was), of(will), strict=True):
            yield "deadline", f"{was.name} {name}", _ends(old, earlier, new, later, name, now=now)


def _ends(
    old: ElectionProfile, was: Deadline | None, new: ElectionProfile, will: Deadline | None, name: str, *, now: UtcTime
) -> tuple[str, str, str]:  # fmt: skip
    earlier, later = _moment(old, was, name), _moment(new, will, name)
    over = later is not None and earlier is not None and later <= now < earlier
    anew = later is not None and earlier is not None and earlier <= now < later
    note = "over at once" if over else "runs again" if anew and name not in OPENINGS else ""
    return _minute(earlier, old), _minute(later, new), note


def _moment(profile: ElectionProfile, deadline: Deadline | None, name: str) -> UtcTime | None:
    return profile.moment_of(name, deadline) if deadline else None


def _minute(moment: UtcTime | None, profile: ElectionProfile) -> str:
    return f"{moment.astimezone(profile.zone):%Y-%m-%d %H:%M}" if moment else ""


def _places(old: Geography, new: Geography) -> Iterator[_Told]:
    yield "office", "service", (_span(old.serves_from, old.last_day()), _span(new.serves_from, new.last_day()), "")
    for office, then in zip(old.offices, new.offices, strict=True):
        told = _span(office.opens_on, office.closes_on), _span(then.opens_on, then.closes_on), ""
        yield "office", office.code, told
    for order, later in zip(old.acting_orders, new.acting_orders, strict=True):
        told = _span(order.begins_on, order.ends_on), _span(later.begins_on, later.ends_on), ""
        yield "acting order", f"{order.acting} for {order.office}", told
    for region, there in zip(old.regions, new.regions, strict=True):
        told = (
            _span(region.present_from, region.present_until), _span(there.present_from, there.present_until), ""
        )  # fmt: skip
        yield "region", region.code, told


def _span(first: date | None, last: date | None) -> str:
    return f"{first or ''} – {last or ''}" if first or last else ""
