"""``accredit export|exports``: tables for other systems, and who took which out, when and for what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from domain.errors import BadInputError
from domain.numbers import number_of
from domain.oversight.extracts import ExtractTable, PersonalColumn
from flows.cli.officer_options import perhaps_by_officer
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election
from flows.decisions.openings import account
from flows.oversight.extracts.taking import Wanted, count, extracts_table, take, take_personal
from flows.statements.acceptance import ActingOfficer


@command("export", example="applications --to applications.csv --purpose 'Statistics office 2027-3'")
@perhaps_by_officer("Your officer code; needed for --personal.")
def export(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    table: Annotated[ExtractTable, typer.Argument(metavar="TABLE", help="applications, credentials, plan, figures.")],
    to: Annotated[Path, typer.Option("--to", help="File that is not there yet: .csv, .xlsx or .jsonl.")],
    purpose: Annotated[str, typer.Option("--purpose", help="What it is for, briefly. No name: it is kept for good.")],
    personal: Annotated[
        list[PersonalColumn] | None, typer.Option("--personal", help="A column that names people; repeatable.")
    ] = None,
    number: Annotated[
        int | None, typer.Option("--number", help="With --personal: how many people, as the preview says.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a table for another system, with its schema and its account beside it. What it is for is on record.

    Personal columns are named one by one, and a case officer signs for them: first without --number, which counts
    the people and writes nothing; then with it. Each line says who took it, when and for what. accredit exports lists
    all of them; accredit looks has each person whose data was taken.
    """
    wanted = Wanted(table=table, personal=tuple(dict.fromkeys(personal or ())), purpose=purpose.strip())
    if wanted.personal:
        _require_sense(wanted, by)
        if number is None:
            _preview(wanted, by, as_json=as_json)
            return
    taken = take_personal(wanted, by, to, number=number) if wanted.personal else take(wanted, by, to, account=account())
    if as_json:
        show_json({"files": taken.files, "rows": taken.rows, "people": taken.people, "left_out": taken.left_out})
        return
    console.print(
        f"{number_of(taken.rows, 'lines')} about {number_of(taken.people, 'people')}.{_left_out(taken.left_out)}",
        highlight=False,
    )
    for path in taken.files:
        console.print(f"Written: {path}", highlight=False, markup=False)


@command("exports", example="--json")
def exports(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show who took which table out, when and for what. Exit code 2: somebody changed the record."""
    del as_of
    rows = extracts_table(chosen_election(election))
    show_json(rows) if as_json else show_table("Taken out", rows, empty="nothing")


def _require_sense(wanted: Wanted, by: ActingOfficer) -> None:
    if wanted.table is ExtractTable.FIGURES:
        raise BadInputError("--personal", "is for tables about people.", remedy="Leave it out: figures name nobody.")
    if not by.officer:
        raise BadInputError("--officer", "is missing.", remedy="A case officer signs for personal columns.")


def _preview(wanted: Wanted, by: ActingOfficer, *, as_json: bool) -> None:
    found = count(wanted, by)
    people, columns = len(found.cases), [column.value for column in wanted.personal]
    if as_json:
        show_json({"people": people, "rows": len(found.rows), "personal": columns, "left_out": found.left_out})
        return
    console.print(
        f"{number_of(people, 'people')} with {', '.join(columns)}.{_left_out(found.left_out)}", highlight=False
    )
    console.print(f"Nothing was written. To take it: --number {people}", highlight=False)


def _left_out(cases: int) -> str:
    return f" {number_of(cases, 'cases are')} left out: you are recused, or do not serve them." if cases else ""
