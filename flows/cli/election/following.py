"""``accredit election follow-on``: a run-off or a repeated vote as an election of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from domain.election.following import FollowOn
from domain.numbers import number_of
from flows.cli.election.moving import DAY_FORMATS, movement_row, published_days
from flows.cli.officer_options import Key
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, moment
from flows.election.following import FollowOnDraft, FollowOnOutcome, draft_follow_on, follow_on, followed_by
from flows.statements.acceptance import ActingOfficer


@command("election follow-on", example='VALDARA-2027-2 --day 2027-04-14 --ground "Resolution 41" --officer OFF-ADMIN-1')
def follow(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    code: Annotated[str, typer.Argument(metavar="CODE", help="The new election's code, such as VALDARA-2027-2.")],
    day: Annotated[datetime, typer.Option("--day", formats=DAY_FORMATS, help="The day of the vote.")],
    ground: Annotated[
        str, typer.Option("--ground", help="The act or resolution that calls it; the second signs the first one's.")
    ] = "",
    region: Annotated[
        list[str] | None, typer.Option("--region", help="Where the vote is held, if not everywhere; repeatable.")
    ] = None,
    title: Annotated[str, typer.Option("--title", help="The new election's title.")] = "",
    published: Annotated[
        list[str] | None,
        typer.Option("--published", metavar="NAME=DAY", help="A deadline as published; repeatable."),
    ] = None,
    officer: Annotated[str, typer.Option("--officer", help="To sign: your officer code.")] = "",
    key: Key = None,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Hold a run-off, or repeat a vote, as an election of its own. Without --officer it is only shown what comes of it.

    The profile's rule run_off says who stays accredited. Two administrators of the first election sign it with the
    same words. The second signature makes the new election; those who stay get a case in it, and each organisation one
    letter. Run again, it goes on where it was cut off.
    """
    first, now = election or followed_by(code) or chosen_election(None), moment(as_of)
    order = FollowOn(
        code=code, day=day.date(), ground=ground, title=title, regions=tuple(region or ()),
        published=published_days(published or ()),
    )  # fmt: skip
    if not officer:
        draft = draft_follow_on(first, order, now=now)
        show_json(draft.model_dump(mode="json")) if as_json else _show(draft)
        return
    done = follow_on(order, ActingOfficer(officer, first, now, key))
    show_json(done.model_dump(mode="json")) if as_json else _tell(done)


def _show(draft: FollowOnDraft) -> None:
    show_table("Its days", [movement_row(movement) for movement in draft.movements], spare=("note",))
    show_table("Whom it concerns", [{"what": what, "count": count} for what, count in draft.counts.items()])
    console.print("Nothing is made. Two administrators sign it: the same command with --officer CODE --key FILE")


def _tell(done: FollowOnOutcome) -> None:
    if done.proposed:
        console.print(f"Proposed, and nothing is made yet: {done.election}.", highlight=False)
        console.print("A second administrator signs the same: the same command with --officer CODE --key FILE")
        return
    console.print(
        f"{done.election} {'was made before' if done.was_there else 'is made'}: "
        f"{number_of(done.carried, 'people')} carried over, {done.confirming} have to say that they stay, "
        f"{number_of(done.second_looks, 'second looks')} at lists, "
        f"{number_of(done.letters, 'letters')} to organisations.",
        highlight=False,
    )
    console.print(f"Next: accredit deliver --election {done.election} sends the letters.", highlight=False)
