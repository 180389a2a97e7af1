"""What officers do on cases besides deciding: notes, claims, and a second look at how many cases these are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from db.store import Store, open_reader, open_store
from domain.application.application import Application, case_number
from domain.decisions.casework import LONGEST_NOTE, Claim, Note, claims_of
from domain.election.profile import ElectionProfile
from domain.errors import BadInputError, UnknownThingError
from domain.numbers import number_of
from domain.statements.authority import check_only_looks
from domain.statements.officers import Officer, OfficerRefusedError
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, OfficerCode, UtcTime
from flows.context import database
from flows.decisions.case_file import find_application
from flows.statements.acceptance import ActingOfficer, accept
from flows.statements.scopes import unserved


def require_served(
    store: Store, officer: Officer, cases: Sequence[Application], profile: ElectionProfile, *, now: UtcTime
) -> None:
    """Raise :class:`OfficerRefusedError` for the first of *cases* that is outside of what the officer serves."""
    for refused in unserved(store, officer, cases, profile, now=now).values():
        raise refused


def write_note(application_id: UUID, text: str, by: ActingOfficer, *, revises: int | None = None) -> Note:
    """Keep a note on a case, or a new version of one, and return it; decisions cite it by its id.

    The note lies in the database only; Prefect gets its number, never its text.
    """
    if not 0 < len(text.strip()) <= LONGEST_NOTE:
        raise BadInputError("note", "is empty or too long.", remedy=f"Write 1 to {LONGEST_NOTE} characters.")
    with open_store(database()) as store:
        officer = store.officers.get(by.election, by.officer)
        application = store.applications.get(application_id)
        if officer.suspended or officer.is_recused(application.organisation, application.id):
            raise OfficerRefusedError(officer.code, f"is suspended, or recused from {application.case_number}.")
        terms = {"revises": revises}
        deed = Deed(kind=ActKind.NOTE, cases=(application_id,), terms=terms, words={"text": text.strip()})
        accept(store, by, deed)
        return store.casework.note(application_id, officer=officer.code, text=text.strip(), now=by.now, number=revises)


def note_name(note: Note) -> str:
    """Return what a note is called: case number, its number, and its version from the second on."""
    version = f".{note.version}" if note.version > 1 else ""
    return f"{case_number(note.application_id)}/{note.number}{version}"


def find_notes(election: ElectionCode, names: Sequence[str]) -> tuple[UUID, ...]:
    """Return the ids of notes called CASE/NUMBER (the newest version), CASE/NUMBER.VERSION, or by their id."""
    return tuple(_find_note(election, name.strip()) for name in names)


def _find_note(election: ElectionCode, name: str) -> UUID:
    case, _, number = name.partition("/")
    if not number:
        try:
            return UUID(name)
        except ValueError:
            raise BadInputError("note", f"{name[:40]} is no note.", remedy="Name it as CASE/NUMBER.") from None
    application_id = find_application(election, case)
    with open_reader(database()) as store:
        for note in store.casework.notes_on(application_id):
            if number in {str(note.number), f"{note.number}.{note.version}"}:
                return note.id
    raise UnknownThingError("note", name[:60])


def notes_table(application_id: UUID) -> list[dict[str, str]]:
    """Return the notes on a case, the newest version of each: personal, for officers' eyes on the command line."""
    with open_reader(database()) as store:
        return [
            {"note": note_name(note), "by": note.officer, "when (UTC)": f"{note.at:%Y-%m-%d %H:%M}",
             "text": "(erased)" if note.text is None else note.text}
            for note in store.casework.notes_on(application_id)
        ]  # fmt: skip


def claim_cases(ids: Sequence[UUID], by: ActingOfficer) -> list[Claim]:
    """Keep the cases for one officer for the profile's minutes; claiming an own case again begins them anew.

    Raises :class:`OfficerRefusedError` where another officer's claim has not lapsed: then nothing is claimed.
    """
    with open_store(database()) as store:
        officer = store.officers.get(by.election, by.officer)
        accept(store, by, Deed(kind=ActKind.CLAIM, cases=tuple(ids)))
        cases = store.applications.get_many(ids)
        for claim in store.casework.claims(ids, now=by.now).values():
            if claim.officer != officer.code:
                number = case_number(claim.application_id)
                raise OfficerRefusedError(claim.officer, f"works on {number} until {claim.until:%H:%M} UTC.")
        _require_free(
            officer.suspended, [case for case in cases.values() if officer.is_recused(case.organisation, case.id)]
        )
        profile = store.elections.profile(by.election)
        require_served(store, officer, [*cases.values()], profile, now=by.now)
        claims = claims_of(cases, officer.code, profile.desk, at=by.now)
        store.casework.claim(claims)
    return claims


def _require_free(suspended: bool, recused: Sequence[Application]) -> None:  # noqa: FBT001 -- a fact, not a switch
    if suspended or recused:
        what = f"is recused from {recused[0].case_number}" if recused else "is suspended"
        raise BadInputError("claim", f"the officer {what}.", remedy="Leave it to others.")


def release_cases(ids: Sequence[UUID], by: ActingOfficer) -> int:
    """Give back the officer's own claims among *ids*; returns how many there were."""
    with open_store(database()) as store:
        accept(store, by, Deed(kind=ActKind.RELEASE, cases=tuple(ids)))
        own = [case for case, claim in store.casework.claims(ids, now=by.now).items() if claim.officer == by.officer]
        store.casework.release(own)
    return len(own)


def confirm_extent(ids: Sequence[UUID], election: ElectionCode, *, confirmed: int | None) -> None:
    """Raise unless a decision on many cases names their exact number, as a second look before it is too late."""
    with open_reader(database()) as store:
        threshold = store.elections.profile(election).desk.bulk_threshold
    count = len(set(ids))
    if count > threshold and confirmed != count:
        sample = ", ".join(case_number(fromkey) for fromkey in list(dict.fromkeys(ids))[:3])
        raise BadInputError(
            "decision", f"is about {number_of(count, 'cases')} ({sample} …), more than {threshold}.",
            remedy=f"If it is meant for all of them, give the number {count} as well.",
        )  # fmt: skip


def claim_at_desk(ids: Sequence[UUID], officer_code: OfficerCode, *, election: ElectionCode, now: UtcTime) -> None:
    """Keep the cases for the officer for the profile's minutes; an own claim begins anew.

    Raises :class:`OfficerRefusedError` for one that is another's, or that the officer may not act on: then nothing is
    claimed.
    """
    with open_store(database()) as store:
        officer = store.officers.get(election, officer_code)
        check_only_looks(officer, ActKind.CLAIM)
        for claim in store.casework.claims(ids, now=now).values():
            if claim.officer != officer.code:
                number = case_number(claim.application_id)
                raise OfficerRefusedError(claim.officer, f"works on {number} until {claim.until:%H:%M} UTC.")
        cases = store.applications.get_many(ids)
        for case in cases.values():
            if officer.suspended or officer.is_recused(case.organisation, case.id):
                raise OfficerRefusedError(officer.code, f"is suspended, or recused from {case.case_number}.")
        profile = store.elections.profile(election)
        require_served(store, officer, [*cases.values()], profile, now=now)
        store.casework.claim(claims_of(cases, officer.code, profile.desk, at=now))


def release_at_desk(ids: Sequence[UUID], officer_code: OfficerCode, *, now: UtcTime) -> None:
    """Give back the officer's own claims among *ids*."""
    with open_store(database()) as store:
        claims = store.casework.claims(ids, now=now)
        store.casework.release([known for known, claim in claims.items() if claim.officer == officer_code])
