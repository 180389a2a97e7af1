"""Commands about the lists and summaries that were sent: who says that theirs arrived."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from domain.assignment.acknowledgements import Recipient
from flows.assignment.acknowledgements import record_acknowledgement
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, moment
from flows.oversight.open_work import list_rows
from flows.statements.acceptance import ActingOfficer


@command("office lists", example="--late")
def lists(
    late: Annotated[bool, typer.Option("--late", help="Only those whose time is over.")] = False,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """List the last list or summary that each office, commission and administration was sent, and who acknowledged."""
    rows = list_rows(chosen_election(election), now=moment(as_of), late=late)
    show_json(rows) if as_json else show_table("Lists and summaries", rows, empty="none")


@command("office acknowledge", example="administration VD-03 2 --way reply --officer OFF-1 --key off-1.pem")
@by_officer
def acknowledge(
    by: ActingOfficer,
    recipient: Annotated[
        Recipient, typer.Argument(metavar="RECIPIENT", help="office, commission, administration, stock.")
    ],
    code: Annotated[str, typer.Argument(metavar="CODE", help="Of the office; of the region for the other two.")],
    version: Annotated[int, typer.Argument(metavar="VERSION", help="The version that they say they have.")],
    way: Annotated[Literal["reply", "paper"], typer.Option("--way", help="Their reply, or a signed paper.")] = "reply",
) -> None:
    """Record that somebody has a list or summary, as they replied or signed. The link in their letter needs nobody."""
    done = record_acknowledgement(recipient, code.upper(), version, by, way=way)
    console.print("Recorded." if done else "It was acknowledged already.")
