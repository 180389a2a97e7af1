"""Commands about notices of regions: asking people, and recording what they answered."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from domain.errors import BadInputError
from domain.numbers import number_of
from flows.assignment.consents import ask_now, consent_rows, record_answers
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, elections_in_turn, moment
from flows.decisions.case_file import find_application
from flows.statements.acceptance import ActingOfficer


@command("consent list", example="--json")
def list_consents(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """List who was asked about a notice and has not accepted it, or is placed where nobody asked them."""
    rows = consent_rows(chosen_election(election), now=moment(as_of))
    show_json(rows) if as_json else show_table("Notices not accepted", rows, empty="nobody")


@command("consent ask")
def ask(election: Election = None, as_of: AsOf = None) -> None:
    """Ask everybody whom a notice in force concerns and nobody asked yet. The run reminders does it every hour."""
    count = sum(ask_now(code, now=moment(as_of)) for code in elections_in_turn(election))
    console.print(
        f"{number_of(count, 'letters are')} queued. See: accredit consent list" if count else "Everybody was asked."
    )


@command("consent record", example="ABCD-EFGH-IJKL --notice SEC-1:2 --way paper --officer OFF-1 --key off-1.pem")
@by_officer
def record(
    by: ActingOfficer,
    applications: Annotated[
        list[str], typer.Argument(metavar="APPLICATION...", help="Ids, case numbers or serials of who answered.")
    ],
    notice: Annotated[str, typer.Option("--notice", help="The notice and its version, such as SEC-1:2.")],
    way: Annotated[
        Literal["paper", "reply"], typer.Option("--way", help="Signed paper, or the person's own reply to the letter.")
    ],
    declined: Annotated[bool, typer.Option("--declined", help="They do not accept it.")] = False,
) -> None:
    """Record what people answered themselves about a notice. What an organisation says for them is no answer."""
    wanted = notice.strip().upper()
    if ":" not in wanted:
        raise BadInputError("--notice", "names no version.", remedy="Give it as in the letter: SEC-1:2")
    ids = [find_application(by.election, application) for application in applications]
    done = record_answers(ids, wanted, by, accepted=not declined, way=way)
    console.print(f"{len(done)} recorded." if done else "It stood so already.")
