"""Questions to other authorities: as little as they need, time-boxed; silence is "no answer", never an objection."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from db.store import Store, open_reader, open_store
from domain.application.application import case_number
from domain.application.nomination import Nomination
from domain.decisions.casework import Answer, Clearance
from domain.election.profile import ElectionProfile
from domain.election.profile.casework import AskedField, ClearingAuthority
from domain.errors import BadInputError, UnknownThingError
from domain.letters.envelope import Envelope, LetterKind
from domain.statements.officers import OfficerRefusedError, OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, UtcTime
from flows.context import database
from flows.letters.addressing import to_authority
from flows.statements.acceptance import ActingOfficer, accept
from notifications.letters.lines import Letterhead
from notifications.letters.office import AskedLine, ClearanceLetter
from notifications.workbooks import plain

ANSWERS: Final = ("answer (no_objection or objection)", "ground")
USUAL: Final[tuple[AskedField, ...]] = ("name", "birth_date", "citizenships")


def ask(ids: Sequence[UUID], clearance: Clearance, by: ActingOfficer, *, folder: Path) -> Path:
    """Keep a question about each of *ids*, like *clearance*, and write the request for the authority into *folder*.

    The file holds case number, name, birth date and citizenships (or what the profile lets the authority be told), and
    nothing else; its mode is 0600. Asking again keeps the first time limit.
    """
    with open_store(database()) as store:
        people = _open(store, ids, clearance, by)
        told = next(
            (authority.told for authority in _authorities(store, by.election) if authority.code == clearance.authority),
            USUAL,
        )
    rows = [[case_number(case), *_values(person, told), "", ""] for case, person in sorted(people.items())]
    name = f"request-{clearance.authority}-{by.now:%Y%m%dT%H%M}.csv"
    return _write(folder, name, [("case", *told, *ANSWERS), *rows])


def ask_by_letter(ids: Sequence[UUID], clearance: Clearance, by: ActingOfficer) -> ClearingAuthority:
    """Keep a question about each of *ids* and queue a letter about each to the authority; asking again sends nothing.

    The letter tells what the profile lets the authority be told. Raises :class:`BadInputError` for an authority that
    the profile does not have.
    """
    with open_store(database()) as store:
        profile = store.elections.profile(by.election)
        authority = find_authority(profile, clearance.authority)
        people = _open(store, ids, clearance, by)
        for known, person in sorted(people.items()):
            store.outbox.put(by.election, request_letter(profile, authority, known, person, clearance), now=by.now)
    return authority


def find_authority(profile: ElectionProfile, code: str) -> ClearingAuthority:
    """Return the authority *code* of the profile; raises :class:`BadInputError`."""
    known = {authority.code: authority for authority in profile.desk.authorities}
    if code not in known:
        there = ", ".join(known) or "it has none"
        raise BadInputError("authority", f"{code} is not in the profile (desk.authorities: {there}).",
                            remedy="Add it there, or give --folder and hand the request over yourself.")  # fmt: skip
    return known[code]


def question_to(election: ElectionCode, authority: str, officer: str, *, now: UtcTime) -> Clearance:
    """Return the question to an authority of the profile, with the time that the profile gives it."""
    with open_reader(database()) as store:
        found = find_authority(store.elections.profile(election), authority)
    return question(found.code, officer, hours=found.hours, now=now)


def _authorities(store: Store, election: ElectionCode) -> tuple[ClearingAuthority, ...]:
    return store.elections.profile(election).desk.authorities


def _open(store: Store, ids: Sequence[UUID], clearance: Clearance, by: ActingOfficer) -> dict[UUID, Nomination]:
    """Keep the questions, proved by a case officer who is not recused; returns whom they are about."""
    officer = store.officers.get(by.election, by.officer)
    cases = store.applications.get_many(ids)
    barred = [case for case in cases.values() if officer.is_recused(case.organisation, case.id)]
    if not officer.may(OfficerRole.CASE_OFFICER) or barred:
        raise OfficerRefusedError(officer.code, "only a case officer who is in service and not recused may do this.")
    terms = {"authority": clearance.authority, "due_at": clearance.due_at.isoformat()}
    deed = Deed(kind=ActKind.ASK, cases=tuple(ids), terms=terms)
    accept(store, by, deed)
    people = store.people.current(ids)
    for person in sorted(people):
        store.casework.ask(clearance.revised(application_id=person))
    return people


def _values(person: Nomination, told: Sequence[AskedField]) -> list[str]:
    said: dict[AskedField, str] = {
        "name": person.name,
        "birth_date": person.born,
        "citizenships": ";".join(person.nationalities),
        "document": f"{person.document_issuer} {person.document_number}".strip(),
    }
    return [said[field] for field in told]


def request_letter(
    profile: ElectionProfile, authority: ClearingAuthority, known: UUID, person: Nomination, clearance: Clearance
) -> Envelope:
    """Return the question about one person, with what the authority may be told and no more."""
    values = zip(authority.told, _values(person, authority.told), strict=True)
    letter = ClearanceLetter(
        head=Letterhead.of(profile.election),
        written_at=clearance.asked_at,
        case_number=case_number(known),
        authority=authority.title,
        ground=authority.ground,
        person=tuple(AskedLine(field=field, value=value) for field, value in values if value),
        due=clearance.due_at,
    )
    key = f"{LetterKind.CLEARANCE}:{authority.code}:{known}"
    return to_authority(profile, letter, key=key, to=authority.email, language=authority.language, application_id=known)


def question(authority: str, officer: str, *, hours: int, now: UtcTime) -> Clearance:
    """Return the question to *authority*, to be answered within *hours*."""
    due = now + timedelta(hours=hours)
    return Clearance(application_id=UUID(int=0), authority=authority, officer=officer, asked_at=now, due_at=due)


def note_answer(application_id: UUID, authority: str, answer: Answer, by: ActingOfficer, *, ground: str) -> Clearance:
    """Keep what the authority answered; late answers are kept too, in the place of "no answer"."""
    if answer not in {Answer.OBJECTION, Answer.NO_OBJECTION}:
        raise BadInputError("answer", "is not one.", remedy="Say objection or no_objection.")
    if answer is Answer.OBJECTION and not ground.strip():
        raise BadInputError("ground", "is missing.", remedy="An objection names its legal ground, and no more.")
    with open_store(database()) as store:
        terms = {"authority": authority, "answer": answer.value}
        deed = Deed(kind=ActKind.ANSWER, cases=(application_id,), terms=terms, words={"ground": ground})
        accept(store, by, deed)
        known = next((x for x in store.casework.clearances([application_id]) if x.authority == authority), None)
        if known is None:
            raise UnknownThingError("question to", authority)
        answered = known.revised(answer=answer, ground=ground.strip(), answered_at=by.now)
        store.casework.answer(answered)
    return answered


def clearances_table(election: ElectionCode) -> list[dict[str, str]]:
    """Return every question with its answer: ids and codes."""
    with open_reader(database()) as store:
        known = {application.id for application in store.applications.all_in(election)}
        return [
            {"case": case_number(clearance.application_id), "authority": clearance.authority,
             "due (UTC)": f"{clearance.due_at:%Y-%m-%d %H:%M}", "answer": clearance.answer.replace("_", " "),
             "ground": clearance.ground}
            for clearance in store.casework.clearances() if clearance.application_id in known
        ]  # fmt: skip


def _write(folder: Path, name: str, rows: Sequence[Sequence[str]]) -> Path:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([map(plain, row) for row in rows])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(out.getvalue())
    return path
