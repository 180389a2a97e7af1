"""``accredit hits`` and ``accredit clear``: whom a case resembles, and the finding that they are two people."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from domain.application.application import case_number
from domain.screening.hits import Hit
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, console, show_json
from flows.cli.registry import command
from flows.context import chosen_election
from flows.decisions.case_file import find_application
from flows.decisions.cleared_hits import clear_hit, find_hit, hits_on
from flows.statements.acceptance import ActingOfficer

Key = Annotated[str, typer.Argument(metavar="APPLICATION", help="Id, case number or serial.")]


@command("hits", example="ABCD-EFGH-IJKL")
def hits(application: Key, election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show whom a case resembles, and what speaks for and against it. Shows personal data.

    A score informs; it decides nothing. Weak resemblances are shown too; they need no judgement.
    """
    del as_of
    code = chosen_election(election)
    found = hits_on(find_application(code, application))
    if as_json:
        show_json([hit.model_dump(mode="json") | {"pair": hit.pair, "open": hit.is_open} for hit in found])
        return
    for hit in found:
        show_hit(hit)
    console.print(f"{sum(hit.is_open for hit in found)} to judge, {len(found)} in all.")


def show_hit(hit: Hit) -> None:
    """Show one hit: score, band, whom it is about, what speaks for and against it, list and versions."""
    cleared = ", cleared" if hit.cleared_by else ""
    console.print(
        f"{hit.score:.2f} {hit.band}{cleared}: {_named(hit)} ({hit.rule})", style="bold", markup=False, highlight=False
    )
    for evidence in hit.evidence:
        console.print(f"    {evidence.contribution:+.2f} {evidence.reason}", markup=False, highlight=False)
    version = f"list version {hit.list_version[:12]}, " if hit.list_version else ""
    console.print(f"    {version}{hit.algorithm_version}", markup=False, highlight=False)


def _named(hit: Hit) -> str:
    return hit.about if ":" in hit.about else f"case {case_number(UUID(hit.about))}"


@command("clear", example='ABCD-EFGH-IJKL EXCLUDED:EXC-0019 --reason "Born elsewhere" --officer OFF-1')
@by_officer
def clear(
    by: ActingOfficer,
    application: Key,
    hit: Annotated[str, typer.Argument(metavar="HIT", help="LIST:entry, or the other case, as in accredit hits.")],
    reason: Annotated[str, typer.Option("--reason", help="Why these are two people.")],
) -> None:
    """Record that a case and somebody it resembles are two people. The pair comes back only if one of them changes.

    This approves nothing: the case still waits for its decision. Exit code 2: there is no such hit.
    """
    known = find_application(by.election, application)
    cleared = clear_hit(known, find_hit(by.election, hit), reason, by)
    console.print(f"Cleared by {cleared.officer}: two people (pair {cleared.pair}).", highlight=False)
