"""``accredit audit``: whether what was recorded is whole, here and for outsiders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from domain.application.application import case_number
from domain.errors import UnavailableError
from domain.numbers import number_of
from domain.oversight.log.proof import Proof
from flows.cli.options import AsOf, Election, Json, console, counted, problems, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, moment
from flows.decisions.case_file import find_application
from flows.election.archive_files import check_archive, is_archive
from flows.issuance.publication.checkpoints import send_checkpoint, signed_and_stamped
from flows.issuance.publication.log import add_cosignature, proof_of, take_checkpoint
from flows.oversight.chains import BOOKS
from flows.oversight.exports import (
    CheckedExport,
    check_record,
    export_proof,
    export_record,
    growth_faults,
    proof_faults,
    published_key,
    published_witnesses,
    read_note,
    read_proof,
    signers,
)
from flows.oversight.overview import audit

Witnesses = Annotated[
    list[str] | None, typer.Option("--witness", help="Key of a witness whose signature is looked for; several.")
]


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
        console.print(
            f"{number_of(found.applications, 'applications')}, {number_of(found.events, 'events')}, root {found.root}"
        )
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
    console.print(
        f"{file}: {number_of(entries, 'entries')}. Anybody checks it with: accredit audit check {file}", highlight=False
    )


@command("audit checkpoint")
def audit_checkpoint(
    after_restore: Annotated[
        bool, typer.Option("--after-restore", help="A backup was restored; who keeps checkpoints has been told.")
    ] = False,
    send: Annotated[
        bool, typer.Option("--send", help="Publish it, have it stamped, and queue the letters that are due, too.")
    ] = False,
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Take everything recorded up into the log, and print its newest checkpoint, signed.

    Give it to others: whoever keeps one can show later that nothing before it was changed. accredit publish writes
    it, too, with the whole log. accredit up does what --send does each hour.
    """
    chosen, now = chosen_election(election), moment(as_of)
    console.print(take_checkpoint(chosen, now=now, after_restore=after_restore), end="", soft_wrap=True)
    if send:
        counts, failures = signed_and_stamped(chosen, now=now)
        counts["letters"] = send_checkpoint(chosen, now=now)
        problems.print(counted(+counts) or "nothing new", highlight=False)
        if failures:
            raise UnavailableError(failures[0].reason)


@command("audit cosign", example="checkpoint-from-witness")
def audit_cosign(
    file: Annotated[Path, typer.Argument(help="The checkpoint as a witness sent it back, with the witness's line.")],
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Add a witness's signature to the checkpoint that the log gave out; the witness's key stands in the profile.

    It is published with the next accredit publish. A witness signs as C2SP tlog-cosignature says, with Ed25519.
    """
    del as_of
    size, names = add_cosignature(chosen_election(election), read_note(file))
    console.print(
        f"The checkpoint of {number_of(size, 'entries')} bears the signature of {', '.join(names)}.", highlight=False
    )


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
    console.print(
        f"{file}: {number_of(len(proof.entries), 'events')}, in the log of {proof.election}.", highlight=False
    )
    console.print(f"Key of the log: {proof.key}", highlight=False, soft_wrap=True)


@command("audit consistent", example="checkpoint-monday checkpoint-friday --log public/log")
def audit_consistent(
    old: Annotated[Path, typer.Argument(help="A checkpoint that was kept.")],
    new: Annotated[Path, typer.Argument(help="A later one.")],
    log: Annotated[Path, typer.Option("--log", help="The published folder of the log.")],
    key: Annotated[str, typer.Option("--key", help="The log's key; by default the one in the folder.")] = "",
    witness: Witnesses = None,
) -> None:
    """Check without a database that the log only grew from one checkpoint to the other. Exit code 1: it did not.

    It says which witnesses signed; their keys are those in the folder unless --witness gives others.
    """
    faults = [*growth_faults(old, new, log, key=key)]
    for fault in faults:
        console.print(f"[red]does not hold:[/red] {fault}", highlight=False)
    if faults:
        raise typer.Exit(1)
    console.print("[green]Nothing between the two was changed, removed or moved.[/green]")
    for checkpoint in (old, new):
        _tell_witnesses(checkpoint, key or published_key(log), witness or published_witnesses(log))


@command("audit check", example="record.json")
def audit_check(
    file: Annotated[Path, typer.Argument(help="Made by accredit audit export, audit prove or election export.")],
    checkpoint: Annotated[Path | None, typer.Argument(help="For a proof: a checkpoint from elsewhere.")] = None,
    key: Annotated[str, typer.Option("--key", help="The log's key, as it was published.")] = "",
    witness: Witnesses = None,
    as_json: Json = False,
) -> None:
    """Verify an exported record, a proof or an archive with public keys alone. Exit code 1: it does not hold.

    No database is needed. Officers compare the ids of their keys with their own; the head is compared with one that was
    noted elsewhere. It says whose seals stand under the journals of the engine: compare that key with the one that was
    published.
    """
    if (proof := read_proof(file)) is not None:
        _tell_proof(proof, key, checkpoint)
        if checkpoint:
            _tell_witnesses(checkpoint, key or proof.key, witness or ())
        return
    if is_archive(file):
        archived = check_archive(file, key=key)
        _tell_record(archived.record.revised(faults=archived.faults), made_by=archived.key, as_json=as_json)
    else:
        _tell_record(check_record(file), as_json=as_json)


def _tell_record(found: CheckedExport, *, made_by: str = "", as_json: bool) -> None:
    if as_json:
        show_json(found.model_dump(mode="json") | ({"key": made_by} if made_by else {}))
    else:
        console.print(
            f"{found.election}: {number_of(found.entries, 'entries')}, {number_of(found.cases, 'cases')}, "
            f"root {found.root}"
        )
        console.print(f"head {found.head}", highlight=False, soft_wrap=True)
        console.print("Keys that count at the end:")
        for code, key in ((code, key) for code, keys in found.keys.items() for key in keys):
            console.print(f"  {code:<11} {key}", highlight=False, soft_wrap=True)
        for fault in found.faults:
            console.print(f"[red]does not hold:[/red] {fault}", highlight=False)
        sealed = f"sealed by the engine's key {found.sealed_by}" if found.sealed_by else "no seals of the engine"
        console.print(f"journals: {sealed}", highlight=False, soft_wrap=True)
        if made_by:
            console.print(f"archive: signed by the log's key {made_by}", highlight=False, soft_wrap=True)
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
    show_table(f"Case {case_number(proof.case)}, in the log", [
        {"entry": entry.position, "at (UTC)": f"{entry.event.at:%Y-%m-%d %H:%M}", "event": entry.event.kind}
        for entry in proof.entries
    ])  # fmt: skip
    console.print("[green]Every one of these events is in the log that the checkpoint seals.[/green]")
    if not key:
        console.print(f"Compare this key with the published one, or give that with --key: {proof.key}", soft_wrap=True)


def _tell_witnesses(checkpoint: Path, key: str, witnesses: Sequence[str]) -> None:
    names = signers(checkpoint, key, witnesses)
    if witnesses:
        told = f"signed by {', '.join(names)}, too" if names else "signed by none of the witnesses"
        console.print(f"{checkpoint}: {told}.", highlight=False)
