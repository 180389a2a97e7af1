"""``accredit audit verify|export|check``: whether what was recorded is whole, here and for outsiders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election
from flows.oversight.chains import BOOKS
from flows.oversight.exports import check_record, export_record
from flows.oversight.overview import audit


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
