"""Print jobs of an office, and what became of every printed copy: handed over, damaged, lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from db.credentials.prints import PrintedCopies, PrintedCopy
from db.store import Store, open_reader, open_store
from domain.application.application import Application
from domain.application.case import Case
from domain.application.nomination import Nomination
from domain.application.status import Status
from domain.credentials.claims import document_tag
from domain.credentials.states import CopyState
from domain.errors import AccreditationError, BadInputError
from domain.numbers import number_of
from domain.statements.officers import Officer, OfficerRefusedError, OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, Frozen, OfficeCode, Serial, Sha256, UtcTime, bare
from flows.context import ElectionContext, database, election_context
from flows.issuance.flow import FEW, Due, badge_of
from flows.issuance.signing.signatory import printable_photo
from flows.letters.calendar_files import of_collection, with_calendar
from flows.letters.credential_letters import CredentialLetters
from flows.runtime.processes.cores import spread
from flows.runtime.processes.readers import plain_content
from flows.statements.acceptance import ActingOfficer, accept
from flows.storage.files import file_store
from notifications.badge.reader import read_token
from notifications.badge.rendering import render_cards
from notifications.badge.sheets import Job, Section, SheetLayout, job_pdf


class HandoverRefusedError(AccreditationError):
    """The badge must not be handed over like this."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A print job: the file, and the serials in it in order; *left* are badges not in it, which have a good copy."""

    office: OfficeCode
    pdf: bytes
    serials: tuple[Serial, ...]
    left: int = 0


def print_office(
    election: ElectionCode, office: OfficeCode, layout: SheetLayout, *, now: UtcTime, again: bool = False
) -> Printed:
    """Return the job of *office* by region and name, for badges that have no good copy yet.

    With *again*, for all its badges. Nothing is recorded: :func:`record_printed` does that once the file is safe.
    """
    context = election_context(election, now)
    with open_reader(database()) as store:
        cases = _roster(store, context, office)
        copies = PrintedCopies(store.session).latest([str(case.application.serial) for case in cases])
        due = [case for case in cases if again or _wants_copy(copies.get(str(case.application.serial)))]
        badges = {
            str(case.application.serial): store.credentials.badge_of(str(case.application.serial)) for case in due
        }
    files = {serial: file_store().get(str(name)) for serial, name in badges.items()}
    if layout is SheetLayout.CARD:
        files = _cards(context, due, files)
    sections = [
        Section(
            heading=_region(context, region), lines=_lines(group), badges=tuple(files[_serial(case)] for case in group)
        )
        for region, group in _by_region(due)
    ]
    title = f"{context.profile.election.title} · {context.geography.office(office).name}"
    day = now.astimezone(context.profile.zone).date()
    job = Job(over=title, layout=layout, day=day, sections=tuple(sections))
    serials = tuple(_serial(case) for case in due)
    return Printed(office, job_pdf(job) if sections else b"", serials, left=len(cases) - len(due))


def record_printed(printed: Printed, election: ElectionCode, layout: SheetLayout, *, now: UtcTime) -> None:
    """Record that every badge of the job was printed once more, and tell the holders where it lies."""
    context = election_context(election, now)
    with open_store(database()) as store:
        copies = PrintedCopies(store.session)
        before = copies.latest(printed.serials)
        copies.put(
            [
                PrintedCopy(
                    serial=serial,
                    copy_number=before[serial].copy_number + 1 if serial in before else 1,
                    election=election,
                    office=printed.office,
                    layout=layout.value,
                    state=CopyState.PRINTED,
                    printed_at=now,
                    changed_at=now,
                )
                for serial in printed.serials
            ]
        )
        _tell_holders(store, context, printed)


def _tell_holders(store: Store, context: ElectionContext, printed: Printed) -> None:
    """Queue the collection letters; a badge printed a second time at the same office calls for no second letter."""
    held = store.credentials.of_serials(printed.serials).values()
    people = store.people.current([reservation.application_id for reservation in held])
    letters = CredentialLetters.at(context)
    office = context.geography.office(printed.office)
    for application in store.applications.get_many(list(people)).values():
        case = Case(application, people[application.id])
        if letter := letters.collection(case, office):
            dated = with_calendar(letter, context, [of_collection(context.profile, case, letter)])
            store.outbox.put(context.election, dated, now=context.now)


def _wants_copy(copy: PrintedCopy | None) -> bool:
    return copy is None or copy.state in {CopyState.DAMAGED, CopyState.LOST}


def _roster(store: Store, context: ElectionContext, office: OfficeCode) -> list[Case]:
    context.geography.office(office)
    served = [
        application for application in store.applications.served_by(context.election, office) if _is_good(application)
    ]
    people = store.people.current([application.id for application in served])
    cases = [Case(application, people[application.id]) for application in served]
    return sorted(cases, key=lambda case: (_region(context, case.application.region), case.nomination.name))


def _is_good(application: Application) -> bool:
    return application.status is Status.CREDENTIALED


def _by_region(cases: Sequence[Case]) -> list[tuple[str | None, list[Case]]]:
    return [(region, list(group)) for region, group in groupby(cases, key=lambda case: case.application.region)]


def _region(context: ElectionContext, code: str | None) -> str:
    return context.geography.region(code).name if code else "All regions"


def _serial(case: Case) -> Serial:
    return str(case.application.serial)


def _lines(cases: Sequence[Case]) -> tuple[str, ...]:
    return (f"{number_of(len(cases), 'badges')}", f"{_serial(cases[0])} to {_serial(cases[-1])}, in order of names")


def _cards(context: ElectionContext, due: Sequence[Case], files: dict[Serial, bytes]) -> dict[Serial, bytes]:
    """Draw cards with the very tokens of the badges, read back from them: tokens are kept nowhere else."""
    with open_reader(database()) as store:
        reserved = store.credentials.of_serials(list(files))
    badges = [
        badge_of(
            context,
            Due(case, reserved[_serial(case)]),
            token=_token(files[_serial(case)], _serial(case)),
            photo=printable_photo(case.nomination),
        )
        for case in due
    ]
    return dict(zip(files, spread(render_cards, badges, few=FEW), strict=True))


def _token(badge: bytes, serial: Serial) -> str:
    token = read_token(badge)
    if token is None:
        raise BadInputError(f"badge {serial}", "shows no code.", remedy="Re-issue it: accredit credential reissue.")
    return token


class Settled(Frozen):
    """What became of the last printed copy of a credential.

    To hand it over, *document_number* is that of the identity document which the officer holds and compares with the
    face; it must be the one of the file, and is not kept. Somebody else who fetches it brings a copy of that document,
    the holder's written *authority* (kept) and a document of their own (kept as a keyed tag).
    """

    serial: Serial
    state: CopyState
    document_number: Annotated[str, Field(repr=False)] = ""
    proxy_document: Annotated[str, Field(repr=False)] = ""
    authority: Sha256 | None = None

    @model_validator(mode="after")
    def _proxy_has_authority(self) -> Self:
        if bool(bare(self.proxy_document)) != (self.authority is not None):
            raise ValueError("who fetches a badge for somebody brings a document and the written authority")
        return self

    @property
    def deed(self) -> Deed:
        """What the officer signs; documents are in none of it."""
        terms = {"serial": self.serial, "state": self.state.value, "authority": self.authority}
        return Deed(kind=ActKind.HANDOVER, terms=terms)


def keep_authority(scan: Path) -> Sha256:
    """Keep the scan of a written authority in the file store and return its name there."""
    try:
        content = plain_content(scan)
    except OSError as error:
        raise BadInputError(str(scan), "cannot be read.", remedy="Name the scan of the written authority.") from error
    return file_store().put(content)


def require_handover(serial: str, by: ActingOfficer) -> None:
    """Raise what :func:`settle_copy` would whatever the document is: nobody is asked for one in vain."""
    with open_reader(database()) as store:
        officer = store.officers.at_work(by.election, by.officer, now=by.now)
        application = store.applications.get(store.credentials.line(by.election, serial).application_id)
        _check_officer(officer, application)
        _check_stock(store, application, serial, now=by.now)


def settle_copy(settled: Settled, by: ActingOfficer) -> None:
    """Record what became of a printed copy.

    Raises :class:`HandoverRefusedError` where the document is another, the credential is not good now, or where the
    copy was handed over before.
    """
    with open_store(database()) as store:
        officer = store.officers.at_work(by.election, by.officer, now=by.now)
        if not officer.may(OfficerRole.CASE_OFFICER):
            raise OfficerRefusedError(officer.code, "only a case officer in service may do this.")
        line = store.credentials.line(by.election, settled.serial)
        if settled.state is CopyState.HANDED_OVER:
            application = store.applications.get(line.application_id)
            _check_officer(officer, application)
            _check_stock(store, application, settled.serial, now=by.now)
            _check_document(store, application, settled)
        accept(store, by, settled.deed)
        PrintedCopies(store.session).move(
            settled.serial, settled.state, officer=officer.code, at=by.now, proxy=_proxy(store, by.election, settled)
        )


def _proxy(store: Store, election: ElectionCode, settled: Settled) -> tuple[str, Sha256] | None:
    """Return the tag of the proxy's document, and the authority; raises where the profile knows no proxies."""
    if settled.authority is None:
        return None
    rules = store.elections.profile(election).credential.collection
    if rules is None or not rules.proxy:
        raise HandoverRefusedError(f"{settled.serial}: the rules of this election hand badges to their holders only.")
    secret = store.elections.secret(election)
    return document_tag(settled.proxy_document, issuing_state="", secret=secret).hex(), settled.authority


def _check_officer(officer: Officer, application: Application) -> None:
    if officer.offices and application.office not in officer.offices:
        raise OfficerRefusedError(officer.code, f"does not work at {application.office}.")


def _check_stock(store: Store, application: Application, serial: str, *, now: UtcTime) -> None:
    copy = PrintedCopies(store.session).latest([serial]).get(serial)
    if application.status is not Status.CREDENTIALED or application.serial != serial:
        stands = (
            f"has {application.serial} now" if application.serial not in {None, serial} else f"is {application.status}"
        )
        raise HandoverRefusedError(f"{serial} is not in use: {application.case_number} {stands}.")
    if application.valid_until is not None and application.valid_until < now:
        raise HandoverRefusedError(f"{serial} has expired.")
    if copy is None or copy.state is not CopyState.PRINTED:
        remedy = "" if copy else f" Print it: accredit print {application.office or 'OFFICE'}"
        raise HandoverRefusedError(f"{serial}: no printed copy is there to hand over; it is {_said(copy)}.{remedy}")


def _check_document(store: Store, application: Application, settled: Settled) -> None:
    if not _same_document(store.people.current([application.id])[application.id], settled.document_number):
        raise HandoverRefusedError(
            f"{settled.serial}: the identity document is not the one of the file. Keep the badge."
        )


def _said(copy: PrintedCopy | None) -> str:
    return "not printed" if copy is None else copy.state.replace("_", " ")


def _same_document(nomination: Nomination, number: str) -> bool:
    shown, held = (bare(each) for each in (number, nomination.document_number))
    return bool(held) and shown == held


def printed_counts(election: ElectionCode) -> list[dict[str, str | int]]:
    """Return, by office, how many copies are where, and how many wait there that nobody may be given any more."""
    with open_reader(database()) as store:
        counts = PrintedCopies(store.session).counts(election)
    return [
        {"office": office} | {name: states[name] for name in (*CopyState, "void")} for office, states in counts.items()
    ]
