"""Where a plan sends people, as its placements are carried out: regions, partners and sites by person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self
from uuid import UUID

from db.assignment.plans import StoredPlan
from db.store import open_reader
from domain.application.nomination import Nomination
from domain.assignment.plan import Teaming
from domain.values import RegionCode, SiteCode
from flows.assignment.plans.teams import Partners, partners
from flows.context import database
from flows.settings import settings

Who = Callable[[Sequence[UUID]], Mapping[UUID, Nomination]]
"""Who people are, by application: asked for some at a time, because all of them together are many."""


def who_they_are(ids: Sequence[UUID]) -> dict[UUID, Nomination]:
    """Return the current version of each application's nomination; erased ones are left out."""
    with open_reader(database()) as store:
        return store.people.current(ids)


@dataclass(frozen=True, slots=True)
class Places:
    """Where everybody of a plan goes, with whom, and to which site; ids as text."""

    plan: UUID
    regions: Mapping[str, RegionCode | None]
    partners: Partners
    sites: Mapping[str, SiteCode]

    @classmethod
    def of(cls, stored: StoredPlan) -> Self:
        """Return what *stored* says of everybody."""
        together = partners(Teaming.model_validate(stored.teams, strict=False)) if stored.teams else {}
        return cls(stored.id, stored.placements, together, stored.teams.get("sites", {}))


def places_of(plan: UUID) -> Places:
    """Return the places of a plan that is adopted, whose answer does not change any more; raises UnknownThingError."""
    return _places(settings().database_url, plan)


@lru_cache(maxsize=2)
def _places(_database: str, plan: UUID) -> Places:
    with open_reader(database()) as store:
        return Places.of(store.plans.places(plan))
