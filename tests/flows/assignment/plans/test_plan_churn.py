"""Three in a hundred late and three withdrawn: few people move, nearly all teams stay, at equal quality."""

from __future__ import annotations

import json
from uuid import UUID

from domain.assignment.checker.check import check
from domain.assignment.checker.teams import check_teams
from domain.assignment.invented_problems import Size, invented_problem
from domain.assignment.planner.solver import solve
from domain.assignment.policy import Level, Replanning
from flows.assignment.plans.teams import team_up
from flows.assignment.rosters import OfficeList, RosterEntry, SentBefore, last_lists, record_of, team_label

PEOPLE, SHARE = 600, 0.03


def test_churn_moves_few_people_breaks_few_teams_and_costs_no_points() -> None:
    everybody = invented_problem(Size(PEOPLE, 20, 0.95), seed=5)
    late = round(PEOPLE * SHARE)
    first = everybody.revised(observers=everybody.observers[late:])
    plan = solve(first)
    teams = team_up(first, plan, None).teaming
    remaining = everybody.observers[:-late]
    told = tuple(one.revised(previous=teams.placements.get(one.id)) for one in remaining)
    after = everybody.revised(observers=told)
    fewest = solve(after)
    scratch = solve(after.revised(policy=after.policy.revised(replanning=Replanning.FROM_SCRATCH)))
    for level in (Level.COVERAGE, Level.LANGUAGE, Level.PLACED, Level.POINTS):
        assert fewest.loss(level) == scratch.loss(level)
    # The lottery is the same for the same person and region, so that planning from scratch moves few people as well.
    assert fewest.moves <= scratch.moves
    assert fewest.moves <= 0.05 * len(told)
    again = team_up(after, fewest, teams)
    assert check(after, fewest) == []
    assert check_teams(after, fewest, again.teaming) == []
    assert again.teaming.moved == (), "nobody who was told a place is moved for the sake of a partner"
    pairs = {frozenset(team.members) for team in teams.teams}
    assert len(pairs & {frozenset(team.members) for team in again.teaming.teams}) == again.kept >= 0.8 * len(pairs)


def test_a_team_is_called_the_same_whoever_is_named_first() -> None:
    assert team_label("VD-01", "one", ["other"]) == team_label("VD-01", "other", ["one"])
    assert team_label("VD-01", "one", ["other"]) != team_label("VD-01", "one", ["third"])


def test_a_list_that_was_sent_by_an_older_edition_is_read_as_what_it_says() -> None:
    written = {"a": ["VD-01", "b c", "issued", "VD-01-7"], "b": ["VD-02", "", "to follow"]}
    before = last_lists([(UUID(int=1), {"NORTH": {"version": 3, "lines": written}})], but=UUID(int=2))
    entries = {
        "a": RosterEntry(region="VD-01", partners=("b", "c"), credential="issued", site="VD-01-7"),
        "b": RosterEntry(region="VD-02", credential="to follow"),
    }
    assert before == {"NORTH": SentBefore(3, entries)}
    for staff in ((), ("POOL-01 2027-03-10 2027-03-14",)):
        kept = json.loads(json.dumps(record_of([OfficeList("NORTH", 3, entries, staff, ())])))
        assert last_lists([(UUID(int=1), kept)], but=UUID(int=2)) == {"NORTH": SentBefore(3, entries, staff)}
