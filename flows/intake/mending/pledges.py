"""Asking people themselves to accept the pledge that their nomination lacks, and what a link's answer changes."""

from __future__ import annotations

from collections.abc import Sequence

from db.store import Store, open_reader, open_store
from domain.application.actors import Actor, ArrivalWay
from domain.application.application import Application
from domain.application.case import Case
from domain.application.events import NominationCorrected
from domain.application.findings import Finding
from domain.application.status import Status
from domain.election.pledge import Acceptance, PledgeRequest, PledgeText, lacks_pledge, once_accepted
from domain.errors import UnknownThingError
from domain.values import ElectionCode, Frozen, LanguageCode, UtcTime
from flows.context import ElectionContext, database, election_context
from flows.intake.completeness import judge_completeness


class OpenPledge(Frozen):
    """What the page of a link shows: nothing of the person but the case number."""

    case_number: str
    version: str
    text: str
    until: UtcTime


def asked_by_link(election: ElectionCode, token: str, *, language: LanguageCode, now: UtcTime) -> OpenPledge:
    """Return what the link asks; raises :class:`UnknownThingError` for one that counts no more, or never did."""
    context = election_context(election, now)
    with open_reader(database()) as store:
        request, application, _, text = _behind(store, context, token)
    return OpenPledge(
        case_number=application.case_number, version=text.version, text=text.said_in(language)[1],
        until=request.ends or request.due_at,
    )  # fmt: skip


def accept_by_link(election: ElectionCode, token: str, *, language: LanguageCode, now: UtcTime) -> Application:
    """Use the link up, and correct the nomination by what the person accepts; raises as :func:`asked_by_link` does."""
    context = election_context(election, now)
    with open_store(database()) as store:
        _, application, before, text = _behind(store, context, token)
        accepted = Acceptance.of(text, language, on=now.astimezone(context.profile.zone).date())
        store.pledges.close(application.id, now=now)
        return _accepted(store, context, application, before, accepted)


def _behind(
    store: Store, context: ElectionContext, token: str
) -> tuple[PledgeRequest, Application, Sequence[Finding], PledgeText]:
    """Return what a link is about: a case that still waits for the pledge, what is found on it, and a known text."""
    request = store.pledges.behind(context.election, token, now=context.now)
    application = store.applications.get(request.application_id)
    found = store.people.findings_on([application.id]).get(application.id, [])
    text = context.profile.pledge.called(request.version) if context.profile.pledge else None
    if text is None or application.status is not Status.INCOMPLETE or not lacks_pledge(found):
        raise UnknownThingError("pledge link", "of a case that does not wait for it")
    return request, application, found, text


def _accepted(
    store: Store,
    context: ElectionContext,
    application: Application,
    before: Sequence[Finding],
    accepted: Acceptance,
) -> Application:
    nomination = store.people.current([application.id])[application.id].revised(
        pledge_accepted_on=accepted.accepted_on, pledge_text=accepted.version
    )
    event = NominationCorrected(
        application_id=application.id,
        at=context.now,
        actor=Actor(kind="applicant", code=application.case_number),
        person_version=application.person_version + 1,
        way=ArrivalWay.LINK,
    )
    application = store.applications.record(application, event)
    left = tuple(once_accepted(before))
    store.people.put(application, nomination, now=context.now)
    store.people.note(application, left, now=context.now)
    store.pledges.put({(application.id, application.person_version): accepted})
    return judge_completeness(store, context, Case(application, nomination), left, before=before)
