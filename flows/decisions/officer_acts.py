"""Acts about officers: enrolled, suspended, reinstated, recused; signed by two others and kept in a chain."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from db.store import Store, open_reader, open_store
from domain.application.application import case_number
from domain.decisions.competence import serving, unknown_scope
from domain.decisions.shifts import shift_ended, shift_wanted
from domain.errors import BadInputError, UnknownThingError
from domain.numbers import number_of
from domain.statements.officer_acts import (
    EVERY_CASE,
    LONGEST_DETAIL,
    StaffAct,
    StaffEntry,
    Step,
    check_hand,
    open_proposal,
)
from domain.statements.officers import Officer, OfficerRefusedError, Shift
from domain.statements.signatures import FileKey, Passkey
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, Frozen, OfficerCode, UtcTime
from flows.assignment.announcements import follow_shifts
from flows.context import database
from flows.decisions.case_file import find_application
from flows.statements.acceptance import Accepted, ActingOfficer, accept
from flows.statements.keys import make_key, place_of
from flows.statements.proposals import both_grounds, ground_of

SHIFTS: Final = frozenset({StaffAct.SHIFT, StaffAct.END_SHIFT})
"""Acts after which surge staff get a letter, and offices their lists."""


_WHERE: Final = "Name one that only the officer gets (--folder), or --number for a key that was made by a link."


class Act(Frozen):
    """An act about an officer.

    *detail* is the organisation or case of a recusal, what the officer is to serve, or the office and days of a shift.
    """

    act: StaffAct
    officer: OfficerCode
    detail: str = ""
    ground: str = ""
    """Why: the first officer's is kept, and the second one may add another."""

    @property
    def about(self) -> tuple[str, str, str]:
        """What a confirmation must match."""
        return self.act.value, self.officer, self.detail

    def entry(self, step: Step, by: OfficerCode, now: UtcTime) -> StaffEntry:
        """Return *step* of the act."""
        return StaffEntry(act=self.act, officer=self.officer, detail=self.detail, step=step, by=by, at=now)

    def deed(self, step: Step, meant: dict[str, JsonValue]) -> Deed:
        """Return what an officer signs of *step*; *meant* spells out what the act does."""
        named: dict[str, JsonValue] = {
            "act": self.act.value, "officer": self.officer, "detail": self.detail, "step": step.value
        }  # fmt: skip
        return Deed(kind=ActKind.STAFF, terms=named | meant)


def propose(act: Act, by: ActingOfficer) -> None:
    """Open an act for a second officer to confirm; proposed again, the later proposal takes the earlier one's place."""
    with open_store(database()) as store:
        about = store.officers.get(by.election, act.officer)
        check_hand(store.officers.get(by.election, by.officer), act.officer, store.officers.all_in(by.election))
        meant = _meant(store, by, act, about) | both_grounds(act.ground, "")
        deed = act.deed(Step.PROPOSED, meant)
        accept(store, by, deed)
        store.staff.add(by.election, act.entry(Step.PROPOSED, by.officer, by.now))


def confirm(
    act: Act, by: ActingOfficer, *, folder: Path | None = None,
    key: FileKey | Passkey | None = None,
) -> str:  # fmt: skip
    """Carry out what another officer proposed and say what was done.

    Who is enrolled anew signs with *key* from then on, or with a new one made in *folder*; the old ones count for
    nothing.
    """
    if act.act is StaffAct.ENROL and folder is None and key is None:
        raise BadInputError("enrol", "needs a folder for the key.", remedy=_WHERE)
    with open_store(database()) as store:
        about = store.officers.get(by.election, act.officer)
        _check_second(store, by.election, act, store.officers.get(by.election, by.officer))
        grounds = both_grounds(ground_of(store, by.election, ActKind.STAFF, *act.about), act.ground)
        meant = _meant(store, by, act, about) | grounds
        if act.act is StaffAct.ENROL:
            enrolled = key or make_key(act.officer, folder or Path())
            meant["key"] = enrolled.model_dump(mode="json")
        accepted = accept(store, by, act.deed(Step.CONFIRMED, meant))
        store.staff.add(by.election, act.entry(Step.CONFIRMED, by.officer, by.now))
        _carry_out(store, by.election, act, accepted)
    if act.act in SHIFTS:
        follow_shifts(by.election, now=by.now)
    if act.act is StaffAct.ENROL and folder is not None and key is None:
        return f"{act.officer} is enrolled; give {place_of(act.officer, folder)} to the officer, keep no copy."
    done = f"{act.officer}: {act.act.replace('_', ' ')} {act.detail}".rstrip() + ", done."
    return f"{done} Ground: {'; '.join(grounds.values())}." if grounds else done


def propose_or_confirm(act: Act, by: ActingOfficer) -> str:
    """Carry the act out where another officer has proposed it, else propose it; say what was done."""
    with open_reader(database()) as store:
        proposed = open_proposal(store.staff.entries(by.election), act.act, act.officer, act.detail)
    if proposed and proposed.by != by.officer:
        return confirm(act, by)
    propose(act, by)
    return "Proposed. A second officer gives the same command, and it counts."


def _check_second(store: Store, election: ElectionCode, act: Act, by: Officer) -> None:
    """Raise unless *by* may confirm the act, and somebody else, who still may, has proposed it."""
    officers = store.officers.all_in(election)
    check_hand(by, act.officer, officers)
    proposed = open_proposal(store.staff.entries(election), act.act, act.officer, act.detail)
    if proposed is None:
        raise UnknownThingError("open proposal to", f"{act.act.replace('_', ' ')} {act.officer}")
    if proposed.by == by.code:
        raise OfficerRefusedError(by.code, "proposed this; a second, different officer confirms it.")
    check_hand(store.officers.get(election, proposed.by), act.officer, officers)


def recuse(act: Act, by: ActingOfficer) -> None:
    """Let an officer step off an organisation's cases, or one case; nobody else is asked."""
    if by.officer != act.officer:
        raise OfficerRefusedError(by.officer, "steps off for themselves only.")
    with open_store(database()) as store:
        about = store.officers.get(by.election, act.officer)
        deed = act.deed(Step.DECLARED, _meant(store, by, act, about))
        accepted = accept(store, by, deed)
        store.staff.add(by.election, act.entry(Step.DECLARED, act.officer, by.now))
        _carry_out(store, by.election, act, accepted)
        store.casework.give_back(act.officer, barred=accepted.authority.of(act.officer).officer.is_recused)


def _carry_out(store: Store, election: ElectionCode, act: Act, accepted: Accepted) -> None:
    """Let the table of officers say what the record says."""
    store.officers.put(election, accepted.authority.of(act.officer))


def _meant(store: Store, by: ActingOfficer, act: Act, about: Officer) -> dict[str, JsonValue]:
    """Return what the act does, spelled out: a scope, a shift, the organisation or case of a recusal."""
    match act.act:
        case StaffAct.SERVE:
            served = _serving(store, by.election, about, act.detail)
            return {name: list(getattr(served, name)) for name in ("offices", "regions", "organisations")}
        case StaffAct.RECUSE | StaffAct.LIFT_RECUSAL:
            organisation, case = _recusal(store, by.election, act.detail)
            return {"organisation": organisation, "case": str(case) if case else ""}
        case StaffAct.SHIFT | StaffAct.END_SHIFT:
            shift = _shift(store, by, act, about)
            return {"office": shift.office, "begins": shift.begins.isoformat(), "ends": shift.ends.isoformat()}
        case _:
            return {}


def _serving(store: Store, election: ElectionCode, about: Officer, detail: str) -> Officer:
    """Return the officer serving what *detail* names; raises :class:`BadInputError` for what the election has not."""
    codes = [] if detail == EVERY_CASE else [code.strip() for code in detail.split(",")]
    geography, organisations = store.elections.geography(election), store.organisations.all_in(election)
    if len(detail) > LONGEST_DETAIL:
        problem = f"{number_of(len(codes), 'codes are')} too many for one act."
        raise BadInputError("serve", problem, remedy="Name offices in place of their regions.")
    if not all(codes):
        remedy = f"Name it with --about: offices, regions, organisations, parted by commas; or {EVERY_CASE}."
        raise BadInputError("serve", "what the officer is to serve is not given.", remedy=remedy)
    changed = serving(about, codes, geography)
    if unknown := unknown_scope(changed, geography, organisations.values()):
        problem = f"the election has no {', '.join(unknown)}."
        raise BadInputError("serve", problem, remedy="Name offices, regions or organisations of the election.")
    return changed


def _shift(store: Store, by: ActingOfficer, act: Act, about: Officer) -> Shift:
    profile = store.elections.profile(by.election)
    if act.act is StaffAct.END_SHIFT:
        return shift_ended(act.detail, about, profile, at=by.now)
    return shift_wanted(act.detail, about, profile, store.elections.geography(by.election), at=by.now)


def _recusal(store: Store, election: ElectionCode, detail: str) -> tuple[str, UUID | None]:
    """Return the organisation that *detail* names, or else the case."""
    if detail in store.organisations.all_in(election):
        return detail, None
    return "", find_application(election, detail)


def staff_table(election: ElectionCode) -> list[dict[str, str]]:
    """Return the officers of the election, what proves them, and what bars them."""
    with open_reader(database()) as store:
        return [
            {
                "officer": officer.code,
                "roles": ", ".join(role.replace("_", " ") for role in officer.roles),
                "enrolled": "yes" if store.officers.has_proof(election, officer.code) else "no",
                "serves": _served(officer),
                "recused from": ", ".join([*officer.recused_from, *map(case_number, officer.recused_cases)]),
                "standing": "suspended" if officer.suspended else "in service",
            }
            for officer in store.officers.all_in(election)
        ]


def _served(officer: Officer) -> str:
    """Return what an officer serves; surge staff the offices of their shifts, each by its first day."""
    if officer.is_surge:
        shifts = [f"{shift.office} {shift.begins:%Y-%m-%d}" for shift in officer.shifts if not shift.cut]
        return ", ".join(shifts) or "no shift"
    return ", ".join([*officer.offices, *officer.regions, *officer.organisations]) or "every case"


def acts_table(election: ElectionCode) -> list[dict[str, str]]:
    """Return every signed step of an act about an officer; raises where the chain does not add up."""
    with open_reader(database()) as store:
        if not store.staff.is_whole(election):
            raise BadInputError(
                "acts", "do not match their hashes: somebody changed them.", remedy="Restore them from a backup."
            )
        entries = store.staff.entries(election)
    return [
        {"when (UTC)": f"{entry.at:%Y-%m-%d %H:%M}", "act": entry.act.replace("_", " "), "officer": entry.officer,
         "about": entry.detail, "step": entry.step, "by": entry.by} for entry in entries
    ]  # fmt: skip
