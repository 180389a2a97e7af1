"""Commands about single cases: the queue, decisions, histories, credentials, the audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.application.reasons import ReasonCode
from domain.decisions.rulings import Outcome, Ruling
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, console, named, show_json, show_results, show_table
from flows.cli.registry import command
from flows.context import chosen_election, in_utc
from flows.decisions.case_file import find_application
from flows.decisions.casework import confirm_extent, find_notes
from flows.decisions.rulings import decide_applications
from flows.oversight.chains import BOOKS
from flows.oversight.exports import check_record, export_record
from flows.oversight.overview import audit
from flows.statements.acceptance import ActingOfficer

Key = Annotated[str, typer.Argument(metavar="APPLICATION", help="Id, case number or serial.")]


@command("decide", example="ABCD-EFGH-IJKL --outcome refuse --reason R04 --facts … --officer OFF-1")
@by_officer
def decide(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    applications: Annotated[
        list[str], typer.Argument(metavar="APPLICATION...", help="Ids or case numbers; @FILE: one on each line.")
    ],
    outcome: Annotated[Outcome, typer.Option("--outcome", help="To refuse takes two: refuse, then confirm.")],
    reason: Annotated[list[ReasonCode] | None, typer.Option("--reason", help="Reason code; repeatable.")] = None,
    facts: Annotated[str, typer.Option("--facts", help="The facts, as the letter shall state them.")] = "",
    until: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"], help="End of a deferral.")
    ] = None,
    note: Annotated[list[str] | None, typer.Option("--note", help="A note with the facts, CASE/NUMBER.")] = None,
    number: Annotated[int | None, typer.Option("--number", help="How many cases: needed for very many.")] = None,
    arrived_at: Annotated[
        datetime | None,
        typer.Option("--arrived-at", formats=["%Y-%m-%dT%H:%M"], help="Of an appeal: when it arrived (UTC)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Decide cases, signed with your key. Exit code 0: all applied; 1: some were skipped, each with the reason."""
    by = replace(by, now=in_utc(arrived_at)) if arrived_at else by
    ids = [find_application(by.election, one) for one in named(applications)]
    confirm_extent(ids, by.election, confirmed=number)
    ruling = Ruling(
        outcome=outcome, reasons=tuple(reason or ()), until=in_utc(until) if until else None, facts=facts,
        notes=find_notes(by.election, note or ()),
    )  # fmt: skip
    results = decide_applications(ids, ruling, by)
    show_results("Decision", results, as_json=as_json)


@command("audit verify")
def audit_verify(
    since: Annotated[str, typer.Option("--since", help="A head noted earlier: the record must go on from it.")] = "",
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Recompute every chain, replay every history, verify every signature and compare; name the first broken link.

    Note the head, or send it to somebody, each day: with --since it shows whether an old state was restored.
    Exit code 1: something does not agree.
    """
    del as_of
    found = audit(chosen_election(election), since=since)
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        console.print(f"{found.applications:,} applications, {found.events:,} events, root {found.root}")
        console.print(f"head {found.head}", highlight=False, soft_wrap=True)
        for case in found.broken:
            console.print(f"[red]does not agree with its history:[/red] {case}")
        for link in found.links:
            console.print(f"[red]does not add up:[/red] {link}", highlight=False)
        if found.is_whole:
            console.print(
                f"[green]Every history is whole and adds up to what is stored; so do {', '.join(BOOKS)}.[/green]"
            )
    if not found.is_whole:
        raise typer.Exit(1)


@command("audit export", example="record.json")
def audit_export(
    file: Annotated[Path, typer.Argument(help="Where the record is written, as JSON.")],
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Write the record of signed acts, with the histories, for outsiders: ids, codes and signatures; nobody's data."""
    del as_of
    entries = export_record(chosen_election(election), file)
    console.print(f"{file}: {entries:,} entries. Anybody checks it with: accredit audit check {file}", highlight=False)


@command("audit check", example="record.json")
def audit_check(
    file: Annotated[Path, typer.Argument(help="A file made by accredit audit export.")], as_json: Json = False
) -> None:
    """Verify an exported record with public keys alone, without a database. Exit code 1: something does not hold.

    Officers compare the ids of their keys with their own; the head is compared with one that was noted elsewhere.
    """
    found = check_record(file)
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        console.print(f"{found.election}: {found.entries:,} entries, {found.cases:,} cases, root {found.root}")
        console.print(f"head {found.head}", highlight=False, soft_wrap=True)
        show_table("Keys that count at the end", [
            {"officer": code, "key": key} for code, keys in found.keys.items() for key in keys
        ])  # fmt: skip
        for fault in found.faults:
            console.print(f"[red]does not hold:[/red] {fault}", highlight=False)
        if not found.faults:
            console.print("[green]Every signature holds, and every officer's act is one that was signed.[/green]")
    if found.faults:
        raise typer.Exit(1)
