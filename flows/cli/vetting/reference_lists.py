"""``accredit reference load|list|retire``: the lists that people are compared with."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.numbers import number_of
from flows.cli.options import AsOf, Election, Json, console, counted, show_json, show_table
from flows.cli.registry import command
from flows.cli.vetting.columns import Columns, said_of_columns
from flows.context import chosen_election, moment
from flows.vetting.reference_lists import (
    ListLoaded,
    load_reference,
    references_of,
    retire_reference,
    screen_again,
)

_DAY = ["%Y-%m-%d"]


@command("reference load", example="excluded.csv    (its papers in excluded.yaml beside it)")
def load(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    file: Annotated[Path, typer.Argument(help="CSV, FollowTheMoney JSON lines, or OpenSanctions targets.simple.csv.")],
    owner: Annotated[str | None, typer.Option("--owner", help="The authority that keeps it.")] = None,
    legal_basis: Annotated[
        str | None, typer.Option("--legal-basis", help="The law that allows the comparison.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="The short name that officers know it by.")] = None,
    valid_from: Annotated[datetime | None, typer.Option("--valid-from", formats=_DAY, help="First day of use.")] = None,
    valid_until: Annotated[
        datetime | None, typer.Option("--valid-until", formats=_DAY, help="Last day of use.")
    ] = None,
    column: Columns = None,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Load a list in place of its older version, and compare everybody whose case is open with it.

    Owner, legal basis and days of use stand in FILE's sheet (the same name, .yaml) or in the options; a list
    without a legal basis is not loaded. Three entries are shown, masked, as they were read: look whether each has
    all words of the name. A column that looks like a part of a name and is not understood stops the loading.
    Accredited people are compared too and stay so: an officer looks at each hit. Exit code 2: the list cannot be used.
    """
    chosen, now = chosen_election(election), moment(as_of)
    said = {"owner": owner, "legal_basis": legal_basis, "title": title, "valid_from": _day(valid_from),
            "valid_until": _day(valid_until), "columns": said_of_columns(column) if column else None}  # fmt: skip
    loaded = load_reference(file, election=chosen, now=now, said=said)
    found = screen_again(chosen, now=now)
    if as_json:
        show_json(loaded.model_dump(mode="json") | {"screened": found})
        return
    there = "loaded" if loaded.changed else "was loaded already"
    left_out = f", {loaded.unusable_entries} rows have faults" if loaded.unusable_entries else ""
    console.print(f"{loaded.code}: {number_of(loaded.entries, 'people')}, {there}{left_out}.")
    _show_reading(loaded)
    console.print(f"Compared: {counted(found)}.")


def _show_reading(loaded: ListLoaded) -> None:
    """Print of three entries, masked, what was taken as what."""
    for sample in loaded.samples:
        parts = {"name": sample.name, "born": sample.birth_date, "country": sample.country}
        said = ", ".join(f"{part} {text or '(none)'}" for part, text in parts.items())
        console.print(f"  read as: {said}", markup=False, highlight=False)
    if loaded.ignored:
        console.print(f"  not read: {', '.join(loaded.ignored)}", markup=False, highlight=False)


@command("reference list", example="--json")
def show(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show the lists of the election: owner, legal basis, days of use, version, and whether they are in use."""
    on = moment(as_of).date()
    kept = references_of(chosen_election(election))
    rows = [
        {"list": loaded.reference.list_id, "title": loaded.title, "owner": loaded.reference.owner,
         "legal basis": loaded.reference.legal_basis, "people": loaded.entries,
         "from": _written(loaded.reference.valid_from), "until": _written(loaded.reference.valid_until),
         "version": loaded.reference.version_hash[:12],
         "state": "retired" if loaded.retired_at else "in use" if loaded.is_in_force(on=on) else "out of time"}
        for loaded in kept
    ]  # fmt: skip
    show_json(rows) if as_json else show_table(number_of(len(rows), "reference lists"), rows, empty="none")


@command("reference retire", example="EXCLUDED")
def retire(
    code: Annotated[str, typer.Argument(metavar="LIST", help="As accredit reference list shows it.")],
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Delete the people of a list; the record of the list and of its hits stays. A second run does nothing."""
    gone = retire_reference(code, election=chosen_election(election), now=moment(as_of))
    console.print(f"{code}: retired, {number_of(gone, 'people')} forgotten.")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""
