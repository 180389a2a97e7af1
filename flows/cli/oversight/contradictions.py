"""``accredit check``: whether everything in the database agrees."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from domain.numbers import number_of
from domain.oversight.contradictions.contradiction import RULES, Contradiction
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import elections_in_turn
from flows.oversight.contradictions import check_election, moment_of


@command("check")
def check(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Hold plan, cases, lists, letters, clocks, decisions, badges and stock against each other; change nothing.

    It reads the tables by itself and shares no code with what wrote them. Each contradiction is named with its case
    and with what to do. Exit code 1: something contradicts.
    """
    moments = {code: moment_of(code, as_of) for code in elections_in_turn(election)}
    found = {code: check_election(code, now=now) for code, now in moments.items()}
    if as_json:
        show_json([told.model_dump() | {"election": code} for code, every in found.items() for told in every])
    else:
        for code, every in found.items():
            _show(code, every)
            console.print(f"Checked as of {moments[code]:%Y-%m-%d %H:%M} UTC.", style="dim")
    if any(found.values()):
        raise typer.Exit(1)


def _show(election: str, found: Sequence[Contradiction]) -> None:
    for rule in dict.fromkeys(told.rule for told in found):
        rows = [
            {"about": told.about, "problem": told.problem, "what to do": told.remedy}
            for told in found
            if told.rule == rule
        ]
        show_table(f"Not so: {RULES[rule]} ({rule})", rows)
    console.print(
        f"{number_of(len(found), 'contradictions')} by {number_of(len(RULES), 'rules')} in {election}.", highlight=False
    )
