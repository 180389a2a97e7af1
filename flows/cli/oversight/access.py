"""``accredit access``: whoever asks what is held about them is told everything, in time, once it is sure who asks."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.application.application import case_number
from domain.errors import BadInputError
from domain.oversight.access import IdentityCheck
from flows.cli.officer_options import perhaps_by_officer
from flows.cli.options import Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import in_utc
from flows.decisions.case_file import find_application
from flows.oversight.access import answer_request, note_request
from flows.oversight.answers import require_free, written_answer
from flows.oversight.requests import requests_table
from flows.statements.acceptance import ActingOfficer


@command("access", example="ABCD-EFGH-IJKL --out answer.pdf --identity document --officer OFF-1")
@perhaps_by_officer("Your officer code.")
def access(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    case: Annotated[str | None, typer.Argument(metavar="[CASE]", help="Case number, id or serial of who asks.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The PDF; the data file is written beside it.")] = None,
    identity: Annotated[
        IdentityCheck | None, typer.Option("--identity", help="How it was made sure that it is the person who asks.")
    ] = None,
    ground: Annotated[str, typer.Option("--ground", help="File number of the request; no name.")] = "",
    arrived_at: Annotated[
        datetime | None,
        typer.Option("--arrived-at", formats=["%Y-%m-%dT%H:%M"], help="Without --out: when the request arrived (UTC)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Note that a person asks what is held about them, or answer with everything. Without a case: every request.

    Without --out the request is noted and its clock runs. With --out and --identity the answer is written as pages in
    the person's language and as data with all files; others are masked. The officer signs for the identity check.
    Corrections that the person asks for are made with accredit application correct.
    """
    if case is None:
        rows = requests_table(by.election, now=by.now)
        show_json(rows) if as_json else show_table("Requests for access", rows, empty="none")
        return
    by = by.on_arrival(arrived_at and in_utc(arrived_at))
    known = find_application(by.election, case)
    if out is None:
        asked = note_request(known, by, ground=ground)
        due = f"; answer until {asked.due_at:%Y-%m-%d %H:%M} UTC" if asked.due_at else ""
        console.print(f"Noted{due}: accredit access {case_number(known)} --out FILE", highlight=False)
        return
    if identity is None:
        raise BadInputError("--identity", "is missing.", remedy="Make sure who asks: document, address or authority.")
    require_free(out)
    for path in written_answer(answer_request(known, by, identity, ground=ground), out):
        console.print(f"Written, for the person only: {path}", highlight=False, markup=False)
