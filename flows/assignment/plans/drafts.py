"""Plans as objects: drafted, listed, shown, compared, checked and discarded; only adoption moves people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

from db.assignment.plans import PlanState, StoredPlan
from db.store import open_reader, open_store
from domain.application.application import Application
from domain.application.status import ACCREDITED
from domain.assignment.checker.check import check
from domain.assignment.checker.recount import Violation
from domain.assignment.checker.teams import check_teams
from domain.assignment.plan import Plan, Teaming
from domain.assignment.policy import Replanning
from domain.assignment.problem import Problem
from domain.assignment.teams.sites import sited
from domain.errors import AccreditationError, BadInputError, UnknownThingError
from domain.numbers import number_of
from domain.values import ElectionCode, Frozen, RegionCode, UtcTime
from flows.assignment.plans.places import who_they_are
from flows.assignment.plans.problems import Binding, Choices, carried_places, problem_of
from flows.assignment.plans.solutions import alternatives, plain_losses, solved
from flows.assignment.plans.teams import team_up
from flows.context import database, election_context

"""Who may stand in a plan; who holds a credential keeps the region that is printed on it, if there is one."""


class PlanRefusedError(AccreditationError):
    """The independent check found a fault in a plan; it is not carried out."""


class PlanPaper(Frozen):
    """A stored plan read back: the problem, its answer, the teams."""

    id: UUID
    state: PlanState
    choices: Choices
    problem: Problem
    plan: Plan
    teaming: Teaming | None
    numbers: dict[str, Any]

    @property
    def placements(self) -> dict[str, str | None]:
        """Where everybody goes, after people were moved to make pairs."""
        return self.teaming.placements if self.teaming else self.plan.placements

    @property
    def told(self) -> dict[str, str]:
        """The region of everybody who was told one: also of those who were moved there to make pairs."""
        before = {observer.id: observer.previous for observer in self.problem.observers if observer.previous}
        moved: dict[str, str] = self.numbers.get("told", {})
        return before | moved

    @property
    def moves(self) -> int:
        """How many people leave the region that they were told."""
        return sum(self.placements[one] != told for one, told in self.told.items())

    @property
    def settled(self) -> Plan:
        """The plan with the places as settled; its certificate is that of the plan before."""
        return self.plan.revised(placements=self.placements)


def paper_of(stored: StoredPlan) -> PlanPaper:
    """Return *stored* as values; raises :class:`BadInputError` where it can no longer be read."""
    try:
        return PlanPaper(
            id=stored.id,
            state=stored.state,
            choices=Choices.model_validate(stored.policy.get("choices", {}), strict=False),
            problem=Problem.model_validate(stored.problem, strict=False),
            plan=Plan.model_validate(stored.body, strict=False),
            teaming=Teaming.model_validate(stored.teams, strict=False) if stored.teams else None,
            numbers=stored.numbers,
        )
    except ValueError as error:
        raise BadInputError(f"plan {stored.id}", "can no longer be read.", remedy="Draft it again.") from error


def written_plan(
    problem: Problem, plan: Plan, before: StoredPlan | None, choices: Choices, *, draft: str
) -> StoredPlan:
    """Return *plan* with its teams as it is stored, independently checked; *draft* is what its id derives from.

    Raises :class:`PlanRefusedError` where the check finds a fault in the plan or its teams.
    """
    old = Teaming.model_validate(before.teams, strict=False) if before and before.teams else None
    teamed = team_up(problem, plan, old, pair_odd=choices.pair_odd)
    teaming = sited(problem, teamed.teaming, old.sites if old else None)
    faults = [*check(problem, plan), *check_teams(problem, plan, teaming)]
    if faults:
        raise PlanRefusedError(
            f"The plan fails its independent check ({number_of(len(faults), 'faults')}); nobody was placed."
        )
    return StoredPlan(
        id=uuid5(_NAMESPACE, f"{problem.digest()}:{draft}"),
        problem=problem.model_dump(mode="json"),
        body=plan.model_dump(mode="json"),
        policy={"choices": choices.model_dump(mode="json"), "order": [level.value for level in plan.order]},
        numbers={
            "teams_kept": teamed.kept,
            "compared_with": str(before.id) if before else None,
            "lost": plain_losses(problem, plan),
        },
        teams=teaming.model_dump(mode="json"),
    )


_NAMESPACE = UUID("8d3f1a60-5c0e-4b57-9a51-1d0a6d8f2b10")


def draft_plan(election: ElectionCode, choices: Choices, *, now: UtcTime) -> UUID:
    """Draw up a draft for everybody approved, placed or at large, and keep it; returns its id.

    The same people, places and choices give the same draft. Raises :class:`BadInputError` where nobody can be planned
    for or an organisation named under *together* has nobody there.
    """
    context = election_context(election, now)
    with open_reader(database()) as store:
        applications = store.applications.all_in(election, *ACCREDITED)
        binding = Binding.of(store, election)
        before = store.plans.latest(election)
        carried = carried_places(store, applications)
    if not applications:
        raise BadInputError("plan", "nobody is approved or placed.", remedy="Approve applications first.")
    if strange := sorted(set(choices.together) - {application.organisation for application in applications}):
        raise BadInputError("--together", f"{', '.join(strange)} has nobody to place.", remedy="Name other codes.")
    if carried and choices.pair_odd is None:
        choices = choices.revised(pair_odd=False)  # whoever had a place in the first vote is not moved to make pairs
    planned = _planned_before_pairs(before, applications)
    told = {application.id: application.region for application in applications} | carried
    planned = carried | planned
    fewest = choices.replanning is Replanning.FEWEST_CHANGES
    problem = problem_of(
        context, applications, who_they_are, choices=choices, binding=binding, planned=planned if fewest else None
    )
    problem, plan, notes = solved(context, problem, choices, before)
    versions = ",".join(f"{application.id}:{application.version}" for application in applications)
    key = f"{choices.model_dump_json()}:{before.id if before else None}:{versions}"
    stored = written_plan(problem, plan, before, choices, draft=key)
    stored.numbers.update(
        notes | alternatives(problem, plan, (planned, told)), versions={str(a.id): a.version for a in applications}
    )
    stored.numbers["told"] = {str(known): told[known] for known in planned}
    stored.numbers["moves"] = paper_of(stored).moves
    with open_store(database()) as store:
        store.plans.draft(election, stored, now=now)
    return stored.id


def _planned_before_pairs(before: StoredPlan | None, applications: Iterable[Application]) -> dict[UUID, RegionCode]:
    """Return where the plan in force had whom it moved to make pairs, of those who still have that place."""
    here = {str(application.id): application.region for application in applications}
    moves = before.teams.get("moved", ()) if before else ()
    return {UUID(move["observer"]): move["leaves"] for move in moves if here.get(move["observer"]) == move["enters"]}


def find_plan(election: ElectionCode, key: str = "") -> StoredPlan:
    """Return the plan whose id begins with *key*; without one the plan in force."""
    with open_reader(database()) as store:
        if not key:
            if stored := store.plans.latest(election):
                return stored
            raise UnknownThingError("plan", "in force")
        found = [plan for plan in store.plans.all_in(election) if str(plan.id).startswith(key.lower())]
    if len(found) != 1:
        problem = "is the beginning of several plans." if found else "is no plan of this election."
        raise BadInputError(f"plan {key[:40]}", problem, remedy="List them: accredit plan list")
    return found[0]


def plan_rows(election: ElectionCode) -> list[dict[str, Any]]:
    """Return one row for each plan, the newest first: how far it has come and what it loses by level."""
    with open_reader(database()) as store:
        plans = store.plans.all_in(election)
    return [
        {
            "plan": str(plan.id),
            "state": plan.state.value,
            "made at": f"{plan.made_at:%Y-%m-%d %H:%M}",
            "replanning": plan.policy.get("choices", {}).get("replanning", ""),
            "besides": ", ".join(_besides(plan)),
            "in regions": sum(code is not None for code in plan.placements.values()),
            "at large": sum(code is None for code in plan.placements.values()),
            "teams": len(plan.teams.get("teams", ())),
            "moves": plan.numbers.get("moves", plan.body["moves"]),
            **{f"lost {level}": amount for level, amount in _lost(plan).items()},
            "adopted by": plan.adopted_by or "",
        }
        for plan in plans
    ]


def _besides(stored: StoredPlan) -> Iterable[str]:
    """Yield what else was asked for when a plan was drawn up."""
    choices = stored.policy.get("choices", {})
    yield from ("fairness",) if "fairness" in stored.numbers else ()
    yield from ("fewest staff",) if choices.get("fewest_staff") else ()
    yield from (f"{code} together" for code in choices.get("together", ()))


def _lost(stored: StoredPlan) -> dict[str, int]:
    return stored.numbers.get("lost") or {loss["level"]: loss["amount"] for loss in stored.body["losses"]}


def check_stored(stored: StoredPlan) -> list[Violation]:
    """Return everything wrong with a stored plan, from the stored documents alone: rules, certificate, teams."""
    paper = paper_of(stored)
    faults = [*check(paper.problem, paper.plan), *_mislabelled(paper)]
    if not faults and paper.teaming is None:
        faults.append(Violation(fault="teams_missing", subject=str(paper.id)))
    if not faults and paper.teaming:
        faults += check_teams(paper.problem, paper.plan, paper.teaming)
    return faults


def _mislabelled(paper: PlanPaper) -> Iterable[Violation]:
    """Yield where the choices or the people noted beside a plan are not those of its problem."""
    if paper.choices.replanning is not paper.problem.policy.replanning:
        yield Violation(fault="other_choices", subject=paper.choices.replanning)
    versions = paper.numbers.get("versions")
    if versions is not None and versions.keys() != paper.plan.placements.keys():
        yield Violation(fault="other_people", subject="versions")


def discard_plan(plan_id: UUID) -> None:
    """Take a draft out of the choice."""
    with open_store(database()) as store:
        store.plans.discard(plan_id)


def unplaced(paper: PlanPaper) -> Counter[str]:
    """Return how many people have no region, by the binding reason."""
    return Counter(paper.plan.unplaced.values())
