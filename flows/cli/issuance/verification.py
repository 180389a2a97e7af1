"""``accredit verify`` and ``accredit publish``: judging credentials, and giving stations what they judge with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from domain.credentials.verdict import PREFIX, as_typed
from domain.numbers import number_of
from flows.cli.next_steps import show_next
from flows.cli.options import AsOf, Election, Json, console, problems, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, in_utc, moment, right_now
from flows.issuance.publication.files import publish as published
from flows.issuance.publication.log import TILES
from flows.issuance.publication.public_register import FOLDER as REGISTER_FOLDER
from flows.issuance.publication.verification import Checked, Examiner, tokens_of

What = Annotated[str, typer.Argument(metavar="TOKEN|FILE|FOLDER", help="Text that begins with OAC1:, or a path.")]


@command("verify", example="badge-VD-000001.pdf")
def verify(
    what: What,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
    as_lines: Annotated[
        bool, typer.Option("--jsonl", help="One JSON object for each credential, as it is judged.")
    ] = False,
) -> None:
    """Check credentials: a token, a picture, a PDF, or a whole folder of them.

    Exit code 0: all are valid; 1: not all are, or a folder holds nothing to check. Every code in a picture or PDF is
    judged. With --json a folder, or a file with several codes, gives a list.
    """
    all_valid, is_empty = True, True
    everything: list[dict[str, object]] = []
    for found in _found(what, election, as_of):
        all_valid, is_empty = all_valid and found.valid, False
        told = found.model_dump(mode="json", exclude_none=True, exclude_defaults=not as_lines)
        facts: dict[str, object] = {"code": found.code, "valid": found.valid, "sentence": found.sentence, **told}
        if as_lines:
            typer.echo(json.dumps(facts, ensure_ascii=False))
        elif as_json:
            everything.append(facts)
        else:
            _say(found, facts)
    if as_json and not as_lines:
        show_json(everything[0] if len(everything) == 1 and "file" not in everything[0] else everything)
    if is_empty:
        problems.print(f"{what}: holds no picture, PDF or text: nothing was checked.", markup=False, highlight=False)
    if is_empty or not all_valid:
        raise typer.Exit(1)


def _found(what: str, election: str | None, as_of: datetime | None) -> Iterator[Checked]:
    examiner = Examiner(chosen_election(election), now=in_utc(as_of) if as_of else right_now())
    if not as_typed(what).startswith(PREFIX) and _is_folder(what):
        yield from examiner.folder(Path(what))
    else:
        yield from (examiner.token(token) for token in tokens_of(what))


def _is_folder(what: str) -> bool:
    try:
        return Path(what).is_dir()
    except (OSError, ValueError):  # too long for a path, as a token is
        return False


def _say(found: Checked, facts: Mapping[str, object]) -> None:
    place = f"{found.file}: " if found.file else ""
    style = "bold green" if found.valid else "bold red"
    console.print(f"[{style}]{found.code}[/{style}] {place}{found.sentence}", highlight=False)
    for name, value in facts.items():
        if name not in {"code", "valid", "sentence", "file"}:
            shown = ", ".join(found.regions) if name == "regions" else value
            console.print(f"  {name}: {shown}", highlight=False, markup=False)


@command("publish", example="public/")
def publish(
    folder: Annotated[Path, typer.Argument(help="Where to write; a web server's folder, or a USB stick.")],
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Write the offline checker, the signed lists, the keys and the public register. Do it at least once a day.

    Stations take new lists by opening trust.cose and status.cose in the checker they have, or the new checker.
    """
    done = published(folder, chosen_election(election), now=moment(as_of))
    rows = [{"file": name, "changed": name in done.changed} for name in done.files]
    if as_json:
        ends = {"fresh_until": done.fresh_until, "status_until": done.status_until, "trust_until": done.trust_until}
        show_json({"files": rows} | ends | {"checker_today": done.phase(right_now())})
        return
    show_table(f"Published in {done.folder}", _folded(_folded(rows, TILES), f"{REGISTER_FOLDER}/"))
    fresh, end = (
        f"{moment:%Y-%m-%d %H:%M} UTC" for moment in (done.fresh_until, min(done.status_until, done.trust_until))
    )
    console.print(
        f"Stations show green with these lists until {fresh}, amber until {end}, and confirm nothing after it. "
        f"The status list has {number_of(done.status_bytes, 'bytes')}.",
        highlight=False,
    )
    if warning := _WARNINGS.get(done.phase(right_now())):
        facts = {"day": f"{done.issued_at:%Y-%m-%d %H:%M} UTC", "end": end}
        console.print(warning.format(**facts), style="bold yellow", highlight=False)
    show_next(
        chosen_election(election),
        f"accredit publish {folder} again before {fresh}, and after every lost or revoked badge",
    )


def _folded(rows: Sequence[Mapping[str, object]], folder: str) -> list[Mapping[str, object]]:
    """Return *rows* with one in place of those of a folder's files."""
    inside = [row for row in rows if str(row["file"]).startswith(folder)]
    whole = {"file": f"{folder} ({number_of(len(inside), 'files')})", "changed": any(row["changed"] for row in inside)}
    return [*(row for row in rows if row not in inside), *([whole] if inside else [])]


_WARNINGS = {
    "early": "They are of {day}, which is still to come. Until then the checker shows every badge as STATUS UNKNOWN, "
    "on a device whose clock is right. To rehearse with it, set the device's clock to that day.",
    "aged": "They are of {day}: on a device whose clock is right the checker shows every answer in amber today.",
    "ended": "They are of {day} and ended on {end}: the checker shows every badge as STATUS UNKNOWN, on a device whose "
    "clock is right. To rehearse with it, set the device's clock to that day.",
}
"""What a checker opened today says to lists that are not of today."""
