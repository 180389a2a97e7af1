"""Sessions of a deciding body: an agenda, two signatures under exactly it, and all its decisions at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from db.store import Store, open_reader, open_store
from domain.application.application import Application
from domain.decisions.casework import Note
from domain.decisions.effects import require_facts
from domain.decisions.rulings import Outcome, Ruling, check_ruling
from domain.decisions.sessions import (
    MOVABLE,
    AgendaItem,
    BodySession,
    Resolution,
    SessionRefusedError,
    check_members,
    check_resolution,
    deed_of_session,
)
from domain.errors import BadInputError
from domain.statements.officers import Officer, OfficerRefusedError
from domain.values import ElectionCode, OfficerCode
from flows.context import ElectionContext, database, election_context, moment
from flows.decisions.rulings import OfficerRulings
from flows.decisions.setting_aside import require_why, unanswered
from flows.statements.acceptance import Accepted, ActingOfficer, Result, accept

_HOW: Final = "write a note about each case with accredit note, and name it with --note CASE/NUMBER"


def call_session(code: str, held_at: datetime, *, election: ElectionCode) -> BodySession:
    """Open a session; opening it again moves its time and empties its agenda, until something is adopted."""
    with open_store(database()) as store:
        decision = store.elections.profile(election).decision
        if decision.body and not decision.by_session:
            told = f"here the {decision.body.replace('_', ' ')} decides."
            raise BadInputError("session", told, remedy="Run accredit decide.")
        if code in store.sessions.codes(election):
            _require_open(store.sessions.get(election, code))
        session = BodySession(code=code, held_at=held_at)
        store.sessions.put(election, session)
    return session


def put_on_agenda(code: str, ids: Sequence[UUID], ruling: Ruling, *, election: ElectionCode) -> BodySession:
    """Put a motion for *ruling* about each case on the agenda, in place of an earlier motion about it.

    A signature given before is void. Facts stand in notes: an agenda holds none of them. To approve over a finding
    needs a note that says why, too.
    """
    if ruling.outcome not in MOVABLE:
        raise SessionRefusedError(f"A session cannot decide to {ruling.outcome.replace('_', ' ')}.")
    if ruling.facts:
        raise BadInputError(
            "agenda", "holds no facts.", remedy="Write them down with accredit note, and name the notes."
        )
    with open_reader(database()) as store:
        profile = store.elections.profile(election)
    require_why(unanswered(ids, ruling, profile, now=moment(None)), how=_HOW)
    with open_store(database()) as store:
        session = store.sessions.get(election, code)
        _require_open(session)
        cases = store.applications.get_many(ids)
        notes = {note.application_id: note for note in store.casework.notes(ruling.notes).values()}
        if len(notes) != len(ruling.notes) or not set(notes) <= set(cases):
            raise BadInputError("agenda", "a note is about none of these cases.", remedy="One note a case.")
        moved = [
            _item(cases[fromkey], ruling, notes.get(fromkey)) for fromkey in dict.fromkeys(ids) if fromkey in cases
        ]
        kept = tuple(item for item in session.agenda if item.application_id not in cases)
        session = session.revised(agenda=(*kept, *moved), signed_by=None, resolution=None)
        store.sessions.put(election, session)
    return session


def _item(application: Application, ruling: Ruling, note: Note | None) -> AgendaItem:
    require_facts(ruling.revised(facts=note.facts_for(application) if note else ""), application)
    own = ruling.revised(notes=(note.id,) if note else ())
    return AgendaItem(application_id=application.id, version=application.version, ruling=own)


def take_off_agenda(code: str, ids: Sequence[UUID], *, election: ElectionCode) -> BodySession:
    """Take cases off the agenda; a signature given before is void."""
    with open_store(database()) as store:
        session = store.sessions.get(election, code)
        _require_open(session)
        kept = tuple(item for item in session.agenda if item.application_id not in set(ids))
        session = session.revised(agenda=kept, signed_by=None, resolution=None)
        store.sessions.put(election, session)
    return session


def sign_resolution(code: str, resolution: Resolution, by: ActingOfficer) -> BodySession:
    """Sign, as the first of two members present, that the session resolved this about exactly this agenda."""
    context = election_context(by.election, by.now)
    with open_store(database()) as store:
        session = store.sessions.get(by.election, code)
        officer = store.officers.get(by.election, by.officer)
        _check(store, context, session, resolution)
        _require_present(resolution, officer.code)
        for item in session.agenda:
            check_ruling(item.ruling, officer, context.profile, now=by.now)
        accept(store, by, deed_of_session(session, resolution, "sign"))
        session = session.revised(resolution=resolution, signed_by=officer.code)
        store.sessions.put(by.election, session)
    return session


def adopt_resolution(code: str, by: ActingOfficer) -> list[Result]:
    """Sign as the second member and put all decisions into force at once, or none, saying which case prevents it."""
    context = election_context(by.election, by.now)
    with open_store(database()) as store:
        session = store.sessions.get(by.election, code)
        resolution = session.resolution
        if resolution is None or session.signed_by is None:
            raise SessionRefusedError(f"{code}: no member has signed the resolution yet.")
        _check(store, context, session, resolution)
        first, second = (store.officers.get(by.election, signer) for signer in (session.signed_by, by.officer))
        _require_present(resolution, second.code)
        if first.code == second.code:
            raise OfficerRefusedError(
                second.code, "has already signed; a second, different member must adopt the resolution."
            )
        check_ruling(Ruling(outcome=Outcome.CONFIRM), second, context.profile, now=by.now)
        accepted = accept(store, by, deed_of_session(session, resolution, "adopt"))
        results = _apply(store, context, session.agenda, (first, second), resolution, accepted=accepted)
        store.sessions.put(by.election, session.revised(adopted_by=second.code, adopted_at=by.now))
    return results


def _apply(
    store: Store,
    context: ElectionContext,
    agenda: Sequence[AgendaItem],
    hands: tuple[Officer, Officer],
    resolution: Resolution,
    *,
    accepted: Accepted,
) -> list[Result]:
    """Apply everything, refusals with both signatures; raises at the first case that prevents it, which undoes all."""
    alike: defaultdict[str, list[AgendaItem]] = defaultdict(list)
    for item in agenda:
        alike[item.ruling.revised(notes=()).model_dump_json()].append(item)
    results: list[Result] = []
    for items in alike.values():
        ruling = items[0].ruling.revised(notes=tuple(note for item in items for note in item.ruling.notes))
        steps = [(hands[0], ruling)]
        if ruling.outcome is Outcome.REFUSE:
            steps.append((hands[1], Ruling(outcome=Outcome.CONFIRM)))
        done: list[Result] = []
        for officer, step in steps:
            bench = OfficerRulings(store, context, officer, step, proved=accepted, session=resolution.number)
            done = bench.decide([item.application_id for item in items])
            if hindered := [result.sentence for result in done if not result.applied]:
                raise SessionRefusedError(f"Nothing was adopted. {' '.join(hindered[:5])}")
            bench.keep()
        results += done
    return results


def _check(store: Store, context: ElectionContext, session: BodySession, resolution: Resolution) -> None:
    """Raise where the session cannot adopt its agenda: no quorum, no majority, a member barred, a case that moved."""
    _require_open(session)
    if context.now < session.held_at:
        raise SessionRefusedError(
            f"{session.code} begins at {session.held_at:%Y-%m-%d %H:%M} UTC; nobody signs before that."
        )
    if not session.agenda:
        raise SessionRefusedError(f"{session.code}: nothing is on the agenda.")
    check_resolution(resolution, quorum=context.profile.desk.quorum)
    cases = store.applications.get_many([item.application_id for item in session.agenda])
    officers = {officer.code: officer for officer in store.officers.all_in(context.election)}
    unknown = [code for code in resolution.present if code not in officers]
    if unknown:
        raise SessionRefusedError(f"{', '.join(unknown)}: not registered as officers of this election.")
    members = [officers[code] for code in resolution.present]
    check_members(session, members, [(case.organisation, case.id) for case in cases.values()])
    moved = [
        cases[item.application_id] for item in session.agenda if cases[item.application_id].version != item.version
    ]
    if moved:
        named = ", ".join(application.case_number for application in moved[:5])
        raise SessionRefusedError(
            f"{named}: changed after being put on the agenda. Look at it and put it on the agenda again."
        )


def _require_open(session: BodySession) -> None:
    if session.is_adopted:
        raise SessionRefusedError(f"{session.code} has adopted its resolution; open another session.")


def _require_present(resolution: Resolution, officer: OfficerCode) -> None:
    if officer not in resolution.present:
        raise OfficerRefusedError(officer, "is not among the members present.")


def session_table(code: str, *, election: ElectionCode) -> list[dict[str, str]]:
    """Return the agenda: ids, codes and what is moved."""
    with open_reader(database()) as store:
        session = store.sessions.get(election, code)
        cases = store.applications.get_many([item.application_id for item in session.agenda])
    return [
        {
            "case": cases[item.application_id].case_number,
            "organisation": cases[item.application_id].organisation,
            "moved": item.ruling.outcome.replace("_", " "),
            "reasons": ", ".join(item.ruling.reasons),
            "status": cases[item.application_id].status,
        }
        for item in session.agenda
    ]
