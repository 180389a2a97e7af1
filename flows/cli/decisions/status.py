"""``accredit status``: the state of the election in numbers."""

from __future__ import annotations

from flows.cli.options import AsOf, Election, Json, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election
from flows.oversight.counts import reasons_of, status_of

_ALARMS = 20
"""The last ones are shown; the JSON has them all."""


@command("status", example="--json")
def status(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show the state of the election: applications, letters, credentials, rows."""
    del as_of
    code = chosen_election(election)
    found = status_of(code)
    if as_json:
        show_json(found)
        return
    show_table(f"{code}: applications", [{"status": s, "applications": n} for s, n in found["applications"].items()])
    show_table("By reason", reasons_of(code))
    show_table("Letters", [{"letter": kind, **states} for kind, states in found["letters"].items()])
    show_table("Credentials", [{"state": state, "count": count} for state, count in found["credentials"].items()])
    show_table("Rows of nominations files", [found["intake"]])
    if any(found["waiting"].values()):
        show_table("Waiting to be taken in", [{"what": w.replace("_", " "), "number": n}
                                              for w, n in found["waiting"].items() if n])  # fmt: skip
    if found["alarms"]:
        show_table("Alarms. Look into them at once: accredit audit verify", found["alarms"][-_ALARMS:])
