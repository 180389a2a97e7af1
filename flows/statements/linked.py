"""Votes that follow each other: a run-off or a repetition, and the vote before it."""

from __future__ import annotations

from db.store import Store
from domain.values import ElectionCode
from flows.statements.kept_log import is_deleted


def linked_votes(store: Store, election: ElectionCode) -> list[ElectionCode]:
    """Return the elections that this one follows, or that follow it, however many lie between; deleted ones are not."""
    follows = {code: store.elections.profile(code).follows for code in store.elections.codes()}
    pairs = [{code, rule.election} for code, rule in follows.items() if rule and rule.election in follows]
    found = {election}
    for _ in pairs:
        found |= {code for pair in pairs if pair & found for code in pair}
    return sorted(code for code in found - {election} if not is_deleted(store, code))
