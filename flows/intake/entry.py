"""Applications one at a time: what arrives on paper or by phone, taken down by an officer.

It is read, checked and recorded exactly as the row of a nominations file: what was taken down is kept as a file of one
row, so that every account of intake holds it too. The officer is the author of the event, which says by which way it
came.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from db.store import Store, open_reader, open_store
from domain.application.actors import Actor, ArrivalWay
from domain.application.application import Application
from domain.application.findings import Finding
from domain.application.nomination import Nomination
from domain.application.status import FINAL
from domain.election.profile import ElectionProfile
from domain.errors import BadInputError
from domain.identity.photo import FileProblem
from domain.intake.completeness import NOT_FOUND, completeness
from domain.intake.kept_files import unfit_in_place
from domain.intake.nominations_file import NominationsFile, RowProblem, RowRead, file_id
from domain.intake.remedies import Asked, FieldProblem, problems_of, remedy_for
from domain.intake.rows import cells_of, read_row
from domain.messages import Message
from domain.statements.officers import OfficerRole
from domain.statements.statement import ActKind, Deed, check_arrival
from domain.values import Frozen, OrganisationCode, Sha256, UtcTime
from flows.context import ElectionContext, database, election_context
from flows.intake.reading.enclosures import Enclosures, read_enclosures
from flows.intake.recognition import recognise_one
from flows.intake.recording import Origin, Recorder
from flows.intake.withdrawal import Withdrawal, give_up
from flows.statements.acceptance import ActingOfficer, authorise, refuse_recused
from flows.storage.files import file_store

FILES = ("photo", "identity_page")


@dataclass(frozen=True, slots=True)
class EnteredApplication:
    """What was taken down: cells by column (of files: their paths), by which way it came and when."""

    cells: Mapping[str, str]
    way: ArrivalWay = ArrivalWay.PAPER
    received_at: UtcTime | None = None


class Entered(Frozen):
    """What became of what was taken down."""

    application_id: UUID
    case_number: str
    outcome: str
    status: str
    open_points: tuple[FieldProblem, ...] = ()
    """What is still to be mended."""
    replaces: UUID | None = None


def enter(organisation: OrganisationCode, entry: EnteredApplication, by: ActingOfficer) -> Entered:
    """Record a nomination by *organisation*; the same again is unchanged, another version of it corrects.

    Raises :class:`BadInputError` for what no row of a file could hold either; nothing is recorded then.
    """
    context = election_context(by.election, by.now)
    row = _read(entry, organisation, context.profile)
    with open_store(database()) as store:
        store.organisations.get(by.election, organisation)
        _, known = recognise_one(store, by.election, row)
        clerk = _Clerk(store, by, entry)
        clerk.prove("record", organisation, [known])
        return clerk.record(row, known)


def correct(application: UUID, entry: EnteredApplication, by: ActingOfficer) -> Entered:
    """Record a newer version of an application, which differs in the cells given; files not given stay as they are.

    Raises :class:`BadInputError` for a value that cannot be read: it would wipe out what is on record.
    """
    with open_reader(database()) as store:
        profile = store.elections.profile(by.election)
        before = store.applications.get(application)
        nomination = _on_record(store, before)
        findings = store.people.findings_on([application]).get(application, [])
    if (given := entry.cells.get("reference")) and given != nomination.reference:
        raise BadInputError("reference", "identifies the row and cannot be changed.", remedy="Leave it out.")
    whole = EnteredApplication({**cells_of(nomination), **entry.cells}, entry.way, entry.received_at)
    read = _read(whole, before.organisation, profile)
    _refuse_unreadable(read.nomination, entry.cells, profile)
    _refuse_unfit(unfit_in_place(_files_of(read.nomination), read.findings, nomination, findings), profile, nomination)
    row = _completed(read, nomination, findings, entry.cells)
    with open_store(database()) as store:
        clerk = _Clerk(store, by, whole)
        clerk.prove(f"correct {before.version}", before.organisation, [application])
        return clerk.record(row.revised(about=application), application)


def _refuse_unreadable(nomination: Nomination, given: Mapping[str, str], profile: ElectionProfile) -> None:
    for column in nomination.unreadable:
        if given.get(column) and (told := problem_of(column, given[column], profile)):
            raise BadInputError(column, told.hinting("nothing_recorded"))


def _files_of(nomination: Nomination) -> dict[str, Sha256 | None]:
    return {"photo": nomination.photo, "identity_page": nomination.identity_page}


def _refuse_unfit(unfit: Sequence[Finding], profile: ElectionProfile, nomination: Nomination) -> None:
    """Refuse files that cannot take the place of those on record: whoever takes them down is there to send others."""
    for finding in unfit:
        told = remedy_for(finding, finding.about, Asked.of(profile, nomination))
        raise BadInputError(finding.about, told.hinting("nothing_recorded"))


def replace(application: UUID, entry: EnteredApplication, by: ActingOfficer) -> Entered:
    """Put another person in a nominee's place: the new application keeps the place in the queue.

    Both histories name each other, and both sides get their letters. The role is the same unless given. Raises
    :class:`BadInputError` where the nominee's application is over, or where the new person is nominated already.
    """
    context = election_context(by.election, by.now)
    with open_reader(database()) as store:
        before = store.applications.get(application)
        old = _on_record(store, before)
    cells = {"role": before.role.value, **_another_reference(old, entry.cells)}
    entry = EnteredApplication(cells, entry.way, entry.received_at)
    row = _read(entry, before.organisation, context.profile)
    with open_store(database()) as store:
        _, known = recognise_one(store, by.election, row)
        clerk = _Clerk(store, by, entry)
        clerk.prove("replace", before.organisation, [application, known])
        _refuse_impossible(before, store.applications.get_many([known]))
        clerk.give_up(before, in_favour_of=known)
        return clerk.record(row.revised(about=known), known, in_place_of=before)


def _on_record(store: Store, application: Application) -> Nomination:
    """Return what is said of the person; raises :class:`BadInputError` where it is erased."""
    found = store.people.current([application.id])
    if application.id not in found:
        remedy = "It cannot be brought back; record a new application."
        raise BadInputError(
            application.case_number, "has no personal data any more: the data was erased.", remedy=remedy
        )
    return found[application.id]


def problem_of(column: str, text: str, profile: ElectionProfile) -> Message | None:
    """Return what is wrong with *text* in *column*, or None; for asking again while it is typed."""
    cells = {"role": "expert", "surname": "SOMEBODY", "reference": "1", column: text}
    read = read_row(1, cells, roles=profile.own_role_names)
    if isinstance(read, RowProblem):
        return read.message if read.field == column else None
    for finding in completeness(read, profile):
        if column in finding.fields and finding.rule != "field_missing":
            return remedy_for(finding, column, Asked.of(profile, read))
    return None


class _Clerk:
    """An officer taking down one application in one transaction."""

    def __init__(self, store: Store, by: ActingOfficer, entry: EnteredApplication) -> None:
        self._store = store
        self._by = by
        self._entry = entry
        self._content = json.dumps({"way": entry.way, "cells": dict(sorted(entry.cells.items()))}, ensure_ascii=False)
        self._context = ElectionContext.of(store, by.election, now=by.now)
        self._actor = Actor.officer(by.officer)

    def prove(self, act: str, organisation: OrganisationCode, ids: list[UUID]) -> None:
        self._store.organisations.get(self._by.election, organisation)
        received = self._received(ids)
        terms = {"act": act, "organisation": organisation, "way": self._entry.way.value, "received_at": received}
        deed = Deed(kind=ActKind.ENTER, cases=tuple(ids), terms=terms, words={"cells": self._content})
        officer = authorise(self._store, self._by, deed, role=OfficerRole.CASE_OFFICER).officer
        refuse_recused(officer, organisation)

    def _received(self, ids: list[UUID]) -> str | None:
        """Return when it arrived, as it is signed; of a real election never later than now, nor before the case."""
        received = self._entry.received_at
        if received and not self._store.statements.is_rehearsal(self._by.election):
            if received > self._by.now:
                raise BadInputError("--received-at", "is in the future.", remedy="Say when it arrived.")
            check_arrival(received, self._store.applications.last_moments(ids).values())
        return received.isoformat() if received else None

    def give_up(self, application: Application, *, in_favour_of: UUID) -> None:
        withdrawal = Withdrawal(self._actor, "organisation", self._entry.way, in_favour_of)
        give_up(self._store, self._context, application, withdrawal)

    def record(self, row: RowRead, known: UUID, *, in_place_of: Application | None = None) -> Entered:
        file = self._file(row.organisation, known)
        origin = Origin(
            actor=self._actor,
            way=self._entry.way,
            in_place_of=in_place_of.id if in_place_of else None,
            received_at=in_place_of.received_at if in_place_of else None,
        )
        recorder = Recorder(self._store, self._context, file, origin)
        counts = recorder.record([row])
        for back in recorder.problems:
            if back.outcome == "returned":
                raise BadInputError(back.field, back.problem, remedy=back.remedy)
        _refuse_unfit(recorder.set_aside, self._context.profile, row.nomination)
        known = recorder.ids[row.number]
        if self._store.intake.take(file, rows=1, now=self._by.now):
            self._store.flush()
            self._store.intake.put_chunk(file.id, 1, counts, recorder.problems)
            self._store.flush()
            self._store.identities.trace(file.id, recorder.traces)
            self._store.intake.finish_counted(self._by.election, now=self._by.now)
        outcome = next(name for name, count in counts.model_dump().items() if count)
        return self._entered(known, outcome, in_place_of)

    def _file(self, organisation: OrganisationCode, known: UUID) -> NominationsFile:
        """Keep what was taken down as a file of one row: the same at the same version is the same file."""
        applications = self._store.applications.get_many([known])
        version = applications[known].version if known in applications else 0
        sha256: Sha256 = file_store().put(f"{known} {version}\n{self._content}".encode("utf-8", "replace"))
        return NominationsFile(
            id=file_id(self._by.election, organisation, sha256),
            election=self._by.election,
            organisation=organisation,
            sha256=sha256,
            name=f"{self._entry.way}, taken down by {self._by.officer}",
            received_at=self._entry.received_at or self._by.now,
        )

    def _entered(self, known: UUID, outcome: str, in_place_of: Application | None) -> Entered:
        application = self._store.applications.get(known)
        findings = self._store.people.findings_on([known]).get(known, [])
        asked = Asked.of(self._context.profile, self._store.people.current([known])[known])
        return Entered(
            application_id=known,
            case_number=application.case_number,
            outcome=outcome,
            status=application.status,
            open_points=tuple(problems_of(findings, asked)),
            replaces=in_place_of.id if in_place_of else None,
        )


def _read(entry: EnteredApplication, organisation: OrganisationCode, profile: ElectionProfile) -> RowRead:
    """Read the cells and the files they name; raises :class:`BadInputError` naming the column, never what it holds."""
    cells = {column: text for column, text in entry.cells.items() if column not in FILES}
    nomination = read_row(1, cells, roles=profile.own_role_names)
    if isinstance(nomination, RowProblem):
        raise BadInputError(nomination.field or "the row", nomination.message)
    enclosed = {column: _enclosure(column, entry.cells.get(column, ""), profile) for column in FILES}
    return RowRead(
        number=1,
        organisation=organisation,
        nomination=nomination.revised(
            photo=enclosed["photo"].photo, identity_page=enclosed["identity_page"].identity_page
        ),
        findings=tuple(finding for enclosures in enclosed.values() for finding in enclosures.findings),
        fingerprint=enclosed["photo"].fingerprint,
        cells=cells,
    )


def _enclosure(column: str, path: str, profile: ElectionProfile) -> Enclosures:
    place = Path(path)
    if path and not place.is_file():
        raise BadInputError(column, "there is no such file.", remedy="Name a JPEG, PNG or PDF file.")
    return read_enclosures({column: place.name} if path else {}, place.parent, profile)


def _completed(row: RowRead, before: Nomination, findings: list[Finding], given: Mapping[str, str]) -> RowRead:
    """Return *row* with the files of the version before, and what was found on them, where none came with it."""
    kept = {column: getattr(before, column) for column in FILES if not given.get(column)}
    of_files = {*(problem.value for problem in FileProblem), NOT_FOUND}
    still = (finding for finding in findings if finding.rule in of_files and finding.about in kept)
    return row.revised(nomination=row.nomination.revised(**kept), findings=(*row.findings, *still))


def _another_reference(old: Nomination, cells: Mapping[str, str]) -> dict[str, str]:
    """Return *cells* with a reference that is not the old row's: by that the old person is known."""
    given: dict[str, Any] = dict(cells)
    if old.reference and given.get("reference", "") in {"", old.reference}:
        given["reference"] = f"{old.reference}-R"
    return given


def _refuse_impossible(before: Application, found: Mapping[UUID, Application]) -> None:
    if before.status in FINAL:
        raise BadInputError(before.case_number, f"is {before.status}.", remedy="Record the new person as a new one.")
    for application in found.values():
        remedy = "Withdraw one of the two, or correct it."
        raise BadInputError(application.case_number, "is already an application of this person.", remedy=remedy)
