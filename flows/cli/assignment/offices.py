"""Commands about offices: who takes over from whom, today or on a later day."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from flows.assignment.takeovers import follow_offices, foreseen, takeover_rows
from flows.cli.options import AsOf, Election, Json, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, elections_in_turn, moment


@command("office changes", example="--on 2027-03-12")
def changes(
    on: Annotated[
        datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day to look at; left out: today.")
    ] = None,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Show whom and which printed badges another office takes over, by the offices and orders loaded; nothing moves."""
    rows = takeover_rows(foreseen(chosen_election(election), now=moment(as_of), on=on.date() if on else None))
    show_json(rows) if as_json else show_table("Offices that take over", rows, empty="none")


@command("office follow")
def follow(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Let people, lists, printed badges and letters follow who serves today. The run reminders does it every hour."""
    moved = [each for code in elections_in_turn(election) for each in follow_offices(code, now=moment(as_of))]
    rows = takeover_rows(moved)
    show_json(rows) if as_json else show_table("Taken over", rows, empty="nothing; everybody is where they belong")
