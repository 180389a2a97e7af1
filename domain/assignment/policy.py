"""How plans are judged: six levels, strictly in order, the points of wishes, the lottery's seed, limits of sites."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from domain.values import Frozen, OrganisationCode

RANK_POINTS: Final = (0, 1, 3, 6, 10)
"""Preference points of the first to the fifth choice."""

UNRANKED_POINTS: Final = 15
"""Preference points of a region the observer did not ask for."""

NEUTRAL_MULTIPLIER: Final = 10
"""Tenths by which the points of an organisation count when fairness weights are in force but not for it."""


class Level(StrEnum):
    """What a plan is judged by; each is a loss, the smaller the better."""

    COVERAGE = "coverage"
    """Minimum seats left empty, each times the weight of its region."""
    LANGUAGE = "language"
    """Seats of the language quotas without a speaker of the region's language."""
    PLACED = "placed"
    """People without a region."""
    SURGE = "surge"
    """People whom an office serves above its base places."""
    POINTS = "points"
    """Preference points (0, 1, 3, 6, 10 by rank; 15 unranked), times the fairness multipliers if there are any."""
    CHANGES = "changes"
    """People with a previous region who are now elsewhere or nowhere."""


SOFT_LEVELS: Final = (Level.COVERAGE, Level.LANGUAGE, Level.PLACED, Level.SURGE, Level.POINTS)


class Replanning(StrEnum):
    """How much the plan in force binds the new one."""

    FEWEST_CHANGES = "fewest_changes"
    """Among equally good plans the one that moves the fewest people."""
    NO_MOVES = "no_moves"
    """Nobody moves for the sake of preferences."""
    FROM_SCRATCH = "from_scratch"
    """The plan in force does not count."""


class Documented(Frozen):
    """A value whose JSON schema carries the descriptions of its fields."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class SiteLimits(Documented):
    """How many people of one organisation may be at one site."""

    observers: Annotated[int, Field(ge=1)] = 2
    """Most observers of one organisation."""
    interpreters: Annotated[int, Field(ge=0)] = 1
    """Most interpreters of one organisation."""


class PlanningPolicy(Documented):
    """How plans are compared and how ties are broken; published before the lottery is drawn."""

    order: tuple[Level, ...] = SOFT_LEVELS
    """The five levels besides changes, the most important first."""
    replanning: Replanning = Replanning.FEWEST_CHANGES
    """How much places that people were told (``previous``) bind the plan."""
    seed: Annotated[str, StringConstraints(min_length=1, max_length=128)] = "unpublished"
    """Seed of the public lottery."""
    fairness: dict[OrganisationCode, Annotated[int, Field(ge=1, le=1000)]] = Field(default_factory=dict)
    """Tenths by which an organisation's points count (10 is neutral); empty: points count as they are."""
    site_limits: SiteLimits | None = None
    """Most people of one organisation at one site; ``None`` for any number."""
    interpreters_in_teams: bool = False
    """Whether an interpreter may be one of the two of a team; otherwise interpreters go with a team as a third."""

    @model_validator(mode="after")
    def _orders_every_level(self) -> Self:
        if sorted(self.order) != sorted(SOFT_LEVELS):
            raise ValueError("order must name each of " + ", ".join(SOFT_LEVELS) + " once")
        return self

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels in force, the most important first."""
        match self.replanning:
            case Replanning.FEWEST_CHANGES:
                return (*self.order, Level.CHANGES)
            case Replanning.FROM_SCRATCH:
                return self.order
            case Replanning.NO_MOVES:
                place = self.order.index(Level.POINTS)
                return (*self.order[:place], Level.CHANGES, *self.order[place:])

    def multiplier(self, organisation: OrganisationCode) -> int:
        """Return the factor of the organisation's points: tenths if fairness weights are in force, else 1."""
        return self.fairness.get(organisation, NEUTRAL_MULTIPLIER) if self.fairness else 1
