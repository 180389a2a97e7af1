"""``accredit check``: whether everything in the database agrees."""

from __future__ import annotations

import typer

from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command


@command("check")
def check(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Hold plan, cases, lists, letters, clocks, decisions, badges and stock against each other; change nothing.

    It reads the tables by itself and shares no code with what wrote them. Each contradiction is named with its case
    and with what to do. Exit code 1: something contradicts.
    """
    from domain.oversight.contradictions.contradiction import RULES
    from flows.context import chosen_election, moment
    from flows.oversight.contradictions import check_election

    code = chosen_election(election)
    found = check_election(code, now=moment(as_of))
    if as_json:
        show_json([told.model_dump() for told in found])
    else:
        for rule in dict.fromkeys(told.rule for told in found):
            rows = [
                {"about": told.about, "problem": told.problem, "what to do": told.remedy}
                for told in found
                if told.rule == rule
            ]
            show_table(f"Not so: {RULES[rule]} ({rule})", rows)
        console.print(f"{len(found):,} contradictions by {len(RULES)} rules in {code}.", highlight=False)
    if found:
        raise typer.Exit(1)
