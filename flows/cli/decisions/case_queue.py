"""``accredit queue``: the cases that wait for officers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import typer

from domain.decisions.competence import Priority
from domain.numbers import number_of
from flows.cli.decisions.findings import rule_meant, rules_in_words
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, in_utc, moment
from flows.vetting.case_queue import QueueFilter, Row, queue_table

_NEXT: Final = "accredit show CASE, then accredit decide; or accredit review --officer CODE goes through them"


@command("queue", example="--officer OFF-1 --priority late")
def queue(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    officer: Annotated[
        str | None, typer.Option("--officer", help="Code of the officer whose cases come first.")
    ] = None,
    own: Annotated[bool, typer.Option("--own", help="With --officer: only that officer's cases.")] = False,
    free: Annotated[bool, typer.Option("--free", help="Leave out the cases that somebody has claimed.")] = False,
    organisation: Annotated[
        str | None, typer.Option("--organisation", "-o", help="Only cases of this organisation.")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="Only of this region (placed there, or wished for first).")
    ] = None,
    office: Annotated[str | None, typer.Option("--office", help="Only of the regions that this office serves.")] = None,
    finding: Annotated[
        str | None, typer.Option("--finding", help="Only with this finding, such as 'under age'.")
    ] = None,
    priority: Annotated[Priority | None, typer.Option("--priority", help="Only these.")] = None,
    due_by: Annotated[
        datetime | None,
        typer.Option("--due-by", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="Only cases that are due by then (UTC)."),
    ] = None,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """List the cases that wait for officers, most urgent first; the same table is the artifact queue in Prefect."""
    wanted = QueueFilter(
        officer=officer, own=own, free=free, organisation=organisation, region=region, office=office,
        priority=priority, finding=rule_meant(finding) if finding else None, due_by=in_utc(due_by) if due_by else None,
    )  # fmt: skip
    rows = queue_table(chosen_election(election), now=moment(as_of), wanted=wanted)
    if as_json:
        show_json(rows)
        return
    title, spare = f"{number_of(len(rows), 'cases wait')} for officers", ("yours", "region", "office", "priority")
    show_table(title, [_shown(row) for row in rows], empty="nothing to do", spare=spare)
    if rows:
        console.print(f"Next: {_NEXT}.", highlight=False)


def _shown(row: Row) -> Row:
    """Return what of a row stands on the screen, with short headings: a table of 80 columns has room for five."""
    return {
        "case": row["case"],
        "from": row["organisation"],
        "region": row["region"],
        "findings": rules_in_words(str(row["findings"])),
        "due (UTC)": row["due (UTC)"],
        "state": "; ".join(str(row[name]) for name in ("proposal", "with") if row[name]),
    } | {name: row.get(name, "") for name in ("priority", "office", "yours")}
