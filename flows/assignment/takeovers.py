"""An office takes over from another: people, lists, printed badges and letters follow in one act, and go back."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from db.credentials.prints import PrintedCopies
from db.store import Store, open_reader, open_store
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.case import Case
from domain.application.events import OfficeChanged
from domain.application.status import PLACED, Status
from domain.credentials.states import CopyState
from domain.letters.envelope import Attachment, Envelope, LetterKind
from domain.values import ElectionCode, OfficeCode, Serial, UtcTime
from flows.assignment.acknowledgements import ask_for_receipt, ask_no_closed_office
from flows.assignment.announcements import OfficeChange, changes, letters_about, renew_rosters
from flows.assignment.placements import placement_letter
from flows.assignment.plans.places import Places
from flows.assignment.shifts import tell_of_shifts
from flows.context import ElectionContext, database, election_context
from flows.letters.calendar_files import of_collection, with_calendar
from flows.letters.credential_letters import CredentialLetters
from flows.storage.files import file_store

ENGINE = Actor.engine("assignment")
OVERTAKEN = (LetterKind.PLACEMENT, LetterKind.COLLECTION)
"""Letters that name an office; those that wait for somebody who changes it are cancelled, and written anew."""


@dataclass(frozen=True, slots=True)
class Takeover:
    """Who goes from one office to another, with the printed badges that wait there."""

    home: OfficeCode
    """Whose regions these are."""
    leaves: OfficeCode
    enters: OfficeCode
    people: tuple[Application, ...]
    stock: tuple[Serial, ...]


def takeovers(store: Store, context: ElectionContext) -> list[Takeover]:
    """Return who belongs to another office than the one that serves their region today; nothing is changed."""
    homes = {region.code: region.office for region in context.geography.regions}
    found: defaultdict[tuple[OfficeCode, OfficeCode, OfficeCode], list[Application]] = defaultdict(list)
    for application in store.applications.all_in(context.election, *PLACED, Status.SUSPENDED):
        home = homes.get(application.region or "")
        serving = context.geography.serving(home, on=context.day).code if home else None
        if home and application.office and serving and serving != application.office:
            found[home, application.office, serving].append(application)
    return [
        Takeover(home, leaves, enters, tuple(people), stock_at(store, people, office=leaves))
        for (home, leaves, enters), people in sorted(found.items())
    ]


def stock_at(store: Store, people: Sequence[Application], *, office: OfficeCode) -> tuple[Serial, ...]:
    """Return the serials of *people* whose printed badge waits at *office*."""
    serials = [application.serial for application in people if application.serial]
    copies = PrintedCopies(store.session).latest(serials)
    here = (serial for serial, copy in copies.items() if copy.office == office and copy.state is CopyState.PRINTED)
    return tuple(sorted(here))


def follow_offices(election: ElectionCode, *, now: UtcTime) -> list[Takeover]:
    """Let everything that rests on an office follow who serves today, in one transaction; returns what moved.

    Cases, printed stock with a list of its serials for both offices, and letters: to offices and delegations, and to
    everybody concerned about place and collection, to surge staff about their shifts, each once. The lists follow at
    once. Repeating changes nothing.
    """
    context = election_context(election, now)
    with open_store(database()) as store:
        moved = take_over(store, context)
        told = tell_of_shifts(store, context)
    if moved or told:
        renew_rosters(election, now=now)
    return moved


def take_over(store: Store, context: ElectionContext) -> list[Takeover]:
    """Let cases, printed stock and letters follow who serves today, in the transaction of *store*; lists come after."""
    moved = takeovers(store, context)
    if moved:
        _carry_out(store, context, moved)
    ask_no_closed_office(store, context)
    _forward(store, context)
    return moved


def _forward(store: Store, context: ElectionContext) -> None:
    """Send what waits for a closed office and says what became of a badge to the one that acts for it today."""
    land, day = context.geography, context.day
    open_ones = {office.email for office in land.offices if land.is_open(office.code, on=day)}
    acting = {
        office.email: land.serving(office.code, on=day).email
        for office in land.offices if office.email not in open_ones and land.orders_for(office.code, on=day)
    }  # fmt: skip
    only = (LetterKind.CREDENTIAL_CHANGE,)
    if acting:
        store.letters.forward(context.election, acting, again=(), kinds=(), only=only, now=context.now)


def _carry_out(store: Store, context: ElectionContext, moved: Sequence[Takeover]) -> None:
    ids = [application.id for takeover in moved for application in takeover.people]
    people, plan = store.people.current(ids), store.plans.latest(context.election)
    places = Places.of(plan) if plan else None
    store.letters.overtake(context.election, OVERTAKEN, ids, now=context.now)
    for takeover in moved:
        PrintedCopies(store.session).hand_over(takeover.stock, to=takeover.enters, at=context.now)
        after = [_moved(store, context, application, takeover.enters) for application in takeover.people]
        cases = [Case(application, people[application.id]) for application in after if application.id in people]
        to_people = letters_of_places(store, context, cases, places, office=takeover.enters, stock={*takeover.stock})
        for letter in (*_to_offices(store, context, takeover), *to_people):
            store.outbox.put(context.election, letter, now=context.now)


def _moved(store: Store, context: ElectionContext, application: Application, office: OfficeCode) -> Application:
    event = OfficeChanged(application_id=application.id, at=context.now, actor=ENGINE, office=office)
    return store.applications.record(application, event)


def letters_of_places(
    store: Store, context: ElectionContext, cases: Sequence[Case], places: Places | None,
    *, office: OfficeCode, stock: Collection[Serial],
) -> Iterator[Envelope]:  # fmt: skip
    """Yield to everybody in the field where they belong now, and to those whose badge is in *stock* where it lies."""
    lies_at = context.geography.office(office)
    mates: dict[UUID, list[UUID]] = {
        case.application.id: [UUID(mate) for mate in places.partners.get(str(case.application.id), ())]
        if places
        else []
        for case in cases
    }
    who = store.people.current(sorted({mate for both in mates.values() for mate in both}))
    for case in cases:
        known = case.application.id
        if case.application.status in PLACED:
            partners = [who[mate] for mate in mates[known] if mate in who]
            yield placement_letter(context, case, partners, places.sites.get(str(known)) if places else None)
        if case.application.serial in stock and (letter := CredentialLetters.at(context).collection(case, lies_at)):
            yield with_calendar(letter, context, [of_collection(context.profile, case, letter)])


def _to_offices(store: Store, context: ElectionContext, takeover: Takeover) -> Iterator[Envelope]:
    """Yield the letters to offices and delegations; to the two offices with the list of serials that change hands."""
    papers = _receipt(context, takeover)
    leaves, enters = (context.geography.office(code).email for code in (takeover.leaves, takeover.enters))
    for letter in letters_about(store, context, _change(context, takeover), takeover.people, left=takeover.leaves):
        if not papers or letter.organisation or letter.to not in {leaves, enters}:
            yield letter
            continue
        with_list = letter.revised(attachments=papers)
        asked = letter.to == enters
        count = len(takeover.stock)
        yield ask_for_receipt(store, context, with_list, left=takeover.leaves, badges=count) if asked else with_list


def _change(context: ElectionContext, takeover: Takeover) -> OfficeChange:
    """Return the change that brought it about, as it was announced; what nobody announced begins today."""
    kind: Literal["opens", "acting"] = "opens" if takeover.enters == takeover.home else "acting"
    begun = [
        change
        for change in changes(context.geography)
        if change.office == takeover.home and change.change == kind and change.begins_on <= context.day
    ]
    return begun[-1] if begun else OfficeChange(takeover.home, kind, context.day)


def _receipt(context: ElectionContext, takeover: Takeover) -> tuple[Attachment, ...]:
    """Return the list of printed badges that change hands, for both to sign: serials only, nobody's name."""
    if not takeover.stock:
        return ()
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(["serial", "handed over by", "received by", "on", "signature"])
    table.writerows([serial, takeover.leaves, takeover.enters, "", ""] for serial in takeover.stock)
    name = f"receipt-{takeover.leaves.lower()}-{takeover.enters.lower()}-{context.day}.csv"
    content = file_store().put(written.getvalue().encode())
    return (Attachment(filename=name, media_type="text/csv", content=content),)


def takeover_rows(moved: Sequence[Takeover]) -> list[Mapping[str, str | int]]:
    """Return one row for each takeover: codes and counts."""
    return [
        {
            "regions of": takeover.home, "from": takeover.leaves, "to": takeover.enters,
            "people": len(takeover.people), "printed badges": len(takeover.stock),
        }
        for takeover in moved
    ]  # fmt: skip


def foreseen(election: ElectionCode, *, now: UtcTime, on: date | None = None) -> list[Takeover]:
    """Return what :func:`follow_offices` would move, today or on a later day; nothing is changed."""
    context = election_context(election, now)
    with open_reader(database()) as store:
        return takeovers(store, context.on(on) if on else context)
