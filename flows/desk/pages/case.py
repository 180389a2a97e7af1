"""One case on one screen; its files as pictures; its letters. Every opening is recorded before anything is shown."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from db.letters.outbox import QueuedLetter
from db.store import Store, open_reader
from domain.application.application import Application
from domain.application.nomination import Nomination
from domain.errors import BadInputError, UnknownThingError
from domain.organisations.organisation import Organisation
from flows.context import database
from flows.decisions.case_file import describe, find_application
from flows.decisions.looks import check_opening
from flows.decisions.review import note_lines, screen_of
from flows.decisions.setting_aside import seal_of
from flows.delivery.messages import WritingRules, write_letters
from flows.desk import case_view
from flows.desk.listing import Listing
from flows.desk.pages.case_queue import hours_until
from flows.desk.pictures import KIND, pages_of, picture
from flows.desk.visit import Visit, number_in, visiting
from flows.settings import settings
from notifications.mail.message import Sender

router = APIRouter()
Visiting = Annotated[Visit, Depends(visiting)]


@router.get("/case/{number}")
def case(number: str, visit: Visiting) -> Response:
    """Show a case with everything an officer decides on."""
    known = find_application(visit.election, number)
    _opened(visit, known, "case")
    screen = screen_of(known, now=visit.now)
    application, person = screen.application, screen.nomination
    listing = Listing.read(visit.request.query_params, visit.officer)
    piled = dict(visit.session.pile.decided)
    with open_reader(database()) as store:
        wanted = listing.wanted(store, visit.officer, visit.profile, now=visit.now)
        following = store.waiting.after(visit.election, wanted, known, passing=[*piled])
        points = case_view.points_of(store, visit, screen)
        organisation = _organisation(store, application)
        claim = store.casework.claims([known], now=visit.now).get(known)
        letters = store.outbox.of_application(known)
    visit.looked("beside", *case_view.shown_beside(points))
    lines = case_view.lines_of(person, on=application.received_at.date()) if person else []
    return visit.page(
        "case.html",
        screen=screen, case=application, person=person, points=points, organisation=organisation, claim=claim,
        listing=listing, following=following, ruling=piled.get(known),
        hours=hours_until(application.next_due_at, visit.now),
        lines=lines, said=case_view.said_of(person, lines), pages=_pages(person),
        more=case_view.more_about(person) if person else [],
        answers=case_view.answers_of(person) if person else [],
        files=case_view.files_of(person),
        choices=case_view.choices_of(visit, screen), shown=seal_of(screen.to_judge),
        course=[(event, describe(event)) for event in reversed(screen.history)],
        letters=letters, notes=note_lines(screen), beside=case_view.beside, beside_entry=case_view.beside_entry,
    )  # fmt: skip


def _pages(person: Nomination | None) -> int:
    return pages_of(person.identity_page) if person and person.identity_page else 0


def _organisation(store: Store, application: Application) -> Organisation | None:
    try:
        return store.organisations.get(application.election, application.organisation)
    except UnknownThingError:
        return None


def _opened(visit: Visit, known: UUID, what: str) -> tuple[Application, Nomination | None]:
    """Return the case, which the officer may open and now has; raises :class:`OfficerRefusedError`."""
    with open_reader(database()) as store:
        application = store.applications.get(known)
        if application.election != visit.election:
            raise UnknownThingError("application", str(known))
        check_opening(store, visit.officer, application, visit.profile, now=visit.now)
        person = store.people.current([known]).get(known)
    visit.looked(what, known)
    return application, person


@router.get("/case/{number}/file/{name}")
def file(number: str, name: str, request: Request, visit: Visiting) -> Response:
    """Show a photograph or a page of a document as a picture."""
    if name not in case_view.FILES:
        raise UnknownThingError("file", name[:20])
    _, person = _opened(visit, find_application(visit.election, number), name)
    content = getattr(person, name, None)
    if not content:
        raise UnknownThingError("file", name)
    shown, pages = picture(content, number_in(request.query_params.get("page", "")) or 1)
    return Response(shown, media_type=KIND, headers={"X-Pages": str(pages)})


@router.get("/case/{number}/letter/{place}")
def letter(number: str, place: int, visit: Visiting) -> Response:
    """Show a letter of the case as it leaves, or left."""
    known = find_application(visit.election, number)
    application, _ = _opened(visit, known, "letter")
    with open_reader(database()) as store:
        found = store.outbox.of_application(known)
    if not 1 <= place <= len(found):
        raise UnknownThingError("letter", str(place))
    return letter_page(visit, found[place - 1], back=f"/case/{application.case_number}")


def letter_page(visit: Visit, found: QueuedLetter, *, back: str) -> Response:
    """Return the page of one letter; one that cannot be written says why."""
    with open_reader(database()) as store:
        house = WritingRules.of(visit.profile, store.elections.secret(visit.election))
    sender = Sender.of(visit.profile.election, address=settings().mail_from)
    (message,) = write_letters([found], sender, house)
    if isinstance(message, str):
        raise BadInputError("letter", message, remedy="")
    parsed = message_from_bytes(message.contents, policy=policy.default)
    part: Any = parsed.get_body(("plain",))
    enclosed = [attachment.get_filename() or "" for attachment in parsed.iter_attachments()]
    return visit.page(
        "letter.html", letter=found, subject=str(parsed["Subject"]), to=str(parsed["To"]),
        text=part.get_content() if part else "", enclosed=enclosed, back=back,
    )  # fmt: skip
