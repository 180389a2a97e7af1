"""The life of a credential after issuance: replaced under a new serial, ended with its time, accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias
from uuid import UUID

from db.credentials.serials import Reservation
from db.store import Store, open_reader, open_store
from domain.application.actors import Actor
from domain.application.application import Application
from domain.application.case import Case
from domain.application.events import (
    AccreditationExpired,
    CredentialReissued,
    CredentialSuspended,
    Event,
    SuspensionLifted,
)
from domain.application.status import Status
from domain.credentials.ledger import SerialLedger
from domain.credentials.states import Cause, LedgerState
from domain.credentials.status_list import status_index
from domain.election.moving import is_outdated
from domain.election.profile import ElectionProfile
from domain.errors import AccreditationError, BadInputError, ConcurrentChangeError
from domain.letters.envelope import Attachment, Envelope
from domain.statements.officers import OfficerRefusedError, OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, UtcTime
from flows.assignment.announcements import renew_rosters
from flows.context import ElectionContext, database, election_context
from flows.issuance.flow import BadgeMaker, Due, Issued, ledger_line
from flows.issuance.forged import without_forged
from flows.issuance.signing.process import signing
from flows.letters.calendar_letters import tell_of_new_badge
from flows.letters.credential_letters import CredentialLetters
from flows.letters.overtaken import cancel_overtaken
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer, Result, accept

_EXPIRY = Actor.engine("expiry")
_CALENDAR = Actor.engine("calendar")


@dataclass(frozen=True, slots=True)
class Reissue:
    """An order to replace credentials, as an officer proved it."""

    election: ElectionCode
    cause: Cause
    officer: str
    """Who proved it; empty where election day moved, which two officers signed."""
    now: UtcTime
    recused_from: tuple[str, ...] = ()

    @property
    def actor(self) -> Actor:
        """Whose act the replacement is."""
        return Actor.officer(self.officer) if self.officer else _CALENDAR


def reissue(ids: Sequence[UUID], cause: Cause, by: ActingOfficer) -> list[Result]:
    """Replace the credential of each of *ids*: new serial, index, badge and letters; the old serial is revoked.

    The proof is judged once for all of *ids*; the work is done in chunks, and a run that was cut off goes on where it
    stopped. Raises for what concerns all; what concerns one stands in its result.
    """
    return carry_out(_authorised(ids, cause, by), ids)


def carry_out(order: Reissue, ids: Sequence[UUID]) -> list[Result]:
    """Replace what *order*, whose proof was judged, is about; offices then get lists with the new serials."""
    election, now = order.election, order.now
    context = election_context(election, now)
    signing().require_key(election, now=now)
    results: list[Result] = []
    unique = list(dict.fromkeys(ids))
    for start in range(0, len(unique), settings().chunk_size):
        chunk = unique[start : start + settings().chunk_size]
        told, forged = without_forged(context, chunk, partial(_replaced, context, order))
        known = {result.application_id: result for part in told for result in part} | {
            case: _unproved(case) for case in forged
        }
        results += [known.get(case) or _changed(case) for case in chunk]
    if any(result.applied for result in results):
        renew_rosters(election, now=now)
    return results


def _replaced(context: ElectionContext, order: Reissue, ids: Sequence[UUID]) -> list[Result]:
    with open_store(database()) as store:
        due, refused = _reserve(store, context, order, ids)
    issued = BadgeMaker(context).print(due)
    with open_store(database()) as store:
        done = _record(store, context, order, issued)
    return [result for case in ids if (result := done.get(case) or refused.get(case))]


def _authorised(ids: Sequence[UUID], cause: Cause, by: ActingOfficer) -> Reissue:
    if not cause.calls_for_a_new_one:
        raise BadInputError("cause", f"{cause} does not call for a new credential.", remedy="Name loss or damage.")
    with open_store(database()) as store:
        officer = store.officers.get(by.election, by.officer)
        if not officer.may(OfficerRole.CASE_OFFICER):
            raise OfficerRefusedError(officer.code, "only a case officer in service may do this.")
        deed = Deed(kind=ActKind.REISSUE, cases=tuple(ids), terms={"cause": cause.value})
        accept(store, by, deed)
    return Reissue(by.election, cause, officer.code, by.now, officer.recused_from)


def _reserve(
    store: Store, context: ElectionContext, order: Reissue, ids: Sequence[UUID]
) -> tuple[list[Due], dict[UUID, Result]]:
    """Reserve a new serial for each that may have one; an open reservation is taken up again, with today's times."""
    found = store.applications.get_many(ids)
    refused = {
        known_id: Result(known_id, applied=False, sentence=why)
        for known_id in ids
        if (why := _hindrance(found.get(known_id), order))
    }
    due = [found[known_id] for known_id in ids if known_id not in refused]
    people = store.people.current([application.id for application in due])
    open_ones = store.credentials.reserved([application.id for application in due])
    held = store.credentials.of_serials([str(application.serial) for application in due])
    fresh = [application for application in due if application.id not in open_ones]
    numbers = iter(range(first := store.elections.next_serials(order.election, len(fresh)), first + len(fresh)))
    secret = store.elections.secret(order.election)
    made: dict[UUID, Reservation] = {}
    for application in due:
        times = _times(context, held[str(application.serial)], order)
        taken_up = open_ones.get(application.id)
        made[application.id] = (
            taken_up.revised(**times)
            if taken_up
            else _reservation(context, application, next(numbers), secret).revised(**times)
        )
    store.credentials.reserve([made[application.id] for application in fresh])
    store.credentials.retime([made[case] for case in open_ones])
    return [Due(Case(application, people[application.id]), made[application.id]) for application in due], refused


def _hindrance(application: Application | None, order: Reissue) -> str:
    """Return why this application gets no new credential, empty where it may."""
    if application is None or application.election != order.election:
        return "no such case in this election"
    if application.status is not Status.CREDENTIALED or application.valid_until is None:
        return f"{application.case_number} is {application.status}: there is no credential in use to replace."
    if application.organisation in order.recused_from:
        return f"{order.officer}: is recused from cases of {application.organisation}."
    if application.valid_until <= order.now and order.cause is not Cause.CALENDAR:
        return f"{application.case_number}: its time has ended; run accredit credential expire."
    return ""


def _times(context: ElectionContext, old: Reservation, order: Reissue) -> dict[str, UtcTime]:
    """Return when the replacement counts: from now, or when the old one would have begun, to the same end.

    Where election day moved, begin and end are those of the new calendar.
    """
    issued_at = order.now.replace(microsecond=0)
    if order.cause is Cause.CALENDAR:
        begins = max(issued_at, context.profile.effective(old.issued_at).replace(microsecond=0))
        ends = context.profile.valid_until(begins).replace(microsecond=0)
        return {"issued_at": issued_at, "valid_from": begins, "valid_until": max(begins, ends)}
    return {
        "issued_at": issued_at,
        "valid_from": max(issued_at, old.valid_from),
        "valid_until": old.valid_until,
    }


def _reservation(context: ElectionContext, application: Application, number: int, secret: bytes) -> Reservation:
    rules = context.profile.credential
    return Reservation(
        serial=rules.serial(number),
        election=context.election,
        application_id=application.id,
        application_version=application.version,
        number=number,
        status_index=status_index(number, seed=secret, size=rules.status_list_size),
        issued_at=context.now,
        valid_from=context.now,
        valid_until=application.valid_until or context.now,
        replaces=application.serial,
    )


def _record(store: Store, context: ElectionContext, order: Reissue, issued: Sequence[Issued]) -> dict[UUID, Result]:
    """Record the replacements of all whose credential is still the one that was to be replaced."""
    by_id = {badge.reservation.application_id: badge for badge in issued}
    found = store.applications.get_many(list(by_id))
    still = [
        application
        for _, application in sorted(found.items())
        if application.status is Status.CREDENTIALED
        and application.serial == by_id[application.id].reservation.replaces
    ]
    people = store.people.current([application.id for application in still])
    results: dict[UUID, Result] = {}
    for application in still:
        badge = by_id[application.id]
        moved = store.applications.record(application, _event(application, badge, order))
        _write(store, context, Case(moved, people[moved.id]), badge, cause=order.cause)
        sentence = f"{application.case_number}: {application.serial} is void, {moved.serial} replaces it"
        results[application.id] = Result(application.id, applied=True, sentence=sentence)
    store.credentials.issue([ledger_line(by_id[application.id]) for application in still])
    voided = [str(application.serial) for application in still]
    store.credentials.move(voided, LedgerState.REVOKED, cause=order.cause, at=order.now)
    return results


def _event(application: Application, issued: Issued, order: Reissue) -> CredentialReissued:
    return CredentialReissued(
        application_id=application.id,
        at=order.now,
        actor=order.actor,
        serial=issued.reservation.serial,
        replaces=str(application.serial),
        valid_until=issued.reservation.valid_until,
        cause=order.cause.value,
    )


def _write(store: Store, context: ElectionContext, case: Case, issued: Issued, *, cause: Cause) -> None:
    """Queue the new badge, and the news that the old serial is void, to the person and to the office.

    Where election day moved, it is one letter to the person; offices have theirs, and get new lists.
    """
    letters, lost = CredentialLetters.at(context), cause is Cause.LOSS
    badge = Attachment(
        filename=f"badge-{issued.reservation.serial}.pdf", media_type="application/pdf", content=issued.badge
    )
    if cause is Cause.CALENDAR:
        tell_of_new_badge(store, context, case, badge)
        return
    envelopes = [
        letters.credential(case, valid_from=issued.reservation.valid_from, badge=badge),
        letters.void(case, replaced=True, lost=lost),
        letters.void_at_office(case, str(issued.reservation.replaces), replaced=True, lost=lost),
    ]
    for envelope in envelopes:
        if envelope is not None:
            store.outbox.put(context.election, envelope, now=context.now)


def _changed(known: UUID) -> Result:
    return Result(known, applied=False, sentence="somebody changed this case meanwhile; run it again")


def _unproved(case: UUID) -> Result:
    return Result(case, applied=False, sentence="what the database says of this case is not proved; officers are told")


def outdated(store: Store, profile: ElectionProfile, *statuses: Status) -> list[Application]:
    """Return the cases whose credential is of before election day moved and does not fit the new day."""
    if not profile.former_calendars:
        return []
    held = [case for case in store.applications.all_in(profile.election.code, *statuses) if case.serial]
    lines = store.credentials.of_serials([str(case.serial) for case in held])
    return [case for case in held if (line := lines.get(str(case.serial))) and _is_outdated(profile, line)]


def _is_outdated(profile: ElectionProfile, line: Reservation) -> bool:
    return is_outdated(
        profile, issued_at=line.issued_at, valid_from=line.valid_from, valid_until=line.valid_until
    )  # fmt: skip


def replace_outdated(election: ElectionCode, *, now: UtcTime) -> list[Result]:
    """Replace the credentials in use that do not fit the day to which election day moved; each holder gets one letter.

    Two officers signed the move. A second run finds those that are left, and whose suspension has ended since.
    """
    with open_reader(database()) as store:
        due = outdated(store, store.elections.profile(election), Status.CREDENTIALED)
    order = Reissue(election, Cause.CALENDAR, "", now)
    return carry_out(order, [case.id for case in due]) if due else []


def signed_by(election: ElectionCode, key_id: str) -> list[UUID]:
    """Return the applications whose credential in use was signed by the key called *key_id* (hex)."""
    with open_reader(database()) as store:
        return store.credentials.signed_by(election, key_id.lower())


def end_what_is_over(election: ElectionCode, *, now: UtcTime) -> dict[str, int]:
    """End what is over at *now*: accreditations, with a letter; suspensions at the end they named, with a letter.

    Serials whose holder withdrew are void. Returns counts; a second run at the same moment finds nothing to do.
    """
    context = election_context(election, now)
    with open_reader(database()) as store:
        held = store.applications.all_in(election, Status.CREDENTIALED, Status.SUSPENDED)
    over = [
        application.id for application in held if application.valid_until is not None and application.valid_until < now
    ]
    set_aside = [
        application
        for application in held
        if application.status is Status.SUSPENDED and application.id not in set(over)
    ]
    due = [application.id for application in set_aside if application.due_at is not None and application.due_at <= now]
    letters = CredentialLetters.at(context)
    expiry: _Ending = (_end_of_time, LedgerState.EXPIRED, letters.end)
    lifting: _Ending = (_end_of_suspension, LedgerState.ISSUED, letters.lifted)
    counts = {
        "expired": sum(_close(chunk, context, expiry) for chunk in _chunks(over)),
        "lifted": sum(_close(chunk, context, lifting) for chunk in _chunks(due)),
        "voided": 0,
    }
    with open_store(database()) as store:
        left = [
            line for line in store.credentials.ledger(election).contradictions if line.wanted is LedgerState.REVOKED
        ]
        for line in left:
            cause = Cause.WITHDRAWAL if line.application_status is Status.WITHDRAWN else Cause.DECISION
            store.credentials.move([line.serial], LedgerState.REVOKED, cause=cause, at=now)
    return counts | {"voided": len(left)}


def _chunks(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    size = settings().chunk_size
    return (ids[start : start + size] for start in range(0, len(ids), size))


_Ending: TypeAlias = tuple[Callable[[Store, Application, UtcTime], Event], LedgerState, Callable[[Case], Envelope]]
"""What ends a thing, the state of its serial afterwards, and the letter that says so."""


def _close(ids: Sequence[UUID], context: ElectionContext, ending: _Ending) -> int:
    """Record *ending* for each of *ids* that it still applies to, in one transaction; return how many."""
    event, state, letter = ending
    closed = 0
    with open_store(database()) as store:
        people = store.people.current(ids)
        for application in store.applications.get_many(ids).values():
            try:
                moved = store.applications.record(application, event(store, application, context.now))
            except AccreditationError:  # revoked, lifted or withdrawn since it was listed
                continue
            cancel_overtaken(store, context, moved, before=application.status)
            store.credentials.move([str(moved.serial)], state, cause=Cause.END, at=context.now)
            store.outbox.put(context.election, letter(Case(moved, people[moved.id])), now=context.now)
            closed += 1
    return closed


def _end_of_time(_store: Store, application: Application, now: UtcTime) -> AccreditationExpired:
    return AccreditationExpired(application_id=application.id, at=now, actor=_EXPIRY)


def _end_of_suspension(store: Store, application: Application, now: UtcTime) -> SuspensionLifted:
    """Return the end that the decision which ordered the suspension named; a proposed revocation stays open."""
    ordered = [
        remanded for remanded in store.applications.history(application.id) if isinstance(remanded, CredentialSuspended)
    ]
    if not ordered or application.due_at is None or application.due_at > now:
        raise ConcurrentChangeError(f"{application.case_number} is no longer suspended.")
    return SuspensionLifted(application_id=application.id, at=now, actor=_EXPIRY, decision_id=ordered[-1].decision_id)


def serial_ledger(election: ElectionCode) -> SerialLedger:
    """Return every serial of the election with its explanation."""
    with open_reader(database()) as store:
        return store.credentials.ledger(election)
