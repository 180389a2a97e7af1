"""``accredit retention``: what has outlived its time is shown, proposed, confirmed by a second officer, and wiped."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.officer_options import perhaps_by_officer
from flows.cli.options import Json, console, counted, show_json, show_table
from flows.cli.registry import command
from flows.oversight.retention import confirm, propose, retention_table
from flows.statements.acceptance import ActingOfficer


@command("retention", example="--officer OFF-1")
@perhaps_by_officer("Your officer code. Without it: a preview.")
def retention(
    by: ActingOfficer,
    second: Annotated[bool, typer.Option("--confirm", help="Confirm as the second officer, and wipe.")] = False,
    as_json: Json = False,
) -> None:
    """End the classes of personal data whose time is over. This cannot be undone.

    The profile says how long each class is kept, and on which ground. Data of cases that are not closed stays. Copies
    in the Maildir, the drop folder, uploads, downloads and returned rows go too. accredit erase --list has each end.
    """
    if not by.officer:
        rows = retention_table(by.election, now=by.now)
        show_json(rows) if as_json else show_table("Classes of data", rows)
        return
    if not second:
        due = [held_class.value for held_class in propose(by)]
        told = f"Proposed: {', '.join(due)}. Nothing is wiped yet. A second officer repeats it with --confirm."
        show_json({"proposed": due}) if as_json else console.print(told, highlight=False)
        return
    counts = confirm(by)
    stays = [row for row in retention_table(by.election, now=by.now) if row["stays because"]]
    if as_json:
        show_json({"wiped": counts, "stays": stays})
        return
    console.print(f"[green]Wiped:[/green] {counted(counts)}.", highlight=False)
    show_table("What stays, and why", stays, empty="nothing")
