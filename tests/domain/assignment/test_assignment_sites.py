"""Sites: few people of one organisation at one, teams whole, the rule obeyed by everybody who has a site."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.assignment.checker.teams import check_teams
from domain.assignment.plan import Plan, Teaming
from domain.assignment.planner.solver import solve
from domain.assignment.policy import PlanningPolicy, SiteLimits
from domain.assignment.problem import Observer, Office, Problem, Region, Site
from domain.assignment.teams.pairing import pair
from domain.assignment.teams.sites import ORGANISATION_AT_LIMIT, SITES_FULL, fewest_without_site, sited

STATES = ("XAA", "XAB", "XAC", "XAD")


def a_person(number: int, organisation: str, **facts: object) -> Observer:
    usual = {"id": f"P{number:02d}", "organisation": organisation, "nationalities": (STATES[number % 4],)}
    return Observer.model_validate(usual | facts)


def a_field(people: list[Observer], sites: int, *, room: int | None = None, limit: int = 2) -> tuple[Problem, Plan]:
    places = tuple(Site(code=f"S-{number}", people=room) for number in range(sites))
    problem = Problem(
        regions=(Region(code="NORTH", capacity=99, office="DESK", sites=places),),
        offices=(Office(code="DESK", staff=9),),
        observers=tuple(people),
        policy=PlanningPolicy(site_limits=SiteLimits(observers=limit, interpreters=1)),
    )
    return problem, solve(problem)


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.booleans()), max_size=16), st.integers(1, 5),
    st.none() | st.integers(2, 6), st.integers(1, 3),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_whoever_has_a_site_keeps_the_rule_and_whoever_has_none_is_told_why(
    crowd: list[tuple[str, bool]], sites: int, room: int | None, limit: int
) -> None:
    people = [a_person(number, f"ORG-{one}", interpreter=both) for number, (one, both) in enumerate(crowd)]
    problem, plan = a_field(people, sites, room=room, limit=limit)
    teaming = sited(problem, pair(problem, plan))
    assert check_teams(problem, plan, teaming) == []
    assert len(teaming.siteless) >= fewest_without_site(problem, teaming)
    assert teaming.sites.keys() | teaming.siteless.keys() == set(plan.placements)
    assert sited(problem, pair(problem, plan), teaming.sites).sites.keys() == teaming.sites.keys()


def test_two_of_an_organisation_at_a_site_and_no_third() -> None:
    problem, plan = a_field([a_person(number, "ORG-A") for number in range(6)], 2)
    teaming = sited(problem, pair(problem, plan))
    assert len(teaming.sites) == 4
    assert fewest_without_site(problem, teaming) == 2
    assert set(teaming.siteless.values()) == {ORGANISATION_AT_LIMIT}


def test_a_full_site_is_another_reason() -> None:
    problem, plan = a_field([a_person(number, f"ORG-{number}") for number in range(6)], 2, room=2)
    assert set(sited(problem, pair(problem, plan)).siteless.values()) == {SITES_FULL}


def test_who_had_a_site_keeps_it() -> None:
    problem, plan = a_field([a_person(number, f"ORG-{number % 3}") for number in range(12)], 4)
    first = pair(problem, plan)
    mine = dict.fromkeys(first.teams[0].members, "S-3")
    again = sited(problem, first, mine)
    assert {again.sites[person] for person in mine} == {"S-3"}


def test_an_interpreter_goes_where_the_team_goes_unless_the_site_has_one_of_the_organisation() -> None:
    crowd = [("A", False), ("B", False), ("A", True), ("C", False), ("D", False), ("A", True)]
    people = [a_person(number, f"ORG-{one}", interpreter=both) for number, (one, both) in enumerate(crowd)]
    for sites in (1, 2):
        problem, plan = a_field(people, sites)
        teaming = sited(problem, pair(problem, plan))
        assert check_teams(problem, plan, teaming) == []
        together = [
            one for one, pair_ in teaming.accompanying.items() if teaming.sites.get(one) == teaming.sites[pair_[0]]
        ]
        assert len(together) == sites
        assert set(teaming.siteless.values()) == ({ORGANISATION_AT_LIMIT} if sites == 1 else set())


def test_without_sites_nothing_is_said() -> None:
    problem, plan = a_field([a_person(1, "ORG-A"), a_person(2, "ORG-A")], 0)
    teaming = pair(problem, plan)
    assert sited(problem, teaming) == teaming


def _moved(teaming: Teaming, place: str) -> Teaming:
    one, *_ = sorted(teaming.sites)
    return teaming.revised(sites=teaming.sites | {one: place})


TAMPERED: dict[str, Callable[[Teaming], Teaming]] = {
    "team_at_two_sites": lambda teaming: _moved(teaming, next(p for p in ("S-0", "S-1") if p != teaming.sites["P00"])),
    "not_once_at_a_site": lambda teaming: _moved(teaming, "S-9"),
    "organisation_over_site_limit": lambda teaming: teaming.revised(sites=dict.fromkeys(teaming.sites, "S-0")),
    "site_overfull": lambda teaming: teaming.revised(sites=dict.fromkeys(teaming.sites, "S-1")),
}


@pytest.mark.parametrize("fault", TAMPERED)
def test_a_tampered_site_fails_the_check(fault: str) -> None:
    problem, plan = a_field([a_person(number, "ORG-A") for number in range(4)], 2, room=3)
    teaming = sited(problem, pair(problem, plan))
    assert fault in {team.fault for team in check_teams(problem, plan, TAMPERED[fault](teaming))}
