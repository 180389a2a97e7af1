"""``accredit erase``: two officers erase personal data; histories, counts and serials stay."""

from __future__ import annotations

from typing import Annotated

import typer

from domain.errors import BadInputError
from domain.numbers import number_of
from flows.cli.officer_options import perhaps_by_officer
from flows.cli.options import Json, console, counted, show_json, show_table
from flows.cli.registry import command
from flows.decisions.case_file import find_application
from flows.oversight import erasure
from flows.oversight.erasure import ErasurePlan, confirm, erasures_table, propose
from flows.statements.acceptance import ActingOfficer


@command("erase", example="ABCD-EFGH-IJKL --officer OFF-1 --number 1 --ground 'Request 2027/14'")
@perhaps_by_officer("Your officer code. Without it: a preview.")
def erase(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    cases: Annotated[
        list[str] | None, typer.Argument(metavar="[CASE]...", help="Case number, id or serial of each person.")
    ] = None,
    everybody: Annotated[
        bool, typer.Option("--all", help="Everybody whose case is closed, once the period in the profile is over.")
    ] = False,
    second: Annotated[bool, typer.Option("--confirm", help="Confirm as the second officer, and erase.")] = False,
    number: Annotated[
        int | None, typer.Option("--number", help="How many people are erased, as the preview says.")
    ] = None,
    ground: Annotated[
        str, typer.Option("--ground", help="File number of the request, or the rule. No name: it is kept for good.")
    ] = "",
    listed: Annotated[bool, typer.Option("--list", help="Show every erasure so far.")] = False,
    as_json: Json = False,
) -> None:
    """Erase the personal data of people: fields, photographs, documents, letters, notes. This cannot be undone.

    Events, decisions by code, serials and statistics stay, and accredit audit verify still agrees. The first officer
    proposes, a second one confirms the same cases. Copies in the Maildir, the drop folder, uploads, downloads and
    returned rows go too; printed badges, backups and the mailbox on the mail server are not reached.
    """
    if listed:
        _list(by, as_json=as_json)
        return
    plan = _plan(by, cases or [], everybody=everybody)
    if not by.officer or not plan.applications:
        _preview(plan, as_json=as_json)
        return
    _require_number(plan, number)
    told, facts = _confirmed(plan, by) if second else _proposed(plan, by, ground)
    show_json(facts) if as_json else console.print(told, highlight=False)


def _list(by: ActingOfficer, *, as_json: bool) -> None:
    rows = erasures_table(by.election)
    show_json(rows) if as_json else show_table("Erasures", rows, empty="none")


def _require_number(plan: ErasurePlan, number: int | None) -> None:
    people = len(plan.applications)
    if number != people:
        remedy = f"Repeat it with --number {people}."
        raise BadInputError("--number", f"{number_of(people, 'people')} would be erased.", remedy=remedy)


def _confirmed(plan: ErasurePlan, by: ActingOfficer) -> tuple[str, dict[str, int]]:
    counts = confirm(plan, by)
    people = len(plan.applications)
    return f"[green]Erased {number_of(people, 'people')}:[/green] {counted(counts)}.", {"erased": people, **counts}


def _proposed(plan: ErasurePlan, by: ActingOfficer, ground: str) -> tuple[str, dict[str, int]]:
    is_new = propose(plan, by, ground=ground)
    said = "Proposed" if is_new else "Proposed already"
    told = f"{said}; nothing is erased yet. A second officer repeats the command with --confirm."
    return told, {"proposed": len(plan.applications), "new": int(is_new)}


def _plan(by: ActingOfficer, cases: list[str], *, everybody: bool) -> ErasurePlan:
    if everybody == bool(cases):
        raise BadInputError("accredit erase", "needs either cases or --all.", remedy="See accredit erase --help.")
    if everybody:
        return erasure.plan_of_all(by.election, now=by.now)
    return erasure.plan_of(by.election, [find_application(by.election, case) for case in cases])


def _preview(plan: ErasurePlan, *, as_json: bool) -> None:
    left = {status.value: count for status, count in plan.open}
    if as_json:
        show_json({"to_erase": len(plan.applications), "erased_already": plan.already, "still_open": left})
        return
    console.print(f"{len(plan.applications):,} to erase, {plan.already:,} erased already.", highlight=False)
    if left:
        console.print(f"Not closed, and left as they are: {counted(left)}.", highlight=False)
    if plan.applications:
        console.print(f"Nothing was changed. To propose: --officer CODE --number {len(plan.applications)}",
                      highlight=False)  # fmt: skip
