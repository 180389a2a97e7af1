"""``accredit keys rotate-master``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from domain.numbers import number_of
from flows.cli.options import console
from flows.cli.registry import command
from flows.storage.personal_keys import rotate_master


@command("keys rotate-master", example="--new-key /run/secrets/next-master-key")
def rotate(
    new_key: Annotated[
        Path | None,
        typer.Option("--new-key", help="The file with the new key, where it does not lie in the home folder."),
    ] = None,
) -> None:
    """Bring the keys of people's data under a new master key; the old one then opens nothing of this installation.

    Stop the engine and the desk before, and start them after: what still runs with the old key writes nothing. Cut
    off in the middle, give the command again.
    """
    count = rotate_master(new_key)
    said = (
        f"{number_of(count, 'keys are')} under the new master key."
        if count
        else "They were under the new master key already."
    )
    console.print(said, highlight=False)
    if new_key:
        console.print("Put it where ACCREDIT_MASTER_KEY or the command takes it from, before anything is started.")
    console.print("Copy personal-keys.db and the new master key now, each to its place, and destroy the older copies.")
