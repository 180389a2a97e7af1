"""``accredit report``: the figures of an election, for the terminal and for the public."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from domain.oversight.report.report import Report
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election
from flows.oversight.contradictions import moment_of
from flows.oversight.open_work import REPORT_FOLDER
from flows.oversight.reporting import (
    Gathered,
    Review,
    gather,
    names_of,
    report_of,
    review_of,
    reviews,
    write_report,
)
from flows.oversight.reviews import finding_of
from notifications.pages.report_sheets import Sheet, Sheets

_ON_SCREEN = ("figures", "waits", "refusals_by_reason", "offices", "by_organisation_type", "policies")


@command("report", example="public/")
def report(
    folder: Annotated[
        Path | None, typer.Argument(help="Write pages, tables (CSV), charts (SVG) and JSON into FOLDER/report.")
    ] = None,
    findings: Annotated[
        bool, typer.Option("--findings", help="For officers: every group that stands out, for a review. Not public.")
    ] = False,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Show the public report: where cases stand, waits, refusals, offices, policies, fairness.

    Small counts are withheld: what is shown is what the public may have. With FOLDER it is also written there, for
    any web server.
    """
    code = chosen_election(election)
    gathered = gather(code, now=moment_of(code, as_of))
    if findings:
        _show_findings(gathered, as_json=as_json)
        return
    made = report_of(gathered)
    written = folder / REPORT_FOLDER if folder else None
    if written:
        write_report(made, gathered.context, written)
    if as_json:
        show_json(made.model_dump(mode="json"))
    else:
        show_report(made, gathered)
        if written:
            console.print(f"Written: {written / 'report.html'}", highlight=False)


def show_report(made: Report, gathered: Gathered) -> None:
    """Print the tables that fit a terminal; the others are in the pages and in the JSON."""
    sheets = Sheets(made, "en", names_of(gathered.context))
    for sheet in sheets.all():
        if sheet.name in _ON_SCREEN and (sheet.lines or sheet.name == "policies"):
            show_table(sheet.title, _rows(sheet), empty=sheets.said["no_policies"], spare=sheet.told[3:-2])
    console.print(sheets.said["withheld_text"], style="dim", highlight=False)
    console.print(sheets.said["fairness_text"].format(compared=made.compared, reviews=made.reviews), highlight=False)
    differences = [
        {
            "group": sheets.name(difference.dimension, difference.group),
            "question": sheets.said[difference.question.value],
            "odds": difference.odds,
        }
        for difference in made.differences
    ]
    show_table("Differences", differences, empty=sheets.said["no_differences"])


def _rows(sheet: Sheet) -> list[dict[str, Any]]:
    return [dict(zip(sheet.told, line, strict=True)) for line in sheet.lines]


def _show_findings(gathered: Gathered, *, as_json: bool) -> None:
    found = [_finding(review_of(gathered, contrast)) for contrast in reviews(gathered)]
    if as_json:
        show_json(found)
        return
    rows = [{name: value for name, value in finding.items() if name != "cases"} for finding in found]
    show_table("For officers of other offices to look into; it proves nothing", rows, empty="nothing stands out")
    for finding in found:
        console.print(f"Read for {finding['finding']}: {', '.join(finding['cases'])}", highlight=False)
    console.print(
        "An officer whom this table does not exclude opens the review: accredit fairness open FINDING. "
        "A group differs from the others in its papers, its days and much that no table knows. Read the files before "
        "you say anything. Do not publish this table: it tells small counts.",
        highlight=False,
    )


def _finding(review: Review) -> dict[str, Any]:
    contrast = review.contrast
    return {
        "finding": finding_of(contrast),
        "files": contrast.files,
        "odds": f"{contrast.odds:.1f} ({contrast.low:.1f}-{contrast.high:.1f})",
        "p": f"{contrast.p:.2g}",
        "verdict": contrast.verdict.value.replace("_", " "),
        "not for officers of": ", ".join(review.decided_by),
        "cases": review.cases,
    }
