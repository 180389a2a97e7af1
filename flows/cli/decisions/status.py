"""``accredit status``: what waits, what is late, what went wrong, and the state of the election in numbers."""

from __future__ import annotations

from domain.numbers import number_of
from flows.cli.options import AsOf, Election, Json, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, moment
from flows.oversight.counts import reasons_of, status_of
from flows.oversight.open_work import open_work

_ALARMS = 20
"""The last ones are shown; the JSON has them all."""


@command("status", example="--json")
def status(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show what waits, what is late and what went wrong; then applications, letters, credentials, rows in numbers."""
    code, now = chosen_election(election), moment(as_of)
    found = status_of(code)
    if as_json:
        show_json(found)
        return
    for title, piles in open_work(code, found, now=now).items():
        show_table(title, [{"what": number_of(pile.number, pile.what), "next": pile.next} for pile in piles])
    if found["alarms"]:
        show_table("Alarms. Look into them at once: accredit audit verify", found["alarms"][-_ALARMS:])
    show_table("Applications", [{"status": s, "applications": n} for s, n in found["applications"].items()])
    show_table("By reason", reasons_of(code))
    show_table("Letters", [{"letter": kind, **states} for kind, states in found["letters"].items()])
    show_table("Credentials", [{"state": state, "count": count} for state, count in found["credentials"].items()])
    show_table("Rows of nominations files", [found["intake"]])
