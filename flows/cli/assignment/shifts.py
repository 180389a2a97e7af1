"""Commands about surge staff: who is sent to which office, for which days."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from domain.statements.officer_acts import StaffAct
from flows.assignment.shifts import shift_rows
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, moment
from flows.decisions.officer_acts import Act, propose_or_confirm
from flows.statements.acceptance import ActingOfficer

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
