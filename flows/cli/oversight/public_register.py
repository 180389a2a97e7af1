"""``accredit register``: the public register, checked by whoever has its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from domain.numbers import number_of
from flows.cli.options import console
from flows.cli.registry import command
from flows.issuance.publication.public_register import signing_key, snapshot_faults, snapshots


@command("register verify", example="public/register")
def register_verify(
    folder: Annotated[Path, typer.Argument(help="One snapshot, or the folder that holds them all.")],
    keys: Annotated[
        Path | None, typer.Option("--keys", help="The published keys.json; by default the one beside the register.")
    ] = None,
    key: Annotated[str, typer.Option("--key", help="Id of the key that must have signed, as you know it.")] = "",
) -> None:
    """Check snapshots of the public register without a database: signature, every file, and that none is missing.

    Exit code 1: something does not hold.
    """
    held = [folder / name for name in reversed(snapshots(folder))] or [folder]
    faults = [
        (place.name, fault)
        for place in held
        for fault in snapshot_faults(place, keys or place.parent.parent / "keys.json", key_id=key)
    ]
    for name, fault in faults:
        console.print(f"[red]does not hold:[/red] {name}: {fault}", highlight=False)
    if faults:
        raise typer.Exit(1)
    console.print(f"[green]{number_of(len(held), 'snapshots hold')}: nothing was changed, and none is missing.[/green]")
    if not key:
        signers = ", ".join(dict.fromkeys(signing_key(place) for place in held))
        console.print(f"Compare the id of the key with the one you know: {signers}", highlight=False)
