"""What the assignment benchmark found: what must hold and what was measured, by size, and a picture of the cost."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import Any, Final

from benchmarks.report import Sheet

Figures = dict[str, Any]

SECONDS, MEGABYTES, SOLVE, WHOLE, TEAMS, CHURN = 5.0, 400.0, 10.0, 4.0, 5.0, 0.25
"""What must hold at 20,000 x 200."""

BLUE, ORANGE, GREY, INK = "#0072B2", "#D55E00", "#D5DBE1", "#15202b"
_LEFT, _TOP, _WIDE, _HIGH = 70, 60, 560, 300
_FONT: Final = "font-family='Noto Sans, Helvetica, Arial, sans-serif'"


def sheets(plans: Sequence[Figures], peers: Sequence[Figures], steps: Figures | None, *, regions: int) -> list[Sheet]:
    """Return all tables; what was not measured is left out."""
    found = [_targets(plans, peers, steps), _by_size(plans, regions)]
    found += [_against_simplex(peers)] if peers else []
    return [*found, _churn(steps), _steps(steps)] if steps else found


def _targets(plans: Sequence[Figures], peers: Sequence[Figures], steps: Figures | None) -> Sheet:
    """Return what the issue asks for at 20,000 observers, measured at the nearest size of this run."""
    plan = min(plans, key=lambda row: abs(row["observers"] - 20_000))
    sheet = Sheet(f"What must hold, at {plan['observers']:,} observers", ["what", "must be", "measured", "holds"])

    def line(what: str, limit: str, value: float, holds: bool, unit: str = "") -> None:  # noqa: FBT001 -- a cell
        sheet.add(what, limit, f"{value:,.2f}{unit}", "yes" if holds else "**no**")

    line("built, solved, drawn, certified", f"≤ {SECONDS:g} s", plan["seconds"], plan["seconds"] <= SECONDS, " s")
    line("its peak memory", f"≤ {MEGABYTES:g} MB", plan["megabytes"], plan["megabytes"] <= MEGABYTES, " MB")
    if peers:
        peer = peers[-1]
        solve, whole = _ratios(peer)
        line("HiGHS simplex takes, solve", f"≥ {SOLVE:g}x", solve, solve >= SOLVE, "x")
        line("HiGHS simplex takes, whole", f"≥ {WHOLE:g}x", whole, whole >= WHOLE, "x")
    if steps:
        line("teams of two", f"≤ {TEAMS:g} s", steps["teams_seconds"], steps["teams_seconds"] <= TEAMS, " s")
        for row in steps["churn"]:
            for name, cold in (("ties left to the solver", row["untied"]), ("a fresh lottery", row["fresh"])):
                share = row["few"] / max(1, cold)
                proven = " (proven: no plan as good moves fewer)" if row["fewest_proven"] else ""
                what = f"moved, of a cold re-solve with {name}, {row['seats']:g} seats a person{proven}"
                line(what, f"≤ {CHURN:g}x", share, share <= CHURN and row["equal"], "x")
    return sheet


def _ratios(peer: Figures) -> tuple[float, float]:
    """Return how many times the simplex solver's time is ours: of the solve alone, and with everything around it."""
    ours = peer["layout"] + peer["build"] + peer["flow"] + peer["proof"]
    theirs = peer["layout"] + peer["build"] + peer["simplex_model"] + peer["simplex"]
    return peer["simplex"] / peer["flow"], theirs / ours


def _by_size(plans: Sequence[Figures], regions: int) -> Sheet:
    heads = [
        "observers",
        "seconds",
        "cpu s",
        "peak MB",
        "of it the problem",
        "independent check s",
        "faults",
        "1st choice",
    ]
    sheet = Sheet(f"Build, solve, lottery and certificate, {regions} regions", heads)
    for row in plans:
        sheet.add(
            f"{row['observers']:,}", f"{row['seconds']:.2f}", f"{row['processor_seconds']:.2f}",
            f"{row['megabytes']:.0f}", f"{row['problem_megabytes']:.0f}", f"{row['check_seconds']:.2f}",
            str(row["violations"]), f"{row['first']:.0%}",
        )  # fmt: skip
    return sheet


def _against_simplex(peers: Sequence[Figures]) -> Sheet:
    heads = ["observers", "arcs", "our flow s", "whole s", "simplex s", "solve", "whole", "same optimum"]
    sheet = Sheet("The same network given to HiGHS simplex, one thread, in the same process", heads)
    for row in peers:
        solve, whole = _ratios(row)
        sheet.add(
            f"{row['observers']:,}", f"{row['arcs']:,}", f"{row['flow']:.2f}",
            f"{row['layout'] + row['build'] + row['flow'] + row['proof']:.2f}", f"{row['simplex']:.2f}",
            f"{solve:.1f}x", f"{whole:.1f}x", "yes" if row["equal"] and row["proved"] else "**no**",
        )  # fmt: skip
    return sheet


def _churn(steps: Figures) -> Sheet:
    heads = [
        "people moved after 3 % withdrew and 3 % came late",
        *(f"{row['seats']:g} seats" for row in steps["churn"]),
    ]
    sheet = Sheet("Re-planning, all at equal coverage, languages, places, surge and points", heads)
    for name, words in (
        ("few", "fewest changes"),
        ("same_seed", "from scratch, by the same lottery numbers"),
        ("fresh", "cold: from scratch, a fresh lottery, mean of three"),
        ("untied", "cold: from scratch, ties left to the solver"),
        ("none", "nobody moves for the sake of wishes (points differ)"),
    ):
        sheet.add(words, *(f"{row[name]:,.0f}" for row in steps["churn"]))
    proven = ("yes" if row["fewest_proven"] else "**no**" for row in steps["churn"])
    sheet.add("the independent checker proves: no plan as good moves fewer than that", *proven)
    sheet.add(
        "points: fewest changes / nobody moves", *("{:,} / {:,}".format(*row["points"]) for row in steps["churn"])
    )
    return sheet


def _steps(steps: Figures) -> Sheet:
    sheet = Sheet("What follows the plan", ["step", "measured"])
    sheet.add("teams, unpaired, moved to make pairs", f"{steps['teams']}, {steps['unpaired']}, {steps['repaired']}")
    sheet.add("teams: seconds, cpu seconds", f"{steps['teams_seconds']:.2f}, {steps['teams_processor']:.2f}")
    sheet.add("why: table, one question", f"{steps['table_seconds']:.2f} s, {steps['ask_milliseconds']:.1f} ms")
    sheet.add("fairness: Gini by round", " → ".join(f"{step:.3f}" for step in steps["gini"]))
    sheet.add("fairness: points by round", " → ".join(f"{step:,}" for step in steps["fair_points"]))
    return sheet


def cost_picture(plans: Sequence[Figures], peers: Sequence[Figures], *, regions: int) -> str:
    """Return seconds against observers as SVG, both by powers of ten: ours, and the simplex solver's solve alone."""
    ours = [(row["observers"], row["seconds"]) for row in plans]
    theirs = [(row["observers"], row["simplex"]) for row in peers]
    every = [*ours, *theirs]
    place = _Scale(every)
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 760 430' width='760' height='430' {_FONT}>",
        "<rect width='760' height='430' fill='#ffffff'/>",
        f"<text x='16' y='26' font-size='16' font-weight='700' fill='{INK}'>A certified plan, {regions} regions</text>",
        f"<text x='16' y='46' font-size='12' fill='{INK}'>seconds, by number of observers</text>",
        *place.grid(),
        *_line(place, ours, BLUE, "whole, with certificate"),
        *_line(place, theirs, ORANGE, "HiGHS simplex, solve alone"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


class _Scale:
    """Where a number of observers and of seconds stand in the picture."""

    def __init__(self, every: Sequence[tuple[float, float]]) -> None:
        self._first, self._last = 3.0, log10(max([10_000.0, *(size for size, _ in every)]))
        low, high = min(cost for _, cost in every), max(cost for _, cost in every)
        self._low, self._high = round(log10(low) - 0.5), round(log10(high) + 0.5)

    def at(self, size: float, cost: float) -> tuple[float, float]:
        """Return the point for *size* observers and *cost* seconds."""
        across = (log10(size) - self._first) / (self._last - self._first)
        up = (log10(cost) - self._low) / (self._high - self._low)
        return _LEFT + _WIDE * across, _TOP + _HIGH * (1 - up)

    def grid(self) -> list[str]:
        """Return lines and numbers at sizes and seconds that people read easily."""
        lines: list[str] = []
        for size in (1_000, 2_000, 5_000, 10_000, 20_000, 50_000):
            if log10(size) <= self._last + 1e-9:
                at, foot = round(self.at(size, 10**self._low)[0]), _TOP + _HIGH
                lines += [
                    f"<line x1='{at}' x2='{at}' y1='{_TOP}' y2='{foot}' stroke='{GREY}'/>",
                    f"<text x='{at}' y='{foot + 20}' text-anchor='middle' font-size='11'>{size:,}</text>",
                ]
        for power in range(self._low, self._high + 1):
            _, up = self.at(1_000, 10.0**power)
            lines += [
                f"<line x1='{_LEFT}' x2='{_LEFT + _WIDE}' y1='{up:.0f}' y2='{up:.0f}' stroke='{GREY}'/>",
                f"<text x='{_LEFT - 8}' y='{up + 4:.0f}' text-anchor='end' font-size='11'>{10.0**power:g} s</text>",
            ]
        return lines


def _line(place: _Scale, points: Sequence[tuple[float, float]], colour: str, words: str) -> list[str]:
    if not points:
        return []
    found = [place.at(*point) for point in points]
    path = " ".join(f"{across:.1f},{up:.1f}" for across, up in found)
    across, up = found[-1]
    where = f"x='{min(across, _LEFT + _WIDE - 60):.0f}' y='{up - 12:.0f}'"
    return [
        f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'/>",
        *(f"<circle cx='{one:.1f}' cy='{other:.1f}' r='3.5' fill='{colour}'/>" for one, other in found),
        f"<text {where} text-anchor='middle' font-size='12' fill='{colour}'>{words}, {points[-1][1]:.1f} s</text>",
    ]
