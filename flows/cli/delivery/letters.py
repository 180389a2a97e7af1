"""Commands about letters: list, show, preview, check, confirm, resend, cancel, retry, report."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from db.letters.letters import LetterFilter
from domain.letters.envelope import LetterKind, LetterOrder, LetterState
from domain.numbers import number_of
from flows.cli.officer_options import by_officer, perhaps_by_officer
from flows.cli.options import Election, Json, console, counted, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election
from flows.decisions.case_file import find_application
from flows.decisions.openings import account, record_opening
from flows.delivery.correspondence import LetterLine, held_letters, letter_history, letter_with_code, lines
from flows.delivery.correspondence import preview as previewed
from flows.delivery.orders import confirm_held, order_letters, retry_all
from flows.delivery.outage import letters_table, mail_standing
from flows.letters.visa_letters import support_of
from flows.settings import settings
from flows.statements.acceptance import ActingOfficer
from notifications.letters.checking import mistakes

Keys = Annotated[list[str], typer.Argument(metavar="KEY...", help="Keys as accredit letters list shows them.")]
About = Annotated[
    str | None, typer.Option("--application", "-a", help="Only about this application: id, case number or serial.")
]


@command("letters verify", example="ABCD-EFGH-IJKL-MNOP")
def verify(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The code at the foot of the letter.")],
    document: Annotated[
        bool, typer.Option("--document", help="Ask for the number of the travel document shown with it, and compare.")
    ] = False,
    election: Election = None,
    as_json: Json = False,
) -> None:
    """Say whether this office wrote the letter with this code, and which letter it is. Exit code 1: it did not.

    Of a letter that a consulate was shown it also says whether the accreditation stands; where not, exit code 1.
    """
    found = letter_with_code(chosen_election(election), code)
    if as_json:
        show_json(found.model_dump(mode="json") if found else None)
    elif found:
        console.print(f"Genuine: {found.key}, written {found.queued_at:%Y-%m-%d %H:%M} UTC, {found.state}.")
        console.print("What it says: accredit letters preview KIND --application CASE")
        _support(chosen_election(election), found, asks=document)
    else:
        console.print("No letter of this election bears this code.")
    if found is None:
        raise typer.Exit(1)


def _support(election: str, found: LetterLine, *, asks: bool) -> None:
    """Say of a letter for a consulate whether its accreditation stands, and whose document is shown."""
    if found.kind is not LetterKind.VISA:
        return
    document = typer.prompt("Number of the travel document") if asks else ""
    support = support_of(election, UUID(found.application_id), found.key, document=document)
    stands = "stands" if support.stands else "does not stand any more"
    newer = "" if support.is_current else " The person has a newer letter with other dates."
    console.print(f"The accreditation {stands}.{newer}")
    if document:
        console.print(f"The document {'is' if support.is_theirs else 'is not'} the one of this accreditation.")
    if not support.stands or (document and not support.is_theirs):
        raise typer.Exit(1)


@command("letters list", example="--state failed --json")
def list_letters(
    state: Annotated[LetterState | None, typer.Option("--state", help="Only letters in this state.")] = None,
    kind: Annotated[LetterKind | None, typer.Option("--kind", help="Only letters of this kind.")] = None,
    application: About = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1_000_000, help="At most this many, the oldest first.")
    ] = 100,
    election: Election = None,
    as_json: Json = False,
) -> None:
    """List letters: keys, states, attempts and the server's answers; never recipients."""
    code = chosen_election(election)
    about = find_application(code, application) if application else None
    found = lines(code, LetterFilter(state=state, kind=kind, application_id=about), limit=limit)
    rows = [line.model_dump(mode="json") for line in found]
    if as_json:
        show_json(rows)
        return
    show_table(f"{number_of(len(rows), 'letters')}", _brief(found), empty="none")
    if len(rows) == limit:
        console.print("These are the oldest; there may be more: --limit.")


def _brief(lines: list[LetterLine]) -> list[dict[str, str | int]]:
    """Return what fits beside the keys: columns that are not all empty, and answers that report a problem."""
    rows = [
        {
            "key": line.key,
            "state": line.state.value,
            "tries": line.attempts or "",
            "not before (UTC)": _time(line.next_at),
            "answer": "" if line.state is LetterState.SENT else line.answer,
        }
        for line in lines
    ]
    return [{name: cell for name, cell in row.items() if any(other[name] for other in rows)} for row in rows]


@command("letters show", example="approval:6f1c…:3")
def show(key: Annotated[str, typer.Argument(metavar="KEY")], election: Election = None, as_json: Json = False) -> None:
    """Show one letter: its state, and every attempt and order with time, answer and officer."""
    letter, history = letter_history(chosen_election(election), key)
    if as_json:
        show_json({**letter.model_dump(mode="json"), "history": history})
        return
    console.print(f"[bold]{letter.key}[/bold]\n{letter.state}, {letter.language}, {letter.attempts} attempts")
    show_table("History", [
        {"when (UTC)": _time(step["at"]), "state": str(step["state"]), "answer": step["answer"],
         "again at": _time(step["next"]), "officer": step["officer"]} for step in history
    ], empty="nothing yet")  # fmt: skip


@command("letters preview", example="refusal --application ABCD-EFGH-IJKL --open")
def preview(
    kind: Annotated[LetterKind, typer.Argument(metavar="KIND", help="Such as receipt, approval or refusal.")],
    application: About = None,
    language: Annotated[str, typer.Option("--language", help="A language other than the letter's own.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the two files; by default below home.")] = None,
    browse: Annotated[bool, typer.Option("--open", help="Open the HTML part in the browser.")] = False,
    election: Election = None,
) -> None:
    """Write a letter as text and HTML and show its headers; without --application: an invented letter."""
    code = chosen_election(election)
    about = find_application(code, application) if application else None
    if about:
        record_opening(code, account(), "letter", about)
    found = previewed(code, kind, about, language=language, folder=out or settings().home / "preview")
    for name, value in found.headers:
        console.print(f"{name}: {value}", highlight=False, markup=False)
    console.print(f"\nText: {found.text}\nHTML: {found.html}", highlight=False, markup=False)
    if browse:
        typer.launch(found.html.as_uri())


@command("letters check", example="--folder our-letters")
def check(
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder",
            exists=True,
            file_okay=False,
            help="Folder of your own templates and words; default: the folder in the settings.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Render every letter in every language with invented contents. Exit code 1: there are mistakes, all listed."""
    found = mistakes(folder or settings().letters_folder)
    rows = [mistake.model_dump(mode="json") for mistake in found]
    if as_json:
        show_json(rows)
    elif found:
        show_table(f"{number_of(len(found), 'mistakes')}", rows)
    else:
        console.print("Every letter can be written in every language.")
    if found:
        raise typer.Exit(1)


@command("letters confirm", example="--count 1204 --officer OFF-1")
@perhaps_by_officer("Your officer code, needed with --count.")
def confirm(
    by: ActingOfficer,
    count: Annotated[int | None, typer.Option("--count", help="How many letters you saw and release.")] = None,
    as_json: Json = False,
) -> None:
    """Show how many letters are held, and a sample; with --count: release them if the number is still the same."""
    held = held_letters(by.election)
    if as_json:
        show_json(held.model_dump(mode="json"))
    else:
        _show_held(held)
    if count is None:
        return
    released = confirm_held(count, by, mark=held.mark)
    if not as_json:
        console.print(f"{number_of(released, 'letters are')} released; the next delivery sends them.")


def _show_held(held: Any) -> None:
    if not held.count:
        console.print("No letter is held.")
        return
    console.print(f"[bold]{number_of(held.count, 'letters are')} held:[/bold] {counted(held.groups)}.")
    show_table("Some of them", [
        {"key": line.key, "kind": line.kind.value, "language": line.language} for line in held.sample
    ])  # fmt: skip
    console.print(f"Look at one with accredit letters preview; release all with --count {held.count} --officer CODE.")


@command("letters resend", example="approval:6f1c…:3 --officer OFF-1")
@by_officer
def resend(
    by: ActingOfficer,
    keys: Keys,
) -> None:
    """Send letters again that were sent, failed or were cancelled; each keeps its Message-ID."""
    _ordered(LetterOrder.RESEND, keys, by)


@command("letters cancel", example="approval:6f1c…:3 --officer OFF-1")
@by_officer
def cancel(
    by: ActingOfficer,
    keys: Keys,
) -> None:
    """Cancel letters that have not left yet."""
    _ordered(LetterOrder.CANCEL, keys, by)


@command("letters retry", example="--officer OFF-1")
@by_officer
def retry(
    by: ActingOfficer,
    keys: Annotated[list[str] | None, typer.Argument(metavar="[KEY...]", help="By default all of them.")] = None,
) -> None:
    """Try deferred letters at once and failed ones once more."""
    if keys:
        _ordered(LetterOrder.RETRY, keys, by)
        return
    done = retry_all(by)
    console.print(f"{number_of(done, 'letters are')} due; the next delivery sends them.")


@command("letters hand-over", example="deficiency:6f1c…:2 --how 'on paper, at the front desk' --officer OFF-1")
@by_officer
def hand_over(
    by: ActingOfficer,
    keys: Keys,
    how: Annotated[str, typer.Option("--how", help="In which way. No names: it is kept for good.")],
) -> None:
    """Record that letters were handed over in another way than by mail: from now on the person's time runs."""
    _ordered(LetterOrder.HAND_OVER, keys, by, how=how)


def _ordered(order: LetterOrder, keys: list[str], by: ActingOfficer, *, how: str = "") -> None:
    done = order_letters(order, keys, by, how=how)
    console.print(f"{order}: {number_of(done, 'letters')}.")


@command("letters report", example="--json")
def report(election: Election = None, as_json: Json = False) -> None:
    """Account for every letter: sent + held + failed + cancelled + waiting. Exit code 1: it does not add up."""
    code = chosen_election(election)
    standing, kinds = mail_standing(code), letters_table(code)
    if as_json:
        show_json({**standing.model_dump(mode="json"), "balanced": standing.account.is_balanced, "letters": kinds})
    else:
        console.print("\n".join(standing.sentences), highlight=False, markup=False)
        show_table("Letters", kinds, empty="none")
    if not standing.account.is_balanced:
        raise typer.Exit(1)


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""
