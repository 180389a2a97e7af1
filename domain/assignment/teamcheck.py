"""The independent check of teams: rules of pairing, seats and hard rules after the repair. Shares no planner code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from domain.assignment.plan import Plan, Team, Teaming
from domain.assignment.problem import Observer, Problem
from domain.assignment.recount import Violation, misplaced, recounted_losses, tallied


def check_teams(problem: Problem, plan: Plan, teaming: Teaming) -> list[Violation]:
    """Return everything wrong with *teaming*; optimality of the matching is not claimed and not checked."""
    settled = plan.revised(placements=teaming.placements)
    tally = tallied(problem, settled)
    losses = recounted_losses(problem, settled, tally)
    found = list(misplaced(problem, settled, tally))
    found += [
        Violation(fault="wrong_loss", subject=one.level) for one in teaming.losses if one.amount != losses[one.level]
    ]
    found += _wrong_moves(plan, teaming)
    found += _wrong_members(teaming)
    people = {observer.id: observer for observer in problem.observers}
    found += _wrong_interpreters(problem, teaming, people)
    found += _wrong_sites(problem, teaming, people)
    for team in teaming.teams:
        found += _wrong_team(team, teaming, people)
    return found


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
        set[str]() if problem.policy.interpreters_in_teams else {one.id for one in people.values() if one.interpreter}
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
    if not one.nationalities or not other.nationalities or set(one.nationalities) & set(other.nationalities):
        yield Violation(fault="same_nationality", subject=" ".join(team.members))
