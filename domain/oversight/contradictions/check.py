"""The check of a whole election: every rule, over one snapshot."""

from __future__ import annotations

from domain.oversight.contradictions.contradiction import RULES, Contradiction
from domain.oversight.contradictions.credentials import in_credentials
from domain.oversight.contradictions.decisions import in_decisions
from domain.oversight.contradictions.letters import in_breaches, in_letters
from domain.oversight.contradictions.organisations import in_organisations
from domain.oversight.contradictions.places import in_places
from domain.oversight.contradictions.shifts import in_shifts
from domain.oversight.contradictions.snapshot import Snapshot


def contradictions(seen: Snapshot) -> tuple[Contradiction, ...]:
    """Return everything in which two places of the database disagree, in the order of the rules."""
    order = list(RULES)
    parts = (in_places, in_letters, in_breaches, in_decisions, in_credentials, in_shifts, in_organisations)
    found = [told for part in parts for told in part(seen)]
    return tuple(sorted(found, key=lambda told: (order.index(told.rule), told.about, told.problem)))
