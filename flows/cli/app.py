"""The command ``accredit``: every subcommand, and how errors are shown."""

from __future__ import annotations

import os
import sys

import typer

from domain.errors import AccreditationError
from flows.cli import demo, desk, stages
from flows.cli.assignment import planner, plans
from flows.cli.decisions import cases
from flows.cli.delivery import letters
from flows.cli.election import installation, policy
from flows.cli.identity import mrz
from flows.cli.intake import application, collection, corrections
from flows.cli.issuance import keys
from flows.cli.options import problems
from flows.cli.organisations import organisation
from flows.cli.oversight import erasure
from flows.cli.vetting import hits, reference_lists, screening

app = typer.Typer(
    name="accredit",
    help="Accredit foreign election observers: intake, vetting, regional assignment, keys, letters.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for module in (installation, stages, cases, hits, corrections, plans, erasure, demo, desk):
    module.register(app)
app.add_typer(mrz.app, name="mrz")
app.add_typer(collection.app, name="collect")
app.add_typer(application.app, name="application")
app.add_typer(organisation.app, name="organisation")
app.add_typer(policy.app, name="policy")
app.add_typer(planner.app, name="assignment")
app.command("screen", epilog="Example: accredit screen queries.csv --against list.csv --jsonl")(screening.screen)
app.command("duplicates", epilog="Example: accredit duplicates people.csv --jsonl")(screening.duplicates)
app.add_typer(reference_lists.app, name="reference")
app.add_typer(letters.app, name="letters")
app.add_typer(keys.keys_app, name="keys")
app.add_typer(keys.credential_app, name="credential")


def main() -> None:
    """Run the command; the text of an error goes to standard error.

    Exit codes: 0 done; 1 not done; 2 wrong input; 3 not now, try again; 4 done, but rows went back.
    """
    os.umask(0o077)  # what the engine writes is for its own user; what is published says so itself
    try:
        app()
    except AccreditationError as error:
        problems.print(str(error), style="red", highlight=False, markup=False)
        sys.exit(error.exit_code)
