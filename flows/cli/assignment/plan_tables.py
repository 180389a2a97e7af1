"""A plan on the command line: its numbers as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from domain.numbers import number_of
from flows.assignment.plans.explanation import in_words
from flows.cli.options import console, show_table


def print_plan(report: Mapping[str, Any]) -> None:
    """Print everything of ``plan_report``: levels, people, offices, groups."""
    console.print(
        f"[bold]Plan {report['plan']}[/bold]: {report['state']}, {number_of(report['placed'], 'people')} placed"
    )
    console.print("In order of importance: " + ", ".join(report["order"]))
    show_table("By level", report["losses"])
    ways = report.get("alternatives", {})
    show_table("Other ways to re-plan", [{"way": way.replace("_", " "), **row} for way, row in ways.items()])
    _print_people(report)
    _print_sites(report["sites"])
    show_table("Offices", [_office(row) for row in report["offices"]])
    staff = report["staffing"]
    show_table(f"Staff from the central pool: {staff['needed']}", staff["offices"], empty="none needed")
    _print_fewest_staff(staff)
    brief = ("delegation", "people", "together", "liaison", "telephone")
    show_table("Delegations", [{name: row[name] for name in brief} for row in report["delegations"]])
    show_table("Regions", [_region(row) for row in report["regions"]])
    show_table("Organisations", [_group(row) for row in report["organisations"]])
    show_table("Nationalities", [_group(row) for row in report["nationalities"]])
    rounds = [_round(number, row) for number, row in enumerate(report.get("fairness", []))]
    goal = report.get("fairness_goal", {})
    said = f": Gini to fall by {goal['fall']:.0%}, points to rise by {goal['most_loss']:.0%} at most" if goal else ""
    show_table(f"Fairness between organisations{said}", rounds, empty="not asked for (--fairness)")
    console.print(f"Pictures and tables: {report['pictures']}", highlight=False, soft_wrap=True)


def _print_people(report: Mapping[str, Any]) -> None:
    """Print who has no region, who moves, and who is alone, each with the reason."""
    large = [{"case": case, "because": in_words(rule)} for case, rule in report["at_large_people"].items()]
    show_table(f"At large: {len(large):,}" if large else "At large", large[:50], empty="nobody")
    show_table("Who moves", report["moves"][:50], empty="nobody")
    teams = report["teams"]
    if teams:
        beside = f"{teams['with_interpreter']:,} with an interpreter, " if teams["with_interpreter"] else ""
        kept = f"{teams['kept']:,} as before"
        console.print(
            f"{number_of(teams['teams'], 'teams')}, {beside}{kept}, {number_of(len(teams['alone']), 'people')} alone"
        )
        alone = Counter(in_words(rule) for rule in teams["alone"].values())
        show_table("Alone", [{"because": why, "people": count} for why, count in sorted(alone.items())], empty="nobody")


def _print_fewest_staff(staff: Mapping[str, Any]) -> None:
    if staff["fewest"] < staff["needed"]:
        console.print(f"Another plan would do with {staff['fewest']}: accredit plan draft --fewest-staff")
    if staff["needed"]:
        console.print(f"Proven: no plan as good before staff is counted does with fewer than {staff['bound']}.")


def _office(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"office": row["office"], "placed": row["placed"], "own places": row["base_places"],
            "surge places": row["surge_places"], "used": row["surge_used"],
            "staff needed": row["staff_needed"]}  # fmt: skip


def _round(number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"plan": f"round {number}" if number else "first", "Gini": f"{row['gini']:.3f}", "points": row["points"]}


def _region(row: Mapping[str, Any]) -> dict[str, Any]:
    acting = row["office"] if row["office"] == row["home_office"] else f"{row['office']} for {row['home_office']}"
    return {"region": row["region"], "office": acting, "placed": row["placed"], "seats": row["capacity"],
            "at least": row["minimum"], "language": row["language"], "speakers": row["speakers"],
            "quota": row["quota"]}  # fmt: skip


def _print_sites(sites: Mapping[str, Any]) -> None:
    if sites:
        limits = sites["limits"]
        most = f"of one organisation at most {limits['observers']} (interpreters {limits['interpreters']})"
        console.print(
            f"{number_of(sites['with a site'], 'people have')} a site" + (f"; at one are {most}" if limits else "")
        )
    rows = [{"case": case, "because": why} for case, why in sites.get("without", {}).items()]
    if rows:
        least = sites["at least without"]
        show_table(f"Without a site: {len(rows)}; no arrangement leaves fewer than {least}", rows[:50])


def _group(row: Mapping[str, Any]) -> dict[str, Any]:
    ranks = dict(zip(("1st", "2nd", "3rd", "4th", "5th"), row["by_rank"], strict=True))
    return {"code": row["code"], "placed": row["placed"], **ranks, "unasked": row["unranked"],
            "at large": row["unplaced"]}  # fmt: skip
