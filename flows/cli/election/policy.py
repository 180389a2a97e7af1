"""``accredit policy load|list|show|touches``: bans, caps, fees and gates as dated records."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from domain.application.application import case_number
from domain.numbers import number_of
from flows.cli.officer_options import perhaps_by_officer
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, moment
from flows.election.policies import draft_policies, load_policies, policies_table, touched_files
from flows.statements.acceptance import ActingOfficer

Which = Annotated[str, typer.Argument(metavar="POLICY", help="Id, or id:version, such as CAP-ORG-07:2.")]


@command("policy load", example="policies.yaml --officer OFF-1")
@perhaps_by_officer("To load them: your officer code.")
def load(
    by: ActingOfficer,
    file: Annotated[Path, typer.Argument(help="YAML: a list of policies, as in a profile; a change is a new version.")],
    as_json: Json = False,
) -> None:
    """Load new policies or new versions. Without --officer it is only shown which files they would touch.

    Two administrators give the same command; with the second every organisation gets a letter. Loading them again
    changes nothing.
    """
    proposed, touched = load_policies(file, by) if by.officer else (True, draft_policies(file, by.election, now=by.now))
    if as_json:
        show_json({case: [file.model_dump(mode="json") for file in files] for case, files in touched.items()})
        return
    rows = [{"policy": one, **Counter(file.touch.value for file in files)} for one, files in touched.items()]
    signed = "a second administrator gives the same command" if by.officer else "the same with --officer CODE"
    told = f"nothing is changed yet: {signed}" if proposed else "letters are queued"
    show_table(f"New versions, with the files they touch; {told}", rows, empty="nothing new")


@command("policy list", example="--as-of 2027-03-01")
def list_policies(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show every version of every policy, and which is in force on that day."""
    rows = policies_table(chosen_election(election), now=moment(as_of))
    show_json(rows) if as_json else show_table(
        "Policies", rows, empty="none: the same test and time limit for everybody"
    )


@command("policy show", example="CAP-ORG-07")
def show(policy: Which, election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show a policy's text, authority, ground, dates and whom it covers."""
    found, files = touched_files(chosen_election(election), policy, now=moment(as_of))
    if as_json:
        show_json(found.model_dump(mode="json") | {"open_files": len(files)})
        return
    console.print(f"[bold]{found.citation}[/bold] ({found.kind}): {found.text}", highlight=False)
    console.print(f"{found.authority}; {found.ground}. From {found.in_force_from or found.published_on or 'always'}"
                  f" to {found.in_force_to or 'further notice'}; "
                  f"it touches {number_of(len(files), 'files')}.")  # fmt: skip


@command("policy touches", example="CAP-ORG-07 --json")
def touches(policy: Which, election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """List the files that a policy touches: covered, released, uncertain where it does not say, or looked at again."""
    found, files = touched_files(chosen_election(election), policy, now=moment(as_of))
    if as_json:
        show_json([file.model_dump(mode="json") for file in files])
        return
    show_table(f"{found.citation} touches {number_of(len(files), 'files')}", [
        {"case": case_number(file.application_id), "organisation": file.organisation, "touch": file.touch.value}
        for file in files
    ])  # fmt: skip
