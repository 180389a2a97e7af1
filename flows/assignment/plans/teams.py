"""Teams of two with a plan: made anew at first, afterwards kept wherever both people stay."""

from __future__ import annotations

from domain.assignment.plan import Move, Plan, Team, Teaming
from domain.assignment.policy import Replanning
from domain.assignment.problem import ObserverId, Problem
from domain.assignment.teams.interpreters import accompanied
from domain.assignment.teams.pairing import carried_over, lost_by, without_team
from domain.assignment.teams.pairing import pair as pair_people
from domain.values import Frozen

Partners = dict[ObserverId, tuple[ObserverId, ...]]
"""With whom everybody goes: the other of the team; for an interpreter beside a team, its two."""


class Teamed(Frozen):
    """The teams of a plan, and how many of them were taken over from the plan in force."""

    teaming: Teaming
    kept: int


def team_up(problem: Problem, plan: Plan, before: Teaming | None, *, pair_odd: bool | None = None) -> Teamed:
    """Return the teams of *plan*: those of *before* whose two members are together still, then the best of the rest.

    Odd people are moved between regions to make pairs only where *pair_odd* says so; unset, that is where nobody was
    told a place before, because nobody is moved for the sake of a partner once letters are out. Who was moved for one
    before stays there where changes are to be fewest.
    """
    told = any(observer.previous for observer in problem.observers)
    if pair_odd or (pair_odd is None and not told):
        return Teamed(teaming=pair_people(problem, plan), kept=0)
    planned = plan
    if before and before.moved and problem.policy.replanning is Replanning.FEWEST_CHANGES:
        plan = carried_over(problem, plan, before)
    halves = {observer.id for observer in problem.observers if problem.is_half(observer)}
    kept = tuple(
        team for team in (before.teams if before else ()) if _still_together(team, plan) and halves >= set(team.members)
    )
    busy = {person for team in kept for person in team.members}
    rest = problem.revised(observers=tuple(observer for observer in problem.observers if observer.id not in busy))
    places = {observer.id: plan.placements[observer.id] for observer in rest.observers}
    found = pair_people(rest, plan.revised(problem=rest.digest(), placements=places), repair=False)
    teams = tuple(sorted((*kept, *found.teams), key=lambda team: (team.region, team.members)))
    accompanying = _accompanying(problem, plan, teams, before)
    alone = {one: why for one, why in found.unpaired.items() if one in halves}
    alone |= dict(without_team(problem, plan.placements, accompanying))
    teaming = Teaming(
        teams=teams, accompanying=accompanying, unpaired=dict(sorted(alone.items())), moved=_moves(planned, plan),
        placements=dict(plan.placements), losses=lost_by(problem, plan.placements),
    )  # fmt: skip
    return Teamed(teaming=teaming, kept=len(kept))


def _moves(planned: Plan, settled: Plan) -> tuple[Move, ...]:
    places = ((one, here, settled.placements[one]) for one, here in sorted(planned.placements.items()))
    return tuple(Move(observer=one, leaves=here, enters=there) for one, here, there in places if here != there)


def _accompanying(
    problem: Problem, plan: Plan, teams: tuple[Team, ...], before: Teaming | None
) -> dict[ObserverId, tuple[ObserverId, ObserverId]]:
    """Return whom interpreters go with: the team of *before* where it and they are in one region still."""
    here = {team.members: team.region for team in teams}
    apart = {observer.id for observer in problem.observers if not problem.is_half(observer)}
    kept = {
        interpreter: pair
        for interpreter, pair in (before.accompanying if before else {}).items()
        if interpreter in apart and pair in here and plan.placements.get(interpreter) == here[pair]
    }
    return accompanied(problem, here, plan.placements, kept)


def _still_together(team: Team, plan: Plan) -> bool:
    return {plan.placements.get(person) for person in team.members} == {team.region}


def partners(teaming: Teaming | None) -> Partners:
    """Return with whom everybody goes who does not go alone."""
    pairs = [team.members for team in teaming.teams] if teaming else []
    found: Partners = {person: (other,) for pair in pairs for person, other in (pair, pair[::-1])}
    return found | (teaming.accompanying if teaming else {})
