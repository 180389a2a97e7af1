"""Breaches that an officer signed for: letters queued, the report made, and the clock of each."""

from __future__ import annotations

from pydantic import JsonValue

from db.store import Store, open_reader, open_store
from domain.errors import BadInputError, UnknownThingError
from domain.oversight.breach import Breach, BreachStep, ToldBreach, breaches_in
from domain.oversight.looks import checked_ground
from domain.statements.officers import OfficerRole
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, UtcTime
from flows.context import database
from flows.statements.acceptance import ActingOfficer, authorise


def told_breaches(election: ElectionCode) -> list[ToldBreach]:
    """Return every breach that letters were queued for, first to last."""
    with open_reader(database()) as store:
        return _breaches(store, election)


def unreported(election: ElectionCode) -> list[ToldBreach]:
    """Return the breaches whose report to the authority is not on record."""
    return [breach for breach in told_breaches(election) if breach.reported_at is None]


def queue_letters(breach: Breach, by: ActingOfficer) -> int:
    """Sign for the letters that *breach* calls for, and queue them, all or none; returns how many.

    Signed for once: a breach that is on record under the same mark queues nothing again. Raises
    :class:`BadInputError` where nobody's data lay there, what happened is not said, or it is known in the future.
    """
    from flows.oversight.breaches import letters_in  # noqa: PLC0415 -- the status reads this module, and writes no letter

    _require_told(breach, by.now)
    with open_store(database()) as store:
        if any(told.mark == breach.mark for told in _breaches(store, by.election)):
            return 0
        due = breach.due_at.isoformat() if breach.due_at else None
        said: dict[str, JsonValue] = {
            "step": BreachStep.TOLD.value, "mark": breach.mark, "known_at": breach.known_at.isoformat(), "due_at": due,
            "organisations": len(breach.organisations),
        }  # fmt: skip
        cases = breach.people if breach.can_be_read else ()
        deed = Deed(kind=ActKind.BREACH, cases=cases, terms=said, words={"facts": breach.facts})
        authorise(store, by, deed, role=OfficerRole.CASE_OFFICER)
        letters = [*letters_in(store, breach, now=by.now)]
        for envelope in letters:
            store.outbox.put(by.election, envelope, now=by.now)
    return len(letters)


def note_report(mark: str, by: ActingOfficer, *, ground: str) -> ToldBreach:
    """Record that the authority has the report of the breach *mark*, under its file number; again, nothing changes.

    Raises :class:`UnknownThingError` for a breach that no letters were queued for.
    """
    with open_store(database()) as store:
        known = {breach.mark: breach for breach in _breaches(store, by.election)}
        if mark not in known:
            raise UnknownThingError("breach", mark, known=[*known])
        if known[mark].reported_at is None:
            terms: dict[str, JsonValue] = {
                "step": BreachStep.REPORTED.value, "mark": mark, "ground": checked_ground(ground)
            }  # fmt: skip
            deed = Deed(kind=ActKind.BREACH, terms=terms)
            authorise(store, by, deed, role=OfficerRole.CASE_OFFICER, rests_on=[known[mark].known_at])
    return next(breach for breach in told_breaches(by.election) if breach.mark == mark)


def breaches_table(election: ElectionCode, *, now: UtcTime, waiting: bool = False) -> list[dict[str, str | int]]:
    """Return every breach, or those that are not reported, as clocks: marks, counts, times and file numbers."""
    return [
        {"breach": breach.mark, "people": len(breach.people), "known (UTC)": f"{breach.known_at:%Y-%m-%d %H:%M}",
         "due (UTC)": f"{breach.due_at:%Y-%m-%d %H:%M}" if breach.due_at else "",
         "reported (UTC)": f"{breach.reported_at:%Y-%m-%d %H:%M}" if breach.reported_at else "",
         "stands": ("late" if breach.is_late(now) else "reported" if breach.reported_at else "open"),
         "ground": breach.ground, "officer": breach.officer}
        for breach in told_breaches(election) if not (waiting and breach.reported_at)
    ]  # fmt: skip


def _breaches(store: Store, election: ElectionCode) -> list[ToldBreach]:
    return breaches_in(store.statements.entries(election, kinds=(ActKind.BREACH,)))


def _require_told(breach: Breach, now: UtcTime) -> None:
    if not breach.must_be_told:
        raise BadInputError("breach", "is nobody's: no letter must be written.", remedy="See what to do first.")
    if breach.known_at > now:
        raise BadInputError("--known-at", "is in the future.", remedy="Say since when it is known.")
    if not breach.facts.strip():
        raise BadInputError("--facts", "is missing.", remedy="Say what happened, for the report; name no person.")
