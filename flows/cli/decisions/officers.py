"""``accredit officer list|propose|confirm|recuse|acts``: what happens to officers themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from domain.statements.officer_acts import StaffAct
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election
from flows.decisions import officer_acts
from flows.desk.address import Address
from flows.desk.enrolling import new_link, settle, waiting_key
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer
from flows.statements.proposals import proposal_rows

What = Annotated[StaffAct, typer.Argument(metavar="ACT", help="enrol, suspend, reinstate, serve or lift_recusal.")]
Whom = Annotated[str, typer.Argument(metavar="OFFICER", help="Code of the officer it is about.")]
About = Annotated[
    str, typer.Option("--about", help="Of a recusal: the organisation or case. Of serve: OF-01,ORG-07 or every.")
]


Ground = Annotated[str, typer.Option("--ground", help="Why: the act or resolution. The second may add another.")]


@command("officer propose", example="serve OFF-7 --about OF-01,ORG-07 --officer OFF-1")
@by_officer
def propose(
    by: ActingOfficer,
    act: What,
    whom: Whom,
    about: About = "",
    ground: Ground = "",
    link: Annotated[bool, typer.Option("--link", help="To enrol: print a one-time link for the new key.")] = False,
) -> None:
    """Propose an act about another officer; nothing changes until a second officer confirms it.

    With a link the officer makes the key on a device of their own, and reads its number to the second officer, who
    confirms it at the desk or with --number.
    """
    wanted = officer_acts.Act(act=act, officer=whom, detail=about, ground=ground)
    officer_acts.propose(wanted, by)
    if link and act is StaffAct.ENROL:
        found = new_link(Address.of(settings()), by.election, whom, by=by.officer)
        console.print(f"Proposed. For {whom}, once: {found}", soft_wrap=True, highlight=False, markup=False)
        return
    told = f"accredit officer confirm {act} {whom}" + (f" --about {about}" if about else "")
    console.print(f"Proposed. Another officer confirms it: {told}", highlight=False)


@command("officer confirm", example="enrol OFF-7 --officer OFF-2 --folder /media/stick")
@by_officer
def confirm(  # noqa: PLR0913, PLR0917 -- options of a command
    by: ActingOfficer,
    act: What,
    whom: Whom,
    about: About = "",
    ground: Ground = "",
    folder: Annotated[Path | None, typer.Option("--folder", help="To enrol: where the key is written.")] = None,
    number: Annotated[str, typer.Option("--number", help="To enrol by link: the number that was read aloud.")] = "",
) -> None:
    """Confirm an act as the second officer; it takes effect. A new enrolment makes the old key void."""
    wanted = officer_acts.Act(act=act, officer=whom, detail=about, ground=ground)
    key = waiting_key(by.election, whom, number=number) if number and act is StaffAct.ENROL else None
    done = officer_acts.confirm(wanted, by, folder=folder, key=key)
    if act is StaffAct.ENROL:
        settle(by.election, whom)
    console.print(done, highlight=False)


@command("officer recuse", example="ORG-07 --officer OFF-1")
@by_officer
def recuse(
    by: ActingOfficer,
    about: Annotated[
        str, typer.Argument(metavar="ORGANISATION|CASE", help="Organisation or case that you recuse yourself from.")
    ],
) -> None:
    """Recuse yourself from an organisation or a case. Two others can lift this: propose lift_recusal, then confirm."""
    act = officer_acts.Act(act=StaffAct.RECUSE, officer=by.officer, detail=about)
    officer_acts.recuse(act, by)
    console.print(f"{by.officer} is recused from {about}.", highlight=False)


@command("officer list")
def listed(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """List the officers, their proofs, and what they are barred from."""
    del as_of
    rows = officer_acts.staff_table(chosen_election(election))
    show_json(rows) if as_json else show_table("Officers", rows)


@command("officer proposals", example="--json")
def proposals(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show what waits for a second administrator: acts about officers, rules, and the election, with their grounds."""
    del as_of
    rows = proposal_rows(chosen_election(election))
    show_json(rows) if as_json else show_table("Waits for a second administrator", rows, empty="nothing")


@command("officer acts", example="--json")
def acts(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show every signed act about officers. Exit code 2: somebody changed the record."""
    del as_of
    rows = officer_acts.acts_table(chosen_election(election))
    show_json(rows) if as_json else show_table("Acts about officers", rows, empty="none")
