"""Acts about officers: enrolled, suspended, reinstated, recused; signed by two others and kept in a chain."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from db.store import Store, open_reader, open_store
from domain.application.application import case_number
from domain.decisions.officer_acts import (
    EVERY_CASE,
    LONGEST_DETAIL,
    StaffAct,
    StaffEntry,
    Step,
    check_hand,
    open_proposal,
)
from domain.decisions.officers import Officer, OfficerRefusedError, Proof, subject_of
from domain.decisions.scope import serving, unknown_scope
from domain.errors import BadInputError, UnknownThingError
from domain.values import ElectionCode, Frozen, OfficerCode, UtcTime
from flows.context import database, right_now
from flows.decisions.case_file import find_application
from flows.election.loading import enrol
from flows.statements.proofs import require_proof


class Act(Frozen):
    """An act about an officer; *detail* is the organisation or case of a recusal, or what the officer is to serve."""

    act: StaffAct
    officer: OfficerCode
    detail: str = ""

    def entry(self, step: Step, by: OfficerCode, now: UtcTime) -> StaffEntry:
        """Return *step* of the act."""
        return StaffEntry(act=self.act, officer=self.officer, detail=self.detail, step=step, by=by, at=now)

    def subject(self, step: Step) -> str:
        """Return what a proof of *step* is bound to."""
        return subject_of([], f"staff:{self.act}", [], more=[self.officer, self.detail, step])


def propose(act: Act, proof: Proof, *, election: ElectionCode, now: UtcTime) -> None:
    """Open an act for a second officer to confirm; proposing it again changes nothing."""
    with open_store(database()) as store:
        officers = store.officers.all_in(election)
        about = store.officers.get(election, act.officer)
        if act.act is StaffAct.SERVE:
            _serving(store, election, about, act.detail)
        by = store.officers.get(election, proof.officer)
        check_hand(by, act.officer, officers)
        require_proof(store, election, proof, act.subject(Step.PROPOSED), right_now())
        if open_proposal(store.staff.entries(election), act.act, act.officer, act.detail) is None:
            store.staff.add(election, act.entry(Step.PROPOSED, by.code, now))


def confirm(act: Act, proof: Proof, *, election: ElectionCode, now: UtcTime, folder: Path | None = None) -> str:
    """Carry out what another officer proposed and say what was done.

    A new enrolment makes a new key and a new authenticator secret in *folder*; the old ones are void.
    """
    if act.act is StaffAct.ENROL and folder is None:
        raise BadInputError("enrol", "needs a folder for the key.", remedy="Name one that only the officer gets.")
    with open_store(database()) as store:
        about = store.officers.get(election, act.officer)
        by = store.officers.get(election, proof.officer)
        check_hand(by, act.officer, store.officers.all_in(election))
        proposed = open_proposal(store.staff.entries(election), act.act, act.officer, act.detail)
        if proposed is None:
            raise UnknownThingError("open proposal to", f"{act.act.replace('_', ' ')} {act.officer}")
        if proposed.by == by.code:
            raise OfficerRefusedError(by.code, "proposed this; a second, different officer must confirm it.")
        check_hand(store.officers.get(election, proposed.by), act.officer, store.officers.all_in(election))
        require_proof(store, election, proof, act.subject(Step.CONFIRMED), right_now())
        store.staff.add(election, act.entry(Step.CONFIRMED, by.code, now))
        return _carry_out(store, election, act, about, folder)


def recuse(act: Act, proof: Proof, *, election: ElectionCode, now: UtcTime) -> None:
    """Let an officer step off an organisation's cases, or one case; nobody else is asked."""
    if proof.officer != act.officer:
        raise OfficerRefusedError(proof.officer, "can recuse only themselves.")
    changes = _recusal(election, act.detail)
    with open_store(database()) as store:
        about = store.officers.get(election, act.officer)
        require_proof(store, election, proof, act.subject(Step.DECLARED), right_now())
        store.staff.add(election, act.entry(Step.DECLARED, act.officer, now))
        store.officers.put(election, _recused(about, *changes))


def _carry_out(store: Store, election: ElectionCode, act: Act, about: Officer, folder: Path | None) -> str:
    match act.act:
        case StaffAct.ENROL:
            key = enrol(store, store.elections.profile(election), about, folder or Path())
            return f"{about.code} is enrolled; give {key.parent} to the officer and keep no copy."
        case StaffAct.SUSPEND:
            changed = about.revised(suspended=True)
        case StaffAct.REINSTATE:
            changed = about.revised(suspended=False)
        case StaffAct.SERVE:
            changed = _serving(store, election, about, act.detail)
        case _:
            organisation, case = _recusal(election, act.detail)
            changed = about.revised(
                recused_from=tuple(one for one in about.recused_from if one != organisation),
                recused_cases=tuple(one for one in about.recused_cases if one != case),
            )
    store.officers.put(election, changed)
    return f"{about.code}: {act.act.replace('_', ' ')} {act.detail}".rstrip() + ", done."


def _serving(store: Store, election: ElectionCode, about: Officer, detail: str) -> Officer:
    """Return the officer serving what *detail* names; raises :class:`BadInputError` for what the election has not."""
    codes = [] if detail == EVERY_CASE else [code.strip() for code in detail.split(",")]
    geography, organisations = store.elections.geography(election), store.organisations.all_in(election)
    if len(detail) > LONGEST_DETAIL:
        problem = f"{len(codes)} codes are too many for one act."
        raise BadInputError("serve", problem, remedy="Name offices in place of their regions.")
    if not all(codes):
        remedy = f"Name it with --about: offices, regions, organisations, parted by commas; or {EVERY_CASE}."
        raise BadInputError("serve", "what the officer is to serve is not given.", remedy=remedy)
    changed = serving(about, codes, geography)
    if unknown := unknown_scope(changed, geography, organisations.values()):
        problem = f"the election has no {', '.join(unknown)}."
        raise BadInputError("serve", problem, remedy="Name offices, regions or organisations of the election.")
    return changed


def _recusal(election: ElectionCode, detail: str) -> tuple[str, UUID | None]:
    """Return the organisation that *detail* names, or else the case."""
    with open_reader(database()) as store:
        if detail in store.organisations.all_in(election):
            return detail, None
    return "", find_application(election, detail)


def _recused(about: Officer, organisation: str, case: UUID | None) -> Officer:
    organisations = {*about.recused_from, organisation} - {""}
    cases = {*about.recused_cases, *([case] if case else [])}
    return about.revised(recused_from=tuple(sorted(organisations)), recused_cases=tuple(sorted(cases)))


def staff_table(election: ElectionCode, *, now: UtcTime) -> list[dict[str, str]]:
    """Return the officers of the election, what proves them, and what bars them."""
    with open_reader(database()) as store:
        return [
            {
                "officer": one.code,
                "roles": ", ".join(role.replace("_", " ") for role in one.roles),
                "enrolled": "yes" if store.officers.has_proof(election, one.code) else "no",
                "serves": ", ".join([*one.offices, *one.regions, *one.organisations]) or "every case",
                "recused from": ", ".join([*one.recused_from, *map(case_number, one.recused_cases)]),
                "standing": "suspended" if one.suspended else "in service",
                "codes": "locked" if store.staff.locked_until(election, one.code, now=now) else "",
            }
            for one in store.officers.all_in(election)
        ]


def acts_table(election: ElectionCode) -> list[dict[str, str]]:
    """Return every signed step of an act about an officer; raises where the chain does not add up."""
    with open_reader(database()) as store:
        if not store.staff.is_whole(election):
            raise BadInputError(
                "acts", "do not match their hashes: somebody changed them.", remedy="Restore them from a backup."
            )
        entries = store.staff.entries(election)
    return [
        {"when (UTC)": f"{one.at:%Y-%m-%d %H:%M}", "act": one.act.replace("_", " "), "officer": one.officer,
         "about": one.detail, "step": one.step, "by": one.by} for one in entries
    ]  # fmt: skip
