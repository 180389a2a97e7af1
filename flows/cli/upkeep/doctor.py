"""``accredit doctor``: one screen of what is right and wrong."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from flows.cli.options import Json, console, show_json
from flows.cli.registry import command
from flows.upkeep.diagnosis import Diagnosis, Standing, wrong_ones
from flows.upkeep.doctor import examine

_MARK: Final = {Standing.RIGHT: "ok", Standing.SOON: "look", Standing.WRONG: "WRONG"}
_WIDTH: Final = 80
_PART: Final = 22


@command("doctor", example="--json")
def doctor(
    bad: Annotated[bool, typer.Option("--bad", help="Only what is not right.")] = False, as_json: Json = False
) -> None:
    """Look at the whole installation and say what is right, what is wrong, and what to do; nothing is changed.

    Exit code 1: something is wrong. What only has to be looked at does not count.
    """
    found = examine()
    if as_json:
        show_json([told.model_dump(mode="json") for told in found])
    else:
        for line in screen(found, only_bad=bad):
            console.print(line, highlight=False, markup=False, soft_wrap=True)
    if wrong_ones(found):
        raise typer.Exit(1)


def screen(found: Sequence[Diagnosis], *, only_bad: bool = False) -> list[str]:
    """Return the lines of the screen, none longer than 80 signs: each part, and below it what to do."""
    lines: list[str] = []
    for told in found:
        if told.standing is Standing.RIGHT and only_bad:
            continue
        head = f"{_MARK[told.standing]:<6}{told.part:<{_PART}}"
        lines += textwrap.wrap(f"{head} {told.says}", _WIDTH, subsequent_indent=" " * (_PART + 7))
        if told.remedy:
            lines += textwrap.wrap(f"-> {told.remedy}.", _WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 11)
    counts = [sum(told.standing is standing for told in found) for standing in Standing]
    return [*lines, "{} right, {} to look at, {} wrong.".format(*counts)]
