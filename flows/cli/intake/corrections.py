"""Commands about what organisations have to mend: corrections workbooks, reminders, and cases whose time is over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from domain.errors import BadInputError
from domain.numbers import number_of
from flows.cli.next_steps import show_next
from flows.cli.officer_options import perhaps_by_officer
from flows.cli.options import AsOf, Election, Json, console, show_json, show_results, show_table
from flows.cli.registry import command
from flows.context import chosen_election, elections_in_turn, moment
from flows.decisions.rulings import decide_applications
from flows.intake.mending.cures import late_table, to_confirm, to_propose
from flows.intake.mending.overdue import overdue_cases, overdue_table
from flows.oversight.open_work import list_rows
from flows.statements.acceptance import ActingOfficer


@command("corrections", example="ORG-07 --out corrections-ORG-07.xlsx")
def corrections(
    organisation: Annotated[str, typer.Argument(metavar="ORG", help="Code of the organisation.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write the workbook (XLSX, mode 0600).")],
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Write the workbook of an organisation's rows to mend, as it goes with the letter; exit code 2: there are none.

    accredit intake takes in the filled-in workbook, as XLSX or CSV: its first column identifies each row.
    """
    from flows.intake.mending.corrections import write_workbook

    write_workbook(out, chosen_election(election), organisation, now=moment(as_of))
    console.print(f"Written to {out}; it holds personal data.", highlight=False)


_DUE: Final = {
    "digests": "overviews for officers",
    "drawn anew": "badges drawn anew",
    "taken over": "people taken over by another office",
    "rosters": "new lists for offices",
}
"""What was due, in words; what is not here is called as it is."""


@command("remind", example="--as-of 2027-03-08")
def remind(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Queue the reminders that are due, each once: at half of the time to mend, and one day before its end."""
    from flows.oversight.reminders import remind as reminded

    for code in elections_in_turn(election):
        counts = dict(reminded(code, now=moment(as_of)))
        if as_json:
            show_json({"election": code, "reminders": counts})
        else:
            told = ", ".join(number_of(count, _DUE.get(kind, kind)) for kind, count in counts.items() if count)
            console.print(f"Queued now: {told or 'nothing'}.")
            show_next(code)


@command("overdue", example="--refuse --number 12 --officer OFF-1")
@perhaps_by_officer("Your officer code.")
def overdue(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    organisation: Annotated[str, typer.Option("--organisation", "-o", help="Only this organisation's.")] = "",
    refuse: Annotated[bool, typer.Option("--refuse", help="Propose to refuse all of them (R02).")] = False,
    confirm: Annotated[bool, typer.Option("--confirm", help="Confirm what another officer proposed.")] = False,
    facts: Annotated[str, typer.Option("--facts", help="The facts, as the letters shall state them.")] = "",
    number: Annotated[int | None, typer.Option("--number", help="How many cases you mean: needed to decide.")] = None,
    as_json: Json = False,
) -> None:
    """List the cases whose time to mend is over; with --refuse or --confirm decide them together.

    Late corrections stand below them, and lists that nobody acknowledged in time.
    To refuse takes two officers: one proposes with --refuse, another, different one confirms with --confirm.
    """
    chosen, now = by.election, by.now
    if refuse or confirm:
        _decide(by, organisation, confirm=confirm, facts=facts, number=number, as_json=as_json)
        return
    rows = overdue_table(overdue_cases(chosen, now=now, organisation=organisation), now=now)
    late, lists = late_table(chosen), list_rows(chosen, now=now, late=True)
    if as_json:
        show_json({"election": chosen, "overdue": rows, "late_corrections": late, "lists": lists})
        return
    shown = [{name: cell for name, cell in row.items() if name != "application"} for row in rows]
    if shown:
        show_table("Cases that are past their time to mend", shown)
    else:
        console.print("No case is past its time to mend.")
    if late:
        show_table("Corrections that came after their time was over", late)
    if lists:
        show_table("Lists and summaries that nobody acknowledged: accredit office acknowledge", lists)
    show_next(chosen, *_to_decide(len(rows), sum(bool(row["proposal"]) for row in rows)))


def _to_decide(overdue: int, proposed: int) -> list[str]:
    """Return the commands that refuse what is overdue: one officer proposes, another confirms."""
    steps = [("refuse", overdue - proposed), ("confirm", proposed)]
    return [f"accredit overdue --{step} --number {count} --officer CODE" for step, count in steps if count]


def _decide(by: ActingOfficer, organisation: str, *, confirm: bool, **given: Any) -> None:
    officer = by.officer
    if not officer:
        raise BadInputError("--officer", "is missing.", remedy="Say who decides.")
    found = overdue_cases(by.election, now=by.now, organisation=organisation)
    ids, ruling = to_confirm(found, officer) if confirm else to_propose(found, facts=given["facts"])
    if (
        confirm
        and not ids
        and any(application.proposal and application.proposal.by == officer for application in found)
    ):
        raise BadInputError(officer, "proposed these refusals.", remedy="Let another officer confirm them.")
    if not ids:
        console.print("Nothing to decide.")
        return
    if given["number"] != len(ids):
        remedy = f"Look at them with accredit overdue, then say --number {len(ids)}."
        raise BadInputError("--number", f"such cases: {len(ids)}.", remedy=remedy)
    results = decide_applications(ids, ruling, by)
    show_results("Decision", results, as_json=given["as_json"])
    if not given["as_json"]:
        show_next(by.election)
