"""Announcements that an office opens, closes, or that another acts for it: to whom it concerns, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from db.store import Store
from domain.application.application import Application
from domain.application.status import PLACED
from domain.election.geography import Geography
from domain.letters.envelope import Envelope, LetterKind
from domain.values import OfficeCode
from flows.context import ElectionContext
from flows.letters.application_letters import competent_office
from notifications.letters import contents_of
from notifications.letters.lines import Letterhead
from notifications.letters.office import OfficeChangeLetter


@dataclass(frozen=True, slots=True)
class OfficeChange:
    """What changes at an office, and from which day on."""

    office: OfficeCode
    change: Literal["opens", "closes", "acting"]
    begins_on: date
    ends_on: date | None = None


def announce_office_changes(store: Store, context: ElectionContext) -> Counter[str]:
    """Queue letters about changes within the profile's days: to the offices, and to organisations with people there."""
    today = context.now.astimezone(context.profile.zone).date()
    last = today + timedelta(days=context.profile.letters.announce_days)
    near = [change for change in changes(context.geography) if today <= change.begins_on <= last]
    if not near:
        return Counter()
    placed = store.applications.all_in(context.election, *PLACED)
    letters = {letter.key: letter for change in near for letter in _letters(context, change, placed)}
    for letter in letters.values():
        store.outbox.put(context.election, letter, now=context.now)
    return Counter({"office changes": len(letters)})


def changes(geography: Geography) -> Iterator[OfficeChange]:
    """Yield what changes during the service period; what is so from its first day on is no change."""
    for office in geography.offices:
        if office.opens_on > geography.serves_from:
            yield OfficeChange(office.code, "opens", office.opens_on)
        if office.closes_on and office.closes_on < geography.serves_until:
            yield OfficeChange(office.code, "closes", office.closes_on)
    for order in geography.acting_orders:
        if order.begins_on > geography.serves_from:
            yield OfficeChange(order.office, "acting", order.begins_on, order.ends_on)


def _letters(context: ElectionContext, change: OfficeChange, placed: list[Application]) -> Iterator[Envelope]:
    land = context.geography
    regions = {region.code for region in land.regions if region.office == change.office}
    here = [application for application in placed if application.region in regions]
    serving = land.serving(change.office, on=change.begins_on)
    for code in sorted({change.office, serving.code}):
        yield _letter(context, change, len(here), to=land.office(code).email, about=code)
    for code, count in sorted(Counter(application.organisation for application in here).items()):
        focal_point = context.organisations[code].focal_point
        letter = _letter(context, change, count, to=focal_point.email, about=code)
        yield letter.revised(organisation=code, language=_language(context, context.organisations[code].language))


def _letter(context: ElectionContext, change: OfficeChange, cases: int, *, to: str, about: str) -> Envelope:
    letter = OfficeChangeLetter(
        head=Letterhead.of(context.profile.election),
        written_at=context.now,
        subject_office=context.geography.office(change.office).name,
        change=change.change,
        effective_from=_begin(context, change.begins_on),
        effective_until=_begin(context, change.ends_on) if change.ends_on else None,
        competent=competent_office(context.geography, change.office, on=change.begins_on),
        open_cases=cases,
    )
    return Envelope(
        key=f"office_change:{change.office}:{change.change}:{change.begins_on}:{about}",
        kind=LetterKind.OFFICE_CHANGE,
        to=to,
        language=context.profile.languages[0],
        contents=contents_of(letter),
    )


def _begin(context: ElectionContext, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=context.profile.zone).astimezone(context.now.tzinfo)


def _language(context: ElectionContext, wanted: str) -> str:
    return wanted if wanted in context.profile.languages else context.profile.languages[0]
