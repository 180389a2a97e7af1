"""Commands about offices: who takes over from whom, who has their list, who of the pool is sent for which days."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import typer

from domain.assignment.acknowledgements import Recipient
from domain.statements.officer_acts import StaffAct
from flows.assignment.acknowledgements import record_acknowledgement
from flows.assignment.shifts import shift_rows
from flows.assignment.takeovers import follow_offices, foreseen, takeover_rows
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, elections_in_turn, moment
from flows.decisions.officer_acts import Act, propose_or_confirm
from flows.oversight.open_work import list_rows
from flows.statements.acceptance import ActingOfficer


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


Whom = Annotated[str, typer.Argument(metavar="OFFICER", help="Who of the central pool: their officer code.")]
Where = Annotated[str, typer.Argument(metavar="OFFICE", help="The office's code.")]
First = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")]
Last = Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="Last day.")]


@command("office shifts", example="--json")
def shifts(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """List who of the central pool is, was or will be at which office; while it is closed, at the one that acts."""
    rows = shift_rows(chosen_election(election), now=moment(as_of))
    show_json(rows) if as_json else show_table("Shifts", rows, empty="none")


@command("office shift", example="POOL-01 OF-03 --from 2027-03-10 --until 2027-03-14 --officer OFF-1 --key off-1.pem")
@by_officer
def shift(by: ActingOfficer, whom: Whom, office: Where, first: First, last: Last) -> None:
    """Send somebody of the central pool to an office. Two administrators give the same command; the second counts."""
    _act(StaffAct.SHIFT, whom, f"{office.upper()} {first:%Y-%m-%d} {last:%Y-%m-%d}", by)


@command("office end-shift", example="POOL-01 OF-03 --from 2027-03-10 --officer OFF-1 --key off-1.pem")
@by_officer
def end_shift(by: ActingOfficer, whom: Whom, office: Where, first: First) -> None:
    """End a shift now, or call it off. Two administrators give the same command; the second counts."""
    _act(StaffAct.END_SHIFT, whom, f"{office.upper()} {first:%Y-%m-%d}", by)


def _act(act: StaffAct, whom: str, detail: str, by: ActingOfficer) -> None:
    told = propose_or_confirm(Act(act=act, officer=whom.upper(), detail=detail), by)
    console.print(told, highlight=False)
