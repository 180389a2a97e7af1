"""The register by serial: what of credentials the profile publishes, and not more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.store import Store, open_reader
from domain.application.application import Application
from domain.application.events import GRANTS
from domain.application.nomination import Nomination
from domain.application.status import Status
from domain.credentials.ledger import LedgerLine
from domain.credentials.states import LedgerState
from domain.credentials.status_list import DEFAULT_TTL
from domain.credentials.totals import Accredited, Totals, totals
from domain.credentials.verdict import CODES, Code
from domain.election.profile import PublicField
from domain.values import UtcTime
from flows.context import ElectionContext, database
from notifications.pages.register import Register, RegisterLine


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What lines of the register are made of; people and days only where the profile publishes them."""

    context: ElectionContext
    applications: Mapping[UUID, Application]
    people: Mapping[UUID, Nomination]
    decided: Mapping[UUID, datetime]


def serial_register(context: ElectionContext) -> Register:
    """Return the register as the public may see it: what the profile's publication rule names.

    Where the register is internal by law, nothing of it is published but the figures.
    """
    profile, rules = context.profile, context.profile.publication
    with open_reader(database()) as store:
        ledger = store.credentials.ledger(context.election)
        lines = [line for line in ledger.lines if line.state is not LedgerState.RESERVED]
        shelf = _shelf(store, context, lines)
        published = _figures(store, shelf, lines)
    shown = [] if rules.register_is == "internal" else lines
    return Register(
        title=profile.election.title,
        language=profile.languages[0],
        zone=profile.election.timezone,
        as_of=context.now,
        renewed_by=context.now + DEFAULT_TTL,
        lines=tuple(_line(line, shelf) for line in shown),
        totals=published,
    )


def _shelf(store: Store, context: ElectionContext, lines: Sequence[LedgerLine]) -> _Shelf:
    shows = context.profile.publication.shows
    ids = [line.application_id for line in lines]
    of_people = (
        PublicField.NAME, PublicField.CITIZENSHIP, PublicField.TOTALS_BY_NATIONALITY, PublicField.TOTALS_BY_SEX,
    )  # fmt: skip
    return _Shelf(
        context,
        applications={application.id: application for application in store.applications.all_in(context.election)},
        people=store.people.current(ids) if any(map(shows, of_people)) else {},
        decided=store.applications.times_of(ids, *GRANTS) if shows(PublicField.DECISION_DATE) else {},
    )


def _figures(store: Store, shelf: _Shelf, lines: Sequence[LedgerLine]) -> Totals:
    """Return the figures about who is accredited today, and about refusals that stand."""
    context = shelf.context
    refused = store.applications.all_in(context.election, Status.REFUSED)
    current = {line.application_id for line in lines if public_code(line, now=context.now) is Code.VALID}
    people = [_accredited(shelf, known) for known in sorted(current)]
    leading = [application.reasons[0] for application in refused if application.reasons]
    return totals(people, leading, context.profile.publication)


def _accredited(shelf: _Shelf, known: UUID) -> Accredited:
    application, person = shelf.applications[known], shelf.people.get(known)
    organisation = shelf.context.organisations[application.organisation]
    return Accredited(
        organisation=organisation.name,
        kind=organisation.kind,
        role=application.role,
        nationalities=person.nationalities if person else (),
        sex=person.sex if person else "",
    )


def _line(line: LedgerLine, shelf: _Shelf) -> RegisterLine:
    context, known = shelf.context, line.application_id
    shows, application, person = context.profile.publication.shows, shelf.applications[known], shelf.people.get(known)
    decided = shelf.decided.get(known)
    named = person if person and context.profile.publishes_name(application.role) else None
    return RegisterLine(
        serial=line.serial,
        code=public_code(line, now=context.now),
        role=context.profile.role_word(application.role),
        organisation=(
            context.organisations[application.organisation].name if shows(PublicField.ORGANISATION) else None
        ),
        valid_from=line.valid_from,
        valid_until=line.valid_until,
        name=named.name if named and shows(PublicField.NAME) else None,
        citizenship=", ".join(named.nationalities) if named and shows(PublicField.CITIZENSHIP) else None,
        decided_on=decided.astimezone(context.profile.zone).date() if decided else None,
    )


def public_code(line: LedgerLine, *, now: UtcTime) -> Code:
    """Return what a check of the serial's token would say at *now*, in the same order of checks."""
    if now < line.valid_from:
        return Code.NOT_YET
    if now > line.valid_until or line.state is LedgerState.EXPIRED:
        return Code.EXPIRED
    return CODES[line.standing]
