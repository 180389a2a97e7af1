"""``accredit desk``: the officers' desk alone, and the links with which the first officers enrol their devices."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.election.installation import settle
from flows.cli.options import AsOf, Election, console
from flows.cli.registry import command
from flows.context import chosen_election
from flows.desk.address import Address
from flows.desk.enrolling import links_by_command
from flows.desk.serving import require_free, serve
from flows.settings import prepare_home, settings


@command("desk serve")
def desk(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Another port than ACCREDIT_DESK_PORT.")
    ] = None,
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Start the desk alone, without Prefect; Ctrl-C ends it."""
    if context.invoked_subcommand:
        return
    settle(election, as_of)
    prepare_home()
    address = Address.of(settings(), port=port)
    require_free(address)
    console.print(f"The officers' desk: [bold]{address.origin}[/bold]  (Ctrl-C ends it)", highlight=False)
    serve(address)


@command("desk link", example="OFF-ADMIN-1")
def link(
    officers: Annotated[
        list[str] | None, typer.Argument(metavar="[OFFICER...]", help="By default, in a rehearsal: every officer.")
    ] = None,
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Print one-time links with which officers enrol a passkey: of the first two, or in a rehearsal of anybody.

    All further officers are enrolled by two administrators at the desk.
    """
    settle(election, as_of)
    address = Address.of(settings())
    for officer, found in links_by_command(address, chosen_election(election), officers or []):
        console.print(f"{officer}: {found}", soft_wrap=True, highlight=False, markup=False)
