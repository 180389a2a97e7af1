"""``accredit application new|correct|replace|withdraw``: what arrives on paper or by phone, one at a time."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from db.store import open_reader
from domain.application.actors import ArrivalWay
from domain.election.profile import ElectionProfile
from flows.cli.intake.columns import ask, cells_in, with_columns
from flows.cli.officer_options import by_officer
from flows.cli.options import Json, OneCase, console, show_json, show_table
from flows.cli.registry import command
from flows.context import database, in_utc
from flows.decisions.case_file import find_application
from flows.intake.entry import Entered, EnteredApplication, enter, problem_of
from flows.intake.entry import correct as corrected
from flows.intake.entry import replace as replaced
from flows.intake.withdrawal import withdraw as given_up
from flows.statements.acceptance import ActingOfficer

Giver = Annotated[Literal["organisation", "applicant"], typer.Option("--by", help="Who gives it up.")]
By = Annotated[ArrivalWay, typer.Option("--way", help="By which way it reached you.")]
From = Annotated[Path | None, typer.Option("--from", help="YAML or JSON file with column: value; options win over it.")]
Received = Annotated[
    datetime | None,
    typer.Option("--received-at", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"], help="When it arrived (UTC); default: now."),
]
Ask = Annotated[
    bool | None,
    typer.Option("--ask/--no-ask", help="Ask for columns that are not given; default: at a terminal, without --from."),
]


@command("application new", example="--organisation ORG-07 --from one.yaml --officer OFF-1")
@with_columns
@by_officer
def new(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    organisation: Annotated[str, typer.Option("--organisation", "-o", help="Code of the organisation that nominates.")],
    given: dict[str, str],
    from_file: From = None,
    way: By = ArrivalWay.PAPER,
    received_at: Received = None,
    ask_for: Ask = None,
    as_json: Json = False,
) -> None:
    """Record one nomination. Without --from you are asked for each column, and you see at once what cannot be read.

    The same nomination again changes nothing. Exit code 0: recorded, with what is still to be mended; 2: nothing was
    recorded.
    """
    entry = _entry(given, from_file, way, received_at, by.election, ask_for=_asks(ask_for, from_file, as_json=as_json))
    _tell(enter(organisation, entry, by), as_json=as_json)


@command("application correct", example="ABCD-EFGH-IJKL --email ava@mission.example --officer OFF-1")
@with_columns
@by_officer
def correct(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    application: OneCase,
    given: dict[str, str],
    from_file: From = None,
    way: By = ArrivalWay.PAPER,
    received_at: Received = None,
    as_json: Json = False,
) -> None:
    """Correct an application: only the columns given change; an empty value ("") empties a column.

    A running time limit may end. A value that cannot be read is refused (exit code 2). After the decision nothing
    changes: the correction is held for an officer.
    """
    entry = _entry(given, from_file, way, received_at, by.election, ask_for=False)
    _tell(corrected(find_application(by.election, application), entry, by), as_json=as_json)


@command("application replace", example="ABCD-EFGH-IJKL --from another.yaml --officer OFF-1")
@with_columns
@by_officer
def replace(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    application: OneCase,
    given: dict[str, str],
    from_file: From = None,
    way: By = ArrivalWay.PAPER,
    ask_for: Ask = None,
    as_json: Json = False,
) -> None:
    """Put another person in a nominee's place: the old file is withdrawn, the new one keeps its place in the queue.

    Both histories name each other, and both people and the focal point get a letter. The role stays unless given.
    """
    entry = _entry(given, from_file, way, None, by.election, ask_for=_asks(ask_for, from_file, as_json=as_json))
    _tell(replaced(find_application(by.election, application), entry, by), as_json=as_json)


@command("application withdraw", example="ABCD-EFGH-IJKL --by applicant --way phone --officer OFF-1")
@by_officer
def withdraw(
    by: ActingOfficer,
    application: OneCase,
    giver: Giver = "organisation",
    way: By = ArrivalWay.PAPER,
    as_json: Json = False,
) -> None:
    """Record that an application is given up, by its organisation or by the person; both get a letter.

    A credential is void from then on. Exit code 1: the application has already ended.
    """
    gone = given_up(find_application(by.election, application), giver, way, by)
    if as_json:
        show_json({"application_id": str(gone.id), "case_number": gone.case_number, "status": gone.status.value})
        return
    console.print(f"{gone.case_number} is withdrawn; the letters are queued.")


def _asks(said: bool | None, from_file: Path | None, *, as_json: bool) -> bool:
    return said if said is not None else sys.stdin.isatty() and from_file is None and not as_json


def _entry(
    given: Mapping[str, str],
    from_file: Path | None,
    way: ArrivalWay,
    received_at: datetime | None,
    election: str,
    *,
    ask_for: bool,
) -> EnteredApplication:
    cells = {**(cells_in(from_file) if from_file else {}), **given}
    if ask_for:
        profile = _profile(election)
        cells = ask(cells, profile.required_fields, lambda column, text: problem_of(column, text, profile))
    return EnteredApplication(cells, way, in_utc(received_at) if received_at else None)


def _profile(election: str) -> ElectionProfile:
    with open_reader(database()) as store:
        return store.elections.profile(election)


def _tell(entered: Entered, *, as_json: bool) -> None:
    if as_json:
        show_json(entered.model_dump(mode="json"))
        return
    console.print(f"[bold]{entered.case_number}[/bold]: {entered.outcome}; it is {entered.status} now.")
    if entered.outcome == "held" and entered.status != "held":
        console.print(
            "The case is decided, and nothing was changed: only e-mail, phone and the language of letters can be."
        )
        console.print("What stands on a badge is corrected with accredit credential correct.")
    show_table("To be mended", [point.model_dump() for point in entered.open_points], empty="nothing")
