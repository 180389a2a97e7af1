"""What the planner answers: who goes where, at what loss by level, and the proof that nothing is better."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.assignment.policy import Documented, Level
from domain.assignment.problem import ObserverId
from domain.values import RegionCode, RuleName, Sha256, SiteCode

Pair = tuple[ObserverId, ObserverId]
"""The two of a team."""


class Loss(Documented):
    """What a plan loses at one level."""

    level: Level
    """The level."""
    amount: int
    """What is lost; a difference where two plans are compared."""


class Certificate(Documented):
    """Potentials of the condensed residual network: a plan that satisfies them cannot be improved.

    Nodes are ``region:R`` (all in the region), ``speakers:R`` (its speakers of the local language),
    ``office:O`` and ``outside`` (unplaced). Source: linear programming duality; Ahuja, Magnanti and Orlin,
    Network Flows (1993), theorem 9.3.
    """

    weights: dict[Level, int]
    """The factor of each level in the one combined cost."""
    potentials: dict[str, int]
    """The potential d of each node: for every residual arc from p to q, length + d(p) - d(q) is not negative."""


class Plan(Documented):
    """A plan for one problem; ``losses`` are in the order in force, the most important level first."""

    problem: Sha256
    """SHA-256 of the problem that the plan answers; the order of its rows does not change it."""
    seed: str
    """Seed of the lottery that broke its ties."""
    losses: tuple[Loss, ...]
    """What it loses, the most important level first."""
    moves: Annotated[int, Field(ge=0)]
    """People with a previous region who are now elsewhere or nowhere."""
    placements: dict[ObserverId, RegionCode | None]
    """The region of each person; ``None`` for none."""
    unplaced: dict[ObserverId, RuleName]
    """Why each person without a region has none: the binding hard rule, or what was full."""
    certificate: Certificate
    """The proof that no plan is better."""

    @property
    def order(self) -> tuple[Level, ...]:
        """The levels in force, the most important first."""
        return tuple(loss.level for loss in self.losses)

    def loss(self, level: Level) -> int:
        """Return the amount lost at *level*; 0 for a level that is not in force."""
        return next((loss.amount for loss in self.losses if loss.level is level), 0)


class Move(Documented):
    """Somebody who changes regions."""

    observer: ObserverId
    """Who moves."""
    leaves: RegionCode | None
    """The region left; ``None`` for no region."""
    enters: RegionCode | None
    """The region entered; ``None`` for no region."""


class Team(Documented):
    """Two people of one region with no nationality in common."""

    region: RegionCode
    """Where they observe."""
    members: Pair
    """The two, by id."""
    merit: int
    """Sum of the merits: exactly one local speaker 8, mixed gender 4, two organisations 2, a shared language 1."""


class Teaming(Documented):
    """The teams of a plan, and what it took to leave as few people as possible without a partner."""

    teams: tuple[Team, ...]
    """The teams, by region."""
    accompanying: dict[ObserverId, Pair] = Field(default_factory=dict)
    """The team each interpreter goes with, where interpreters are no half of one."""
    unpaired: dict[ObserverId, RuleName]
    """Who has a region and no partner, and why."""
    moved: tuple[Move, ...]
    """People whom the repair put into another region than the plan."""
    placements: dict[ObserverId, RegionCode | None]
    """The region of each person after the repair; ``None`` for none."""
    losses: tuple[Loss, ...]
    """What the placements lose after the repair; to be compared with the plan's."""
    sites: dict[ObserverId, SiteCode] = Field(default_factory=dict)
    """The site of everybody whose region has sites; a team has one."""
    siteless: dict[ObserverId, RuleName] = Field(default_factory=dict)
    """Who could be given none there, and why."""
