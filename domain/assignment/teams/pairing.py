"""Teams of two of different nationality in every region, and the repair of regions with an odd person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import repeat
from typing import Final

import numpy as np

from domain.assignment.explanation import OtherProblemError
from domain.assignment.plan import Loss, Move, Pair, Plan, Team, Teaming
from domain.assignment.planner.arrays import NOWHERE, Ints, Tables, as_numbers, lay_out
from domain.assignment.planner.extraction import losses
from domain.assignment.problem import Observer, ObserverId, Problem
from domain.assignment.teams.floor import Floor
from domain.assignment.teams.interpreters import NO_TEAM, accompanied
from domain.assignment.teams.matching import best_pairs
from domain.assignment.teams.repair import repaired
from domain.values import LanguageCode, RegionCode, RuleName

LOCAL_SPEAKER, MIXED_GENDER, TWO_ORGANISATIONS, SHARED_LANGUAGE = 8, 4, 2, 1
"""Merits of a team, each outweighing all the later ones together."""

ODD_NUMBER: Final[RuleName] = "odd_number_in_region"
SAME_NATIONALITY: Final[RuleName] = "same_nationality_as_the_rest"
NATIONALITY_UNKNOWN: Final[RuleName] = "nationality_not_given"


def merit(one: Observer, other: Observer, language: LanguageCode | None) -> int:
    """Return how good a team the two would be in a region of *language*; 0 if the rules forbid it.

    Nationalities must be known and have nothing in common; a dual national counts with both. Whether both may be
    halves of teams at all says ``Problem.is_half``.
    """
    if not one.nationalities or not other.nationalities or set(one.nationalities) & set(other.nationalities):
        return 0
    genders = {one.gender, other.gender}
    return (
        1
        + LOCAL_SPEAKER * ((language in one.languages) != (language in other.languages))
        + MIXED_GENDER * (len(genders) > 1 and None not in genders)
        + TWO_ORGANISATIONS * (one.organisation != other.organisation)
        + SHARED_LANGUAGE * bool(set(one.languages) & set(other.languages))
    )


def pair(problem: Problem, plan: Plan, *, repair: bool = True) -> Teaming:
    """Return the teams of *plan*: in each region as many as possible, and among those the best in sum.

    Interpreters are no half of a team unless the policy says so; they go with one (``accompanied``).
    With *repair* one person is moved between two odd regions where seats, places and hard rules permit, at the
    smallest combined loss, until at most one person in all is unpaired or no such move is left. Raises
    ``OtherProblemError`` for a plan of another problem.
    """
    if plan.problem != problem.digest():
        raise OtherProblemError
    tables = lay_out(problem)
    column = {region.code: place for place, region in enumerate(tables.regions)}
    codes = [plan.placements[observer.id] for observer in tables.observers]
    placed = np.array([NOWHERE if code is None else column[code] for code in codes], dtype=np.int64)
    settled = repaired(tables, placed) if repair else placed
    return _teaming(tables, placed, settled)


def carried_over(problem: Problem, plan: Plan, before: Teaming) -> Plan:
    """Return *plan* with those moved again whom *before* moved to make pairs, so that they stay where they were told.

    Only where the plan has them in the region that they left then, as told, their partner is where the pair was, and
    the rules, seats and office places permit it. Losses and certificate are those of *plan*.
    """
    tables = lay_out(problem)
    row = {observer.id: place for place, observer in enumerate(tables.observers)}
    column = {region.code: place for place, region in enumerate(tables.regions)}
    codes = [plan.placements[observer.id] for observer in tables.observers]
    floor = Floor(tables, np.array([NOWHERE if code is None else column[code] for code in codes], dtype=np.int64))
    steps = [
        (row[move.observer], column[move.leaves or ""], column[move.enters or ""])
        for move in _wanted_again(plan, before)
        if {move.leaves, move.enters} <= column.keys() and tables.free[row[move.observer]]
    ]
    steps = [step for step in steps if tables.eligible[step[0], step[2]]]
    if not floor.follow(steps):
        # One may wait for the seat of another, so whoever found no room is asked again.
        while done := [step for step in steps if floor.follow([step])]:
            steps = [step for step in steps if step not in done]
    return plan.revised(placements=dict(sorted(_placements(tables, floor.placed))))


def _wanted_again(plan: Plan, before: Teaming) -> Iterator[Move]:
    """Yield the moves of people who are where they left from then, and whose partner is where the pair was."""
    partner = {one: other for team in before.teams for one, other in (team.members, team.members[::-1])}
    gone = {move.observer: move for move in before.moved}
    for move in before.moved:
        mate = partner.get(move.observer)
        moved = gone.get(mate or "")
        here = plan.placements.get(mate or "")
        as_then = mate is None or here == (moved.leaves if moved else move.enters)
        if as_then and plan.placements.get(move.observer, "") == move.leaves:
            yield move


def lost_by(problem: Problem, placements: Mapping[ObserverId, RegionCode | None]) -> tuple[Loss, ...]:
    """Return what *placements* lose at each level in force."""
    tables = lay_out(problem)
    column = {region.code: place for place, region in enumerate(tables.regions)}
    codes = [placements[observer.id] for observer in tables.observers]
    lost = losses(tables, np.array([NOWHERE if code is None else column[code] for code in codes], dtype=np.int64))
    return tuple(Loss(level=level, amount=lost[level]) for level in problem.policy.levels)


def _teaming(tables: Tables, planned: Ints, settled: Ints) -> Teaming:
    problem, placements = tables.problem, dict(sorted(_placements(tables, settled)))
    members = {
        code: [observer for observer in people if problem.is_half(observer)]
        for code, people in _by_region(tables, settled)
    }
    language = {region.code: region.language for region in tables.regions}
    matched = {code: _matching(people, language[code]) for code, people in members.items()}
    teams = tuple(
        Team(region=code, members=(one.id, other.id), merit=merit(one, other, language[code]))
        for code, pairs in matched.items()
        for one, other in pairs
    )
    busy = {person for team in teams for person in team.members}
    accompanying = accompanied(problem, (team.members for team in teams), placements)
    alone = [*_alone(members, busy), *without_team(problem, placements, accompanying)]
    lost = losses(tables, settled)
    return Teaming(
        teams=teams,
        accompanying=accompanying,
        unpaired=dict(sorted(alone)),
        moved=_moved(tables, planned, settled),
        placements=placements,
        losses=tuple(Loss(level=level, amount=lost[level]) for level in tables.problem.policy.levels),
    )


def without_team(
    problem: Problem, placements: Mapping[ObserverId, RegionCode | None], accompanying: Mapping[ObserverId, Pair]
) -> Iterable[tuple[ObserverId, RuleName]]:
    """Yield the interpreters in the field who go with no team."""
    for observer in problem.observers:
        if not problem.is_half(observer) and placements[observer.id] is not None and observer.id not in accompanying:
            yield observer.id, NO_TEAM


def _by_region(tables: Tables, placed: Ints) -> Iterable[tuple[RegionCode, list[Observer]]]:
    members: dict[RegionCode, list[Observer]] = {region.code: [] for region in tables.regions}
    for observer, column in zip(tables.observers, as_numbers(placed), strict=True):
        if column != NOWHERE:
            members[tables.regions[column].code].append(observer)
    return members.items()


def _placements(tables: Tables, placed: Ints) -> Iterable[tuple[ObserverId, RegionCode | None]]:
    for observer, column in zip(tables.observers, as_numbers(placed), strict=True):
        yield observer.id, None if column == NOWHERE else tables.regions[column].code


def _moved(tables: Tables, planned: Ints, settled: Ints) -> tuple[Move, ...]:
    before, after = dict(_placements(tables, planned)), dict(_placements(tables, settled))
    return tuple(
        Move(observer=person, leaves=before[person], enters=after[person])
        for person in sorted(before)
        if before[person] != after[person]
    )


def _alone(members: dict[RegionCode, list[Observer]], busy: set[ObserverId]) -> Iterable[tuple[ObserverId, RuleName]]:
    for people in members.values():
        alone = [person for person in people if person.id not in busy]
        reason = ODD_NUMBER if len(alone) == 1 else SAME_NATIONALITY
        yield from ((observer.id, reason if observer.nationalities else NATIONALITY_UNKNOWN) for observer in alone)


def _matching(people: list[Observer], language: LanguageCode | None) -> list[tuple[Observer, Observer]]:
    """Return a matching of most pairs and, among those, of the largest merit (Galil, 1986)."""
    edges = _edges(people, language)
    pairs = sorted((min(best_pair), max(best_pair)) for best_pair in best_pairs(len(people), edges))
    return [(people[one], people[other]) for one, other in pairs]


def _edges(people: list[Observer], language: LanguageCode | None) -> Iterator[tuple[int, int, int]]:
    """Yield all possible teams with their merits, worked out for all pairs at once (``merit`` in arrays)."""
    common = _shared([person.nationalities for person in people]) | np.array(
        [not person.nationalities for person in people], dtype=bool
    )
    common |= common.T
    local = np.array([language in person.languages for person in people], dtype=bool)
    women = np.array([person.gender or "" for person in people])
    home = np.array([person.organisation for person in people])
    known = (women != "")[:, None] & (women != "")
    worth = (
        1
        + LOCAL_SPEAKER * (local[:, None] != local)
        + MIXED_GENDER * ((women[:, None] != women) & known)
        + TWO_ORGANISATIONS * (home[:, None] != home)
        + SHARED_LANGUAGE * _shared([person.languages for person in people])
    )
    for one, others in enumerate(np.triu(~common, k=1)):
        found = np.flatnonzero(others)
        yield from zip(repeat(one), as_numbers(found), as_numbers(worth[one, found]), strict=False)


def _shared(sets: list[tuple[str, ...]]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Return for all pairs whether their sets have something in common."""
    known = {code: place for place, code in enumerate(sorted(Counter(code for member in sets for code in member)))}
    has = np.zeros((len(sets), len(known)), dtype=np.float32)
    for row, codes in enumerate(sets):
        has[row, [known[code] for code in codes]] = 1
    return has @ has.T > 0
