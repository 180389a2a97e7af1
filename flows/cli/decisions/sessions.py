"""``accredit session call|agenda|remove|show|sign|adopt|annex``: a deciding body's sessions."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.application.reasons import ReasonCode
from domain.decisions.rulings import Outcome, Ruling
from domain.decisions.sessions import BodySession, Resolution
from domain.numbers import number_of
from flows.cli.next_steps import show_next
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, console, named, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, in_utc
from flows.decisions import sessions
from flows.decisions.case_file import find_application
from flows.decisions.casework import find_notes
from flows.statements.acceptance import ActingOfficer

Session = Annotated[str, typer.Argument(metavar="SESSION", help="Code of the session, such as 2027-03-10.")]
Cases = Annotated[list[str], typer.Argument(metavar="APPLICATION...", help="Ids or case numbers; @FILE: a line each.")]
_TIME = ["%Y-%m-%dT%H:%M", "%Y-%m-%d"]


def _said(done: str, following: str) -> None:
    console.print(f"{done}\nNext: accredit {following}.", highlight=False)


def _show_agenda(session: BodySession) -> None:
    told = f"{session.code}: {number_of(len(session.agenda), 'cases')} on the agenda."
    _said(told, f"session show {session.code} to look at it; in the session, accredit session sign {session.code} …")


@command("session call", example="2027-03-10 --at 2027-03-10T09:00")
def call(
    session: Session,
    at: Annotated[datetime, typer.Option("--at", formats=_TIME, help="When it is held (UTC).")],
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Call a session; it has an empty agenda."""
    del as_of
    sessions.call_session(session, in_utc(at), election=chosen_election(election))
    _said(f"{session} is called.", f"session agenda {session} CASE … --outcome OUTCOME, for each motion")


@command("session agenda", example="2027-03-10 @cases.txt --outcome approve")
def agenda(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    session: Session,
    applications: Cases,
    outcome: Annotated[Outcome, typer.Option("--outcome", help="What is moved.")],
    reason: Annotated[list[ReasonCode] | None, typer.Option("--reason", help="Reason code; repeatable.")] = None,
    note: Annotated[list[str] | None, typer.Option("--note", help="A note with the facts, CASE/NUMBER.")] = None,
    until: Annotated[datetime | None, typer.Option("--until", formats=_TIME, help="End of a deferral.")] = None,
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Put cases on the agenda, each with the motion on it. An earlier signature becomes void."""
    del as_of
    chosen = chosen_election(election)
    ids = [find_application(chosen, name) for name in named(applications)]
    ruling = Ruling(
        outcome=outcome, reasons=tuple(reason or ()), until=in_utc(until) if until else None,
        notes=find_notes(chosen, note or ()),
    )  # fmt: skip
    _show_agenda(sessions.put_on_agenda(session, ids, ruling, election=chosen))


@command("session remove", example="2027-03-10 ABCD-EFGH-IJKL")
def remove(session: Session, applications: Cases, election: Election = None, as_of: AsOf = None) -> None:
    """Take cases off the agenda. An earlier signature becomes void."""
    del as_of
    chosen = chosen_election(election)
    ids = [find_application(chosen, name) for name in named(applications)]
    _show_agenda(sessions.take_off_agenda(session, ids, election=chosen))


@command("session show", example="2027-03-10 --json")
def show(session: Session, election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show the agenda."""
    del as_of
    rows = sessions.session_table(session, election=chosen_election(election))
    show_json(rows) if as_json else show_table(f"Agenda of {session}", rows, empty="empty")


@command("session sign", example="2027-03-10 --resolution 114 -p OFF-1 -p OFF-2 --for 2 --officer OFF-1")
@by_officer
def sign(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    session: Session,
    resolution: Annotated[str, typer.Option("--resolution", help="Its number.")],
    present: Annotated[list[str], typer.Option("--present", "-p", help="Officer code of a member; repeatable.")],
    votes_for: Annotated[int, typer.Option("--for", help="Votes for it.")],
    votes_against: Annotated[int, typer.Option("--against", help="Votes against it.")] = 0,
    abstained: Annotated[int, typer.Option("--abstained", help="Members who abstained.")] = 0,
) -> None:
    """Sign, as the first of two members, that the session decided exactly this agenda."""
    adopted = Resolution(
        number=resolution, present=tuple(present), votes_for=votes_for, votes_against=votes_against, abstained=abstained
    )
    sessions.sign_resolution(session, adopted, by)
    _said("Signed.", f"session adopt {session} --officer CODE, by a second, different member who was present")


@command("session adopt", example="2027-03-10 --officer OFF-2")
@by_officer
def adopt(
    by: ActingOfficer,
    session: Session,
) -> None:
    """Sign as the second member: all decisions of the session come into force at once, or none."""
    results = sessions.adopt_resolution(session, by)
    console.print(f"{number_of(len(results), 'decisions are')} in force.")
    show_next(by.election, f"accredit session annex {session} FOLDER writes the annex of the resolution")


@command("session annex", example="2027-03-10 papers")
def annex(
    session: Session,
    folder: Annotated[Path, typer.Argument(help="Where the files are written.")],
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Write the annex of the resolution, as PDF and as a spreadsheet. It names cases, not people."""
    from flows.decisions.annexes import write_annex

    del as_of
    for path in write_annex(session, folder, election=chosen_election(election)):
        console.print(str(path), highlight=False)
