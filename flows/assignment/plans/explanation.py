"""Why somebody is not in a region: the exact answer of the stored plan, with case numbers, for officers."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from db.assignment.plans import StoredPlan
from db.store import Store, open_reader
from domain.application.application import Application, case_number
from domain.application.status import PLACED
from domain.assignment import orders
from domain.assignment.explanation import WhyNot, WhyNotKind, why
from domain.assignment.plan import Plan
from domain.assignment.planner import delegations, rules
from domain.assignment.policy import Level
from domain.assignment.problem import Problem
from domain.assignment.teams import interpreters, pairing, sites
from domain.errors import BadInputError
from domain.values import ElectionCode, Frozen, RegionCode, RuleName
from flows.assignment.plans.agreement import plan_followed
from flows.context import database

RULE_IN_WORDS: Final[dict[RuleName, str]] = {
    rules.NO_OPEN_OFFICE: "no open office serves the region",
    rules.PINNED_ELSEWHERE: "the person's place was told already and is kept",
    rules.SECURITY_CONSENT: "the person has not agreed to the region's security level",
    rules.NOTICE_NOT_ACCEPTED: "the person has not accepted the region's notice in the version in force",
    rules.STAY_TOO_SHORT: "the person's stay does not cover the days on which the region needs its observers",
    rules.REGIONS_FULL: "every region open to the person is full",
    rules.OFFICES_FULL: "the offices of all regions open to the person are full",
    rules.PIN_DOES_NOT_FIT: "the place that was to be kept is not possible any more",
    rules.OUTWEIGHED: "a place for this person would cost more at a higher level",
    rules.NO_REGIONS: "there is no region",
    rules.SEATS_HELD_BY_PINS: "all seats there are held by people whose places are kept",
    orders.OWN_STATE_POST: "the post lies in a state that is the person's own or that sent the person",
    orders.ROLE_NOT_PLACED: "people who come in this role are given no region",
    orders.DECLARED_CONFLICT: "a conflict of interest is declared there",
    orders.OFFICERS_ORDER: "an officer ordered it",
    delegations.TOO_LARGE: "more people than a delegation kept together may have",
    delegations.NO_COMMON_REGION: "no region is open to all of them with room for all",
    delegations.COSTS_A_HIGHER_LEVEL: "coverage, languages, places or staff would suffer",
    delegations.NOT_TRIED: "not tried within the time that is set",
    sites.ORGANISATION_AT_LIMIT: "at every site the organisation has as many people as the rule permits",
    interpreters.NO_TEAM: "an interpreter, and every team of the region has one or there is none",
    pairing.ODD_NUMBER: "the number of people in the region is odd",
    pairing.SAME_NATIONALITY: "the others of the region have the same nationality",
    pairing.NATIONALITY_UNKNOWN: "the person's nationality is not given, and a team has two",
    sites.SITES_FULL: "every site is full",
}
"""Hard rules and reasons as officers read them; a rule of the profile keeps its own name."""


class Explanation(Frozen):
    """The domain's answer, the case numbers of everybody in its chain, and the plan it is about."""

    plan: UUID
    answer: WhyNot
    cases: dict[str, str]
    """Case numbers by id: of the person asked about and of everybody who would have to move."""
    weighted: bool = False
    """Whether points count by the weights of fairness, in tenths."""
    moved_for_teams: RegionCode | None = None
    """Where the person was moved after the plan was solved, so that two odd regions have pairs."""


def in_words(rule: RuleName) -> str:
    """Return *rule* as officers read it."""
    return RULE_IN_WORDS.get(rule, rule.replace("_", " "))


def explain(election: ElectionCode, application: UUID, region: RegionCode | None = None) -> Explanation:
    """Return why *application* is not in *region*, by default its first choice, under the plan that placed it.

    Raises :class:`BadInputError` where no plan names the person, or where no region is named and none was wished for.
    """
    with open_reader(database()) as store:
        stored = _plan_about(store, election, store.applications.get(application))
    problem = Problem.model_validate(stored.problem, strict=False)
    plan = Plan.model_validate(stored.body, strict=False)
    settled = stored.placements
    person = str(application)
    answer = why(problem, plan, person, region or _first_choice(problem, person))
    named = {person, *(move.observer for move in answer.chain)}
    return Explanation(
        plan=stored.id,
        answer=answer,
        cases={case: case_number(UUID(case)) for case in sorted(named)},
        weighted=bool(problem.policy.fairness),
        moved_for_teams=settled[person] if settled[person] != plan.placements[person] else None,
    )


def _plan_about(store: Store, election: ElectionCode, application: Application) -> StoredPlan:
    """Return the plan that the case follows; raises where it follows none."""
    if stored := plan_followed(store, election, application):
        return stored
    case = f"case {application.case_number}"
    if application.status in PLACED and application.plan_id:
        where = application.region or "at large"
        raise BadInputError(case, f"is {where}, and no plan puts it there.", remedy="See: accredit check")
    raise BadInputError(case, "is in no plan.", remedy="Ask about a person whom a plan includes.")


def _first_choice(problem: Problem, person: str) -> RegionCode:
    wishes = next(observer.preferences for observer in problem.observers if observer.id == person)
    if not wishes:
        case = f"case {case_number(UUID(person))}"
        raise BadInputError(case, "wished for no region.", remedy="Name the region: accredit why CASE REGION")
    return wishes[0]


def sentences(found: Explanation) -> list[str]:
    """Return the explanation in words, case numbers instead of ids."""
    answer = found.answer
    person = found.cases[answer.observer]
    told = _verdict(answer, person)
    if found.weighted and any(loss.level is Level.POINTS and loss.amount for loss in answer.losses):
        told.append("  (points in tenths, by the weights of fairness between organisations)")
    if found.moved_for_teams:
        told.append(f"Afterwards moved to {found.moved_for_teams}, so that two regions with an odd person have pairs.")
    if answer.chain and answer.verdict is not WhyNotKind.PLACED_THERE:
        told.append(f"{len(answer.chain)} would have to move:")
        told += [
            f"  {found.cases[move.observer]}: {move.leaves or 'at large'} → {move.enters or 'at large'}"
            for move in answer.chain
        ]
    return told


def _verdict(answer: WhyNot, person: str) -> list[str]:
    match answer.verdict:
        case WhyNotKind.PLACED_THERE:
            return [f"{person} is in {answer.region}."]
        case WhyNotKind.NOT_ELIGIBLE:
            return [f"{person} cannot be in {answer.region}: {in_words(answer.rule or '')} ({answer.rule})."]
        case WhyNotKind.TIE:
            return [
                f"A plan with {person} in {answer.region} would be exactly as good: the public lottery decided.",
                f"Lottery number of this person and region: {answer.ticket}",
            ]
        case WhyNotKind.PRICE:
            lost = [f"  {loss.level}: {loss.amount:+d}" for loss in answer.losses if loss.amount]
            return [f"{person} in {answer.region} would make the plan worse, most important level first:", *lost]
