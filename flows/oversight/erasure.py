"""Erasing personal data: shown first, proposed by one officer, confirmed by another, carried out to the last file.

The history of a case, its statistics, the ledger of serials and every chain of hashes stay as they are: they hold ids,
codes and times. What is erased cannot be brought back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from db.oversight.erasing import Erasing, compact
from db.oversight.erasures import Erasures
from db.oversight.keys_in_use import keys_in_use
from db.store import Store, open_reader, open_store
from domain.application.held_classes import HeldClass
from domain.application.status import Status
from domain.errors import BadInputError
from domain.oversight.erasure import ERASABLE, ErasureEntry, Marks, erasure_id, open_erasure
from domain.statements.officer_acts import Step
from domain.statements.officers import OfficerRefusedError, OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, Frozen, UtcTime
from flows.context import database
from flows.oversight.folders import clear, clear_about
from flows.statements.acceptance import ActingOfficer, authorise, refuse_recused
from flows.storage.files import file_store
from flows.storage.personal_keys import personal_keys


class ErasurePlan(Frozen):
    """What an erasure would be about: ids and counts, nothing of the people."""

    applications: tuple[UUID, ...]
    already: int
    """Cases that were asked for and are erased already."""

    open: tuple[tuple[Status, int], ...] = ()
    """Cases that are not closed and stay: where everybody is meant."""

    kept_until: UtcTime | None = None
    everybody: bool = False


def erasable_in(store: Store, election: ElectionCode) -> frozenset[Status]:
    """Return the statuses in which nothing waits for the person's data any more.

    Archiving ends every case: nobody can decide it afterwards, and no appeal is open when it happens.
    """
    return frozenset(Status) if election in store.loaded.archived() else ERASABLE


def plan_of(election: ElectionCode, wanted: Sequence[UUID]) -> ErasurePlan:
    """Return the erasure of the cases *wanted*; raises :class:`BadInputError` where one is not closed."""
    with open_reader(database()) as store:
        found = [store.applications.get(fromkey) for fromkey in dict.fromkeys(wanted)]
        there = store.people.current([application.id for application in found])
        erasable = erasable_in(store, election)
    for application in found:
        if application.election != election or application.status not in erasable:
            raise BadInputError(
                application.case_number, f"is {application.status}: its data is still needed.",
                remedy="Close the case first, such as with accredit application withdraw.",
            )  # fmt: skip
    due = tuple(sorted(application.id for application in found if application.id in there))
    return ErasurePlan(applications=due, already=len(found) - len(due))


def plan_of_all(election: ElectionCode, *, now: UtcTime) -> ErasurePlan:
    """Return the erasure of every closed case; raises :class:`BadInputError` before the time that the profile sets."""
    with open_reader(database()) as store:
        until = store.elections.profile(election).kept_until
        everybody, erasable = store.applications.all_in(election), erasable_in(store, election)
        closed = [application.id for application in everybody if application.status in erasable]
        there = store.people.current(closed)
    if until is None:
        raise BadInputError(
            "retention.after", "is not set in the profile, so that nothing says how long data is kept.",
            remedy="Set it with its ground, and load the election again; or name the cases to erase.",
        )  # fmt: skip
    if now <= until:
        remedy = "Wait until then, or name the cases to erase."
        raise BadInputError("--all", f"data is kept until {until:%Y-%m-%d %H:%M} UTC.", remedy=remedy)
    return ErasurePlan(
        applications=tuple(sorted(case for case in closed if case in there)),
        already=len(closed) - len(there),
        open=tuple(
            Counter(application.status for application in everybody if application.status not in erasable).items()
        ),
        kept_until=until,
        everybody=True,
    )


def propose(plan: ErasurePlan, by: ActingOfficer, *, ground: str) -> bool:
    """Propose *plan* as the first officer; nothing is erased. Returns False where it is proposed already."""
    with open_store(database()) as store:
        _refuse_while_waiting(store, by.election, plan)
        erasures = Erasures(store.session)
        if open_erasure(erasures.entries(by.election), erasure_id(by.election, plan.applications)):
            return False
        erasures.add(by.election, _signed(store, plan, by, Step.PROPOSED, ground=ground))
        return True


def confirm(plan: ErasurePlan, by: ActingOfficer) -> Counter[str]:
    """Confirm as the second officer and erase; returns how much of what. A second time there is nothing to erase.

    Rows go in one transaction. Keys and files go after it, and those that a stopped machine left go with the next
    erasure or with :func:`remove_files`.
    """
    with open_store(database()) as store:
        erasures = Erasures(store.session)
        wanted = erasure_id(by.election, plan.applications)
        proposed = open_erasure(erasures.entries(by.election), wanted)
        if proposed is None:
            remedy = "A first officer proposes exactly these cases: accredit erase … --officer CODE"
            raise BadInputError(
                "erasure", "nobody has proposed it, or cases have changed since it was proposed.", remedy=remedy
            )
        if proposed.officer == by.officer:
            raise OfficerRefusedError(by.officer, "proposed this; a second, different officer must confirm it.")
        entry = _signed(store, plan, by, Step.CONFIRMED, ground=proposed.ground)
        erasing = _refuse_while_waiting(store, by.election, plan)
        before = keys_in_use(store.session)
        erasing.carry_out()
        store.flush()
        keys = before - keys_in_use(store.session)
        erasures.add(by.election, entry, files=erasing.files, keys=keys)
    counts = +erasing.counts
    if plan.everybody:
        counts["copies"] = clear(HeldClass.MAIL) + clear(HeldClass.ARRIVAL)
    else:
        counts["copies"] = clear_about(erasing.names_them, erasing.sent)
    counts["files"] = remove_files(by.election)
    compact(database())
    return counts


def remove_files(election: ElectionCode) -> int:
    """Destroy the keys and remove the files that erasures left to be removed; returns how many files were there.

    With the keys go what older copies of the database, of its log and of the files say of the people.
    """
    with open_reader(database()) as store:
        erasures = Erasures(store.session)
        files, keys = erasures.files_left(election), erasures.keys_left(election)
        in_use = keys_in_use(store.session) if files or keys else set[str]()
        people = {case.hex for entry in erasures.entries(election) for case in entry.applications if files or keys}
    if files or keys:
        personal_keys().destroy(names=keys, people=people, but=in_use)
    removed = sum(file_store().remove(name) for name in sorted(files))
    if files or keys:
        with open_store(database()) as store:
            Erasures(store.session).files_gone(election)
    return removed


def erasures_table(election: ElectionCode) -> list[dict[str, str | int]]:
    """Return every step of every erasure; raises :class:`BadInputError` where the chain does not add up."""
    with open_reader(database()) as store:
        erasures = Erasures(store.session)
        if not erasures.is_whole(election):
            remedy = "Restore them from a backup."
            raise BadInputError("erasures", "do not match their hashes: somebody changed them.", remedy=remedy)
        return [
            {"when (UTC)": f"{entry.at:%Y-%m-%d %H:%M}", "step": entry.step.value, "cases": len(entry.applications),
             "ground": entry.ground, "officer": entry.officer, "proof": entry.proof}
            for entry in erasures.entries(election)
        ]  # fmt: skip


def _signed(store: Store, plan: ErasurePlan, by: ActingOfficer, step: Step, *, ground: str) -> ErasureEntry:
    """Return *step* of the erasure, proved by the officer, who steps off none of the organisations."""
    role = OfficerRole.CASE_OFFICER if step is Step.PROPOSED else OfficerRole.CONFIRMING_OFFICER
    terms = {"step": step.value, "ground": ground, "everybody": plan.everybody}
    deed = Deed(kind=ActKind.ERASE, cases=plan.applications, terms=terms)
    accepted = authorise(store, by, deed, role=role)
    officer = accepted.officer
    for organisation in {
        application.organisation for application in store.applications.get_many(plan.applications).values()
    }:
        refuse_recused(officer, organisation)
    return ErasureEntry(
        id=erasure_id(by.election, plan.applications),
        step=step,
        applications=plan.applications,
        ground=ground,
        officer=officer.code,
        proof=accepted.proof,
        at=by.now,
    )


def _refuse_while_waiting(store: Store, election: ElectionCode, plan: ErasurePlan) -> Erasing:
    """Return the erasure of *plan*; raises :class:`BadInputError` while something still needs what it erases."""
    cases = store.applications.get_many(plan.applications)
    erasable = erasable_in(store, election)
    closed = all(case.status in erasable for case in cases.values())
    if not plan.applications or not closed:
        raise BadInputError("erasure", "there is nothing to erase.", remedy="See accredit erase --list.")
    erasing = Erasing(
        session=store.session,
        election=election,
        ids=plan.applications,
        organisations=frozenset(case.organisation for case in cases.values()),
        names_them=Marks.of([]).are_in if plan.everybody else _marks(store, plan).are_in,
        everybody=plan.everybody,
    )
    if waiting := erasing.waiting():
        remedy = "Take in, release or discard them, run accredit deliver, then erase."
        raise BadInputError("erasure", f"there are {', '.join(waiting)}.", remedy=remedy)
    return erasing


def _marks(store: Store, plan: ErasurePlan) -> Marks:
    cases = store.applications.get_many(plan.applications).values()
    versions = {(case.id, number) for case in cases for number in range(1, case.person_version + 1)}
    return Marks.of(store.people.at(versions).values())
