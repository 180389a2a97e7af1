"""A stored plan as officers look at it: numbers, who has no region and why, who moves and why, staff to send."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from domain import assignment as planning
from domain.application import case_number
from domain.geography import Geography
from flows.drafts import Paper, unplaced
from flows.explaining import in_words

MOST_STAFFED: Final = 3000
"""People up to whom whole staff are searched for with many plans; above that with few."""

Row = dict[str, Any]


def plan_report(paper: Paper, geography: Geography, *, staffing: bool = True) -> dict[str, Any]:
    """Return everything ``accredit plan show`` prints: the documented JSON."""
    numbers = planning.in_numbers(paper.problem, paper.settled)
    return {
        "plan": str(paper.id),
        "state": paper.state.value,
        "choices": paper.choices.model_dump(mode="json"),
        "order": [level.value for level in paper.plan.order],
        "losses": losses(paper),
        "placed": sum(region is not None for region in paper.placements.values()),
        "at_large": {in_words(rule): count for rule, count in sorted(unplaced(paper).items())},
        "at_large_people": {case_number(UUID(one)): rule for one, rule in sorted(paper.plan.unplaced.items())},
        "teams": team_numbers(paper),
        "moves": move_rows(paper),
        "overloaded": overloaded(numbers),
        "staffing": staff_rows(paper, geography) if staffing else None,
        **numbers.model_dump(mode="json"),
        **{name: paper.numbers[name] for name in ("alternatives", "fairness", "together") if name in paper.numbers},
    }


def losses(paper: Paper) -> list[Row]:
    """Return what the plan loses at each level, and after odd people were moved to make pairs."""
    after = {loss.level: loss.amount for loss in paper.teaming.losses} if paper.teaming else {}
    return [
        {"level": loss.level.value, "lost": loss.amount, "with pairs": after.get(loss.level, loss.amount)}
        for loss in paper.plan.losses
    ]


def team_numbers(paper: Paper) -> Row:
    """Return how many teams there are, how many were kept, and who is alone and why."""
    if paper.teaming is None:
        return {}
    alone = {case_number(UUID(one)): reason for one, reason in sorted(paper.teaming.unpaired.items())}
    moved = [case_number(UUID(move.observer)) for move in paper.teaming.moved]
    kept = paper.numbers.get("teams_kept", 0)
    return {"teams": len(paper.teaming.teams), "kept": kept, "alone": alone, "moved_to_make_pairs": moved}


def move_rows(paper: Paper) -> list[Row]:
    """Return who leaves the region of the plan in force, and what staying would break or cost."""
    return [
        {
            "case": case_number(UUID(move.observer)),
            "leaves": move.leaves,
            "enters": paper.placements[move.observer] or "at large",
            "because": _because(move.staying),
        }
        for move in planning.moved(paper.problem, paper.plan)
    ]


def _because(staying: planning.Answer | None) -> str:
    if staying is None:
        return "the region is not in the plan any more"
    match staying.verdict:
        case planning.Verdict.NOT_ELIGIBLE:
            return in_words(staying.rule or "")
        case planning.Verdict.PRICE:
            first = next(loss for loss in staying.losses if loss.amount)
            return f"staying would cost {first.amount} at {first.level.value}"
        case _:
            return "the lottery chose between equally good plans"


def overloaded(numbers: planning.Numbers) -> list[Row]:
    """Return the offices that serve more people than their own staff can, with the staff they need besides."""
    return [
        {"office": one.office, "placed": one.placed, "own places": one.base_places, "staff needed": one.staff_needed}
        for one in numbers.offices
        if one.surge_used
    ]


def staff_rows(paper: Paper, geography: Geography) -> Row:
    """Return which office gets how many staff from the central pool and from when until when, and how good that is."""
    if not any(one.surge_used for one in planning.in_numbers(paper.problem, paper.settled).offices):
        return {"needed": 0, "bound": 0, "exact": True, "offices": []}
    most = 20 if len(paper.problem.observers) <= MOST_STAFFED else 4
    found = planning.whole_surge_staff(paper.problem, most_solves=most)
    offices = [
        {
            "office": code,
            "from the pool": count,
            "from": f"{max(geography.serves_from, geography.office(code).opens_on):%Y-%m-%d}",
            "until": f"{geography.office(code).closes_on or geography.serves_until:%Y-%m-%d}",
        }
        for code, count in sorted(found.staff.items())
        if count
    ]
    return {"needed": found.needed, "bound": found.bound, "exact": found.exact, "offices": offices}


def compared(one: Paper, other: Paper) -> dict[str, Any]:
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
        "elsewhere": elsewhere,
    }


def _place(paper: Paper, known: str) -> str:
    return (paper.placements[known] or "at large") if known in paper.placements else "not in the plan"


def _levels(one: Paper, other: Paper) -> list[Row]:
    first, second = ({loss.level: loss.amount for loss in paper.plan.losses} for paper in (one, other))
    rows: list[Row] = [
        {"level": level.value, "first": first.get(level, ""), "second": second.get(level, "")}
        for level in dict.fromkeys([*first, *second])
    ]
    return [*rows, {"level": "people moved", "first": one.plan.moves, "second": other.plan.moves}]


def _by_region(one: Paper, other: Paper) -> Iterable[Row]:
    first, second = (
        {row.region: row.placed for row in planning.in_numbers(paper.problem, paper.settled).regions}
        for paper in (one, other)
    )
    for code in sorted(first.keys() | second.keys()):
        if first.get(code) != second.get(code):
            yield {"region": code, "first": first.get(code, 0), "second": second.get(code, 0)}
