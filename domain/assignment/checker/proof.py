"""The checker's half of the certificate: potentials under which no residual arc has a negative reduced length.

One pass over all eligible pairs and all arcs of regions and offices. Source: linear programming duality; Ahuja,
Magnanti and Orlin, Network Flows (1993), theorem 9.3. Shares no code with the planner.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from domain.assignment.checker.recount import Tally, Violation, forbids
from domain.assignment.plan import Plan
from domain.assignment.policy import Level
from domain.assignment.problem import Observer, Problem, Region
from domain.values import LanguageCode

_RANGE = 2**60


def unproved(problem: Problem, plan: Plan, tally: Tally) -> list[Violation]:
    """Return what is wrong with the certificate of *plan*; nothing wrong proves the plan optimal."""
    faults = [*_weak_weights(problem, plan), *_strange_nodes(problem, plan)]
    if faults:
        return faults
    proof = _Proof(problem, plan)
    found = [
        Violation(fault="improvable_person", subject=observer.id)
        for observer in problem.observers
        if proof.improves(observer)
    ]
    around = {region.code: _region_arcs(region, proof, tally) for region in problem.regions}
    desks = {code: _office_arcs(code, proof, tally) for code in tally.offices}
    for fault, arcs in (("improvable_region", around), ("improvable_office", desks)):
        found += [Violation(fault=fault, subject=code) for code, lengths in arcs.items() if min(lengths, default=0) < 0]
    return found


def _weak_weights(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Yield each level whose weight a cycle of lower levels could outweigh."""
    regions, weights = len(problem.regions), plan.certificate.weights
    if weights.keys() != set(problem.policy.levels) or min(weights.values()) < 1:
        yield Violation(fault="strange_weights", subject="certificate")
        return
    factors = problem.policy.fairness
    if max(weights.values()) * 16 * max([10, *factors.values()]) > _RANGE:
        yield Violation(fault="strange_weights", subject="certificate")
        return
    present = {observer.organisation for observer in problem.observers}
    largest = max((factors.get(prime, 10) for prime in present), default=1) if factors else 1
    swing = {
        Level.COVERAGE: sum(region.weight for region in problem.regions),
        Level.LANGUAGE: regions,
        Level.PLACED: 1,
        Level.SURGE: 2,
        Level.POINTS: 15 * largest * (2 * regions + 1),
        Level.CHANGES: 2 * regions + 1,
    }
    below = 0
    for level in reversed(problem.policy.levels):
        if weights[level] <= below:
            yield Violation(fault="weak_weight", subject=level)
        below += weights[level] * swing[level]


def _strange_nodes(problem: Problem, plan: Plan) -> Iterator[Violation]:
    wanted = {f"{kind}:{region.code}" for region in problem.regions for kind in ("region", "speakers")}
    wanted |= {f"office:{office.code}" for office in problem.offices} | {"outside"}
    potentials = plan.certificate.potentials
    if potentials.keys() != wanted or any(abs(height) > _RANGE for height in potentials.values()):
        yield Violation(fault="strange_potentials", subject="certificate")


@dataclass(slots=True)
class _Proof:
    """One certificate, with what many observers share worked out once."""

    problem: Problem
    plan: Plan
    column: dict[str, int] = field(init=False)
    weights: dict[Level, int] = field(init=False)
    heights: dict[str, int] = field(init=False)
    open_to: dict[object, NDArray[np.bool_]] = field(init=False)
    spoken: dict[LanguageCode, NDArray[np.bool_]] = field(init=False)
    inside: NDArray[np.int64] = field(init=False)
    speaking: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.heights, self.weights = self.plan.certificate.potentials, self.plan.certificate.weights
        regions = self.problem.regions
        self.column = {region.code: place for place, region in enumerate(regions)}
        self.inside = np.array([self.heights[f"region:{region.code}"] for region in regions], dtype=np.int64)
        self.speaking = np.array([self.heights[f"speakers:{region.code}"] for region in regions], dtype=np.int64)
        tongues = {region.language for region in regions if region.language}
        self.spoken = {
            tongue: np.array([region.language == tongue for region in regions], dtype=bool) for tongue in tongues
        }
        self.open_to = {}

    def may_serve(self, observer: Observer) -> NDArray[np.bool_]:
        """Return in which regions the rules let *observer* serve; worked out once for people alike."""
        key = (observer.consent_level, observer.accepted_notices, observer.arrives, observer.leaves)
        if key not in self.open_to:
            alike = observer.revised(excluded=(), pinned=None)
            self.open_to[key] = np.array([not forbids(alike, region) for region in self.problem.regions], dtype=bool)
        possible = self.open_to[key].copy()
        for exclusion in observer.excluded:
            possible[self.column[exclusion.region]] = False
        return possible

    def improves(self, observer: Observer) -> bool:
        """Return whether some move of *observer* has a negative reduced length; pinned people do not move."""
        if observer.pinned:
            return False
        nobody = np.zeros(len(self.column), dtype=bool)
        speaks = reduce(np.logical_or, (self.spoken.get(tongue, nobody) for tongue in observer.languages), nobody)
        regions, outside = self._lengths(observer, np.where(speaks, self.speaking, self.inside))
        here = self.plan.placements[observer.id]
        now = outside if here is None else int(regions[self.column[here]])
        return outside < now or bool((regions[self.may_serve(observer)] < now).any())

    def _lengths(self, observer: Observer, heights: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
        """Return cost minus potential of every region and of staying out."""
        tenths = self.problem.policy.fairness.get(observer.organisation, 10) if self.problem.policy.fairness else 1
        price = self.weights[Level.POINTS] * tenths
        told = self.weights.get(Level.CHANGES, 0) if observer.previous else 0
        cost = np.full(len(self.column), 15 * price + told, dtype=np.int64)
        for code, points in zip(observer.preferences, (0, 1, 3, 6, 10), strict=False):
            cost[self.column[code]] = points * price + told
        if observer.previous in self.column:
            cost[self.column[observer.previous]] -= told
        return cost - heights, self.weights[Level.PLACED] + told - self.heights["outside"]


def _region_arcs(region: Region, proof: _Proof, tally: Tally) -> Iterator[int]:
    """Yield the reduced lengths of the residual arcs around one region."""
    code, weights = region.code, proof.weights
    inside, speaking = proof.heights[f"region:{code}"], proof.heights[f"speakers:{code}"]
    load, spoken = tally.load[code], tally.spoken[code]
    quota = region.language_quota if region.language else 0
    counted = min(spoken, quota)
    yield speaking - inside - (weights[Level.LANGUAGE] if counted < quota else 0)
    if spoken:
        yield inside - speaking + (weights[Level.LANGUAGE] if spoken == counted else 0)
    if region.office is None:
        return
    desk, gain = proof.heights[f"office:{region.office}"], region.weight * weights[Level.COVERAGE]
    if load < region.capacity:
        yield inside - desk - (gain if load < region.minimum else 0)
    if load:
        yield desk - inside + (gain if load <= region.minimum else 0)


def _office_arcs(code: str, proof: _Proof, tally: Tally) -> Iterator[int]:
    """Yield the reduced lengths of the residual arcs between one office and the outside."""
    office, carried = tally.offices[code], tally.carried[code]
    desk, outside, surge = proof.heights[f"office:{code}"], proof.heights["outside"], proof.weights[Level.SURGE]
    if carried < office.base_places + office.surge_places:
        yield desk - outside + (0 if carried < office.base_places else surge)
    if carried:
        yield outside - desk - (surge if carried > office.base_places else 0)
