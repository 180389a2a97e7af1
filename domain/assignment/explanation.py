"""Why not that region: a rule, a tie with its lottery number, or an exact price."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final, Self

import numpy as np

from domain.assignment.plan import Loss, Move, Plan
from domain.assignment.planner.arrays import NOWHERE, Ints, Tables, as_numbers, lay_out
from domain.assignment.planner.certificate import ABSENT, Residual, attach, condense, potentials
from domain.assignment.planner.extraction import collective_losses, personal_losses
from domain.assignment.planner.lottery import ticket
from domain.assignment.planner.rules import PIN_DOES_NOT_FIT, SEATS_HELD_BY_PINS, rule_against
from domain.assignment.policy import Documented
from domain.assignment.problem import ObserverId, Problem
from domain.errors import BadInputError, nearest
from domain.values import RegionCode, RuleName

_UNREACHED: Final = ABSENT // 2


class WhyNotKind(StrEnum):
    """What an answer to *why not* says."""

    PLACED_THERE = "placed_there"
    """The person is there."""
    NOT_ELIGIBLE = "not_eligible"
    """A hard rule forbids it, whatever the need."""
    TIE = "tie"
    """A plan with the person there would be exactly as good; the lottery decided."""
    PRICE = "price"
    """The best plan with the person there is worse."""


class WhyNot(Documented):
    """Why the observer is not in the region; chains name people by id and are for officers only."""

    observer: ObserverId
    """Who was asked about."""
    region: RegionCode
    """Which region was asked about."""
    verdict: WhyNotKind
    """What keeps the person from the region."""
    rule: RuleName | None = None
    """The hard rule, for ``not_eligible``."""
    ticket: int | None = None
    """The lottery number of the pair; between equally good plans the smaller sum wins."""
    price: int | None = None
    """What the best plan with the observer there loses more, as one combined cost; 0 for a tie."""
    losses: tuple[Loss, ...] = ()
    """The price by level, the most important first; the first that is not zero decided."""
    chain: tuple[Move, ...] = ()
    """Who would move, the observer first."""


class UnknownInPlanError(BadInputError):
    """The plan or the problem does not name this person or region."""

    def __init__(self, kind: str, key: str, *, known: Iterable[str] = ()) -> None:
        remedy = nearest(key, known) or f"Use the {kind}'s code as listed."
        super().__init__(f"{kind} {key}", "is not part of this problem.", remedy=remedy)


class OtherProblemError(BadInputError):
    """The plan was made for another problem, so it explains nothing about this one."""

    def __init__(self) -> None:
        super().__init__("plan", "was made for another problem.", remedy="Solve this problem again.")


class ImprovablePlanError(BadInputError):
    """The plan is not the best one, so there are no prices to state."""

    def __init__(self) -> None:
        super().__init__("plan", "can be improved: it is not what the planner made.", remedy="Solve the problem again.")


@dataclass(frozen=True, slots=True)
class Explainer:
    """A plan prepared for many questions; preparing costs about as much as building the network."""

    tables: Tables
    placed: Ints
    residual: Residual
    row: dict[ObserverId, int]
    column: dict[RegionCode, int]
    reduced: Ints
    """Reduced lengths of the residual arcs, none negative: what lets shortest paths be found one node at a time."""

    @classmethod
    def of(cls, problem: Problem, plan: Plan) -> Self:
        """Prepare *plan* for questions.

        Raises ``OtherProblemError`` if it answers another problem and ``ImprovablePlanError`` if it is not optimal.
        """
        if plan.problem != problem.digest() or {observer.id for observer in problem.observers} != set(plan.placements):
            raise OtherProblemError
        tables = lay_out(problem)
        column = {region.code: place for place, region in enumerate(tables.regions)}
        codes = [plan.placements[observer.id] for observer in tables.observers]
        placed = np.array([NOWHERE if code is None else column.get(code, NOWHERE) for code in codes], dtype=np.int64)
        row = {observer.id: place for place, observer in enumerate(tables.observers)}
        residual = condense(tables, placed)
        heights = potentials(residual)
        if heights is None:
            raise ImprovablePlanError
        return cls(tables, placed, residual, row, column, residual.length + heights[:, None] - heights)

    def why(self, observer: ObserverId, region: RegionCode) -> WhyNot:
        """Return why *observer* is not in *region*; the price equals that of solving again with the pair forced."""
        row, column = self._located(observer, region)
        number = ticket(self.tables.problem.policy.seed, observer, region)
        if self.placed[row] == column:
            return WhyNot(observer=observer, region=region, verdict=WhyNotKind.PLACED_THERE, ticket=number)
        if rule := self._barrier(row, column):
            return WhyNot(observer=observer, region=region, verdict=WhyNotKind.NOT_ELIGIBLE, rule=rule)
        path = self._cheapest_path(row, column)
        if path is None:
            return WhyNot(observer=observer, region=region, verdict=WhyNotKind.NOT_ELIGIBLE, rule=SEATS_HELD_BY_PINS)
        steps = [(row, column), *self._moves(path)]
        lost, price = self._difference(steps)
        return WhyNot(
            observer=observer,
            region=region,
            verdict=WhyNotKind.PRICE if price else WhyNotKind.TIE,
            ticket=number,
            price=price,
            losses=lost,
            chain=tuple(self._move(*step) for step in steps),
        )

    def _located(self, observer: ObserverId, region: RegionCode) -> tuple[int, int]:
        if observer not in self.row:
            raise UnknownInPlanError("observer", observer)
        if region not in self.column:
            raise UnknownInPlanError("region", region, known=self.column)
        return self.row[observer], self.column[region]

    def _barrier(self, row: int, column: int) -> RuleName | None:
        rule = rule_against(self.tables.observers[row], self.tables.regions[column])
        if rule is None and not self.tables.free[row]:
            return PIN_DOES_NOT_FIT
        return rule

    def _cheapest_path(self, row: int, column: int) -> list[int] | None:
        """Return the nodes of the cheapest way to make room, from the wanted node to the present one."""
        wanted = self.placed.copy()
        wanted[row] = column
        start, end = int(attach(self.tables, wanted)[row]), int(self.residual.attached[row])
        reduced, never = self.reduced, np.iinfo(np.int64).max
        distance = np.full(len(reduced), _UNREACHED, dtype=np.int64)
        before = np.full(len(reduced), NOWHERE, dtype=np.int64)
        waiting = distance.copy()
        waiting[start] = distance[start] = 0
        while waiting[nearest := int(waiting.argmin())] < _UNREACHED and nearest != end:
            through = reduced[nearest] + distance[nearest]
            closer = through < distance
            distance[closer] = waiting[closer] = through[closer]
            before[closer] = nearest
            waiting[nearest] = never
        return None if distance[end] == _UNREACHED else _walked_back(before, start, end)

    def _moves(self, path: list[int]) -> list[tuple[int, int]]:
        """Return the people who move along *path*, each with the region entered."""
        regions, outside = len(self.tables.regions), len(self.residual.length) - 1
        steps: list[tuple[int, int]] = []
        for tail, head in pairwise(path):
            mover = int(self.residual.mover[tail, head])
            if mover != NOWHERE:
                steps.append((mover, NOWHERE if head == outside else head % regions))
        return steps

    def _difference(self, steps: list[tuple[int, int]]) -> tuple[tuple[Loss, ...], int]:
        """Return what the moves lose at each level in force, and combined."""
        after = self.placed.copy()
        for row, column in steps:
            after[row] = column
        then, now = (
            collective_losses(self.tables, plan) | personal_losses(self.tables, plan, [row for row, _ in steps])
            for plan in (after, self.placed)
        )
        lost = tuple(Loss(level=level, amount=then[level] - now[level]) for level in self.tables.problem.policy.levels)
        return lost, sum(loss.amount * self.tables.weights[loss.level] for loss in lost)

    def _move(self, row: int, column: int) -> Move:
        regions, here = self.tables.regions, int(self.placed[row])
        return Move(
            observer=self.tables.observers[row].id,
            leaves=None if here == NOWHERE else regions[here].code,
            enters=None if column == NOWHERE else regions[column].code,
        )


def _walked_back(before: Ints, start: int, end: int) -> list[int]:
    came_from, path = as_numbers(before), [end]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]


def why(problem: Problem, plan: Plan, observer: ObserverId, region: RegionCode) -> WhyNot:
    """Return why *observer* is not in *region* under *plan*.

    Raises ``OtherProblemError`` for a plan of another problem, ``UnknownInPlanError`` for a strange id or code.
    """
    return Explainer.of(problem, plan).why(observer, region)
