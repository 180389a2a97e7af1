"""Commands by which officers forbid or reserve a region for somebody, before a plan is drafted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from flows.cli.authority import hand_of
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command

if TYPE_CHECKING:
    from flows.assignment.orders import PlacementOrder
    from flows.statements.acceptance import Hand

Case = Annotated[str, typer.Argument(metavar="APPLICATION", help="Id, case number or serial.")]
Region = Annotated[str, typer.Argument(metavar="REGION", help="The region's code.")]
By = Annotated[str, typer.Option("--officer", help="Your officer code.")]
Key = Annotated[Path | None, typer.Option("--key", help="Your signing key (PEM).")]


@command("plan exclude", example="ABCD-EFGH-IJKL VD-03 --because declared_conflict --officer OFF-1")
def exclude(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    application: Case,
    region: Region,
    officer: By,
    because: Annotated[
        str, typer.Option("--because", help="Rule that explanations cite, such as declared_conflict.")
    ] = "officers_order",
    key: Key = None,
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Forbid REGION to somebody; no later plan places them there, whatever the need."""
    _order(_wanted("exclude", region, because), application, hand_of(officer, key), (election, as_of))


@command("plan pin", example="ABCD-EFGH-IJKL VD-03 --officer OFF-1 --key off-1.pem")
def pin(
    application: Case,
    region: Region,
    officer: By,
    key: Key = None,
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Reserve a place in REGION for somebody; where a hard rule forbids it, plans give them no place and say why."""
    _order(_wanted("pin", region), application, hand_of(officer, key), (election, as_of))


@command("plan lift", example="ABCD-EFGH-IJKL VD-03 --officer OFF-1 --key off-1.pem")
def lift(
    application: Case,
    region: Region,
    officer: By,
    key: Key = None,
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Lift the order about somebody and REGION, an exclusion or a reservation."""
    _order(_wanted("lift", region), application, hand_of(officer, key), (election, as_of))


def _wanted(order: Literal["exclude", "pin", "lift"], region: str, because: str = "officers_order") -> PlacementOrder:
    from domain.errors import BadInputError
    from flows.assignment.orders import PlacementOrder

    try:
        return PlacementOrder(order=order, region=region.upper(), rule=because)
    except ValueError as error:
        problem = "names no region, or no rule such as declared_conflict."
        raise BadInputError("order", problem, remedy="Regions are listed in geography.yaml.") from error


def _order(wanted: PlacementOrder, application: str, hand: Hand, where: tuple[Election, AsOf]) -> None:
    from flows.assignment.orders import order_placement
    from flows.context import chosen_election, moment
    from flows.decisions.case_file import find_application

    election, now = chosen_election(where[0]), moment(where[1])
    known = find_application(election, application)
    changed = order_placement(known, wanted, hand, election=election, now=now)
    console.print("Ordered; the next plan obeys. See: accredit plan draft" if changed else "It stood so already.")


@command("plan orders", example="--json")
def orders(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """List the orders in force: who may not, or must, be placed where."""
    from flows.assignment.orders import order_rows
    from flows.context import chosen_election

    del as_of
    rows = order_rows(chosen_election(election))
    show_json(rows) if as_json else show_table("Orders in force", rows, empty="none")
