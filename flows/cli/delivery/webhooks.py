"""``accredit webhook``: other systems that are told of events, tried, told again."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

import typer

from domain.letters.cloud_events import KINDS
from domain.letters.webhooks import new_secret
from domain.numbers import number_of
from flows.cli.options import AsOf, Election, Json, console, counted, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, elections_in_turn, in_utc, named_moment
from flows.delivery.webhooks.rounds import tell_everybody
from flows.delivery.webhooks.standing import receivers_table, replay, try_out

Code = Annotated[str, typer.Argument(metavar="RECEIVER", help="As the file of ACCREDIT_WEBHOOKS calls it.")]


@command("webhook list", example="--json")
def listed(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show who is told of events, what waits, what was given up. From now on events are kept for who is named."""
    del as_of
    rows = receivers_table(chosen_election(election))
    show_json(rows) if as_json else show_table("Receivers", rows, empty="none is named in ACCREDIT_WEBHOOKS")


@command("webhook test", example="planning")
def trial(code: Code, election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Send an event about nothing. Exit code 1: the receiver did not take it."""
    del as_of
    answer = asyncio.run(try_out(chosen_election(election), code))
    if as_json:
        show_json({"taken": answer.taken, "answer": answer.said})
    else:
        console.print(f"{'Taken' if answer.taken else 'Not taken'}: {answer.said}", highlight=False)
    if not answer.taken:
        raise typer.Exit(1)


@command("webhook send")
def send(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Tell everybody what is due now; the flow webhooks does it each minute."""
    for each_election in elections_in_turn(election):
        counts = asyncio.run(tell_everybody(each_election, now=named_moment(as_of)))
        show_json(counts) if as_json else console.print(f"Events: {counted(counts)}.", highlight=False)


@command("webhook replay", example="planning --since 2027-03-10T08:00")
def again(
    code: Code,
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"], help="Also what it took since then (UTC)."),
    ] = None,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Queue anew what was given up for a receiver, and tell it again where it said that it is gone. Ids stay."""
    del as_of
    queued = replay(chosen_election(election), code, since=in_utc(since) if since else None)
    show_json({"queued": queued}) if as_json else console.print(
        f"{number_of(queued, 'events wait')} for {code}.", highlight=False
    )


@command("webhook secret")
def secret() -> None:
    """Print a new secret, for a file that nobody else can read."""
    typer.echo(new_secret())


@command("webhook kinds", example="--json")
def kinds(as_json: Json = False) -> None:
    """List the kinds of events that a receiver can be told of."""
    show_json(KINDS) if as_json else typer.echo("\n".join(KINDS))
