"""A run-off or a repeated vote: the rules of an election that follows another one, and who stays accredited in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from itertools import count
from typing import Annotated, Final

from pydantic import Field

from domain.application.application import Application
from domain.application.nomination import Nomination
from domain.application.status import ACCREDITED, Status
from domain.election.deadlines import Deadline
from domain.election.geography import Geography
from domain.election.moving import Move, Rules, on_another_day
from domain.election.profile import Calendar, ElectionProfile, Followed, RunOff
from domain.election.profile.calendar import Reuse
from domain.election.unset import needed
from domain.errors import BadInputError
from domain.organisations.organisation import Organisation, OrganisationStatus
from domain.values import ElectionCode, Frozen, RegionCode, UtcTime

_SAID_ANEW: Final = "pledge_accepted_on"
"""The column by which whoever stays says so: the day on which they accepted the pledge anew."""
_MAY_DIFFER: Final = ("reference", "email", "phone", "letter_language", "arrival", "departure", _SAID_ANEW)
"""Nothing of it was decided upon: contact data, the days of a stay, and that the pledge was accepted."""
_LONGEST_PREFIX: Final = 6
_HAS_OWN: Final = ("opens", "persons_close", "decisions_due")


class FollowOn(Frozen):
    """An order to hold a run-off, or to repeat a vote, as an election of its own."""

    code: ElectionCode
    day: date
    ground: Annotated[str, Field(description="the act or resolution that calls it")]
    title: Annotated[str, Field(description="empty: that of the first election")] = ""
    regions: Annotated[tuple[RegionCode, ...], Field(description="where the vote is held; empty: everywhere")] = ()
    published: Annotated[Mapping[str, date], Field(description="days of its calendar, by their keys")] = {}


def followed(rules: Rules, order: FollowOn, *, now: UtcTime, prefixes: Collection[str] = ()) -> Rules:
    """Return the rules of the election that *order* makes out of one with *rules*: by the profile's ``run_off``.

    Its badges have serial numbers of their own, whose prefix is none of *prefixes*.

    Raises :class:`BadInputError` for what cannot be held so, and :class:`RuleUnsetError` where the profile does not
    say what becomes of accreditations.
    """
    first = rules.profile
    second = needed(first.run_off, "run_off")
    reuse: Reuse = needed(second.reuse, "run_off.reuse")
    _check(rules, order, now=now)
    move = Move(day=order.day, ground=order.ground, published=order.published, title=order.title)
    then = on_another_day(rules, move, now=now)
    calendar = _calendar(first, then.profile.calendar, second, closed=reuse == "carry_over")
    on_notice = bool(second.on_notice) and reuse != "reapply"
    profile = then.profile.revised(
        profile_version=f"{first.profile_version.partition('+')[0]}+run-off",
        election=then.profile.election.revised(code=order.code),
        calendar=calendar,
        former_calendars=(),
        **(_asked_anew(first) if on_notice else {}),
        credential=then.profile.credential.revised(serial_prefix=_prefix(first.credential.serial_prefix, prefixes)),
        follows=Followed(
            election=first.election.code,
            reuse=reuse,
            on_notice=on_notice,
            ground=order.ground,
            said_from=first.election.day
            if on_notice and now.astimezone(first.zone).date() >= first.election.day
            else None,
        ),
    )
    return Rules(profile, _land(rules, then.land, order))


def _asked_anew(first: ElectionProfile) -> dict[str, object]:
    """Return the columns that must be filled, with the one by which somebody in any role says that they stay."""
    roles = {
        role: rules if (own := rules.required_fields) is None else rules.revised(required_fields=_with_said_anew(own))
        for role, rules in first.roles.items()
    }
    return {"required_fields": _with_said_anew(first.required_fields), "roles": roles}


def _with_said_anew(columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*columns, _SAID_ANEW)))


def _check(rules: Rules, order: FollowOn, *, now: UtcTime) -> None:
    first = rules.profile.election
    today = now.astimezone(rules.profile.zone).date()
    if order.code == first.code:
        raise BadInputError("CODE", f"{order.code} is the first election.", remedy="Give the new one its own code.")
    if order.day <= first.day or order.day <= today:
        told = f"{order.day} is not after the first vote ({first.day}) and today."
        raise BadInputError("--day", told, remedy="Name a day to come.")
    if not order.ground.strip():
        raise BadInputError("--ground", "says nothing.", remedy="Name the act or resolution that calls the vote.")
    there = sorted(region.code for region in rules.land.regions)
    if unknown := sorted(set(order.regions).difference(there)):
        raise BadInputError("--region", f"{unknown[0]} is no region.", remedy=f"There are: {', '.join(there)}.")


def _prefix(first: str, taken: Collection[str]) -> str:
    """Return the prefix of the first election with the number of the vote: VD, VD2, VD3."""
    bare = first.rstrip("0123456789") or first
    made = (f"{bare[: _LONGEST_PREFIX - len(str(number))]}{number}" for number in count(2))
    return next(prefix for prefix in made if prefix not in taken and prefix != first)


def _calendar(first: ElectionProfile, counted: Calendar, second: RunOff, *, closed: bool) -> Calendar:
    """Return the calendar with what the law says apart for the second vote; *closed*: nobody new is nominated."""
    own = {name: deadline for name in _HAS_OWN if (deadline := getattr(second, name)) is not None}
    end = first.closing()
    if closed and "persons_close" not in own and end is not None:
        own |= {"persons_close": Deadline(timezone=first.election.timezone, published=end), "windows": ()}
    return counted.revised(**own)


def _land(before: Rules, land: Geography, order: FollowOn) -> Geography:
    """Return the places of the vote: all, or the regions ordered; offices stay, and who serves whom goes on."""
    regions = tuple(region for region in land.regions if not order.regions or region.code in order.regions)
    ended, until = land.serves_until, land.serves_until
    if until <= order.day:  # the first vote's service is over
        until = order.day + (before.land.serves_until - before.profile.election.day)
    orders = tuple(order.revised(ends_on=until) if order.ends_on == ended else order for order in land.acting_orders)
    try:
        return land.revised(regions=regions, serves_until=until, acting_orders=orders)
    except ValueError as error:
        problem = f"somebody serves no region on the way to {order.day}: {error}"
        raise BadInputError("geography", problem, remedy="Correct the offices of the first election.") from error


def organisations_of(first: list[Organisation], second: RunOff | None) -> list[Organisation]:
    """Return the organisations as the second election knows them: as they stand, or, where so ruled, as applicants."""
    if second is None or not second.organisations_apply:
        return first
    stands = {OrganisationStatus.ADMITTED, OrganisationStatus.SUSPENDED}
    return [
        organisation.revised(standing=OrganisationStatus.APPLIED, admitted_on=None)
        if organisation.standing in stands
        else organisation
        for organisation in first
    ]


def stays(application: Application) -> bool:
    """Whether somebody is accredited until the first election's end: whoever is suspended waits for officers."""
    if application.status is Status.EXPIRED:
        return application.serial is not None and application.before_suspension is None
    return application.status in ACCREDITED


def carried(nomination: Nomination, profile: ElectionProfile) -> Nomination:
    """Return what is said of somebody who stays: a stay that does not include the new day was for the first vote.

    Whoever has still to say that they stay has not accepted the pledge anew.
    """
    day, rule = profile.election.day, profile.follows
    arrival, departure = nomination.arrival, nomination.departure
    changes: dict[str, object] = {_SAID_ANEW: None} if rule and rule.on_notice else {}
    if (arrival and arrival > day) or (departure and departure < day):
        changes |= {"arrival": None, "departure": None}
    return nomination.revised(**changes)


def is_as_decided(now: Nomination, then: Nomination) -> bool:
    """Whether nothing that was decided upon differs."""
    return now.says_the_same_as(then, but_for=_MAY_DIFFER)
