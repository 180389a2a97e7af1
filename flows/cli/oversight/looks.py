"""``accredit look|looks``: a person's file for an officer or auditor who signs for the look, and who looked at what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.decisions.findings import evidence_line
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election
from flows.decisions.case_file import describe, find_application
from flows.decisions.looks import look, write_files
from flows.decisions.openings import looks_table
from flows.decisions.review import CaseView, note_lines
from flows.statements.acceptance import ActingOfficer


@command("look", example="ABCD-EFGH-IJKL --ground 'Audit 2027/3' --officer OFF-AUDIT-1")
@by_officer
def look_at(
    by: ActingOfficer,
    case: Annotated[str, typer.Argument(metavar="CASE", help="Id, case number or serial.")],
    ground: Annotated[str, typer.Option("--ground", help="File number of the audit, or why. No name: kept for good.")],
    files: Annotated[
        Path | None, typer.Option("--files", help="Folder for the photograph and the page of the document.")
    ] = None,
) -> None:
    """Show a person's whole file. Shows personal data: the look is signed, and on record before anything is shown.

    For auditors, who decide nothing, and for officers. Others whom the person resembles are named by case number only.
    """
    view = look(find_application(by.election, case), by, ground=ground)
    _show(view)
    for path in write_files(view, files) if files else ():
        console.print(f"Written, for your eyes only: {path}", highlight=False, markup=False)


def _show(view: CaseView) -> None:
    application = view.application
    console.print(f"Case {application.case_number}, {application.organisation}, {application.status}", highlight=False)
    for name, said in view.person.items():
        console.print(f"{name}: {said}", highlight=False, markup=False)
    for found in view.evidence:
        console.print(f"{evidence_line(found)} {found.other}", highlight=False, markup=False)
    for line in note_lines(view):
        console.print(line, highlight=False, markup=False)
    show_table("History", [
        {"when (UTC)": f"{event.at:%Y-%m-%d %H:%M}", "what": event.kind.replace("_", " "), "by": str(event.actor),
         "details": describe(event)} for event in view.history
    ])  # fmt: skip


@command("looks", example="ABCD-EFGH-IJKL --json")
def looks(
    case: Annotated[str | None, typer.Argument(metavar="[CASE]", help="One case; left out: every case.")] = None,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Show who looked at a person's file: when, at what, why. Exit code 2: somebody changed the record."""
    del as_of
    code = chosen_election(election)
    rows = looks_table(code, find_application(code, case) if case else None)
    show_json(rows) if as_json else show_table("Looks at files", rows, empty="none")
