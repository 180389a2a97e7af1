"""Letters about another election day: one to each person, each organisation and each office, each time it moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from db.store import Store
from domain.application.case import Case
from domain.application.status import ACCREDITED, PLACED, Status
from domain.election.geography import Office
from domain.letters.envelope import Attachment, Envelope, LetterKind
from domain.organisations.organisation import Organisation
from domain.values import UtcTime
from flows.context import ElectionContext
from flows.letters.application_letters import ApplicationLetters
from flows.letters.calendar_files import of_collection, still_to_come, upcoming, with_calendar
from notifications.letters.calendar import BriefingLine, CalendarLetter
from notifications.letters.exception import CollectionLetter

Standing = Literal["open", "accredited", "suspended", "replaced"]
_WITH_THE_OFFICE = (Status.IN_VETTING, Status.IN_REVIEW)
_BADGE = (LetterKind.CREDENTIAL, LetterKind.COLLECTION)


class CalendarLetters(ApplicationLetters):
    """Writes what another election day changes for each of those concerned."""

    __slots__ = ()

    def person(
        self, case: Case, standing: Standing, *, cut: bool = False,
        collect_from: UtcTime | None = None, badge: Attachment | None = None,
    ) -> Envelope:  # fmt: skip
        """Tell somebody what stands, what runs until when, and what they are invited to."""
        application, nomination, placed = case.application, case.nomination, case.application.status in PLACED
        day = self.profile.election.day
        arrival = nomination.arrival if placed else None
        departure = nomination.departure if placed else None
        letter = CalendarLetter(
            **self._moved(), **self._of_case(case), standing=standing, cut=cut,
            due=application.due_at if application.status is Status.INCOMPLETE else None,
            decision_due=application.due_at if application.status in _WITH_THE_OFFICE else None,
            valid_until=application.valid_until, collect_from=collect_from, arrival=arrival, departure=departure,
            misses_the_vote=(arrival is not None and arrival > day) or (departure is not None and departure < day),
            briefings=tuple(
                BriefingLine(title=briefing.title, begins=briefing.begins, place=briefing.place)
                for briefing in (upcoming(self.profile, self.now) if placed else ())
            ),
        )  # fmt: skip
        envelope = self._to_person(case, letter, attachments=(badge,) if badge else ())
        if envelope.copy_to and not badge:  # the organisation has its own letter
            envelope = envelope.revised(copy_to="", copy_language=None)
        # Somebody whose suspension ends after the move gets the badge later than the news.
        which = f":{application.serial}" if standing == "replaced" else ""
        return envelope.revised(
            key=f"{letter.kind}:{application.id}:move-{len(self.profile.former_calendars)}{which}"
        )  # fmt: skip

    def organisation(self, organisation: Organisation, *, cases: int) -> Envelope:
        """Tell a focal point until when people may be nominated now, and that its people are written to."""
        letter = CalendarLetter(
            **self._moved(), **self._head(), standing="organisation", organisation_name=organisation.name,
            closes=self.profile.closing(organisation.kind), cases=cases,
        )  # fmt: skip
        return self._to_organisation(organisation, letter, key=self._key(organisation.code))

    def regional_office(self, office: Office, *, cases: int) -> Envelope:
        """Tell an office from when to when it works now, and how many of its people are written to."""
        letter = CalendarLetter(
            **self._moved(), **self._head(), standing="office", office_name=office.name, cases=cases,
            works_from=office.opens_on, works_until=office.closes_on or self.geography.last_day(),
        )  # fmt: skip
        return self._to_authority(letter, to=office.email, key=self._key(office.code))

    def _key(self, whom: str) -> str:
        return f"{self.profile.election.code}:{whom}:move-{len(self.profile.former_calendars)}"

    def _moved(self) -> dict[str, Any]:
        former = self.profile.former_calendars[-1]
        return {"day_before": former.day, "day": self.profile.election.day, "ground": former.ground}


def tell_of_new_badge(store: Store, context: ElectionContext, case: Case, badge: Attachment) -> None:
    """Queue the one letter to somebody whose credential is replaced; what waits about the old one is cancelled."""
    known = case.application.id
    store.letters.overtake(context.election, (*_BADGE, LetterKind.CALENDAR), [known], now=context.now)
    told = store.letters.latest(context.election, LetterKind.COLLECTION, [known]).get(known)
    off = [of_collection(context.profile, case, told, called_off=True)] if told and told.contents else []
    letter = CalendarLetters.at(context).person(case, "replaced", badge=badge)
    store.outbox.put(context.election, _dated(letter, context, case, *off), now=context.now)


def tell_person(
    store: Store, context: ElectionContext, case: Case, *, cut: bool, collections: Mapping[UUID, Envelope],
    badge: Attachment | None = None,
) -> None:  # fmt: skip
    """Queue the one letter to somebody whose credential, if there is one, stays as it is.

    A *badge* that waited in a letter about an earlier move, which this one overtakes, goes with it.
    """
    application = case.application
    told = collections.get(application.id)
    opens, later = context.profile.calendar.collection_from, None
    moved = []
    if told and told.contents and opens and application.status is Status.CREDENTIALED:
        said = CollectionLetter.model_validate(dict(told.contents))
        begins = max(context.profile.moment(opens), context.now)
        if begins != said.collect_from:
            later = begins
            contents = said.revised(collect_from=begins).model_dump(mode="json")
            moved = [of_collection(context.profile, case, told.revised(contents=contents))]
    standing = "replaced" if badge else _standing(application.status)
    letter = CalendarLetters.at(context).person(case, standing, cut=cut, collect_from=later, badge=badge)
    store.outbox.put(context.election, _dated(letter, context, case, *moved), now=context.now)


def _standing(status: Status) -> Standing:
    if status is Status.SUSPENDED:
        return "suspended"
    return "accredited" if status in ACCREDITED else "open"


def _dated(letter: Envelope, context: ElectionContext, case: Case, *more: Any) -> Envelope:
    appointments = [*still_to_come(context, case), *more]
    if not appointments:
        return letter
    contents = {**letter.contents, "calendar_attached": True}
    return with_calendar(letter.revised(contents=contents), context, appointments)
