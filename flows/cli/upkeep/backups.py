"""``accredit backup`` and ``accredit restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from domain.numbers import number_of
from flows.cli.options import Json, console, problems, show_json, show_table
from flows.cli.registry import command
from flows.settings import settings
from flows.storage.encryption import new_key
from flows.upkeep.backups import make_backup, vault
from flows.upkeep.restoring import restore
from flows.upkeep.vault import Vault

To = Annotated[str, typer.Argument(help="Folder or URL; by default ACCREDIT_BACKUP_TO.")]


@command("backup", example="/media/stick/accreditation")
def backup(
    to: To = "",
    key: Annotated[str, typer.Option("--key", help="Encrypt to this public key (age1…).")] = "",
    fresh: Annotated[
        Path | None, typer.Option("--new-key", help="Only make a pair of keys: the file to write.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Only show what backups there are.")] = False,
    as_json: Json = False,
) -> None:
    """Back the database and all files up while everything goes on, try the copy, and remove what is too old.

    The keys are in no backup: copy keys/ and engine.key to another place. Exit code 1: a file is damaged.
    """
    if fresh:
        public = new_key(fresh)
        console.print(f"Keep {fresh} away from this machine. Without it no backup is read.", highlight=False)
        typer.echo(f"ACCREDIT_BACKUP_KEY={public}")
        return
    place = vault(to)
    if listed:
        _list(place, as_json=as_json)
        return
    made = make_backup(place, key=key or settings().backup_key)
    if as_json:
        show_json(made.model_dump(mode="json"))
    else:
        sealed = "encrypted" if made.encrypted_to else "not encrypted"
        size = f"{number_of(made.database_bytes, 'bytes')} of {made.kind}, {number_of(made.files, 'files')}"
        console.print(f"Backup {made.name}: {size}, {sealed}, {made.trial}.", highlight=False)
        console.print(
            "Not in it: keys/ and engine.key, which sign; personal-keys.db and master.key, without which nobody reads "
            "it. Keep copies of both pairs apart from it, and from each other."
        )
    if made.damaged:
        problems.print(
            f"[bold]{number_of(len(made.damaged), 'files are')} damaged in the file store and not in it.[/bold]"
        )
        raise typer.Exit(1)


def _list(place: Vault, *, as_json: bool) -> None:
    manifests = place.manifests()
    if as_json:
        show_json([manifest.model_dump(mode="json") for manifest in manifests])
        return
    rows = [
        {
            "backup": manifest.name, "database": manifest.kind, "version": manifest.schema_version.partition("_")[0],
            "files": manifest.files, "encrypted": bool(manifest.encrypted_to), "tried": manifest.trial,
        }
        for manifest in manifests
    ]  # fmt: skip
    show_table("Backups", rows)


@command("restore", example="/media/stick/accreditation --backup 20270301T081500Z")
def restored(
    source: To = "",
    name: Annotated[str, typer.Option("--backup", help="Which; by default the newest.")] = "",
    key: Annotated[Path | None, typer.Option("--key", help="File with the private key, where it is encrypted.")] = None,
    files_only: Annotated[bool, typer.Option("--files-only", help="Only files that are missing or damaged.")] = False,
    as_json: Json = False,
) -> None:
    """Put a backup back. A database that is there is set aside, never overwritten; nothing may run meanwhile.

    Copy keys/ and engine.key back by hand, before or after. Exit code 1: files are missing.
    """
    done = restore(vault(source), name=name, key=key, files_only=files_only)
    if as_json:
        show_json(done.model_dump(mode="json"))
    else:
        console.print(f"Backup {done.backup}: {number_of(done.files, 'files')} brought back.", highlight=False)
        if done.set_aside:
            console.print(f"The database that was here lies in {done.set_aside}", highlight=False, soft_wrap=True)
        if done.lacks_engine_key:
            console.print(
                "[bold]engine.key is missing:[/bold] copy it into the home folder before anything is recorded."
            )
        for code, count in done.unknown.items():
            console.print(
                f"{code}: {number_of(count, 'credentials were')} given out that this state does not know.",
                highlight=False,
            )
        if done.unknown:
            console.print("Nothing is recorded until an administrator has seen them: accredit restored")
        for missing in done.missing:
            console.print(f"Missing: file {missing}", highlight=False)
    if done.missing:
        raise typer.Exit(1)
