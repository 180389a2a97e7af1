"""Rehearsing with a number of officers: whether time limits are kept, and how many officers would be enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from domain.decisions.workload import Desks, Outlook, arrivals, cliff, levels, simulate
from domain.election.deadlines import due_after
from domain.election.profile import ElectionProfile
from domain.numbers import number_of
from domain.values import Frozen, UtcTime
from flows.rehearsal import valdara
from notifications.assignment.charts import staffing_chart

LAST_DAYS: Final = 2344
LAST_SESSION: Final = 324
"""Decisions of the two days after submissions closed, and those of the last session: a real election's numbers."""


class StaffingReport(Frozen):
    """What was simulated, and how it went at each staffing level."""

    applications: int
    usual: tuple[Outlook, ...]
    """Arrivals by the curve of a real election."""

    worst: tuple[Outlook, ...]
    """All of the last days' decisions between the closing of submissions and the last day to decide."""

    @property
    def enough(self) -> int | None:
        """The smallest staff without a breach in either."""
        return levels(
            [max(pair, key=lambda outlook: outlook.breaches) for pair in zip(self.usual, self.worst, strict=True)]
        )

    @property
    def rows(self) -> list[dict[str, str | int | float]]:
        """One row a staffing level."""
        return [
            {
                "officers": usual.staff,
                "breaches, real curve": usual.breaches,
                "longest wait (h)": round(usual.longest_hours, 1),
                "breaches, last two days": worst.breaches,
                "last decision": f"{worst.latest:%Y-%m-%d %H:%M}" if worst.latest else "",
                "officers busy": f"{100 * worst.busy_share:.0f} %",
            }
            for usual, worst in zip(self.usual, self.worst, strict=True)
        ]


def staffing_levels(staff: int) -> list[int]:
    """Return the levels to compare: half of *staff*, around it, and twice it."""
    return sorted({max(1, staff // 2), max(1, 3 * staff // 4), staff, staff + (staff + 3) // 4, 2 * staff})


def rehearse_staffing(
    staff: int, *, applications: int, minutes: float, seed: int, profile: ElectionProfile | None = None
) -> StaffingReport:
    """Simulate officers' working hours at several staffing levels; the same seed gives the same report."""
    rules = profile or valdara()
    came = arrivals(applications, rules.election.day, rules.zone, seed=seed)
    due = [due_after(moment, days=5, calendar=rules.working_days) for moment in came]
    last = _local(rules, -6, time(23, 59))
    capped = [min(one, max(last, at)) for one, at in zip(due, came, strict=True)]
    closing, session = _local(rules, -8, time(23, 59)), _local(rules, -6, time(8))
    rush = cliff(LAST_DAYS, closing, last=LAST_SESSION, session=session)
    usual: list[Outlook] = []
    worst: list[Outlook] = []
    for level in staffing_levels(staff):
        desks = Desks(staff=level, minutes_a_case=minutes)
        usual.append(simulate(came, capped, desks, rules.working_days))
        worst.append(simulate(rush, [last] * len(rush), desks, rules.working_days))
    return StaffingReport(applications=applications, usual=tuple(usual), worst=tuple(worst))


def _local(rules: ElectionProfile, offset: int, at: time) -> UtcTime:
    return datetime.combine(rules.election.day + timedelta(days=offset), at, tzinfo=rules.zone)


def write_picture(report: StaffingReport, path: Path) -> Path:
    """Write the picture of *report* as SVG and return where."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bars: Sequence[tuple[str, int, int]] = [
        (f"{usual.staff} officers", usual.breaches, worst.breaches)
        for usual, worst in zip(report.usual, report.worst, strict=True)
    ]
    title = f"Decisions too late, {number_of(report.applications, 'applications')} on a real arrival curve"
    path.write_text(staffing_chart(title, bars), encoding="utf-8")
    return path
