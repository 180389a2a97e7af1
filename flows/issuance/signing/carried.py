"""Whether somebody who stays accredited from another election was accredited there, by what its journals hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from db.store import Store
from domain.application.application import Application
from domain.application.chain import heads
from domain.application.events import AccreditationCarriedOver, Event
from domain.election.following import is_as_decided, stays
from domain.values import ElectionCode

GRANTED: Final = frozenset({"application_approved", "appeal_granted", "accreditation_carried_over"})


def carried_over(history: Sequence[Event]) -> AccreditationCarriedOver | None:
    """Return the event by which somebody stayed accredited, where no later approval takes its place."""
    last = next((event for event in reversed(history) if event.kind in GRANTED), None)
    return last if isinstance(last, AccreditationCarriedOver) else None


def not_carried(
    store: Store,
    election: ElectionCode,
    carried: Mapping[UUID, Sequence[Event]],
    cases: Mapping[UUID, Application],
) -> Iterator[tuple[UUID, str]]:
    """Yield each case of *carried*, by its history, that the first election does not bear out, with the reason.

    There the history has to be whole and written by the engine, and somebody accredited when the event says; and it
    has to be the same person as far as that was decided upon, unless an officer corrected it since.
    """
    events = {known: event for known, history in carried.items() if (event := carried_over(history))}
    if not events:
        return
    rule, olds = store.elections.profile(election).follows, [event.first_case for event in events.values()]
    before, chains = store.applications.get_many(olds), store.applications.chains(olds)
    hashes = {old: [stored for _, stored in chain] for old, chain in chains.items()}
    foreign = {*store.applications.unjournalled(rule.election, hashes)} if rule else {*olds}
    said = store.people.current([*olds, *events])
    for known, event in events.items():
        old, corrections = event.first_case, _corrected_since(carried[known], event)
        history = [past for past, _ in chains.get(old, [])]
        if rule is None or old not in before or before[old].election != rule.election:
            yield known, "it stays from no election that this one follows"
        elif old in foreign or [*heads(history)] != hashes.get(old):
            yield known, "its history in the first election was written by nobody of the engine"
        elif not _was_accredited(history, event) or before[old].organisation != cases[known].organisation:
            yield known, "nobody of the first election was accredited so"
        elif any(kind != "officer" for kind in corrections):
            yield known, "the person was exchanged after the approval, by no officer"
        elif not corrections and old in said and known in said and not is_as_decided(said[known], said[old]):
            yield known, "it is another person than was accredited in the first election"


def _corrected_since(history: Sequence[Event], carried: AccreditationCarriedOver) -> list[str]:
    """Return by whom the person was corrected after *carried*: kinds of authors."""
    later = history[history.index(carried) :]
    return [event.actor.kind for event in later if event.kind == "nomination_corrected"]


def _was_accredited(history: Sequence[Event], carried: AccreditationCarriedOver) -> bool:
    until = [event for event in history if event.at <= carried.at]
    return bool(until) and stays(Application.replayed(until)) and any(event.kind in GRANTED for event in until)
