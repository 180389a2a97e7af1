"""A stored plan as officers look at it: numbers, who has no region and why, who moves and why, staff to send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from domain.application.application import case_number
from domain.assignment.explanation import WhyNot, WhyNotKind
from domain.assignment.overview import Numbers, in_numbers
from domain.assignment.overview import moved as moved_people
from domain.assignment.policy import Level
from domain.assignment.teams.sites import fewest_without_site
from flows.assignment.plans.drafts import PlanPaper, unplaced
from flows.assignment.plans.explanation import in_words
from flows.assignment.plans.solutions import plain_losses
from flows.assignment.plans.staffing import fewest_staff, staffing
from flows.context import ElectionContext

Row = dict[str, Any]

NOTES: Final = ("alternatives", "fairness", "fairness_goal", "together")
"""What stands beside a plan about how it was made."""

LEVEL_IN_WORDS: Final = {
    "coverage": "seats wanted at least that are empty, by weight",
    "language": "seats wanted for speakers without one",
    "placed": "people without a region",
    "surge": "people above the offices' own places",
    "points": "0 for each first wish to 15 for no wish",
    "changes": "people moved from the region they were told",
}
"""What is lost at each level, as briefly as a table allows."""


def plan_report(paper: PlanPaper, context: ElectionContext, *, staffed: bool = True) -> dict[str, Any]:
    """Return everything ``accredit plan show`` prints: the documented JSON."""
    numbers = in_numbers(paper.problem, paper.settled)
    return {
        "plan": str(paper.id),
        "state": paper.state.value,
        "choices": paper.choices.model_dump(mode="json"),
        "order": [level.value for level in paper.plan.order],
        "losses": losses(paper),
        "placed": sum(region is not None for region in paper.placements.values()),
        "at_large": {in_words(rule): count for rule, count in sorted(unplaced(paper).items())},
        "at_large_people": {case_number(UUID(person)): rule for person, rule in sorted(paper.plan.unplaced.items())},
        "teams": team_numbers(paper),
        "sites": site_numbers(paper),
        "delegations": delegation_rows(paper, context),
        "moves": move_rows(paper),
        "overloaded": overloaded(numbers),
        "staffing": _staffing(paper, context) if staffed else None,
        **numbers.model_dump(mode="json"),
        **{
            name: paper.numbers[name]
            for name in ("alternatives", "fairness", "fairness_goal", "together")
            if name in paper.numbers
        },
    }


def _staffing(paper: PlanPaper, context: ElectionContext) -> Row:
    found = staffing(paper, context.geography)
    return found | (fewest_staff(paper) if found["needed"] else {"fewest": 0, "bound": 0, "exact": True})


def losses(paper: PlanPaper) -> list[Row]:
    """Return what the plan loses at each level, and after odd people were moved to make pairs."""
    lost = plain_losses(paper.problem, paper.plan)
    paired = (
        paper.plan.revised(placements=paper.placements, losses=paper.teaming.losses) if paper.teaming else paper.plan
    )
    after = plain_losses(paper.problem, paired)
    if "changes" in after:
        after["changes"] = paper.moves
    return [
        {"level": level, "lost": amount, "with pairs": after[level], "which means": LEVEL_IN_WORDS[level]}
        for level, amount in lost.items()
    ]


def team_numbers(paper: PlanPaper) -> Row:
    """Return how many teams there are, how many were kept, and who is alone and why."""
    if paper.teaming is None:
        return {}
    alone = {case_number(UUID(one)): reason for one, reason in sorted(paper.teaming.unpaired.items())}
    moved = [case_number(UUID(move.observer)) for move in paper.teaming.moved]
    kept = paper.numbers.get("teams_kept", 0)
    return {
        "teams": len(paper.teaming.teams),
        "kept": kept,
        "with_interpreter": len(paper.teaming.accompanying),
        "alone": alone,
        "moved_to_make_pairs": moved,
    }


def site_numbers(paper: PlanPaper) -> Row:
    """Return how many people have a site, who has none and why, and how few that could be at best."""
    if paper.teaming is None or not any(region.sites for region in paper.problem.regions):
        return {}
    limits = paper.problem.policy.site_limits
    without = {case_number(UUID(one)): in_words(rule) for one, rule in sorted(paper.teaming.siteless.items())}
    return {
        "with a site": len(paper.teaming.sites),
        "without": without,
        "at least without": fewest_without_site(paper.problem, paper.teaming),
        "limits": limits.model_dump() if limits else None,
    }


def delegation_rows(paper: PlanPaper, context: ElectionContext) -> list[Row]:
    """Return every delegation with its people, whether it stays together as it asked, and its liaison officer."""
    together = paper.numbers.get("together", {})
    kept = {
        delegation["delegation"]: f"in {delegation['region']}{_paid(delegation['cost'])}"
        for delegation in together.get("kept", ())
    }
    wishes = kept | {code: f"no: {in_words(rule)}" for code, rule in together.get("apart", {}).items()}
    people = Counter(observer.organisation for observer in paper.problem.observers if paper.placements[observer.id])
    return [
        {
            "delegation": code,
            "people": people[code],
            "together": wishes.get(code, ""),
            "liaison": sponsor.liaison.name if (sponsor := context.organisations[code]).liaison else "none named",
            "telephone": sponsor.liaison.phone if sponsor.liaison else "",
            "deputy": sponsor.liaison.deputy if sponsor.liaison else "",
            "hours": sponsor.liaison.hours if sponsor.liaison else "",
        }
        for code in sorted({observer.organisation for observer in paper.problem.observers})
    ]


def _paid(cost: Iterable[Row]) -> str:
    said = ", ".join(f"{loss['amount']:+d} {loss['level']}" for loss in cost if loss["amount"])
    return f" at {said}" if said else ""


def move_rows(paper: PlanPaper) -> list[Row]:
    """Return who leaves the region that they were told, and what staying would break or cost."""
    reasons = {
        move.observer: _because(move.staying, fair=bool(paper.problem.policy.fairness))
        for move in moved_people(paper.problem, paper.plan)
    }
    for person, region in paper.placements.items():
        if region != paper.plan.placements[person]:
            reasons[person] = "so that two regions with an odd person have pairs"
    return [
        {
            "case": case_number(UUID(person)),
            "leaves": told,
            "enters": paper.placements[person] or "at large",
            "because": reasons.get(person, "the pair for which the person was moved is not possible any more"),
        }
        for person, told in sorted(paper.told.items())
        if paper.placements[person] != told
    ]


def _because(staying: WhyNot | None, *, fair: bool) -> str:
    if staying is None:
        return "the region is not in the plan any more"
    match staying.verdict:
        case WhyNotKind.NOT_ELIGIBLE:
            return in_words(staying.rule or "")
        case WhyNotKind.PRICE:
            first = next(loss for loss in staying.losses if loss.amount)
            weighted = ", by the weights of fairness" if fair and first.level is Level.POINTS else ""
            return f"staying would cost {first.amount} at {first.level.value}{weighted}"
        case _:
            return "an equally good plan moves others instead; the lottery chose"


def overloaded(numbers: Numbers) -> list[Row]:
    """Return the offices that serve more people than their own staff can, with the staff they need besides."""
    return [
        {
            "office": office.office,
            "placed": office.placed,
            "own places": office.base_places,
            "staff needed": office.staff_needed,
        }
        for office in numbers.offices
        if office.surge_used
    ]


def compared(one: PlanPaper, other: PlanPaper) -> dict[str, Any]:
    """Return two plans side by side: by level, region and office, and who is elsewhere."""
    people = sorted(one.placements.keys() | other.placements.keys())
    elsewhere = [
        {"case": case_number(UUID(known)), "first": _place(one, known), "second": _place(other, known)}
        for known in people
        if _place(one, known) != _place(other, known)
    ]
    return {
        "first": str(one.id),
        "second": str(other.id),
        "levels": _levels(one, other),
        "regions": list(_by_region(one, other)),
        "offices": list(_by_office(one, other)),
        "elsewhere": elsewhere,
    }


def _place(paper: PlanPaper, known: str) -> str:
    return (paper.placements[known] or "at large") if known in paper.placements else "not in the plan"


def _levels(one: PlanPaper, other: PlanPaper) -> list[Row]:
    first, second = (plain_losses(paper.problem, paper.plan) for paper in (one, other))
    rows: list[Row] = [
        {"level": level, "first": first.get(level, ""), "second": second.get(level, "")}
        for level in dict.fromkeys([*first, *second])
    ]
    return [*rows, {"level": "people moved", "first": one.moves, "second": other.moves}]


def _by_office(one: PlanPaper, other: PlanPaper) -> Iterable[Row]:
    first, second = (
        {row.office: row for row in in_numbers(paper.problem, paper.settled).offices} for paper in (one, other)
    )
    for code in sorted(first.keys() & second.keys()):
        here, there = first[code], second[code]
        if (here.placed, here.staff_needed) != (there.placed, there.staff_needed):
            yield {
                "office": code, "first": here.placed, "second": there.placed,
                "staff, first": here.staff_needed, "staff, second": there.staff_needed,
            }  # fmt: skip


def _by_region(one: PlanPaper, other: PlanPaper) -> Iterable[Row]:
    first, second = (
        {row.region: row.placed for row in in_numbers(paper.problem, paper.settled).regions} for paper in (one, other)
    )
    for code in sorted(first.keys() | second.keys()):
        if first.get(code) != second.get(code):
            yield {"region": code, "first": first.get(code, 0), "second": second.get(code, 0)}
