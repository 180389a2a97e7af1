"""``accredit decide``: officers' rulings on cases, signed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from db.store import open_reader
from domain.application.reasons import ReasonCode
from domain.decisions.rulings import Outcome, Ruling
from domain.errors import BadInputError
from domain.values import UtcTime
from flows.cli.decisions.findings import WHY_OVER, rule_in_words
from flows.cli.next_steps import show_next
from flows.cli.officer_options import by_officer
from flows.cli.options import Json, console, named, show_results
from flows.cli.registry import command
from flows.context import database, in_utc, zone_of
from flows.decisions.case_file import find_application
from flows.decisions.casework import confirm_extent, find_notes
from flows.decisions.review import parse_until
from flows.decisions.rulings import decide_applications
from flows.decisions.setting_aside import require_officer, require_why, unanswered
from flows.statements.acceptance import ActingOfficer


@command("decide", example="ABCD-EFGH-IJKL --outcome refuse --reason R04 --facts … --officer OFF-1")
@by_officer
def decide(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    applications: Annotated[
        list[str], typer.Argument(metavar="APPLICATION...", help="Ids or case numbers; @FILE: one on each line.")
    ],
    outcome: Annotated[Outcome, typer.Option("--outcome", help="To refuse takes two: refuse, then confirm.")],
    reason: Annotated[list[ReasonCode] | None, typer.Option("--reason", help="Reason code; repeatable.")] = None,
    facts: Annotated[str, typer.Option("--facts", help="The facts, as the letter shall state them.")] = "",
    until: Annotated[
        str, typer.Option("--until", help="End of a deferral: a day to its end, or a time (UTC), as 2027-03-12T17:00.")
    ] = "",
    note: Annotated[list[str] | None, typer.Option("--note", help="A note with the facts, CASE/NUMBER.")] = None,
    number: Annotated[int | None, typer.Option("--number", help="How many cases: needed for very many.")] = None,
    arrived_at: Annotated[
        datetime | None,
        typer.Option("--arrived-at", formats=["%Y-%m-%dT%H:%M"], help="Of an appeal: when it arrived (UTC)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Decide cases, signed with your key. Exit code 0: all applied; 1: some were skipped, each with the reason."""
    if arrived_at and outcome is not Outcome.LODGE_APPEAL:
        raise BadInputError("--arrived-at", "is for an appeal that is lodged.", remedy="Leave it out.")
    require_officer(by)
    by = by.on_arrival(arrived_at and in_utc(arrived_at))
    ids = [find_application(by.election, name) for name in named(applications)]
    confirm_extent(ids, by.election, confirmed=number)
    ruling = Ruling(
        outcome=outcome, reasons=tuple(reason or ()), until=_until(until, by), facts=facts,
        notes=find_notes(by.election, note or ()),
    )  # fmt: skip
    ruling = _with_why(ids, ruling, by, asks=not as_json and sys.stdin.isatty())
    results = decide_applications(ids, ruling, by)
    show_results("Decision", results, as_json=as_json)
    if not as_json:
        show_next(by.election)


def _with_why(ids: Sequence[UUID], ruling: Ruling, by: ActingOfficer, *, asks: bool) -> Ruling:
    """Ask at a terminal why what was found is set aside, where an approval does not say it; else raise."""
    with open_reader(database()) as store:
        profile = store.elections.profile(by.election)
    open_points = unanswered(ids, ruling, profile, now=by.now)
    if open_points and asks:
        for number, rules in open_points.items():
            console.print(f"{number}: {', '.join(map(rule_in_words, rules))}", highlight=False)
        ruling = ruling.revised(facts=str(typer.prompt(WHY_OVER, default="", show_default=False)).strip())
    require_why({} if ruling.facts else open_points, how="--facts, or a note that --note names")
    return ruling


def _until(typed: str, by: ActingOfficer) -> UtcTime | None:
    if not typed:
        return None
    until = parse_until(typed, day_in=zone_of(by.election), time_in=UTC)
    if until is None:
        raise BadInputError("--until", "is no day and time.", remedy="Give it as 2027-03-12 or 2027-03-12T17:00.")
    return until
