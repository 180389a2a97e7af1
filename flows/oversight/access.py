"""Access: who asks what is held about them is answered in time, after an identity check that an officer signs for."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Any, Final, cast
from uuid import UUID

from pydantic import JsonValue

from db.oversight.holdings import Holdings, Rows
from db.oversight.looks import Looks
from db.store import Store, open_reader, open_store
from domain.application.application import Application, case_number
from domain.application.nomination import Nomination
from domain.application.status import Status
from domain.errors import BadInputError, UnknownThingError
from domain.oversight.access import AccessRequest, AccessStep, IdentityCheck, masked, requests_in
from domain.oversight.erasure import Marks
from domain.oversight.looks import checked_ground, subject_of
from domain.statements.officers import OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode
from flows.context import database, right_now
from flows.delivery.messages import WritingRules, write_letters
from flows.oversight.requests import waiting_requests
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer, authorise, refuse_recused
from flows.storage.files import file_store
from notifications.mail.message import Sender

_FILES: Final = {"person": ("photo", "identity_page"), "credential": ("badge_sha256",)}
"""Content of the file store that rows name, by table."""


@dataclass(frozen=True, slots=True)
class Held:
    """Everything that is held about a person, others masked, and what the pages need besides."""

    case: Application
    person: Nomination | None
    content: dict[str, Rows]
    files: dict[str, bytes]
    language: str
    request: AccessRequest


def note_request(case: UUID, by: ActingOfficer, *, ground: str) -> AccessRequest:
    """Record that a person asks, so that the clock runs; asked again while one is open, nothing changes."""
    found = _open(by.election, case)
    if found is None:
        with open_store(database()) as store:
            _sign(store, case, by, step=AccessStep.ASKED, ground=checked_ground(ground))
        found = _open(by.election, case)
    if found is None:
        raise BadInputError("access", "was not recorded.", remedy="Try again.")
    return found


def answer_request(case: UUID, by: ActingOfficer, identity: IdentityCheck, *, ground: str = "") -> Held:
    """Record the identity check and the answer, then return everything that is held about the person.

    Where nobody noted the request before, it counts as asked now, under *ground*.
    """
    asked = _open(by.election, case)
    said = asked.ground if asked else checked_ground(ground)
    with open_store(database()) as store:
        _sign(store, case, by, step=AccessStep.ANSWERED, ground=said, identity=identity.value)
        look = subject_of("answer", case, said)
        Looks(store.session).keep(by.election, by.officer, [look], at=right_now())
    with open_reader(database()) as store:
        requests = requests_in(store.statements.entries(by.election, kinds=(ActKind.ACCESS,)))
        own = [request for request in requests if request.case == case]
        return _held(store, store.applications.get(case), own)


def _open(election: ElectionCode, case: UUID) -> AccessRequest | None:
    return next((request for request in waiting_requests(election) if request.case == case), None)


def _sign(store: Store, case: UUID, by: ActingOfficer, *, step: AccessStep, **terms: str) -> None:
    due = store.elections.profile(by.election).answer_due(by.now)
    said: dict[str, JsonValue] = {"step": step.value, "due_at": due.isoformat() if due else None, **terms}
    deed = Deed(kind=ActKind.ACCESS, cases=(case,), terms=said)
    officer = authorise(store, by, deed, role=OfficerRole.CASE_OFFICER).officer
    refuse_recused(officer, store.applications.get(case).organisation)


def _held(store: Store, case: Application, requests: Sequence[AccessRequest]) -> Held:
    held: dict[str, Any] = Holdings(store.session).of(case.election, case.id)
    letters = _letters_said(store, case)
    for row in held.get("letter", []):
        row["text"] = letters.get(row["key"], "")
    held["looks"] = [look.model_dump(mode="json") for look in Looks(store.session).at(case.election, case.id)]
    held["requests"] = [request.model_dump(mode="json") for request in requests]
    own, others = _marks(store, case)
    content = cast("dict[str, Rows]", masked(held, others=others, own=own))
    person = store.people.current([case.id]).get(case.id)
    language = person.letter_language if person and person.letter_language else _language(store, case)
    return Held(case, person, content, _files(held), language, requests[-1])


def _language(store: Store, case: Application) -> str:
    organisation = store.organisations.all_in(case.election).get(case.organisation)
    return organisation.language if organisation else store.elections.profile(case.election).languages[0]


def _letters_said(store: Store, case: Application) -> dict[str, str]:
    """Return the letters about the case in their own words, by key."""
    queued = store.outbox.of_application(case.id)
    profile = store.elections.profile(case.election)
    house = WritingRules.of(profile, store.elections.secret(case.election))
    sender = Sender.of(profile.election, address=settings().mail_from)
    written = write_letters(queued, sender, house)
    return {
        letter.envelope.key: message if isinstance(message, str) else _text(message.contents)
        for letter, message in zip(queued, written, strict=True)
    }


def _text(contents: bytes) -> str:
    parsed = message_from_bytes(contents, policy=policy.default)
    part: Any = parsed.get_body(("plain",))
    return f"{parsed['Subject']}\n\n{part.get_content() if part else ''}"


def _marks(store: Store, case: Application) -> tuple[Marks, Marks]:
    """Return what tells the person apart, and what tells everybody else apart: applicants and contact persons."""
    versions = {
        (application.id, number)
        for application in store.applications.all_in(case.election)
        for number in range(1, application.person_version + 1)
    }
    people = store.people.at(versions)
    own = Marks.of(person for (known, _), person in people.items() if known == case.id)
    others = Marks.of(person for (known, _), person in people.items() if known != case.id)
    contacts = [contact.focal_point for contact in store.organisations.all_in(case.election).values()]
    named = {
        text.casefold()
        for contact in contacts
        for text in (contact.name, contact.email, contact.phone)
        if len(text) > _SHORTEST
    }
    ids = store.applications.ids_in(case.election, *Status)
    cases = {text.casefold() for known in ids if known != case.id for text in (str(known), case_number(known))}
    return own, others.revised(single=others.single | named | cases)


_SHORTEST: Final = 3


def _files(held: dict[str, Rows]) -> dict[str, bytes]:
    """Return the files that are the person's, by what they are; what was removed meanwhile is left out."""
    found: dict[str, bytes] = {}
    for table, names in _FILES.items():
        for row in held.get(table, []):
            said: dict[str, Any] = (row.get("body") or {}) if table == "person" else row
            for name in names:
                if content := said.get(name):
                    found[f"{name.removesuffix('_sha256')} {content[:8]}"] = _content(content)
    return {name: content for name, content in found.items() if content}


def _content(name: str) -> bytes:
    try:
        return file_store().get(name)
    except UnknownThingError:
        return b""


def as_data(held: Held) -> dict[str, JsonValue]:
    """Return the answer as data, files included, in base64."""
    files: dict[str, JsonValue] = {name: base64.b64encode(content).decode() for name, content in held.files.items()}
    return {
        "case": held.case.case_number,
        "election": held.case.election,
        "held": cast("JsonValue", held.content),
        "files": files,
    }
