"""The independent check of teams: rules of pairing, seats and hard rules after the repair. Shares no planner code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from domain.assignment.checker.recount import Violation, misplaced, recounted_losses, tallied
from domain.assignment.plan import Plan, Team, Teaming
from domain.assignment.problem import Observer, Problem


def check_teams(problem: Problem, plan: Plan, teaming: Teaming) -> list[Violation]:
    """Return everything wrong with *teaming*; of the matching only that no two left alone could be a team."""
    settled = plan.revised(placements=teaming.placements)
    tally = tallied(problem, settled)
    losses = recounted_losses(problem, settled, tally)
    found = list(misplaced(problem, settled, tally))
    found += [
        Violation(fault="wrong_loss", subject=loss.level)
        for loss in teaming.losses
        if loss.amount != losses[loss.level]
    ]
    found += _wrong_moves(plan, teaming)
    found += _wrong_members(teaming)
    people = {observer.id: observer for observer in problem.observers}
    found += _wrong_interpreters(problem, teaming, people)
    found += _wrong_sites(problem, teaming, people)
    found += _wrong_reasons(problem, teaming, people)
    tongues = {region.code: region.language for region in problem.regions}
    for team in teaming.teams:
        found += _wrong_team(team, teaming, people)
        if set(team.members) <= people.keys() and team.merit != _worth(team, people, tongues.get(team.region)):
            found.append(Violation(fault="wrong_merit", subject=" ".join(team.members)))
    return found


def _worth(team: Team, people: dict[str, Observer], tongue: str | None) -> int:
    """Return the merits of *team*, counted from the description of ``Team.merit``."""
    one, other = (people[person] for person in team.members)
    speaks = [tongue in person.languages for person in (one, other)]
    merits = {
        8: speaks[0] is not speaks[1],
        4: one.gender is not None and other.gender is not None and one.gender != other.gender,
        2: one.organisation != other.organisation,
        1: not set(one.languages).isdisjoint(other.languages),
    }
    return 1 + sum(merit for merit, earned in merits.items() if earned)


def _wrong_reasons(problem: Problem, teaming: Teaming, people: dict[str, Observer]) -> Iterator[Violation]:
    """Yield whoever is alone, or without a site, for a reason that does not hold."""
    alone: dict[str, list[Observer]] = {}
    for person in teaming.unpaired:
        if person in people and problem.is_half(people[person]):
            alone.setdefault(teaming.placements.get(person) or "", []).append(people[person])
    for person, reason in sorted(teaming.unpaired.items()):
        if person in people and reason != _reason_alone(problem, people[person], alone, teaming):
            yield Violation(fault="wrong_reason", subject=person)
    for left in alone.values():
        if any(_lawful(observer, other) for observer, other in combinations(left, 2)):
            yield Violation(fault="pair_left_alone", subject=" ".join(observer.id for observer in left))
    sites = {region.code: region.sites for region in problem.regions}
    for person, reason in sorted(teaming.siteless.items()):
        here = sites.get(teaming.placements.get(person) or "", ())
        possible = {"organisation_at_site_limit"} if problem.policy.site_limits else set[str]()
        possible |= {"all_sites_full"} if any(site.people is not None for site in here) else set()
        if reason not in possible:
            yield Violation(fault="wrong_reason", subject=person)


def _reason_alone(problem: Problem, person: Observer, alone: dict[str, list[Observer]], teaming: Teaming) -> str:
    if not problem.is_half(person):
        return "no_team_to_go_with"
    if not person.nationalities:
        return "nationality_not_given"
    here = alone[teaming.placements.get(person.id) or ""]
    return "odd_number_in_region" if len(here) == 1 else "same_nationality_as_the_rest"


def _lawful(one: Observer, other: Observer) -> bool:
    """Return whether the two may be a team."""
    return bool(one.nationalities and other.nationalities) and set(one.nationalities).isdisjoint(other.nationalities)


def _wrong_moves(plan: Plan, teaming: Teaming) -> Iterator[Violation]:
    told = {(move.observer, move.leaves, move.enters) for move in teaming.moved}
    seen = {(one, here, teaming.placements.get(one)) for one, here in plan.placements.items()}
    for person, here, there in sorted(told ^ {move for move in seen if move[1] != move[2]}, key=str):
        yield Violation(fault="move_not_told", subject=f"{person} {here} {there}")


def _wrong_members(teaming: Teaming) -> Iterator[Violation]:
    """Yield whoever is in the field and not exactly once in a team, with one, or on the list of the unpaired."""
    halves = (person for team in teaming.teams for person in team.members)
    times = Counter([*halves, *teaming.accompanying, *teaming.unpaired])
    sent = {person for person, region in teaming.placements.items() if region}
    for person in sorted(sent | times.keys()):
        if times[person] != (person in sent):
            yield Violation(fault="not_once_in_a_team", subject=person)


def _wrong_interpreters(problem: Problem, teaming: Teaming, people: dict[str, Observer]) -> Iterator[Violation]:
    """Yield interpreters who are half of a team against the policy, and whoever goes with a team wrongly."""
    apart = (
        set[str]()
        if problem.policy.interpreters_in_teams
        else {observer.id for observer in people.values() if observer.interpreter}
    )
    for person in sorted(apart & {person for team in teaming.teams for person in team.members}):
        yield Violation(fault="interpreter_in_team", subject=person)
    region = {team.members: team.region for team in teaming.teams}
    served = Counter(teaming.accompanying.values())
    for person, pair in sorted(teaming.accompanying.items()):
        here = region.get(pair)
        if person not in apart or here is None or teaming.placements.get(person) != here or served[pair] > 1:
            yield Violation(fault="not_with_one_team", subject=person)


def _wrong_sites(problem: Problem, teaming: Teaming, people: dict[str, Observer]) -> Iterator[Violation]:
    """Yield whoever should have a site and neither has one nor is told why, and sites with too many people."""
    sites = {region.code: {site.code: site.people for site in region.sites} for region in problem.regions}
    limits, crowd = problem.policy.site_limits, Counter[tuple[str, str, str, bool]]()
    there: Counter[tuple[str, str]] = Counter()
    for person, region in teaming.placements.items():
        site, known = teaming.sites.get(person), sites.get(region or "", {})
        if (site is not None) + (person in teaming.siteless) != bool(known) or site not in {None, *known}:
            yield Violation(fault="not_once_at_a_site", subject=person)
        if site is not None and region is not None and person in people:
            one = people[person]
            there[region, site] += 1
            crowd[region, site, one.organisation, one.interpreter] += 1
    for (region, site), number in sorted(there.items()):
        if number > (sites[region].get(site) or number):
            yield Violation(fault="site_overfull", subject=f"{region} {site}")
    for (region, site, organisation, interpreter), number in sorted(crowd.items()):
        if limits and number > (limits.interpreters if interpreter else limits.observers):
            yield Violation(fault="organisation_over_site_limit", subject=f"{region} {site} {organisation}")
    for team in teaming.teams:
        if len({teaming.sites.get(person) for person in team.members}) > 1:
            yield Violation(fault="team_at_two_sites", subject=" ".join(team.members))


def _wrong_team(team: Team, teaming: Teaming, people: dict[str, Observer]) -> Iterator[Violation]:
    one, other = (people.get(person) for person in team.members)
    if one is None or other is None:
        yield Violation(fault="person_unknown", subject=" ".join(team.members))
        return
    if {teaming.placements.get(one.id), teaming.placements.get(other.id)} != {team.region}:
        yield Violation(fault="team_of_two_regions", subject=" ".join(team.members))
    if not _lawful(one, other):
        yield Violation(fault="same_nationality", subject=" ".join(team.members))
