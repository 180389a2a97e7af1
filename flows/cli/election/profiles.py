"""Commands about election profiles, and about the versions that the rules of an election had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from domain.election.coverage import Coverage, check_coverage
from domain.election.profile import ElectionProfile
from domain.election.profile.keeping import ALWAYS, BY_HAND, Keeper, kept
from domain.numbers import number_of
from flows.cli.options import AsOf, Election, Json, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election
from flows.documents import load_document, schema_of
from flows.election.rule_versions import rule_versions


@command("profile check", example="election.yaml")
def profile_check(
    file: Annotated[Path, typer.Argument(help="A profile in YAML.")],
    every: Annotated[bool, typer.Option("--all", help="Name every key, not only how many there are where.")] = False,
) -> None:
    """Check a profile; every mistake is named with its place.

    Lists what the engine keeps, what people keep by hand, and what the law says that nobody encoded: the last from
    coverage/FILE beside the profile, where there is one.
    """
    profile = load_document(file, ElectionProfile)
    console.print(
        f"{file}: {profile.election.code}, {profile.status}, {number_of(len(profile.reasons), 'reasons')} in force."
    )
    _parts("Not said by the law, left unset", profile.unset, every=every)
    _parts("Without evidence", profile.unproved, every=every)
    _keepers(profile, every=every)
    _coverage(file.parent / "coverage" / file.name, profile)
    if lacking := profile.needed_to_run + profile.needed_to_ask:
        needed = ", ".join(lacking)
        console.print(f"[bold]Must be set before an election can run:[/bold] {needed}", highlight=False)
    else:
        console.print("Next: accredit init FOLDER loads it; --all names every key above.")


def _parts(title: str, places: Sequence[str], *, every: bool) -> None:
    if places:
        parts = Counter(place.partition(".")[0] for place in places)
        told = places if every else [f"{part} ({count})" for part, count in parts.items()]
        console.print(f"[bold]{title}:[/bold] {', '.join(told)}", highlight=False)


def _keepers(profile: ElectionProfile, *, every: bool) -> None:
    rules = kept(profile)
    _parts("Kept by the engine", [*rules[Keeper.ENGINE]], every=every)
    for title, keeper, told in (
        ("Kept by the engine whatever is said here", Keeper.ALWAYS, ALWAYS),
        ("Kept by hand", Keeper.BY_HAND, BY_HAND),
    ):
        if found := rules[keeper]:
            console.print(f"[bold]{title}:[/bold]")
        for path, key in found.items():
            console.print(f"  {path}: {told[key]}", highlight=False, markup=False)


def _coverage(file: Path, profile: ElectionProfile) -> None:
    if not file.is_file():
        return
    coverage = load_document(file, Coverage)
    check_coverage(coverage, profile)
    covered = len(coverage.sentences) - len(coverage.not_covered)
    console.print(
        f"[bold]Of the law:[/bold] {covered} of {number_of(len(coverage.sentences), 'sentences are')} covered. "
        "Not covered:"
    )
    for sentence in coverage.not_covered or ("nothing",):
        console.print(f"  {sentence}", highlight=False, markup=False)


@command("profile schema", example="> profile.schema.json")
def profile_schema() -> None:
    """Print the JSON Schema of profiles, for editors that check YAML while it is typed."""
    show_json(schema_of(ElectionProfile))


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
