"""Teams of two with a plan: made anew at first, afterwards kept wherever both people stay."""

from __future__ import annotations

from domain import assignment as planning
from domain.assignment.problem import ObserverId
from domain.values import Frozen

Partners = dict[ObserverId, ObserverId]


class Teamed(Frozen):
    """The teams of a plan, and how many of them were taken over from the plan in force."""

    teaming: planning.Teaming
    kept: int


def team_up(
    problem: planning.Problem, plan: planning.Plan, before: planning.Teaming | None, *, pair_odd: bool | None = None
) -> Teamed:
    """Return the teams of *plan*: those of *before* whose two members are together still, then the best of the rest.

    Odd people are moved between regions to make pairs only where *pair_odd* says so; unset, that is where nobody was
    told a place before, because nobody is moved for the sake of a partner once letters are out.
    """
    told = any(one.previous for one in problem.observers)
    if pair_odd or (pair_odd is None and not told):
        return Teamed(teaming=planning.pair(problem, plan), kept=0)
    kept = tuple(team for team in (before.teams if before else ()) if _still_together(team, plan))
    busy = {person for team in kept for person in team.members}
    rest = problem.revised(observers=tuple(one for one in problem.observers if one.id not in busy))
    places = {one.id: plan.placements[one.id] for one in rest.observers}
    found = planning.pair(rest, plan.revised(problem=rest.digest(), placements=places), repair=False)
    teams = tuple(sorted((*kept, *found.teams), key=lambda team: (team.region, team.members)))
    teaming = planning.Teaming(
        teams=teams, unpaired=found.unpaired, moved=(), placements=dict(plan.placements), losses=plan.losses
    )
    return Teamed(teaming=teaming, kept=len(kept))


def _still_together(team: planning.Team, plan: planning.Plan) -> bool:
    return {plan.placements.get(person) for person in team.members} == {team.region}


def partners(teaming: planning.Teaming | None) -> Partners:
    """Return everybody's partner."""
    pairs = [team.members for team in teaming.teams] if teaming else []
    return {one: other for pair in pairs for one, other in (pair, pair[::-1])}
