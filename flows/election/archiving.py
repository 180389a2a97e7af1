"""Archiving: two administrators freeze an election. It is read, checked and exported, and nothing is done in it."""

from __future__ import annotations

from typing import Final

from pydantic import JsonValue

from db.letters.outbox import Settlement
from db.oversight.ending import Ending
from db.store import Store, open_reader, open_store
from domain.application.status import CLOSED, UNDECIDED, Status
from domain.errors import BadInputError
from domain.letters.envelope import LetterState
from domain.statements.canonical import digest_of
from domain.statements.officer_acts import ElectionAct, Step
from domain.statements.statement import ActKind, Deed
from domain.values import ElectionCode, Frozen, Sha256
from flows.context import database
from flows.statements.acceptance import ActingOfficer, accept
from flows.statements.proposals import ground_signed

_STOPPED: Final = "stopped: the election is archived"


class ArchiveOutcome(Frozen):
    """What became of the wish to freeze an election."""

    election: ElectionCode
    proposed: bool = False
    """Whether nothing was frozen, because a second administrator has to sign."""
    was_there: bool = False
    """Whether it was archived before: nothing was done."""
    letters_stopped: int = 0


def archive_draft(election: ElectionCode) -> dict[str, int]:
    """Return what archiving would leave as it is, or stop: what is open, in words; nothing is frozen."""
    with open_reader(database()) as store:
        store.elections.require(election)
        cases = store.applications.all_in(election)
        told = {
            "applications": len(cases),
            "nobody has decided on": sum(case.status in UNDECIDED for case in cases),
            "under appeal": sum(case.status is Status.UNDER_APPEAL for case in cases),
            "accreditations that have not ended": sum(
                case.status not in UNDECIDED | CLOSED | {Status.UNDER_APPEAL} for case in cases
            ),
            "letters that wait, and are stopped": len(store.letters.waiting(election)),
        }
    return {what: count for what, count in told.items() if count or what == "applications"}


def archive(ground: str, by: ActingOfficer) -> ArchiveOutcome:
    """Propose to freeze the election, or freeze it where another administrator has proposed it on the same ground.

    Letters that wait are stopped in the same transaction. A second time nothing is done. Raises
    :class:`BadInputError` where an appeal is open: whoever appealed is owed an answer.
    """
    with open_store(database()) as store:
        store.elections.require(by.election)
        if by.election in store.elections.archived():
            return ArchiveOutcome(election=by.election, was_there=True)
        ground = ground_signed(store, by, ground, ActKind.ELECTION, lambda first: _matter(by.election, first))
        if not ground:
            remedy = "Name the rule or resolution by which it is closed."
            raise BadInputError("--ground", "says nothing.", remedy=remedy)
        if open_ones := len(store.applications.ids_in(by.election, Status.UNDER_APPEAL)):
            raise BadInputError("archive", f"{open_ones} appeals are open.", remedy="Decide them first.")
        if _sign(store, ground, by) is Step.PROPOSED:
            return ArchiveOutcome(election=by.election, proposed=True)
        stopped = [Settlement(key, LetterState.CANCELLED, _STOPPED) for key in store.letters.waiting(by.election)]
        store.outbox.settle(stopped, now=by.now)
        store.flush()
        if left := Ending(store.session, by.election, ()).waiting():
            remedy = "Take them in, release or discard them first: afterwards nobody can."
            raise BadInputError("archive", f"there are {', '.join(left)}.", remedy=remedy)
        store.elections.archive(by.election, now=by.now)
    return ArchiveOutcome(election=by.election, letters_stopped=len(stopped))


def _matter(election: ElectionCode, ground: str) -> tuple[str, Sha256]:
    return ElectionAct.ARCHIVE.value, digest_of([election, ElectionAct.ARCHIVE.value, ground])


def _sign(store: Store, ground: str, by: ActingOfficer) -> Step:
    _, matter = _matter(by.election, ground)
    authority = store.statements.authority(by.election)
    step = Step.CONFIRMED if authority.proposer_of(ElectionAct.ARCHIVE, matter) else Step.PROPOSED
    terms: dict[str, JsonValue] = {
        "act": ElectionAct.ARCHIVE.value, "step": step.value, "sha256": matter, "ground": ground,
    }  # fmt: skip
    accept(store, by, Deed(kind=ActKind.ELECTION, terms=terms))
    return step
