"""Commands about stored plans: why somebody is not in a region, drafts, comparison, adoption, check."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.options import AsOf, Election, Json, console, show_json


def why(
    application: Annotated[str, typer.Argument(metavar="APPLICATION", help="Id, case number or serial.")],
    region: Annotated[str | None, typer.Argument(metavar="[REGION]", help="By default the first choice.")] = None,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Say why somebody is not in REGION: a rule, a lottery number, or who would have to move and what would be lost.

    Exact, from the stored plan. The chain names cases and is for officers; the person may be told counts and levels.
    """
    from flows.desk import chosen_election
    from flows.explaining import explain, sentences
    from flows.lookup import find_application

    del as_of
    code = chosen_election(election)
    found = explain(code, find_application(code, application), region)
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        console.print("\n".join(sentences(found)), highlight=False, markup=False)


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command(epilog="Example: accredit why ABCD-EFGH-IJKL VD-03 --json")(why)
