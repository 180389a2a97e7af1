"""``accredit note|claim|release|clear``: what officers do on a case besides deciding it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.officer_options import by_officer, perhaps_by_officer
from flows.cli.options import Json, OneCase, console, show_json, show_table
from flows.cli.registry import command
from flows.decisions import casework
from flows.decisions.case_file import find_application
from flows.decisions.cleared_hits import clear_hit, find_hit
from flows.statements.acceptance import ActingOfficer

Cases = Annotated[list[str], typer.Argument(metavar="APPLICATION...", help="Ids or case numbers.")]


@command("note", example="ABCD-EFGH-IJKL --text 'The register shows …' --officer OFF-1")
@perhaps_by_officer("Your officer code; needed to write.")
def note(
    by: ActingOfficer,
    application: Annotated[str, typer.Argument(metavar="APPLICATION", help="Id or case number.")],
    text: Annotated[str, typer.Option("--text", help="The facts, as a letter shall state them; or use --file.")] = "",
    file: Annotated[Path | None, typer.Option("--file", help="Read the text from here; - is standard input.")] = None,
    revise: Annotated[
        int | None, typer.Option("--revise", help="Number of the note of which this is a new version.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write down facts of a case. Without a text: show its notes. Decisions cite a note by its name, CASE/NUMBER.

    The text stays in the database. It can be erased; what cites it stays valid.
    """
    known = find_application(by.election, application)
    body = (typer.get_text_stream("stdin").read() if str(file) == "-" else file.read_text()) if file else text
    if not body.strip():
        rows = casework.notes_table(known)
        show_json(rows) if as_json else show_table("Notes", rows, empty="none")
        return
    written = casework.write_note(known, body, by, revises=revise)
    name = casework.note_name(written)
    show_json({"note": name, "id": str(written.id)}) if as_json else console.print(f"Note {name}", highlight=False)


@command("claim", example="ABCD-EFGH-IJKL --officer OFF-1")
@by_officer
def claim(
    by: ActingOfficer,
    applications: Cases,
) -> None:
    """Claim cases: the queue shows that you work on them, and other officers wait.

    A claim lapses after the minutes that the profile sets.
    """
    ids = [find_application(by.election, application) for application in applications]
    claims = casework.claim_cases(ids, by)
    until = f"{claims[0].until:%Y-%m-%d %H:%M} UTC" if claims else "no time"
    console.print(f"{len(claims)} with {by.officer} until {until}.", highlight=False)


@command("release", example="ABCD-EFGH-IJKL --officer OFF-1")
@by_officer
def release(
    by: ActingOfficer,
    applications: Cases,
) -> None:
    """Release cases that you claimed."""
    ids = [find_application(by.election, application) for application in applications]
    count = casework.release_cases(ids, by)
    console.print(f"{count} given back.")


@command("clear", example='ABCD-EFGH-IJKL EXCLUDED:EXC-0019 --reason "Born elsewhere" --officer OFF-1')
@by_officer
def clear(
    by: ActingOfficer,
    application: OneCase,
    hit: Annotated[str, typer.Argument(metavar="HIT", help="LIST:entry, or the other case, as in accredit hits.")],
    reason: Annotated[str, typer.Option("--reason", help="Why these are two people.")],
) -> None:
    """Record that a case and somebody it resembles are two people. The pair comes back only if one of them changes.

    This approves nothing: the case still waits for its decision. Exit code 2: there is no such hit.
    """
    known = find_application(by.election, application)
    cleared = clear_hit(known, find_hit(by.election, hit), reason, by)
    console.print(f"Cleared by {cleared.officer}: two people (pair {cleared.pair}).", highlight=False)
