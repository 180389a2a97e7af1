"""What the planner answers: who goes where, at what loss by level, and the proof that nothing is better."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.assignment.problem import Documented, Level, ObserverId
from domain.values import RegionCode, RuleName, Sha256


class Loss(Documented):
    """What a plan loses at one level."""

    level: Level
    amount: int


class Certificate(Documented):
    """Potentials of the condensed residual network: a plan that satisfies them cannot be improved.

    Nodes are ``region:R`` (all in the region), ``speakers:R`` (its speakers of the local language),
    ``office:O`` and ``outside`` (unplaced). Source: linear programming duality; Ahuja, Magnanti and Orlin,
    Network Flows (1993), theorem 9.3.
    """

    weights: dict[Level, int]
    """The factor of each level in the one combined cost."""
    potentials: dict[str, int]


class Plan(Documented):
    """A plan for one problem; ``losses`` are in the order in force, the most important level first."""

    problem: Sha256
    seed: str
    losses: tuple[Loss, ...]
    moves: Annotated[int, Field(ge=0)]
    """People with a previous region who are now elsewhere or nowhere."""
    placements: dict[ObserverId, RegionCode | None]
    unplaced: dict[ObserverId, RuleName]
    """Why each person without a region has none: the binding hard rule, or what was full."""
    certificate: Certificate

    @property
    def order(self) -> tuple[Level, ...]:
        """The levels in force, the most important first."""
        return tuple(loss.level for loss in self.losses)

    def loss(self, level: Level) -> int:
        """Return the amount lost at *level*; 0 for a level that is not in force."""
        return next((loss.amount for loss in self.losses if loss.level is level), 0)
