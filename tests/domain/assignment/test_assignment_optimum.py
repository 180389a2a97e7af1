"""One combined cost against a linear programme solved level by level, and instances with published optima."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from domain.assignment.checker.check import check
from domain.assignment.invented_problems import Size, invented_problem
from domain.assignment.planner.extraction import preference_points
from domain.assignment.planner.network import Arcs, solve_flow
from domain.assignment.planner.rules import rule_against
from domain.assignment.planner.solver import solve
from domain.assignment.policy import Level, PlanningPolicy, Replanning
from domain.assignment.problem import Observer, Problem, Region

PUBLIC = Path(__file__).parents[3].parent / "shared" / "data" / "assignment"
Row = dict[int, float]


class LevelByLevel:
    """The plan as a linear programme without compression; each level is minimised with the higher ones fixed."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.highs: Any = pytest.importorskip("highspy").Highs()
        self.highs.setOptionValue("output_flag", False)
        self.infinity = self.highs.getInfinity()
        self.number = count()
        self.losses: dict[Level, Row] = {level: {} for level in Level}
        self.constant = dict.fromkeys(Level, 0)
        self.load: dict[str, Row] = {region.code: {} for region in problem.regions}
        self.spoken: dict[str, Row] = {region.code: {} for region in problem.regions}
        for observer in problem.observers:
            self._person(observer)
        for region in problem.regions:
            self._region(region)
        for office in problem.offices:
            self._office(office.code, office.base_places, office.surge_places)

    def _variable(self, upper: float) -> int:
        self.highs.addVar(0, upper)
        return next(self.number)

    def _at_most(self, row: Row, upper: float, lower: float | None = None) -> None:
        low = -self.infinity if lower is None else lower
        self.highs.addRow(low, upper, len(row), np.array(list(row), dtype=np.int32), np.array(list(row.values())))

    def _person(self, observer: Observer) -> None:
        stays_out = self._variable(1)
        choices = {stays_out: 1.0}
        self.losses[Level.PLACED][stays_out] = 1
        if observer.previous:
            self.losses[Level.CHANGES][stays_out] = 1
        for region in self.problem.regions:
            if rule_against(observer, region):
                continue
            there = self._variable(1)
            choices[there] = 1.0
            self.load[region.code][there] = 1.0
            if region.language in observer.languages:
                self.spoken[region.code][there] = 1.0
            factor = self.problem.policy.multiplier(observer.organisation)
            self.losses[Level.POINTS][there] = factor * preference_points(observer, region.code)
            if observer.previous not in {None, region.code}:
                self.losses[Level.CHANGES][there] = 1
        self._at_most(choices, 1, lower=1)

    def _region(self, region: Region) -> None:
        self._at_most(self.load[region.code], region.capacity)
        empty, unspoken = self._variable(region.minimum), self._variable(region.language_quota)
        self.losses[Level.COVERAGE][empty] = region.weight
        self._at_most({**self.load[region.code], empty: 1.0}, self.infinity, lower=region.minimum)
        if region.language:
            self.losses[Level.LANGUAGE][unspoken] = 1
            self._at_most({**self.spoken[region.code], unspoken: 1.0}, self.infinity, lower=region.language_quota)

    def _office(self, code: str, base: int, surge: int) -> None:
        extra = self._variable(surge)
        self.losses[Level.SURGE][extra] = 1
        served: Row = {extra: -1.0}
        for region in self.problem.regions:
            if region.office == code:
                served |= self.load[region.code]
        self._at_most(served, base)

    def optimum(self) -> list[int]:
        """Return the losses in the order in force."""
        found: list[int] = []
        total = next(self.number)
        for level in self.problem.policy.levels:
            cost = np.zeros(total)
            for variable, loss in self.losses[level].items():
                cost[variable] = loss
            self.highs.changeColsCost(total, np.arange(total, dtype=np.int32), cost)
            self.highs.run()
            best = self.highs.getInfo().objective_function_value
            found.append(round(best))
            self._at_most({key: float(value) for key, value in self.losses[level].items()}, round(best) + 1e-7)
        return found


def varied_problem(seed: int) -> Problem:
    """Return a small problem; scarcity, order, re-planning and fairness vary with the seed."""
    draw = np.random.default_rng(seed)
    size = Size(int(draw.integers(10, 70)), int(draw.integers(2, 9)), float(draw.choice([0.7, 0.95, 1.3])))
    problem = invented_problem(size, seed=seed)
    codes = [region.code for region in problem.regions]
    observers = tuple(
        observer.revised(previous=str(draw.choice(codes)) if draw.random() < 0.6 else None)
        for observer in problem.observers
    )
    offices = tuple(office.revised(staff=int(draw.integers(0, office.staff + 1))) for office in problem.offices)
    order = (
        tuple(Level(one) for one in draw.permutation(PlanningPolicy().order))
        if seed % 3 == 0
        else PlanningPolicy().order
    )
    policy = PlanningPolicy(
        seed=str(seed),
        order=order,
        replanning=list(Replanning)[seed % 3],
        fairness={observer.organisation: int(draw.integers(5, 41)) for observer in observers[:4]} if seed % 2 else {},
    )
    return Problem(regions=problem.regions, offices=offices, observers=observers, policy=policy)


def agree(seeds: range) -> None:
    for seed in seeds:
        problem = varied_problem(seed)
        plan = solve(problem)
        assert [loss.amount for loss in plan.losses] == LevelByLevel(problem).optimum(), f"seed {seed}"
        assert check(problem, plan) == [], f"seed {seed}"


def test_the_combined_cost_is_the_level_by_level_optimum() -> None:
    agree(range(12))


@pytest.mark.full
def test_the_combined_cost_is_the_level_by_level_optimum_on_many_instances() -> None:
    agree(range(12, 240))


def _dimacs(path: Path) -> tuple[Arcs, np.ndarray]:
    lines = [line.split() for line in path.read_text().splitlines()]
    nodes = next(int(line[2]) for line in lines if line[:1] == ["p"])
    supply = np.zeros(nodes, dtype=np.int64)
    for line in lines:
        if line[:1] == ["n"]:
            supply[int(line[1]) - 1] = int(line[2])
    table = np.array([[int(number) for number in line[1:]] for line in lines if line[:1] == ["a"]], dtype=np.int64)
    return Arcs(table[:, 0] - 1, table[:, 1] - 1, table[:, 3], table[:, 4]), supply


def _assignment(path: Path) -> tuple[Arcs, np.ndarray]:
    numbers = np.array(path.read_text().split(), dtype=np.int64)
    size, cost = int(numbers[0]), numbers[1:]
    tail, head = np.repeat(np.arange(size), size), size + np.tile(np.arange(size), size)
    return Arcs.of(tail, head, 1, cost), np.repeat([1, -1], size).astype(np.int64)


KNOWN = [
    ("assign100.txt", 305),
    ("flow/netgen_8_08a.min", 142_274_536),
    ("flow/transport_400x300.min", 445_090),
    ("flow/netgen-2.min", 6_749_969_302),
]


@pytest.mark.parametrize(("name", "known"), KNOWN)
def test_published_optima_are_reproduced(name: str, known: int) -> None:
    if not (PUBLIC / name).exists():
        pytest.skip("the public instances are not beside this checkout")
    arcs, supply = (_dimacs if name.endswith(".min") else _assignment)(PUBLIC / name)
    assert int((solve_flow(arcs, supply) * arcs.cost).sum()) == known
