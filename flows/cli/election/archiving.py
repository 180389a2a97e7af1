"""``accredit election archive|list``: freezing an election, and which elections there are."""

from __future__ import annotations

from typing import Annotated

import typer

from db.store import Store, open_reader
from domain.election.profile import ElectionProfile
from domain.values import ElectionCode
from flows.cli.officer_options import perhaps_by_officer
from flows.cli.options import AsOf, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import database
from flows.election.archiving import archive, archive_draft
from flows.statements.acceptance import ActingOfficer
from flows.statements.imported import origin_of
from flows.statements.kept_log import is_deleted


@command("election archive", example='--ground "Archives Act, art. 4" --officer OFF-ADMIN-1')
@perhaps_by_officer("To sign: your officer code.")
def archive_election(
    by: ActingOfficer,
    ground: Annotated[str, typer.Option("--ground", help="The rule or resolution by which it is closed.")] = "",
    as_json: Json = False,
) -> None:
    """Freeze an election: it is read, checked and exported, and nothing is changed or sent in it any more.

    Without --officer it is only shown what is open. Two administrators sign it with the same ground. Scheduled work
    passes it over; its personal data still ends by accredit retention and accredit erase. It cannot be undone.
    """
    code = by.election
    if not by.officer:
        found = archive_draft(code)
        rows = [{"what": what, "count": count} for what, count in found.items()]
        show_json({"election": code, **found}) if as_json else show_table(f"What {code} has", rows)
        if not as_json:
            console.print("Nothing is frozen. Two administrators sign it: --ground TEXT --officer CODE --key FILE")
        return
    done = archive(ground, by)
    if as_json:
        show_json(done.model_dump(mode="json"))
    elif done.proposed:
        console.print(f"Proposed, and nothing is frozen yet: {code}. A second administrator signs the same.")
    elif done.was_there:
        console.print(f"{code} is archived already; nothing was done.")
    else:
        console.print(f"{code} is archived; {done.letters_stopped} letters were stopped.", highlight=False)
        console.print(f"Next: accredit election export {code}.zip --election {code}", highlight=False)


@command("election list")
def list_elections(as_of: AsOf = None, as_json: Json = False) -> None:
    """Show the elections of this installation: their days, which follow which, which are archived or deleted."""
    del as_of
    with open_reader(database()) as store:
        frozen = set(store.loaded.archived())
        rows = [
            _row(store.elections.profile(code), state=_state(store, code, archived=code in frozen))
            for code in store.loaded.codes()
        ]
    show_json(rows) if as_json else show_table("Elections", rows, spare=("follows",))


def _row(profile: ElectionProfile, *, state: str) -> dict[str, str]:
    follows = profile.follows.election if profile.follows else ""
    return {"election": profile.election.code, "day": str(profile.election.day), "follows": follows, "state": state}


def _state(store: Store, code: ElectionCode, *, archived: bool) -> str:
    if not archived:
        return "in work"
    if is_deleted(store, code):
        return "deleted"
    return "archived, imported" if origin_of(code) else "archived"
