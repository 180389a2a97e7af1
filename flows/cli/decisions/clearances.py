"""``accredit clearance ask|answer|list`` and ``accredit clocks``: other authorities, and time limits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from domain.decisions.casework import Answer
from domain.numbers import number_of
from domain.values import UtcTime
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, console, counted, named, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, elections_in_turn, moment
from flows.decisions import clearances
from flows.decisions import clocks as minded
from flows.decisions.case_file import find_application
from flows.oversight.requests import requests_table
from flows.oversight.told_breaches import breaches_table
from flows.statements.acceptance import ActingOfficer

Authority = Annotated[str, typer.Option("--authority", help="Short name of the authority.")]


@command("clearance ask", example="ABCD-EFGH-IJKL --authority REGISTRY --officer OFF-1")
@by_officer
def ask(
    by: ActingOfficer,
    applications: Annotated[list[str], typer.Argument(metavar="APPLICATION...", help="Ids or case numbers; or @FILE.")],
    authority: Authority,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Write the request here, for you to hand over, and send nothing.")
    ] = None,
    hours: Annotated[int, typer.Option("--hours", min=1, help="With --folder: time for the answer.")] = 48,
) -> None:
    """Ask another authority, by letter to its address in the profile, or with --folder by a file.

    It gets what the profile allows (desk.authorities), by default name, birth date and citizenships. After
    the time limit the question counts as not answered: it delays nothing, and silence is no objection.
    """
    ids = [find_application(by.election, name) for name in named(applications)]
    if folder is None:
        wanted = clearances.question_to(by.election, authority, by.officer, now=by.now)
        asked = clearances.ask_by_letter(ids, wanted, by)
        told = f"{number_of(len(ids), 'questions')} to {asked.title}; answer by {wanted.due_at:%Y-%m-%d %H:%M} UTC."
        console.print(told, highlight=False)
        return
    wanted = clearances.question(authority, by.officer, hours=hours, now=by.now)
    path = clearances.ask(ids, wanted, by, folder=folder)
    console.print(
        f"{path}: {number_of(len(ids), 'people')}; answer by {wanted.due_at:%Y-%m-%d %H:%M} UTC.", highlight=False
    )


@command("clearance answer", example="ABCD-EFGH-IJKL no_objection --authority POLICE --officer OFF-1")
@by_officer
def answer(
    by: ActingOfficer,
    application: Annotated[str, typer.Argument(metavar="APPLICATION", help="Id or case number.")],
    said: Annotated[Answer, typer.Argument(metavar="ANSWER", help="no_objection or objection.")],
    authority: Authority,
    ground: Annotated[str, typer.Option("--ground", help="The legal ground of an objection, and no more.")] = "",
) -> None:
    """Record the answer of an authority. It informs the officer who decides; it decides nothing."""
    known = find_application(by.election, application)
    noted = clearances.note_answer(known, authority, said, by, ground=ground)
    console.print(f"{noted.authority}: {noted.answer.replace('_', ' ')}", highlight=False)


@command("clearance list", example="--json")
def listed(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """List the questions and the answers."""
    del as_of
    rows = clearances.clearances_table(chosen_election(election))
    show_json(rows) if as_json else show_table("Questions to authorities", rows, empty="none")


@command("clocks", example="--json")
def clocks(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Check the time limits now: report what is late, return ended deferrals to the queue, note missing answers.

    While accredit up runs, this happens every quarter of an hour. A second run reports nothing again.
    """
    for code in elections_in_turn(election):
        _mind(code, moment(as_of), as_json=as_json)


def _mind(chosen: str, now: UtcTime, *, as_json: bool) -> None:
    counts, _ = minded.mind_clocks(chosen, now=now)
    rows = minded.clocks_table(chosen, now=now)
    asked = requests_table(chosen, now=now, waiting=True)
    stolen = breaches_table(chosen, now=now, waiting=True)
    if as_json:
        show_json({"counts": counts, "clocks": rows, "access": asked, "breaches": stolen})
        return
    shown = [{name: cell for name, cell in row.items() if name != "application"} for row in rows]
    show_table("Clocks that have run half or more", shown, empty="none")
    if asked:
        show_table("People who asked what is held about them", asked)
    if stolen:
        show_table("Breaches to report", stolen)
    console.print(counted(counts))
