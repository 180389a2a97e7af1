"""``accredit organisation import`` and ``accredit officer import``: spreadsheets, read as nominations are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from domain.numbers import number_of
from flows.cli.officer_options import perhaps_by_officer
from flows.cli.options import Json, console, show_json, show_table
from flows.cli.registry import command
from flows.election.registers import (
    Imported,
    import_officers,
    import_organisations,
    try_officers,
    try_organisations,
)
from flows.statements.acceptance import ActingOfficer

Files = Annotated[list[Path], typer.Argument(help="CSV, XLSX or ODS files; headings in any language of the form.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing, show the report.")]


@command("organisation import", example="organisations.xlsx --officer OFF-1")
@perhaps_by_officer("Your officer code; without --dry-run it is needed.")
def organisations(
    by: ActingOfficer,
    files: Files,
    dry_run: Dry = False,
    as_json: Json = False,
) -> None:
    """Enter the organisations of a spreadsheet as having applied; each gets its receipt. A second time changes nothing.

    One that is loaded otherwise is not changed. Exit code 4: rows were left out; the report says why.
    """
    signs = _signs(by, dry_run=dry_run)
    tried = [import_organisations(path, by) if signs else try_organisations(path, by.election) for path in files]
    _show(tried, "Next: accredit organisation admit CODE --officer CODE", as_json=as_json)


@command("officer import", example="officers.xlsx --officer OFF-ADMIN-1")
@perhaps_by_officer("Your officer code; without --dry-run it is needed.")
def officers(
    by: ActingOfficer,
    files: Files,
    ground: Annotated[str, typer.Option("--ground", help="Why: the act or resolution that appoints them.")] = "",
    dry_run: Dry = False,
    as_json: Json = False,
) -> None:
    """Propose the new officers of a spreadsheet; a second administrator gives the same command, and they are officers.

    Their keys are enrolled by two, as always. Officers that are there stay as they are.
    """
    signs = _signs(by, dry_run=dry_run)
    tried = [import_officers(path, by, ground=ground) if signs else try_officers(path, by.election) for path in files]
    _show(tried, "Next: accredit officer propose enrol CODE --officer CODE", as_json=as_json)


def _signs(by: ActingOfficer, *, dry_run: bool) -> bool:
    """Whether an officer acts; nobody signs a dry run."""
    if not dry_run and not by.officer:
        raise typer.BadParameter("Missing option '--officer'; or look first with --dry-run.")
    return not dry_run


def _show(tried: list[Imported], following: str, *, as_json: bool) -> None:
    if as_json:
        show_json([_said(imported) for imported in tried])
    for imported in [] if as_json else tried:
        for taken in ("recognised", "ignored", "notes"):
            if told := getattr(imported.read, taken):
                lines = [f"{name} → {column}" for name, column in told.items()] if taken == "recognised" else told
                console.print(f"{imported.read.file}: {_WORDS[taken]}{', '.join(lines)}", highlight=False, markup=False)
        wrong = number_of(len(imported.problems), "problems")
        counts = f"{len(imported.new)} new, {len(imported.unchanged)} there already, {wrong}"
        problems = [problem.model_dump() for problem in imported.problems]
        show_table(f"{imported.read.file}: {counts}", problems, empty="nothing to mend")
        console.print(_outcome(imported, following), highlight=False)
    if any(imported.problems for imported in tried):
        raise typer.Exit(4)


_WORDS = {"recognised": "", "ignored": "not read: ", "notes": ""}


def _outcome(imported: Imported, following: str) -> str:
    if not imported.done:
        return "This was a dry run: nothing was written."
    if imported.proposed:
        return "Proposed, and nothing is changed yet. A second administrator gives the same command."
    return f"Entered: {', '.join(imported.new)}. {following}" if imported.new else "There was nothing new."


def _said(imported: Imported) -> dict[str, Any]:
    """Return the documented JSON: codes and what is to be mended, nothing that cells hold of people."""
    return {
        "file": imported.read.file,
        "recognised": dict(imported.read.recognised),
        "ignored": list(imported.read.ignored),
        "notes": list(imported.read.notes),
        "new": list(imported.new),
        "unchanged": list(imported.unchanged),
        "problems": [problem.model_dump() for problem in imported.problems],
        "proposed": imported.proposed,
        "done": imported.done,
    }
