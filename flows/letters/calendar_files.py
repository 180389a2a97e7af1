"""Calendar files for letters that name a briefing, a collection or a stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.application.case import Case
from domain.application.status import PLACED
from domain.election.profile import Briefing, ElectionProfile
from domain.letters.envelope import Attachment, Envelope, LetterKind
from domain.values import UtcTime
from flows.context import ElectionContext
from flows.settings import settings
from flows.storage.files import file_store
from notifications.letters.appointments import FILE_NAME, MEDIA_TYPE, Appointment, calendar_file, uid_of
from notifications.letters.exception import CollectionLetter
from notifications.letters.words import words


def with_calendar(envelope: Envelope, context: ElectionContext, appointments: Sequence[Appointment]) -> Envelope:
    """Return the letter with *appointments* as a file beside what it has already; without any, as it is."""
    if not appointments:
        return envelope
    profile = context.profile
    written = calendar_file(
        appointments, sequence=len(profile.former_calendars), zone=profile.zone, written_at=context.now
    )
    file = Attachment(filename=FILE_NAME, media_type=MEDIA_TYPE, content=file_store().put(written))
    return envelope.revised(attachments=(*envelope.attachments, file))


def of_briefing(profile: ElectionProfile, briefing: Briefing) -> Appointment:
    """Return a briefing, the same for everybody who is invited."""
    uid = uid_of(profile.election.code, "briefing", briefing.code)
    return Appointment(uid=uid, summary=briefing.title, begins=briefing.begins, place=briefing.place)


def of_stay(profile: ElectionProfile, case: Case) -> Appointment | None:
    """Return somebody's stay as the nomination has it; None where it names no arrival."""
    nomination = case.nomination
    if nomination.arrival is None:
        return None
    uid = uid_of(profile.election.code, "stay", str(case.application.id))
    last = max(nomination.departure or nomination.arrival, nomination.arrival)
    return Appointment(uid=uid, summary=profile.election.title, begins=nomination.arrival, last_day=last)


def of_collection(profile: ElectionProfile, case: Case, letter: Envelope, *, called_off: bool = False) -> Appointment:
    """Return the day from which a badge can be fetched, called as the *letter* about it is, in its language."""
    called = words(LetterKind.COLLECTION, letter.language, settings().letters_folder)["title"]
    said = CollectionLetter.model_validate(dict(letter.contents))
    return Appointment(
        uid=uid_of(profile.election.code, "collection", str(case.application.id)),
        summary=f"{called}: {case.application.case_number}, {profile.election.title}",
        begins=said.collect_from.astimezone(profile.zone).date(),
        place=said.place,
        note=said.hours,
        called_off=called_off,
    )


def still_to_come(context: ElectionContext, case: Case) -> Iterator[Appointment]:
    """Yield what somebody placed is invited to, and their stay."""
    if case.application.status not in PLACED:
        return
    for briefing in upcoming(context.profile, context.now):
        yield of_briefing(context.profile, briefing)
    if stay := of_stay(context.profile, case):
        yield stay


def upcoming(profile: ElectionProfile, now: UtcTime) -> list[Briefing]:
    """Return the briefings that have not begun."""
    return [briefing for briefing in profile.letters.briefings if briefing.begins > now]
