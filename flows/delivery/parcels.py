"""Before letters go: those that organisations and officers get together are set apart and put into parcels."""

from __future__ import annotations

from functools import partial
from typing import Final

from db.store import open_store
from domain.election.profile import ElectionProfile
from domain.letters.parcels import ParcelRules, destination_of, packed
from domain.values import ElectionCode, UtcTime
from flows.context import ElectionContext, database
from flows.letters.organisation_letters import ParcelLetters

_AT_ONCE: Final = ParcelRules(hours=0)


def set_apart(election: ElectionCode, profile: ElectionProfile) -> int:
    """Set new letters apart for parcels, where the profile has any; returns how many. A second run finds none."""
    if (rules := profile.letters.parcels) is None:
        return 0
    with open_store(database()) as store:
        return store.parcels.set_apart(election, rules.with_likes, partial(destination_of, rules=rules))


def make_parcels(election: ElectionCode, profile: ElectionProfile, *, now: UtcTime) -> int:
    """Put what was set apart into parcels that are due; returns how many.

    A parcel, and what it brings, is written in one transaction: after a crash there are both or neither. What was set
    apart goes also where the profile has no parcels any more.
    """
    made = 0
    with open_store(database()) as store:
        apart = store.parcels.apart(election)
        if not apart:
            return 0
        letters = ParcelLetters.at(ElectionContext.of(store, election, now=now))
        rules = profile.letters.parcels or _AT_ONCE
        for destination, together in packed(apart, store.parcels.last(election), rules, now=now):
            envelope = letters.parcel(destination, together)
            store.outbox.put(election, envelope, now=now)
            store.flush()
            store.parcels.fill(envelope.key, [letter.letter for letter in together])
            made += 1
    return made
