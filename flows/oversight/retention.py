"""Retention: what has outlived its time is proposed on a schedule, confirmed by two officers, and wiped by the engine.

What the law keeps stays, and the report says why: whoever waits for a decision or an appeal keeps every field.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, Final

from prefect.client.schemas.objects import State
from prefect.states import Completed

from db.oversight.ending import Ending
from db.oversight.erasing import compact
from db.oversight.erasures import Erasures
from db.store import Store, open_reader, open_store
from domain.application.held_classes import HeldClass
from domain.application.status import Status
from domain.errors import BadInputError
from domain.numbers import number_of
from domain.oversight.erasure import ErasureEntry, open_erasure
from domain.oversight.retention import RETENTION_OF, ClassPlan, ending_id, plans
from domain.statements.officer_acts import Step
from domain.statements.officers import OfficerRefusedError, OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, UtcTime
from flows.context import chosen_election, database, moment
from flows.oversight.erasure import erasable_in, remove_files
from flows.oversight.folders import clear, copies
from flows.runtime.elections import scheduled
from flows.runtime.reports import publish_table
from flows.statements.acceptance import ActingOfficer, authorise

_OUTSIDE: Final = (HeldClass.MAIL, HeldClass.ARRIVAL)
"""Classes with copies in folders, which all elections of an installation share."""


def class_plans(election: ElectionCode, *, now: UtcTime) -> tuple[ClassPlan, ...]:
    """Return every class: how much there is, until when it is kept, and on which ground."""
    with open_reader(database()) as store:
        return _plans(store, election, now)


def _plans(store: Store, election: ElectionCode, now: UtcTime) -> tuple[ClassPlan, ...]:
    profile = store.elections.profile(election)
    ending = _ending(store, election)
    counts = {held_class: ending.count(held_class) + _outside(held_class) for held_class in HeldClass}
    others = [code for code in store.loaded.codes() if code != election]
    shared = {held_class: _needing(store, others, held_class, now) for held_class in _OUTSIDE}
    still_open = len(store.applications.ids_in(election, *Status)) - len(ending.closed)
    return plans(profile, counts, open_cases=still_open, shared=shared)


def _ending(store: Store, election: ElectionCode) -> Ending:
    return Ending(store.session, election, store.applications.ids_in(election, *erasable_in(store, election)))


def _outside(held_class: HeldClass) -> int:
    return sum(1 for _ in copies(held_class))


def _needing(store: Store, others: list[ElectionCode], held_class: HeldClass, now: UtcTime) -> tuple[str, ...]:
    until = {code: store.elections.profile(code).class_kept_until(held_class) for code in others}
    return tuple(code for code, last in until.items() if last is None or now <= last)


def still_kept(store: Store, election: ElectionCode, *, now: UtcTime) -> list[str]:
    """Return what of *election* is kept still, or has not ended yet although its time is over: each in words.

    Folders that other elections need as well are theirs.
    """
    profile, ending = store.elections.profile(election), _ending(store, election)
    found = [
        f"{plan.means}: {plan.stays_because(now) or 'their time is over; end them: accredit retention'}"
        for plan in _plans(store, election, now)
        if ending.count(plan.held_class)
    ]
    if (until := profile.kept_until) is None or now <= until:
        found.append(f"data is kept until {until:%Y-%m-%d %H:%M} UTC" if until else "the profile sets no time")
    closed = {*ending.closed}
    if still_open := [case for case in store.applications.ids_in(election, *Status) if case not in closed]:
        found.append(number_of(len(still_open), "cases are not closed"))
    if people := len(store.people.current([*closed])):
        found.append(f"what is said of people in {people} cases: accredit erase --all")
    return found


def due_classes(election: ElectionCode, *, now: UtcTime) -> list[HeldClass]:
    """Return the classes whose time is over and of which something is still there."""
    return [plan.held_class for plan in class_plans(election, now=now) if plan.is_due(now)]


def propose(by: ActingOfficer) -> list[HeldClass]:
    """Propose as the first officer that all that is due ends; nothing is wiped. Raises where nothing is due."""
    with open_store(database()) as store:
        due = _due(store, by)
        for held_class in due:
            _step(store, by, Step.PROPOSED, held_class)
    return due


def confirm(by: ActingOfficer) -> Counter[str]:
    """Wipe, as the second officer, what a first one proposed; returns how much of which class.

    Rows go in one transaction. Files and folders go after it, and those that a stopped machine left go with the next
    time.
    """
    with open_store(database()) as store:
        due = _proposed(store, by, _due(store, by))
        ending = _ending(store, by.election)
        if waiting := ending.waiting():
            remedy = "Take in, release or discard them, run accredit deliver, then repeat this."
            raise BadInputError("retention", f"there are {', '.join(waiting)}.", remedy=remedy)
        free = {plan.held_class for plan in _plans(store, by.election, by.now) if not plan.shared_with} & {*due}
        counts = Counter({held_class.value: ending.wipe(held_class, now=by.now) for held_class in due})
        for held_class in due:
            there = counts[held_class.value] + (_outside(held_class) if held_class in free else 0)
            _step(store, by, Step.CONFIRMED, held_class, there=there, ending=ending)
    for held_class in free:
        counts[held_class.value] += clear(held_class)
    counts["files"] = remove_files(by.election)
    compact(database())
    return counts


def _due(store: Store, by: ActingOfficer) -> list[HeldClass]:
    found = [plan.held_class for plan in _plans(store, by.election, by.now) if plan.is_due(by.now)]
    if not found:
        raise BadInputError(
            "retention", "no time is over of which something is left.", remedy="See accredit retention."
        )
    return found


def _proposed(store: Store, by: ActingOfficer, due: list[HeldClass]) -> list[HeldClass]:
    """Return those of *due* that another officer has proposed."""
    entries = Erasures(store.session).entries(by.election)
    proposals = {held_class: open_erasure(entries, ending_id(by.election, held_class)) for held_class in due}
    if not any(proposals.values()):
        remedy = "A first officer proposes it: accredit retention --officer CODE"
        raise BadInputError("retention", "nobody has proposed what is due.", remedy=remedy)
    if any(entry and entry.officer == by.officer for entry in proposals.values()):
        raise OfficerRefusedError(by.officer, "proposed this; a second, different officer must confirm it.")
    return [held_class for held_class, entry in proposals.items() if entry]


def _step(
    store: Store, by: ActingOfficer, step: Step, held_class: HeldClass, *, there: int = 0, ending: Ending | None = None
) -> None:
    """Let the officer sign one step of the end of a class, and write it into the register of erasures.

    The register keeps which files are still to be removed.
    """
    role = OfficerRole.CASE_OFFICER if step is Step.PROPOSED else OfficerRole.CONFIRMING_OFFICER
    told = f"{RETENTION_OF}{held_class.value}" + (f": {there}" if step is Step.CONFIRMED else "")
    accepted = authorise(store, by, Deed(kind=ActKind.RETAIN, terms={"step": step.value, "ground": told}), role=role)
    entry = ErasureEntry(
        id=ending_id(by.election, held_class), step=step, applications=(), ground=told, officer=by.officer,
        proof=accepted.proof, at=by.now,
    )  # fmt: skip
    Erasures(store.session).add(by.election, entry, files=ending.files if ending else ())


def retention_table(election: ElectionCode, *, now: UtcTime) -> list[dict[str, str | int]]:
    """Return every class with how much there is, what becomes of it, and why it stays: counts and codes."""
    return [
        {"class": plan.held_class.value, "what": plan.means, "there": plan.there,
         "until": f"{plan.until:%Y-%m-%d}" if plan.until else "for good" if plan.ground else "not set",
         "due": "yes" if plan.is_due(now) else "", "stays because": plan.stays_because(now)}
        for plan in class_plans(election, now=now)
    ]  # fmt: skip


@scheduled("retention")
async def retention(election: str = "", as_of: datetime | None = None) -> State[Any]:
    """Show which classes of personal data have outlived their time; two officers confirm that they are wiped.

    Args:
        election: Code of the election; left out: all that are loaded, one after the other.
        as_of: The moment by which times are over; empty means now.
    """
    code, now = chosen_election(election), moment(as_of)
    rows = retention_table(code, now=now)
    due = sum(bool(row["due"]) for row in rows)
    told = f"{due} classes of data are due. Two officers end them: accredit retention"
    await publish_table(rows, stage="retention", election=code, kind="table", description=told)
    return Completed(message=told)
