"""Correcting somebody who holds a credential: the new version of the person, and a credential that says so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from pydantic import ValidationError

from db.store import Store, open_store
from domain.application.actors import Actor, ArrivalWay
from domain.application.application import Application
from domain.application.events import NominationCorrected
from domain.application.nomination import Nomination
from domain.application.status import Status
from domain.credentials.states import Cause
from domain.errors import BadInputError
from domain.identity.file_rules import PhotoRules
from domain.statements.officers import Officer, OfficerRefusedError, OfficerRole
from domain.statements.statement import ActKind, Deed, plain
from domain.values import ElectionCode, UtcTime
from flows.context import database
from flows.issuance.life import Reissue, carry_out
from flows.runtime.processes.readers import Reader, plain_content
from flows.statements.acceptance import ActingOfficer, Result, accept
from flows.storage.files import file_store
from notifications.badge.photo import PhotoUnusableError, printed_photo

PRINTED = ("surname", "given_names", "native_name", "photo")
"""What of a person stands on a badge, and may be corrected without a new decision."""


def kept_photo(photo: Path) -> str:
    """Keep a new photograph, decoded and written anew, and return its name; raises where it cannot be printed."""
    try:
        content = plain_content(photo)
    except OSError as error:
        raise BadInputError(str(photo), "cannot be read.", remedy="Name a JPEG or PNG.") from error
    with Reader() as reader:
        looked_at = reader.photo(content, PhotoRules())
    if looked_at.content is None:
        raise PhotoUnusableError(str(photo), "is no photograph that can be printed.", remedy="Name a JPEG or PNG.")
    printed_photo(looked_at.content)
    return file_store().put(looked_at.content)


def deed_of(application: UUID, changes: Mapping[str, str]) -> Deed:
    """Return what the officer signs: the case and the fields; their new content is kept apart."""
    terms = {"fields": plain(sorted(changes))}
    return Deed(kind=ActKind.CORRECT_CREDENTIAL, cases=(application,), terms=terms, words=dict(changes))


def correct(application: UUID, changes: Mapping[str, str], by: ActingOfficer) -> Result:
    """Record the corrected person and replace the credential: new serial, badge and letters; the old serial is void.

    Raises :class:`BadInputError` where nothing differs; a run that was cut off between the two goes on with
    ``accredit credential reissue --cause correction``.
    """
    with open_store(database()) as store:
        officer = store.officers.get(by.election, by.officer)
        found = store.applications.get(application)
        _check(officer, found, by.election)
        before = store.people.current([application])[application]
        after = _changed(before, changes)
        accept(store, by, deed_of(application, changes))
        _record(store, found, after, officer=officer, now=by.now)
    order = Reissue(by.election, Cause.CORRECTION, officer.code, by.now, officer.recused_from)
    return carry_out(order, [application])[0]


def _check(officer: Officer, application: Application, election: ElectionCode) -> None:
    if not officer.may(OfficerRole.CASE_OFFICER) or application.organisation in officer.recused_from:
        raise OfficerRefusedError(officer.code, "only a case officer who is in service and not recused may do this.")
    if application.election != election or application.status is not Status.CREDENTIALED:
        raise BadInputError(
            application.case_number, f"is {application.status}.", remedy="Before: accredit application correct."
        )


def _changed(before: Nomination, changes: Mapping[str, str]) -> Nomination:
    if not changes or not changes.keys() <= set(PRINTED):
        raise BadInputError(
            "correction", "is nothing that stands on the badge.", remedy=f"Give one of {', '.join(PRINTED)}."
        )
    try:
        after = before.revised(**changes)
    except ValidationError:
        raise BadInputError("correction", "is not a name as documents have it.", remedy="Look at it again.") from None
    if after == before:
        raise BadInputError("correction", "changes nothing.", remedy="Or: accredit credential reissue.")
    return after


def _record(store: Store, application: Application, after: Nomination, *, officer: Officer, now: UtcTime) -> None:
    event = NominationCorrected(
        application_id=application.id,
        at=now,
        actor=Actor.officer(officer.code),
        person_version=application.person_version + 1,
        way=ArrivalWay.IN_PERSON,
    )
    store.people.put(store.applications.record(application, event), after, now=now)
