"""Letters to an office, a commission or an administration whose address changed: they go to the new one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from db.store import Store
from domain.election.geography import Geography
from domain.election.moving import Rules
from domain.letters.envelope import LetterKind
from flows.context import ElectionContext

_STANDS: Final = frozenset({LetterKind.CREDENTIAL_CHANGE})
"""Kinds whose letters stay true whatever came later, so that one which came back goes again."""


def forward(store: Store, context: ElectionContext, before: Rules) -> int:
    """Send what waits for an address that *before* named to the one that is named now; returns how many letters.

    So does what came back from the old one, where it stands still: a list that nobody has acknowledged, and what was
    said of a badge. An address that somebody else has now is left alone.
    """
    was, now = dict(_addresses(before)), dict(_addresses(Rules(context.profile, context.geography)))
    moved = {
        address: now[whose] for whose, address in was.items()
        if now.get(whose) and now[whose] != address and address not in now.values()
    }  # fmt: skip
    if not moved:
        return 0
    lists = {asked.letter for asked in store.acknowledgements.last(context.election) if not asked.closed}
    return store.letters.forward(context.election, moved, again=lists, kinds=_STANDS, now=context.now)


def _addresses(rules: Rules) -> Iterator[tuple[str, str]]:
    """Yield who is written to besides people and organisations, and where."""
    yield "officers", rules.profile.election.officers_email
    yield from _of_places(rules.land)
    yield from ((f"pool {member.code}", member.email) for member in rules.land.central_pool if member.email)


def _of_places(land: Geography) -> Iterator[tuple[str, str]]:
    yield from ((f"office {office.code}", office.email) for office in land.offices if office.email)
    for region in land.regions:
        if region.commission:
            yield f"commission {region.code}", region.commission.email
        if region.local_administration:
            yield f"administration {region.code}", region.local_administration.email
