"""The figures of an election: where cases stand, how long they waited, what each policy did, who carries the load."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from domain.application.application import Application
from domain.application.status import UNDECIDED, WITH_OFFICERS, Status
from domain.credentials.totals import SMALLEST
from domain.election.geography import Office
from domain.election.policies import Policy, PolicyCitation
from domain.oversight.cases import Dimension, Grouping, Outcome, ReportCase
from domain.oversight.fairness.contrasts import FEWEST
from domain.oversight.report.groups import CITED, OPEN_COVERED, OTHERS, REFUSED_UNDER, PolicyReach
from domain.oversight.report.suppression import Cell, Counts, Sum, withheld
from domain.values import Frozen, OfficeCode, UtcTime

_HOUR: Final = timedelta(hours=1)


def standing_figures(
    applications: Sequence[Application], whole: Mapping[str, int | None], *, now: UtcTime
) -> dict[str, int | None]:
    """Return how many cases stand where; a case may count in several lines.

    *whole* has the figures of the whole election as they may be published: what lies near a withheld one is withheld.
    """
    by = Counter(application.status for application in applications)
    late = sum(
        application.due_at is not None and application.due_at < now
        for application in applications
        if application.status in UNDECIDED | WITH_OFFICERS
    )
    return {
        "in_cure": None if whole.get("open", 0) is None else by[Status.INCOMPLETE],
        "deferred": None if whole.get("open", 0) is None else by[Status.DEFERRED],
        "open_and_late": None if whole.get("open", 0) is None else late,
        "withdrawn_now": None if whole.get("withdrawn", 0) is None else by[Status.WITHDRAWN],
        "under_appeal": by[Status.UNDER_APPEAL],
        "revoked": by[Status.REVOKED],
    }


def course_figures(cases: Sequence[ReportCase], whole: Mapping[str, int | None]) -> dict[str, int | None]:
    """Return what became of cases, by their first decision that stood, and what appeals came to.

    *whole* has the figures of the whole election as they may be published.
    """
    return {
        **{name: whole.get(name, 0) for name in ("received", "decided", *(outcome.value for outcome in Outcome))},
        "appeals": sum(case.appeals for case in cases),
        "appeals_granted": sum(case.granted for case in cases),
        "appeals_dismissed": sum(case.dismissed for case in cases),
        "remanded": sum(case.remanded for case in cases),
    }


_OF_APPEALS: Final = ("appeals_granted", "appeals_dismissed", "remanded", "under_appeal")


def without_small(figures: Mapping[str, int | None]) -> dict[str, int | None]:
    """Return *figures* without each from 1 to 4, and without what such a number could be computed from."""
    told = {name: None if _is_small(count) else count for name, count in figures.items()}
    if any(told.get(name, 0) is None for name in _OF_APPEALS):
        told["appeals"] = None
    if _is_small((told.get("withdrawn_now") or 0) - (told.get("withdrawn") or 0)):
        told["withdrawn_now"] = None
    return told


def _is_small(count: int | None) -> bool:
    return count is not None and 0 < count < SMALLEST


class WaitFigures(Frozen):
    """How long files waited, in hours: half of them at most p50, nine of ten at most p90."""

    files: int | None
    """None where it would give a withheld count back."""
    p50: float
    p90: float
    longest: float

    @classmethod
    def of(cls, waits: Iterable[timedelta]) -> WaitFigures | None:
        """Return the figures of *waits*; None where there is none."""
        hours = sorted(wait / _HOUR for wait in waits)
        if not hours:
            return None
        return cls(files=len(hours), p50=_quantile(hours, 0.5), p90=_quantile(hours, 0.9), longest=round(hours[-1], 1))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that *share* of all do not exceed (definition 1 of Hyndman and Fan 1996)."""
    place = max(0, -(-round(len(ordered) * share * 1e6) // 1_000_000) - 1)
    return round(ordered[place], 1)


def wait_figures(
    cases: Sequence[ReportCase], whole: Mapping[str, int | None], *, now: UtcTime
) -> dict[str, WaitFigures | None]:
    """Return waits of decided files, from receipt and from the complete file, and of open ones until *now*.

    *whole* has the figures of the whole election as they may be published. Nothing is said of fewer than ten files, nor
    where nothing published tells that there are ten: that something is said would tell it.
    """
    decided = [case for case in cases if case.outcome.is_decided]
    still = [case for case in cases if case.outcome is Outcome.OPEN]
    found = {
        "since_receipt": WaitFigures.of(_waits(case.wait_since_receipt(now) for case in decided)),
        "since_complete": WaitFigures.of(_waits(case.wait_since_complete(now) for case in decided)),
        "open_since_receipt": WaitFigures.of(_waits(case.wait_since_receipt(now) for case in still)),
        "open_since_complete": WaitFigures.of(_waits(case.wait_since_complete(now) for case in still)),
    }
    counted = {name: "open" if name.startswith("open") else "decided" for name in found}
    least = {"decided": whole.get("decided") or whole.get("accredited") or 0, "open": whole.get("open") or 0}
    return {
        name: figures if figures is None or whole.get(counted[name]) is not None else figures.revised(files=None)
        for name, figures in found.items()
        if (
            whole.get(counted[name]) == 0
            if figures is None
            else min(least[counted[name]], figures.files or 0) >= FEWEST
        )
    }


def _waits(waits: Iterable[timedelta | None]) -> Iterable[timedelta]:
    return (wait for wait in waits if wait is not None)


class GroupWait(Frozen):
    """Half and nine tenths of a group's decided files; never the longest, which is one person's."""

    dimension: Dimension
    group: str
    since_receipt_p50: float
    since_receipt_p90: float
    since_complete_p50: float | None
    since_complete_p90: float | None


def group_waits(
    cases: Sequence[ReportCase], grouping: Grouping, dimension: Dimension,
    shown: Mapping[str, Mapping[str, int | None]], *, now: UtcTime,
) -> list[GroupWait]:  # fmt: skip
    """Return the waits of each group of which *shown*, its table, tells of at least ten decided files.

    Where a count is withheld, waits would tell that there are ten or more, and so would silence that there are not.
    """
    members: defaultdict[str, list[ReportCase]] = defaultdict(list)
    for case in cases:
        if case.outcome.is_decided:
            for group in grouping.groups(case, dimension):
                members[group].append(case)
    found: list[GroupWait] = []
    for group, theirs in sorted(members.items()):
        receipt = WaitFigures.of(_waits(case.wait_since_receipt(now) for case in theirs))
        complete = WaitFigures.of(_waits(case.wait_since_complete(now) for case in theirs))
        row = shown.get(group, {})
        if receipt is None or sum(row.get(outcome) or 0 for outcome in Outcome if outcome.is_decided) < FEWEST:
            continue
        told = complete if (row.get(Outcome.ACCREDITED) or 0) >= FEWEST else None
        found.append(
            GroupWait(
                dimension=dimension, group=group, since_receipt_p50=receipt.p50, since_receipt_p90=receipt.p90,
                since_complete_p50=told and told.p50, since_complete_p90=told and told.p90,
            )
        )  # fmt: skip
    return found


class OfficeLoad(Frozen):
    """What an office carries: people placed with it, what its own staff can serve, decisions of its officers."""

    office: str
    name: str
    people: int | None
    places: int
    decisions: int | None


HEADQUARTERS: Final = "headquarters"
"""The office of officers who are of none."""


def office_loads(
    offices: Sequence[Office], applications: Sequence[Application], decided: Mapping[str, Mapping[str, int | None]]
) -> tuple[OfficeLoad, ...]:
    """Return the load of every office, and of headquarters where its officers decided.

    *decided* is the table of cases by the office whose officer decided, as it may be published.
    """
    people = _people_of([office.code for office in offices], applications)
    loads = [
        OfficeLoad(
            office=office.code, name=office.name, people=people[office.code],
            places=office.staff * office.observers_per_staff, decisions=_decisions(decided, office.code),
        )
        for office in offices
    ]  # fmt: skip
    if HEADQUARTERS not in decided:
        return tuple(loads)
    central = _decisions(decided, HEADQUARTERS)
    return (*loads, OfficeLoad(office=HEADQUARTERS, name="", people=0, places=0, decisions=central))


def _decisions(decided: Mapping[str, Mapping[str, int | None]], office: str) -> int | None:
    """Return how many cases an office decided; None where it is withheld, or lies in the pool of small ones."""
    if office in decided:
        return decided[office]["received"]
    return None if OTHERS in decided else 0


def _people_of(offices: Sequence[OfficeCode], applications: Sequence[Application]) -> dict[OfficeCode, int | None]:
    """Return how many people each office has; None for a small number, and for another that it could be told from."""
    placed = Counter(application.office for application in applications if application.office in set(offices))
    cells = {office: Cell("people", office, "") for office in offices}
    total = Cell("people", "", "")
    values = {cell: placed[office] for office, cell in cells.items()} | {total: placed.total()}
    hidden = withheld(Counts(values, [Sum(total, tuple(cells.values()))], elsewhere=[total]))
    return {office: None if cell in hidden else values[cell] for office, cell in cells.items()}


class PolicyEffect(Frozen):
    """One version of a policy as its authority made it, and what it did; counted apart from refusals on the case.

    None is withheld: from one to four, or what a withheld count of a group that the policy is about could be told from.
    """

    policy: Policy
    in_force: bool
    cited: int | None
    """Decisions that name this version."""
    refused_under: int | None
    """Of those, refusals whose first reason is the policy's."""
    open_covered: int | None
    """Open files that it covers."""


def reach_of(
    policies: Sequence[Policy], cited: Mapping[PolicyCitation, Sequence[ReportCase]],
    covered: Mapping[PolicyCitation, Collection[UUID]],
) -> list[PolicyReach]:  # fmt: skip
    """Return which cases each version of a policy touched: decisions, of those refusals under it, and open files."""
    found: list[PolicyReach] = []
    for policy in policies:
        decided = cited.get(policy.citation, ())
        refused = (case for case in decided if case.lead is not None and case.lead == policy.reason)
        touched = {
            CITED: frozenset(case.origin.id for case in decided),
            REFUSED_UNDER: frozenset(case.origin.id for case in refused),
            OPEN_COVERED: frozenset(covered.get(policy.citation, ())),
        }
        found.append(PolicyReach(str(policy.citation), touched))
    return found


def policy_effects(
    policies: Sequence[Policy], shown: Mapping[str, Mapping[str, int | None]], *, current: Iterable[Policy]
) -> tuple[PolicyEffect, ...]:
    """Return the log of policies, first day first; *shown* has what each did, as it may be published."""
    today = set(current)
    ordered = sorted(policies, key=lambda policy: (policy.boundaries[:1] or (date.min,), policy.id, policy.version))
    return tuple(
        PolicyEffect(policy=policy, in_force=policy in today, **shown[str(policy.citation)]) for policy in ordered
    )


class Invitation(Frozen):
    """When an organisation was invited, and how many days before election day that was."""

    organisation: str
    invited_on: date
    days_before: int
