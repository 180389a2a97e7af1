"""Withdrawal of an application: by its organisation or the person, at any time, without fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from db.store import Store, open_store
from domain.application.actors import Actor, ArrivalWay
from domain.application.application import Application
from domain.application.case import Case
from domain.application.events import ApplicationWithdrawn
from domain.credentials.states import Cause, LedgerState
from domain.statements.officers import OfficerRole
from domain.statements.statement import ActKind, Deed
from flows.context import ElectionContext, database
from flows.letters.credential_letters import CredentialLetters
from flows.letters.organisation_letters import OrganisationLetters
from flows.letters.overtaken import cancel_overtaken
from flows.statements.acceptance import ActingOfficer, authorise, refuse_recused

Giver = Literal["organisation", "applicant"]


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Who gives an application up, by which way the office heard of it, and who takes the place, if anybody."""

    actor: Actor
    by: Giver = "organisation"
    way: ArrivalWay = ArrivalWay.FILE
    replaced_by: UUID | None = None


def withdraw(application_id: UUID, giver: Giver, way: ArrivalWay, by: ActingOfficer) -> Application:
    """Record that an application is given up, with its letters, and return it.

    Raises :class:`TransitionRefusedError` where it is over already, and for a proof that does not hold.
    """
    with open_store(database()) as store:
        application = store.applications.get(application_id)
        deed = Deed(kind=ActKind.WITHDRAW, cases=(application.id,), terms={"by": giver, "way": way.value})
        officer = authorise(store, by, deed, role=OfficerRole.CASE_OFFICER).officer
        refuse_recused(officer, application.organisation)
        context = ElectionContext.of(store, by.election, now=by.now)
        return give_up(store, context, application, Withdrawal(Actor.officer(officer.code), giver, way))


def give_up(store: Store, context: ElectionContext, application: Application, withdrawal: Withdrawal) -> Application:
    """Record the withdrawal: event, letters to person, focal point and office, and a serial that is void."""
    event = ApplicationWithdrawn(
        application_id=application.id,
        at=context.now,
        actor=withdrawal.actor,
        by=withdrawal.by,
        way=withdrawal.way,
        replaced_by=withdrawal.replaced_by,
    )
    gone = store.applications.record(application, event)
    cancel_overtaken(store, context, gone, before=application.status)
    case = Case(gone, store.people.current([application.id])[application.id])
    replaced = withdrawal.replaced_by is not None
    letters = [OrganisationLetters.at(context).withdrawal(case, by=withdrawal.by, replaced=replaced)]
    if application.serial is not None and _counted(store, application):
        store.credentials.move([application.serial], LedgerState.REVOKED, cause=Cause.WITHDRAWAL, at=context.now)
        told = CredentialLetters.at(context).void_at_office(case, application.serial, replaced=False)
        letters += [told] if told else []
    for letter in letters:
        store.outbox.put(context.election, letter, now=context.now)
    return gone


def _counted(store: Store, application: Application) -> bool:
    """Whether the serial was not void before: one that was revoked for cause stays so."""
    return store.credentials.state_of(application.election, str(application.serial)) != LedgerState.REVOKED.value
