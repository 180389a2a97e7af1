"""Teams of two: different nationality always, the best merits in sum, hardly anybody alone."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from domain.assignment.checker.teams import check_teams
from domain.assignment.explanation import OtherProblemError
from domain.assignment.invented_problems import Size, invented_problem
from domain.assignment.plan import Team, Teaming
from domain.assignment.planner.solver import solve
from domain.assignment.policy import PlanningPolicy
from domain.assignment.problem import Observer, Office, Problem, Region
from domain.assignment.teams.pairing import carried_over, merit, pair

STATES = ("XAA", "XAB", "XAC", "XAD")


def a_person(name: str, state: str, **facts: object) -> Observer:
    return Observer.model_validate({"id": name, "organisation": "ORG", "nationalities": (state,)} | facts)


def in_one_region(*people: Observer) -> Teaming:
    region = Region(code="NORTH", capacity=len(people), office="DESK", language="qaa")
    problem = Problem(regions=(region,), offices=(Office(code="DESK", staff=9),), observers=people)
    plan = solve(problem)
    teaming = pair(problem, plan)
    assert check_teams(problem, plan, teaming) == []
    return teaming


def best_sum(people: tuple[Observer, ...]) -> tuple[int, int]:
    """Return most pairs and their best merit by trying everything."""
    if len(people) < 2:
        return 0, 0
    first, *rest = people
    best = best_sum(tuple(rest))
    for place, other in enumerate(rest):
        if worth := merit(first, other, "qaa"):
            pairs, total = best_sum((*rest[:place], *rest[place + 1 :]))
            best = max(best, (pairs + 1, total + worth))
    return best


def test_merits_are_ordered_as_the_method_says() -> None:
    alike = a_person("A", "XAA", gender="F", languages=("qaa",))
    speaker = merit(alike, a_person("B", "XAB", gender="F", organisation="ORG"), "qaa")
    mixed = merit(alike, a_person("B", "XAB", gender="M", organisation="ELSE", languages=("qaa",)), "qaa")
    assert speaker > mixed > merit(alike, a_person("B", "XAB", gender="F", languages=("qaa",)), "qaa") > 0
    assert merit(alike, a_person("B", "XAA", gender="M"), "qaa") == 0
    assert merit(alike, a_person("B", "XAB", nationalities=()), "qaa") == 0


@pytest.mark.parametrize("seed", range(6))
def test_the_teams_of_a_region_are_the_best_there_are(seed: int) -> None:
    draw = random.Random(seed)
    people = tuple(
        a_person(
            f"A{number}",
            draw.choice(["XAA", "XAB", "XAC"]),
            gender=draw.choice(["F", "M", None]),
            organisation=draw.choice(["ORG", "ELSE"]),
            languages=tuple(draw.sample(["qaa", "qab"], draw.randint(0, 2))),
        )
        for number in range(8)
    )
    teams = in_one_region(*people).teams
    assert (len(teams), sum(team.merit for team in teams)) == best_sum(people)


def test_a_nationality_above_half_leaves_people_alone_with_the_reason() -> None:
    teaming = in_one_region(*(a_person(f"A{number}", "XAA") for number in range(3)), a_person("B", "XAB"))
    assert len(teaming.teams) == 1
    assert set(teaming.unpaired.values()) == {"same_nationality_as_the_rest"}


@pytest.mark.parametrize("seed", range(4))
def test_odd_regions_are_repaired_between_neighbours(seed: int) -> None:
    problem = invented_problem(Size(400, 14, 1.15), seed=seed)
    plan = solve(problem)
    loose, repaired = pair(problem, plan, repair=False), pair(problem, plan)
    assert check_teams(problem, plan, loose) == check_teams(problem, plan, repaired) == []
    assert len(repaired.unpaired) <= 1 < len(loose.unpaired)
    assert repaired.losses[2:4] == plan.losses[2:4]


def test_repair_obeys_seats_and_rules_when_everything_is_full() -> None:
    problem = invented_problem(Size(300, 12, 0.95), seed=2)
    plan = solve(problem)
    assert check_teams(problem, plan, pair(problem, plan)) == []


def test_full_odd_regions_change_places_with_an_interpreter() -> None:
    problem = invented_problem(Size(300, 25, 0.95), seed=2)
    people = tuple(observer.revised(interpreter=row % 12 == 0) for row, observer in enumerate(problem.observers))
    problem = problem.revised(observers=people)
    plan = solve(problem)
    loose, repaired = pair(problem, plan, repair=False), pair(problem, plan)
    assert check_teams(problem, plan, repaired) == []
    assert len(repaired.unpaired) <= 2 < len(loose.unpaired)
    assert repaired.losses[2:4] == plan.losses[2:4]


def test_whoever_was_moved_to_make_a_pair_stays_there_when_nothing_changed() -> None:
    problem = invented_problem(Size(400, 14, 1.15), seed=2)
    plan = solve(problem)
    teaming = pair(problem, plan)
    assert teaming.moved
    told = tuple(observer.revised(previous=plan.placements[observer.id]) for observer in problem.observers)
    again = problem.revised(observers=told)
    kept = carried_over(again, solve(again), teaming)
    assert kept.placements == teaming.placements
    alone = next(
        move.observer for move in teaming.moved if any(move.observer in team.members for team in teaming.teams)
    )
    mate = next(set(team.members) - {alone} for team in teaming.teams if alone in team.members)
    fewer = again.revised(observers=tuple(one for one in told if one.id not in mate))
    made = solve(fewer)
    assert carried_over(fewer, made, teaming).placements[alone] == made.placements[alone]


@pytest.mark.parametrize("people", [0, 1, 2, 3])
def test_empty_regions_and_single_people_are_no_obstacle(people: int) -> None:
    problem = invented_problem(Size(people, 6, 3.0), seed=people)
    plan = solve(problem)
    assert check_teams(problem, plan, pair(problem, plan)) == []


def interpreted(*, in_teams: bool) -> tuple[Problem, Teaming]:
    """Four observers of as many organisations and three interpreters, one of them of an observer's organisation."""
    people = [a_person(f"O{number}", state, organisation=f"ORG-{number}") for number, state in enumerate(STATES)]
    people += [a_person("I1", "XAE", interpreter=True, organisation="ORG-1"), a_person("I2", "XAF", interpreter=True)]
    people += [a_person("I3", "XAG", interpreter=True)]
    region = Region(code="NORTH", capacity=len(people), office="DESK")
    policy = PlanningPolicy(interpreters_in_teams=in_teams)
    offices = (Office(code="DESK", staff=9),)
    problem = Problem(regions=(region,), offices=offices, observers=tuple(people), policy=policy)
    plan = solve(problem)
    teaming = pair(problem, plan)
    assert check_teams(problem, plan, teaming) == []
    return problem, teaming


def test_an_interpreter_goes_with_a_team_and_is_no_half_of_one() -> None:
    problem, teaming = interpreted(in_teams=False)
    assert len(teaming.teams) == len(teaming.accompanying) == 2
    assert {person for team in teaming.teams for person in team.members} == {"O0", "O1", "O2", "O3"}
    assert "O1" in teaming.accompanying["I1"]
    assert set(teaming.unpaired.values()) == {"no_team_to_go_with"}
    wrong = teaming.revised(accompanying=dict.fromkeys(teaming.accompanying, teaming.teams[0].members))
    assert "not_with_one_team" in {team.fault for team in check_teams(problem, solve(problem), wrong)}


def test_where_the_profile_says_so_an_interpreter_is_half_of_a_team() -> None:
    problem, teaming = interpreted(in_teams=True)
    assert len(teaming.teams) == 3
    assert not teaming.accompanying
    strict = problem.revised(policy=problem.policy.revised(interpreters_in_teams=False))
    assert "interpreter_in_team" in {team.fault for team in check_teams(strict, solve(strict), teaming)}


def test_a_plan_of_another_problem_has_no_teams() -> None:
    problem = invented_problem(Size(20, 3), seed=1)
    with pytest.raises(OtherProblemError):
        pair(invented_problem(Size(20, 3), seed=2), solve(problem))


def test_the_check_notices_a_wrong_team() -> None:
    problem = invented_problem(Size(100, 4), seed=2)
    plan = solve(problem)
    good = pair(problem, plan)
    first, second = good.teams[0], next(team for team in good.teams if team.region != good.teams[0].region)
    crossed = Team(region=first.region, members=(first.members[0], second.members[0]), merit=1)
    states = {observer.id: observer.nationalities for observer in problem.observers}
    everybody = sorted((person for team in good.teams for person in team.members), key=lambda one: states[one])
    same = next(two for two in pairwise(everybody) if states[two[0]] == states[two[1]])
    alike = Team(region=first.region, members=same, merit=1)
    for team, fault in ((crossed, "team_of_two_regions"), (alike, "same_nationality"), (first, "not_once_in_a_team")):
        broken = good.revised(teams=(*good.teams, team))
        assert fault in {one.fault for one in check_teams(problem, plan, broken)}
    boasting = (first.revised(merit=first.merit + 1), *good.teams[1:])
    parted = good.revised(teams=good.teams[1:], unpaired=dict.fromkeys(first.members, "same_nationality_as_the_rest"))
    for broken, fault in ((good.revised(teams=boasting), "wrong_merit"), (parted, "pair_left_alone")):
        assert fault in {one.fault for one in check_teams(problem, plan, broken)}
    unspoken = good.revised(placements=good.placements | {first.members[0]: None})
    assert "move_not_told" in {one.fault for one in check_teams(problem, plan, unspoken)}
