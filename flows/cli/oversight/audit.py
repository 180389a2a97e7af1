"""``accredit audit``: whether what was recorded is whole, here and for outsiders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from domain.oversight.log.proof import Proof
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, moment
from flows.decisions.case_file import find_application
from flows.issuance.log import proof_of, take_checkpoint
from flows.oversight.chains import BOOKS
from flows.oversight.exports import (
    check_record,
    export_proof,
    export_record,
    growth_faults,
    proof_faults,
    read_proof,
)
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


@command("audit checkpoint")
def audit_checkpoint(
    after_restore: Annotated[
        bool, typer.Option("--after-restore", help="A backup was restored; who keeps checkpoints has been told.")
    ] = False,
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Take everything recorded up into the log, and print its newest checkpoint, signed.

    Give it to others: whoever keeps one can show later that nothing before it was changed. accredit publish writes
    it, too, with the whole log.
    """
    chosen = chosen_election(election)
    console.print(take_checkpoint(chosen, now=moment(as_of), after_restore=after_restore), end="", soft_wrap=True)


@command("audit prove", example="2L7R-Y5HI-AJMJ proof.json")
def audit_prove(
    case: Annotated[str, typer.Argument(help="Id, case number or serial.")],
    file: Annotated[Path, typer.Argument(help="Where the proof is written.")],
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Write the proof that everything recorded of a case is in the log, for the person or their lawyer.

    They check it without the commission: accredit audit check PROOF CHECKPOINT --key KEY.
    """
    chosen = chosen_election(election)
    proof = proof_of(chosen, find_application(chosen, case), now=moment(as_of))
    export_proof(proof, file)
    console.print(f"{file}: {len(proof.entries)} events, in the log of {proof.election}.", highlight=False)
    console.print(f"Key of the log: {proof.key}", highlight=False, soft_wrap=True)


@command("audit consistent", example="checkpoint-monday checkpoint-friday --log public/log")
def audit_consistent(
    old: Annotated[Path, typer.Argument(help="A checkpoint that was kept.")],
    new: Annotated[Path, typer.Argument(help="A later one.")],
    log: Annotated[Path, typer.Option("--log", help="The published folder of the log.")],
    key: Annotated[str, typer.Option("--key", help="The log's key; by default the one in the folder.")] = "",
) -> None:
    """Check without a database that the log only grew from one checkpoint to the other. Exit code 1: it did not."""
    faults = [*growth_faults(old, new, log, key=key)]
    for fault in faults:
        console.print(f"[red]does not hold:[/red] {fault}", highlight=False)
    if faults:
        raise typer.Exit(1)
    console.print("[green]Nothing between the two was changed, removed or moved.[/green]")


@command("audit check", example="record.json")
def audit_check(
    file: Annotated[Path, typer.Argument(help="A file made by accredit audit export, or by accredit audit prove.")],
    checkpoint: Annotated[Path | None, typer.Argument(help="For a proof: a checkpoint from elsewhere.")] = None,
    key: Annotated[str, typer.Option("--key", help="For a proof: the log's key, as it was published.")] = "",
    as_json: Json = False,
) -> None:
    """Verify an exported record, or a proof, with public keys alone, without a database. Exit code 1: it does not hold.

    Officers compare the ids of their keys with their own; the head is compared with one that was noted elsewhere.
    """
    if (proof := read_proof(file)) is not None:
        _tell_proof(proof, key, checkpoint)
        return
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


def _tell_proof(proof: Proof, key: str, checkpoint: Path | None) -> None:
    faults = [*proof_faults(proof, key, checkpoint)]
    for fault in faults:
        console.print(f"[red]does not hold:[/red] {fault}", highlight=False)
    if faults:
        raise typer.Exit(1)
    show_table("In the log", [
        {"entry": entry.position, "at (UTC)": f"{entry.event.at:%Y-%m-%d %H:%M}", "event": entry.event.kind}
        for entry in proof.entries
    ])  # fmt: skip
    console.print("[green]Every one of these events is in the log that the checkpoint seals.[/green]")
    if not key:
        console.print(f"Compare this key with the published one, or give that with --key: {proof.key}", soft_wrap=True)
