"""``accredit rules``: which versions the rules of an election had."""

from __future__ import annotations

from flows.cli.options import AsOf, Election, Json, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election
from flows.election.rule_versions import rule_versions


@command("rules", example="--json")
def rules(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show every version of profile and geography: what differs in words, on which ground, and which two signed it."""
    del as_of
    found = rule_versions(chosen_election(election))
    if as_json:
        show_json([version.model_dump(mode="json") for version in found])
        return
    rows = [
        {
            "version": version.number,
            "since (UTC)": f"{version.since:%Y-%m-%d %H:%M}",
            "cited as": version.rules_sha256[:12],
            "by": ", ".join(version.by),
            "ground": version.ground,
            "what differs": "; ".join(version.changes),
        }
        for version in found
    ]
    show_table("Versions of the rules", rows)
