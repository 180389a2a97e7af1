"""``accredit election move|calendar|write``: another election day, and every calendar that the election had."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from domain.election.deadlines import Deadline
from domain.election.moving import Move, Movement, deadlines_of
from domain.election.profile import ElectionProfile
from domain.errors import BadInputError, UnknownThingError
from flows.cli.officer_options import perhaps_by_officer
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election
from flows.election.files import write_rules
from flows.election.move_drafts import MoveDraft, Touched, calendar_versions, draft_move
from flows.election.moving import MoveOutcome, move_election
from flows.statements.acceptance import ActingOfficer

_NAMED: Final = 6
DAY_FORMATS: Final = ["%Y-%m-%d"]

Day = Annotated[datetime, typer.Argument(metavar="DAY", formats=DAY_FORMATS, help="The new day, such as 2027-04-25.")]


@command("election move", example='2027-04-25 --ground "Decree 12/2027" --officer OFF-ADMIN-1')
@perhaps_by_officer("To sign: your officer code.")
def move(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    by: ActingOfficer,
    day: Day,
    ground: Annotated[
        str, typer.Option("--ground", help="The act or resolution that moves it; the second signs the first one's.")
    ] = "",
    published: Annotated[
        list[str] | None,
        typer.Option("--published", metavar="NAME=DAY", help="A deadline as published anew; repeatable."),
    ] = None,
    mend_until: Annotated[
        datetime | None,
        typer.Option("--mend-until", formats=["%Y-%m-%dT%H:%M"], help="Where the ground ends times to mend: UTC."),
    ] = None,
    title: Annotated[str, typer.Option("--title", help="The election's title, where it names the day.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Name every case, not only the first.")] = False,
    as_json: Json = False,
) -> None:
    """Move election day, and everything that counts from it. Without --officer it is only shown what would move.

    Two administrators sign it, one after the other, with the same words. The second signature moves rules, clocks and
    letters in one act; then credentials that do not fit are drawn anew. Run again, it goes on where it was cut off.
    """
    until = mend_until.replace(tzinfo=UTC) if mend_until else None
    wanted = Move(
        day=day.date(), ground=ground, published=published_days(published or ()), mend_until=until, title=title
    )
    if not by.officer:
        draft = draft_move(by.election, wanted, now=by.now)
        show_json(draft.model_dump(mode="json")) if as_json else _show(draft, every=every)
        return
    done = move_election(wanted, by)
    show_json(done.model_dump(mode="json")) if as_json else _tell(done)


def published_days(published: Sequence[str]) -> dict[str, date]:
    """Return deadlines typed as NAME=DAY by their keys; raises :class:`BadInputError`."""
    try:
        pairs = [pair.split("=", 1) for pair in published]
        return {name.removeprefix("calendar."): date.fromisoformat(day) for name, day in pairs}
    except ValueError:
        raise BadInputError("--published", "is not NAME=DAY.", remedy="Write: persons_close=2027-04-20") from None


def _show(draft: MoveDraft, *, every: bool) -> None:
    show_table("What moves", [movement_row(movement) for movement in draft.movements], spare=("note",))
    show_table("Whom it touches", [_touched(touched, every=every) for touched in draft.touched])
    console.print("Nothing is changed. Two administrators sign it: the same command with --officer CODE --key FILE")


def movement_row(movement: Movement) -> dict[str, str]:
    """Return what moves as a row of a table."""
    return {"what": f"{movement.subject} {movement.what}" if movement.subject != "election" else movement.what,
            "so far": movement.before, "then": movement.after, "note": movement.note}  # fmt: skip


def _touched(touched: Touched, *, every: bool) -> dict[str, str | int]:
    named = touched.which if every else touched.which[:_NAMED]
    more = f" and {touched.count - len(named)} more" if len(named) < touched.count else ""
    return {"what": touched.what, "count": touched.count, "which": ", ".join(named) + more}


def _tell(done: MoveOutcome) -> None:
    if done.proposed:
        console.print(f"Proposed, and nothing is changed yet: election day {done.day}.", highlight=False)
        console.print("A second administrator signs the same: the same command with --officer CODE --key FILE")
        return
    now = "is already" if done.was_there else "is now"
    console.print(
        f"Election day {now} {done.day}: {done.letters} letters, {done.replaced} credentials drawn anew.",
        highlight=False,
    )
    console.print("Next: accredit deliver sends the letters; accredit election write FOLDER writes the files anew.")


@command("election calendar", example="--version 1")
def calendar(
    version: Annotated[int | None, typer.Option("--version", min=1, help="An earlier one; left out: now.")] = None,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Show election day and every deadline as they are, or, with --version, as they were before a move."""
    del as_of
    versions = calendar_versions(chosen_election(election))
    number = version or len(versions)
    if number > len(versions):
        raise UnknownThingError("version", str(number), known=[str(known) for known, *_ in versions])
    _, profile, ground, until = versions[number - 1]
    rows = [{"what": "election day", "last moment": str(profile.election.day)}, *_deadlines(profile)]
    if as_json:
        show_json({"version": number, "of": len(versions), "until": until, "ground": ground, "calendar": rows})
        return
    show_table(f"Calendar, version {number} of {len(versions)}", rows)
    if until:
        console.print(f"It counted until {until:%Y-%m-%d %H:%M} UTC: {ground}", highlight=False)


def _deadlines(profile: ElectionProfile) -> list[dict[str, str]]:
    found = deadlines_of(profile.calendar)
    return [{"what": name, "last moment": _moment(profile, name, deadline)} for name, deadline in found.items()]


def _moment(profile: ElectionProfile, name: str, deadline: Deadline) -> str:
    return f"{profile.moment_of(name, deadline).astimezone(profile.zone):%Y-%m-%d %H:%M}"


@command("election write", example="var/rules")
def write(
    folder: Annotated[Path, typer.Argument(help="Where election.yaml and geography.yaml are written.")],
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Write the rules and places in force as files, for a package that accredit init finds unchanged."""
    del as_of
    for path in write_rules(chosen_election(election), folder):
        console.print(str(path), highlight=False)
