"""``accredit election export|import|delete``: an archived election as one signed file, and its end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from domain.errors import BadInputError
from domain.numbers import number_of
from flows.cli.officer_options import perhaps_by_officer
from flows.cli.options import Json, console, show_json, show_table
from flows.cli.registry import command
from flows.election.archive_files import check_archive, hand_over, write_archive
from flows.election.deleting import DeleteOutcome, delete, stands_in_the_way
from flows.election.importing import import_archive
from flows.statements.acceptance import ActingOfficer


@command("election export", example="valdara-2027.zip")
@perhaps_by_officer("With --for, to sign: your officer code.")
def export(
    by: ActingOfficer,
    file: Annotated[Path, typer.Argument(help="Where the archive is written; it must not be there.")],
    recipient: Annotated[
        str, typer.Option("--for", help="Put people's data in, encrypted to this public key (age1…).")
    ] = "",
    ground: Annotated[str, typer.Option("--ground", help="With --for: the rule by which it goes there.")] = "",
    without_pictures: Annotated[
        bool, typer.Option("--without-pictures", help="With --for: leave out photographs, scans, badges and all files.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write an archived election as one file, signed with the key of its log.

    Without --for nobody's data is in it: record, histories, rules and log, for whoever wants to check them. With --for
    two administrators sign the same ground and the same key; all rows and stored files are in it then, and another
    installation takes them up. Anybody checks it with accredit audit check FILE.
    """
    code = by.election
    if recipient:
        if not by.officer:
            raise BadInputError(
                "--officer", "is missing.", remedy="Two administrators sign whom people's data goes to."
            )
        if not hand_over(ground, recipient, by):
            said = {"election": code, "proposed": True}
            told = f"Proposed, and nothing is written yet: {code}. A second administrator signs the same."
            show_json(said) if as_json else console.print(told, highlight=False)
            return
    made = write_archive(code, file, recipient=recipient, pictures=not without_pictures, now=by.now)
    found = check_archive(file)
    if as_json:
        show_json({"file": str(file), "key": found.key, **made.model_dump(mode="json")})
        return
    whose = "with people's data" if recipient else "without people's data"
    console.print(f"{file}: {number_of(len(made.parts), 'parts')}, {whose}.", highlight=False)
    console.print(f"Key of the log: {found.key}", highlight=False, soft_wrap=True)
    console.print(f"Anybody checks it with: accredit audit check {file}", highlight=False)


@command("election import", example="valdara-2027.zip --unlock archive.key")
def take_up(
    file: Annotated[Path, typer.Argument(help="An archive that was made with --for your public key.")],
    unlock: Annotated[Path, typer.Option("--unlock", help="The file with the private half of that key.")],
    log_key: Annotated[str, typer.Option("--key", help="The key of its log, as it was published.")] = "",
    as_json: Json = False,
) -> None:
    """Take an archived election up in this installation: it is read and checked here, and never worked on.

    Its values get this installation's own keys. Nothing is taken up unless all of it holds. Run again, it goes on
    where it was cut off.
    """
    done = import_archive(file, unlock, key=log_key)
    if as_json:
        show_json(done.model_dump(mode="json"))
        return
    told = (
        "was here already; nothing was done"
        if done.was_there
        else f"is here: {number_of(done.rows, 'rows')}, {number_of(done.files, 'files')}"
    )
    console.print(f"{done.election} {told}.", highlight=False)
    console.print(f"Next: accredit audit verify --election {done.election}", highlight=False)


@command("election delete", example='--ground "Archives Act art. 12" --officer OFF-ADMIN-1')
@perhaps_by_officer("To sign: your officer code.")
def end(
    by: ActingOfficer,
    ground: Annotated[str, typer.Option("--ground", help="The rule or resolution by which it ends.")] = "",
    as_json: Json = False,
) -> None:
    """Delete an archived election once nothing of it is kept any more. This cannot be undone.

    Without --officer it is only shown what stands in the way. Two administrators sign it with the same ground. What
    stays for good: the rules, the record of signed acts, the log with its checkpoints, and what was erased. Proofs that
    were given out still hold. Published pages, backups and exports are not reached.
    """
    if not by.officer:
        _tell_reasons(by.election, stands_in_the_way(by.election, now=by.now), as_json=as_json)
        return
    done = delete(ground, by)
    show_json(done.model_dump(mode="json")) if as_json else console.print(_told(done), highlight=False)


def _tell_reasons(code: str, reasons: list[str], *, as_json: bool) -> None:
    if as_json:
        show_json({"election": code, "stands_in_the_way": reasons})
        return
    show_table(f"What stands in the way of deleting {code}", [{"why": reason} for reason in reasons])
    console.print("Nothing is deleted. Two administrators sign it: --ground TEXT --officer CODE --key FILE")


def _told(done: DeleteOutcome) -> str:
    if done.proposed:
        return f"Proposed, and nothing is deleted yet: {done.election}. A second administrator signs the same."
    if done.was_gone:
        return f"{done.election} was deleted before; {done.files} files that were left are gone now."
    removed = f"{number_of(done.rows, 'rows')}, {number_of(done.files, 'files')}"
    return f"{done.election} is deleted: {removed}. Its record and its log stay."
