"""The command that writes the form organisations fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from db.store import open_reader
from flows.cli.options import Election, console
from flows.cli.registry import command
from flows.context import chosen_election, database
from flows.intake.workbooks.template import languages_of
from flows.intake.workbooks.template import template as written


@command("template", example="--language fr")
def template(
    election: Election = None,
    language: Annotated[
        list[str] | None,
        typer.Option("--language", "-l", help="Two-letter code; repeatable. Default: the languages of the profile."),
    ] = None,
    folder: Annotated[Path, typer.Option("--folder", help="Where the workbooks are written.")] = Path(),
) -> None:
    """Write the workbook that organisations fill in: drop-downs, notes and an example, one for each language."""
    code = chosen_election(election)
    with open_reader(database()) as store:
        profile = store.elections.profile(code)
    for chosen_language in language or languages_of(profile):
        content = written(profile, chosen_language)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"nominations-{code.lower()}-{chosen_language}.xlsx"
        path.write_bytes(content)
        console.print(str(path), soft_wrap=True, highlight=False)
