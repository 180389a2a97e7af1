"""``accredit show|history``: one case as a whole, and all that happened to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer
from rich.padding import Padding
from rich.text import Text

from domain.application.events import Event
from domain.application.reasons import MEANING
from domain.credentials.ledger import WHY_VOID
from domain.credentials.states import Cause
from domain.errors import UnknownThingError
from flows.cli.decisions.findings import rule_in_words
from flows.cli.options import AsOf, Election, Json, OneCase, console, show_json, show_table
from flows.cli.registry import command
from flows.cli.vetting.hits import show_hit
from flows.context import chosen_election, moment
from flows.decisions.case_file import CaseFile, case_file, find_application, find_cases
from flows.decisions.openings import account, record_opening


@command("show", example="ABCD-EFGH-IJKL")
def show(application: OneCase, election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show a case: its status, the findings, the time limit that runs, and what comes next."""
    file = _file(application, election, now=moment(as_of))
    case = file.application
    if as_json:
        show_json(file.model_dump(mode="json", exclude={"history"}) | {"next": file.next_step})
        return
    console.print(f"[bold]Case {case.case_number}[/bold] ({case.id})\n{case.status}, {case.organisation}, {case.role}")
    if case.due_at:
        console.print(f"Time limit: {case.due_at:%Y-%m-%d %H:%M} UTC")
    console.print(f"[bold]Next:[/bold] {file.next_step}")
    if case.region or case.serial:
        console.print(f"Region {case.region or 'at large'}, office {case.office or '—'}, serial {case.serial or '—'}")
    for pledge in file.pledges[-1:]:
        console.print(
            f"Pledge {pledge.version} ({pledge.language}) accepted on {pledge.accepted_on}, text {pledge.sha256[:16]}…"
        )
    show_table("Findings", [
        {"code": finding.code.value, "finding": rule_in_words(finding.rule), "meaning": MEANING[finding.code],
         "fields": ", ".join(finding.fields).replace("_", " "), "about": finding.about} for finding in file.findings
    ], empty="none")  # fmt: skip
    for hit in file.hits:
        show_hit(hit)
    show_table(
        "Letters", [{"letter": k, "state": s, "when (UTC)": f"{at:%Y-%m-%d %H:%M}"} for k, s, at in file.letters]
    )


@command("find", example="LINDENGARD")
def find(
    words: Annotated[
        str,
        typer.Argument(metavar="WORDS", help="Name, document, e-mail, serial or case number; asked for when left out."),
    ] = "",
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Find cases by what is known of somebody, also with a slip; nobody's name is shown. Exit code 2: there is none.

    Left out, the words are asked for unseen: names and numbers should not stay in the shell's history.
    """
    del as_of
    typed = words or str(typer.prompt("Name, document, e-mail, serial or case number", hide_input=True))
    found = find_cases(chosen_election(election), typed)
    if not found:
        raise UnknownThingError("case", "that these words name")
    rows = [
        {
            "case": case.case_number,
            "organisation": case.organisation,
            "status": case.status.value,
            "serial": case.serial or "",
        }
        for case in found
    ]
    if as_json:
        show_json(rows)
        return
    show_table("Cases found", rows)
    console.print("Next: accredit show CASE", highlight=False)


@command("history", example="ABCD-EFGH-IJKL")
def history(application: OneCase, election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show everything that happened to a case: when, why and by whom. The facts of decisions may be personal."""
    del as_of
    file = _file(application, election)
    if as_json:
        show_json([event.model_dump(mode="json") for event in file.history])
        return
    if any(made.facts for made in file.decisions):
        record_opening(file.application.election, account(), "facts", file.application.id)
    console.print(f"[bold]Case {file.application.case_number}[/bold], times in UTC")
    for event in file.history:
        what = event.kind.replace("_", " ")
        console.print(f"{event.at:%Y-%m-%d %H:%M:%S}  {what}, by {event.actor}", highlight=False, markup=False)
        for line in _why(file, event):
            console.print(Padding(Text(line), (0, 0, 0, 4)))


def _why(file: CaseFile, event: Event) -> Iterator[str]:
    """Yield what an event says beyond its name: its details, then its reasons and facts in words."""
    if details := file.details(event):
        yield details
    if cause := getattr(event, "cause", None):
        yield WHY_VOID[Cause(cause)]
    for code in getattr(event, "reasons", ()):
        yield f"{code}: {MEANING[code]}"
    decision_id = getattr(event, "decision_id", None)
    yield from (f"Facts: {made.facts}" for made in file.decisions if made.id == decision_id and made.facts)


def _file(key: str, election: str | None, *, now: datetime | None = None) -> CaseFile:
    return case_file(find_application(chosen_election(election), key), now=now)
