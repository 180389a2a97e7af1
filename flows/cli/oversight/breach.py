"""``accredit breach``: whose data lay in a stolen part, what must be written to whom, and by when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.application.held_classes import MEANS
from domain.numbers import number_of
from domain.oversight.breach import Breach, StolenPart
from flows.cli.officer_options import perhaps_by_officer
from flows.cli.options import Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import in_utc
from flows.decisions.openings import account
from flows.oversight.breaches import breach_of, breach_table, write_drafts
from flows.oversight.told_breaches import breaches_table, note_report, queue_letters
from flows.statements.acceptance import ActingOfficer


@command("breach", example="database keys --drafts breach-2027-03-12")
@perhaps_by_officer("Your officer code.")
def breach(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    parts: Annotated[list[StolenPart], typer.Argument(metavar="PART...", help="What was stolen; several at once.")],
    office: Annotated[str | None, typer.Option("--office", help="Of a roster: whose list it is.")] = None,
    known_at: Annotated[
        datetime | None,
        typer.Option("--known-at", formats=["%Y-%m-%dT%H:%M"], help="Since when it is known (UTC); left out: now."),
    ] = None,
    facts: Annotated[str, typer.Option("--facts", help="What happened, for the report; name no person.")] = "",
    drafts: Annotated[Path | None, typer.Option("--drafts", help="Folder for a copy of each letter, to read.")] = None,
    queue: Annotated[bool, typer.Option("--queue", help="Sign for the letters, and queue them.")] = False,
    as_json: Json = False,
) -> None:
    """Say whose data lay in a stolen part, which letters must be written, and by when. Without --queue nothing is sent.

    Parts: database, keys, mailbox, roster, files, published, folders, backup. With --drafts each letter is written to a
    folder, in the language of whom it goes to. With --queue an officer signs, and accredit deliver sends them; the
    report's clock runs until accredit breaches notes it. Rehearse it before you need it.
    """
    found = breach_of(by.election, parts, known_at=in_utc(known_at) if known_at else by.now, office=office)
    found = found.revised(facts=facts)
    written = write_drafts(found, drafts, by=account()) if drafts else []
    queued = queue_letters(found, by) if queue else None
    if as_json:
        show_json(found.model_dump(mode="json") | {
            "breach": found.mark, "can_be_read": found.can_be_read, "classes": found.classes,
            "measures": found.measures, "queued": queued,
        })  # fmt: skip
        return
    _show(found)
    if written:
        files = number_of(len(written), "files")
        console.print(f"{files}, for your eyes only: {drafts}", highlight=False, markup=False)
    if queued is not None:
        _show_queued(found, queued)


def _show_queued(found: Breach, queued: int) -> None:
    told = f"{number_of(queued, 'letters')} queued: accredit deliver" if queued else "Its letters were queued before."
    console.print(f"{told}\nThen: accredit breaches {found.mark} --ground FILE", highlight=False, markup=False)


def _show(found: Breach) -> None:
    senders = number_of(len(found.organisations), "organisations")
    whose = f"{number_of(len(found.people), 'people')}, contact persons of {senders}"
    console.print(f"[bold]Whose data:[/bold] {whose if found.must_be_told else 'nobody’s'}.", highlight=False)
    for held_class in found.classes if found.must_be_told else ():
        console.print(f"  {MEANS[held_class]}", highlight=False)
    if found.must_be_told and not found.can_be_read:
        console.print("It is encrypted. Were keys or passwords taken, too? Then add: keys", highlight=False)
    show_table("What must be written", breach_table(found), empty="nothing")
    console.print("[bold]First:[/bold]")
    for measure in found.measures:
        console.print(f"  {measure}", highlight=False)


@command("breaches", example="20270310T0800-database+keys --ground 'File 2027/31' --officer OFF-1")
@perhaps_by_officer("Your officer code.")
def breaches(
    by: ActingOfficer,
    mark: Annotated[str | None, typer.Argument(metavar="[BREACH]", help="The breach that was reported.")] = None,
    ground: Annotated[str, typer.Option("--ground", help="File number of the report; no name.")] = "",
    reported_at: Annotated[
        datetime | None,
        typer.Option("--reported-at", formats=["%Y-%m-%dT%H:%M"], help="When it was (UTC); left out: now."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List every breach whose letters were queued, with its clock; or note that the authority has the report of one."""
    if mark is None:
        rows = breaches_table(by.election, now=by.now)
        show_json(rows) if as_json else show_table("Breaches", rows, empty="none")
        return
    noted = note_report(mark, replace(by, now=in_utc(reported_at)) if reported_at else by, ground=ground)
    console.print(f"Reported {noted.reported_at:%Y-%m-%d %H:%M} UTC, {noted.ground}.", highlight=False, markup=False)
