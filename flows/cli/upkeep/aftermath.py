"""``accredit restored``: what was given out since the backup that was restored, and the act by which work goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from domain.application.application import case_number
from domain.numbers import number_of
from domain.oversight.restoration import Restoration
from flows.cli.officer_options import perhaps_by_officer
from flows.cli.options import Json, console, show_json, show_table
from flows.cli.registry import command
from flows.statements.acceptance import ActingOfficer
from flows.upkeep.aftermath import accept_restoration, continue_above, unseen


@command("restored", example="--officer OFF-ADMIN-1 --key FILE")
@perhaps_by_officer("Sign that you saw the list: your officer code.")
def restored(
    by: ActingOfficer,
    seen: Annotated[
        list[str] | None, typer.Option("--seen", help="A serial somebody has seen, or @FILE; repeatable.")
    ] = None,
    as_json: Json = False,
) -> None:
    """After a restore: show what was given out since and is unknown to this database, for its re-entry.

    Nothing is recorded until an administrator has signed for the list, with --officer. Enter the people again, and
    give out new badges: serials go on above every one that was found. Exit code 1: the list waits for a signature.
    """
    code = by.election
    waiting = continue_above(code, _serials(seen, code)) if seen else unseen(code)
    if as_json:
        show_json([restoration.model_dump(mode="json") for restoration in waiting])
    else:
        for restoration in waiting:
            _show(restoration)
    if by.officer:
        _sign(by)
    elif waiting:
        raise typer.Exit(1)
    elif not as_json:
        console.print(f"No restore of {code} waits for anybody.")


def _serials(seen: Sequence[str], election: str) -> Iterator[str]:
    """Yield what was typed; of a file each line that is a serial, or says one of this election as beside the keys."""
    for typed in seen:
        for line in Path(typed[1:]).read_text("utf-8").splitlines() if typed.startswith("@") else [typed]:
            match line.split():
                case [serial]:
                    yield serial
                case [code, serial, _] if code == election:
                    yield serial
                case _:
                    continue


def _sign(by: ActingOfficer) -> None:
    signed = accept_restoration(by)
    console.print(f"{number_of(len(signed), 'lists')} signed for. Work goes on; serials continue above them.")
    console.print("Badges: who has the keys runs accredit keys accept-record HEAD (accredit audit verify shows it).")
    console.print("The log: accredit audit checkpoint --after-restore")


def _show(restoration: Restoration) -> None:
    read = ", ".join(restoration.sources) or "nothing: ask who issued, and name serials with --seen"
    console.print(
        f"{restoration.election}: backup of {restoration.taken_at:%Y-%m-%d %H:%M} UTC. Looked into: {read}.",
        highlight=False,
    )
    rows = [
        {
            "serial": credential.serial, "told by": credential.told_by.value,
            "case": case_number(credential.application) if credential.application else "",
        }
        for credential in restoration.unknown
    ]  # fmt: skip
    show_table(f"Given out, and unknown to this database{f': {len(rows):,}' if rows else ''}", rows)
    _show_ended(restoration.ended)
    if restoration.lost_entries:
        console.print(
            f"{number_of(restoration.lost_entries, 'entries of the published log are')} not in this database."
        )
    console.print(f"Serials go on at number {restoration.next_serial:,}.", highlight=False)


def _show_ended(serials: Sequence[str]) -> None:
    if serials:
        title = "Published as ended, and valid here: suspend, revoke or replace them again before you publish"
        show_table(title, [{"serial": serial} for serial in serials])
