"""Interpreters beside teams: each goes with one team of its region as a third, never as one of the two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from domain.assignment.plan import Pair
from domain.assignment.problem import Observer, ObserverId, Problem
from domain.assignment.teams.matching import best_pairs
from domain.values import RegionCode, RuleName

Places = Mapping[ObserverId, RegionCode | None]

NO_TEAM: Final[RuleName] = "no_team_to_go_with"

OWN_ORGANISATION, LOCAL_LANGUAGE, COMMON_LANGUAGE = 4, 2, 1
"""Merits of an interpreter for a team, each outweighing all the later ones together."""


def accompanied(
    problem: Problem, pairs: Iterable[Pair], placements: Places, kept: Mapping[ObserverId, Pair] | None = None
) -> dict[ObserverId, Pair]:
    """Return the two whom each interpreter goes with: as many as possible, one a team, the best merits in sum.

    Best is a team with somebody of the own organisation, then one without a speaker of the region's language that the
    interpreter speaks, then one with whose members the interpreter shares a language. *kept* stays as it is.
    """
    found = dict(kept or {})
    people = {observer.id: observer for observer in problem.observers}
    waiting: defaultdict[RegionCode | None, list[Observer]] = defaultdict(list)
    for speaker in sorted(problem.observers, key=lambda observer: observer.id):
        if not problem.is_half(speaker) and speaker.id not in found:
            waiting[placements[speaker.id]].append(speaker)
    served = set(found.values())
    teams: defaultdict[RegionCode | None, list[Pair]] = defaultdict(list)
    for pair in sorted(pairs):
        if pair not in served:
            teams[placements[pair[0]]].append(pair)
    languages = {region.code: region.language for region in problem.regions}
    for region, interpreters in waiting.items():
        if region is not None:
            here = [(people[one], people[other]) for one, other in teams[region]]
            found |= _matched(interpreters, here, languages[region])
    return dict(sorted(found.items()))


def _matched(
    interpreters: list[Observer], teams: list[tuple[Observer, Observer]], language: str | None
) -> dict[ObserverId, Pair]:
    first = len(interpreters)
    edges = [
        (row, first + column, _merit(interpreter, team, language))
        for row, interpreter in enumerate(interpreters)
        for column, team in enumerate(teams)
    ]
    chosen = (sorted(pair) for pair in best_pairs(first + len(teams), edges))
    return {interpreters[row].id: (teams[node - first][0].id, teams[node - first][1].id) for row, node in chosen}


def _merit(interpreter: Observer, team: tuple[Observer, Observer], language: str | None) -> int:
    spoken = set(interpreter.languages)
    helps = language in spoken and not any(language in observer.languages for observer in team)
    return (
        1
        + OWN_ORGANISATION * any(observer.organisation == interpreter.organisation for observer in team)
        + LOCAL_LANGUAGE * helps
        + COMMON_LANGUAGE * all(spoken & set(observer.languages) for observer in team)
    )
