"""What officers and applicants say of where somebody may be placed, before any plan is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Final

from pydantic import Field

from domain.application.events import PlacementOrdered
from domain.application.nomination import Nomination
from domain.organisations.organisation import Organisation, OrganisationKind
from domain.values import CountryCode, Frozen, RegionCode, RuleName

OWN_STATE_POST: Final[RuleName] = "own_state_post"
DECLARED_CONFLICT: Final[RuleName] = "declared_conflict"
ROLE_NOT_PLACED: Final[RuleName] = "role_not_placed"
OFFICERS_ORDER: Final[RuleName] = "officers_order"

_OF_THE_STATE: Final = frozenset(
    {OrganisationKind.STATE, OrganisationKind.PARLIAMENT, OrganisationKind.EMBASSY, OrganisationKind.ELECTION_BODY}
)
"""Organisations that speak for the state they are of."""


class Orders(Frozen):
    """What officers have ordered for one person and not lifted."""

    excluded: Annotated[Mapping[RegionCode, RuleName], Field(description="regions forbidden, each with its rule")] = {}
    pinned: Annotated[RegionCode | None, Field(description="the region reserved")] = None

    @property
    def given(self) -> bool:
        """Whether any order is in force."""
        return bool(self.excluded) or self.pinned is not None


def standing_orders(history: Iterable[PlacementOrdered]) -> Orders:
    """Return what *history*, in order, leaves in force: a region is either forbidden or reserved, never both."""
    excluded: dict[RegionCode, RuleName] = {}
    pinned: RegionCode | None = None
    for event in history:
        excluded.pop(event.region, None)
        pinned = None if pinned == event.region else pinned
        if event.order == "exclude":
            excluded[event.region] = event.rule
        elif event.order == "pin":
            pinned = event.region
    return Orders(excluded=excluded, pinned=pinned)


def exclusions(
    nomination: Nomination, sponsor: Organisation, orders: Orders, *, posts: Mapping[RegionCode, CountryCode]
) -> dict[RegionCode, RuleName]:
    """Return the regions where a person must not serve, each with the rule: an order, else a conflict, else the post.

    A declared conflict is the person's own word. *posts* are the posts abroad and the states in which they lie: one's
    own is in a state whose nationality one holds, or for which the organisation speaks that sent one.
    """
    home = {*nomination.nationalities, *((sponsor.country,) if sponsor.kind in _OF_THE_STATE else ())}
    own = {region: OWN_STATE_POST for region, country in posts.items() if country in home}
    return own | dict.fromkeys(nomination.conflict_regions, DECLARED_CONFLICT) | dict(orders.excluded)
