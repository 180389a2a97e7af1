"""Commands about files that arrive without a command: the drop folder, the mailbox, and held messages."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer

from domain.errors import BadInputError
from domain.intake.mailbox import MEANING
from domain.numbers import number_of
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, console, counted, show_json, show_table
from flows.cli.registry import command
from flows.cli.stages import run_stage
from flows.context import chosen_election
from flows.delivery.imap import configured_mailbox
from flows.intake.collection.drop_folder import QUARANTINED, REFUSED, drop_folder
from flows.intake.mending.returned_rows import accounts_of, finished_files
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer

_MOST_LINES: Final = 40
"""Lines on the terminal; all of them stand in the workbook beside the file."""

Message = Annotated[
    str, typer.Argument(metavar="ID", help="Id of the message, or how it begins: accredit collect held.")
]


@command("collect folder", example="--at-once")
def folder(
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Take the files at once: you know that nobody is writing them now.")
    ] = False,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Take in the finished files in ACCREDIT_DROP_FOLDER; each is moved to taken or refused, with a report.

    A file is taken in at the second run, if it has not changed for ten seconds. Exit code 4: a file was refused.
    """
    drop_folder()
    _collect("drop folder", election, as_of, at_once=at_once, as_json=as_json)


@command("collect mailbox")
def mailbox(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Fetch the mail in ACCREDIT_IMAP_HOST, take in what focal points sent, and hold the rest for officers."""
    if configured_mailbox(settings()) is None:
        raise BadInputError("ACCREDIT_IMAP_HOST", "is not set.", remedy="Set the server of the mailbox and its login.")
    _collect("mailbox", election, as_of, at_once=False, as_json=as_json)


def _collect(source: str, election: str | None, as_of: datetime | None, *, at_once: bool, as_json: bool) -> None:
    code = chosen_election(election)
    before, refused_before = finished_files(code), _refused()
    outcome = run_stage("collection", code, source, as_of, at_once)
    files = list(accounts_of(code, finished_files(code) - before).values())
    refused = [json.loads(path.read_text("utf-8")) for path in sorted(_refused() - refused_before)]
    if as_json:
        told = {"election": code, "stage": "collection", "counts": outcome.counts, "seconds": outcome.seconds}
        show_json({**told, "files": files, "refused": refused})
    else:
        _show(code, {name: number for name, number in outcome.counts.items() if number}, files, refused)
    if outcome.counts.get("files refused") or outcome.counts.get("files quarantined") or outcome.counts.get("returned"):
        raise typer.Exit(4)


def _refused() -> set[Path]:
    """Return the reports on refused files that lie in the drop folder."""
    folder = settings().drop_folder
    return (
        {path for kind in (REFUSED, QUARANTINED) for path in (folder / kind).rglob("*.report.json")}
        if folder
        else set()
    )


def _show(code: str, counts: dict[str, int], files: list[dict[str, Any]], refused: list[dict[str, Any]]) -> None:
    from flows.intake.collection.messages import held_messages
    from flows.intake.workbooks.report import OUTCOMES

    console.print(counted(counts) if counts else "Nothing has come.", highlight=False)
    if files:
        columns = ("file", "organisation", "rows", *OUTCOMES)
        show_table("Taken in", [{name: file[name] for name in columns} for file in files])
    if lines := [{"file": file["file"], **_shown(row)} for file in files for row in file["not_processed"]]:
        show_table("Rows not processed", lines[:_MOST_LINES])
        if len(lines) > _MOST_LINES:
            console.print(f"… and {len(lines) - _MOST_LINES:,} more, in the reports beside the files.")
    if refused:
        show_table("Refused", [_shown(message) for message in refused])
    if held := held_messages(code):
        console.print(f"{number_of(len(held), 'messages wait')} for an officer: accredit collect held", highlight=False)


def _shown(account: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in account.items() if name != "message"}


@command("collect held", example="--json")
def held(election: Election = None, as_json: Json = False) -> None:
    """List the messages that wait for an officer: who sent what, and why it is held."""
    from flows.intake.collection.messages import held_messages

    rows: list[dict[str, Any]] = [
        {
            "id": str(message.id), "received (UTC)": f"{message.received_at:%Y-%m-%d %H:%M}", "from": message.sender,
            "subject": message.subject, "files": ", ".join(message.attachments), "organisation": message.organisation,
            "why": MEANING[message.reason] if message.reason else "",
        }
        for message in held_messages(chosen_election(election))
    ]  # fmt: skip
    show_json(rows) if as_json else show_table(
        f"{number_of(len(rows), 'messages are')} held", rows, empty="nothing to do"
    )


@command("collect release", example="3f2a9c1e --organisation ORG-07 --officer OFF-1")
@by_officer
def release(
    by: ActingOfficer,
    message: Message,
    organisation: Annotated[
        str,
        typer.Option(
            "--organisation", "-o", help="Organisation whose nominations these are; otherwise the rows must name it."
        ),
    ] = "",
) -> None:
    """Let the files of a held message be taken in: at the next accredit collect mailbox, or on schedule."""
    from flows.intake.collection.messages import find_held, release_message

    found = find_held(by.election, message)
    release_message(by, found, organisation)
    console.print("Released; accredit collect mailbox takes its files in.")


@command("collect discard", example="3f2a9c1e --officer OFF-1")
@by_officer
def discard(
    by: ActingOfficer,
    message: Message,
) -> None:
    """Note that nothing of a held message is taken in. It stays in the mailbox, and nobody is answered."""
    from flows.intake.collection.messages import discard_message, find_held

    found: UUID = find_held(by.election, message)
    discard_message(by, found)
    console.print("Discarded.")
