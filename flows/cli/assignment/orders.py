"""Commands by which officers forbid or reserve a region for somebody, before a plan is drafted."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from domain.errors import BadInputError
from flows.assignment.orders import PlacementOrder, order_placement, order_rows
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, OneCase, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election
from flows.decisions.case_file import find_application
from flows.statements.acceptance import ActingOfficer

Region = Annotated[str, typer.Argument(metavar="REGION", help="The region's code.")]


@command("plan exclude", example="ABCD-EFGH-IJKL VD-03 --because declared_conflict --officer OFF-1")
@by_officer
def exclude(
    by: ActingOfficer,
    application: OneCase,
    region: Region,
    because: Annotated[
        str, typer.Option("--because", help="Rule that explanations cite, such as declared_conflict.")
    ] = "officers_order",
) -> None:
    """Forbid REGION to somebody; no later plan places them there, whatever the need."""
    _order(_wanted("exclude", region, because), application, by)


@command("plan pin", example="ABCD-EFGH-IJKL VD-03 --officer OFF-1 --key off-1.pem")
@by_officer
def pin(
    by: ActingOfficer,
    application: OneCase,
    region: Region,
) -> None:
    """Reserve a place in REGION for somebody; where a hard rule forbids it, plans give them no place and say why."""
    _order(_wanted("pin", region), application, by)


@command("plan lift", example="ABCD-EFGH-IJKL VD-03 --officer OFF-1 --key off-1.pem")
@by_officer
def lift(
    by: ActingOfficer,
    application: OneCase,
    region: Region,
) -> None:
    """Lift the order about somebody and REGION, an exclusion or a reservation."""
    _order(_wanted("lift", region), application, by)


def _wanted(order: Literal["exclude", "pin", "lift"], region: str, because: str = "officers_order") -> PlacementOrder:
    try:
        return PlacementOrder(order=order, region=region.upper(), rule=because)
    except ValueError as error:
        problem = "names no region, or no rule such as declared_conflict."
        raise BadInputError("order", problem, remedy="Regions are listed in geography.yaml.") from error


def _order(wanted: PlacementOrder, application: str, by: ActingOfficer) -> None:
    changed = order_placement(find_application(by.election, application), wanted, by)
    console.print("Ordered; the next plan obeys. See: accredit plan draft" if changed else "It stood so already.")


@command("plan orders", example="--json")
def orders(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """List the orders in force: who may not, or must, be placed where."""
    del as_of
    rows = order_rows(chosen_election(election))
    show_json(rows) if as_json else show_table("Orders in force", rows, empty="none")
