"""``accredit hits``: whom a case resembles."""

from __future__ import annotations

from uuid import UUID

from domain.application.application import case_number
from domain.screening.hits import Hit
from flows.cli.options import AsOf, Election, Json, OneCase, console, show_json
from flows.cli.registry import command
from flows.context import chosen_election
from flows.decisions.case_file import find_application, hits_on
from flows.decisions.openings import account, record_opening


@command("hits", example="ABCD-EFGH-IJKL")
def hits(application: OneCase, election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show whom a case resembles, and what speaks for and against it. Shows personal data.

    A score informs; it decides nothing. Weak resemblances are shown too; they need no judgement.
    """
    del as_of
    code = chosen_election(election)
    known = find_application(code, application)
    record_opening(code, account(), "hits", known)
    found = hits_on(known)
    if as_json:
        show_json([hit.model_dump(mode="json") | {"pair": hit.pair, "open": hit.is_open} for hit in found])
        return
    for hit in found:
        show_hit(hit)
    open_ones = [hit for hit in found if hit.is_open]
    console.print(f"{len(open_ones)} to judge, {len(found)} in all.")
    if open_ones:
        console.print(
            f"Next, where they are two people: accredit clear {application} {_key(open_ones[0])} --reason TEXT "
            "--officer CODE; else decide the case.",
            highlight=False,
            markup=False,
        )


def show_hit(hit: Hit) -> None:
    """Show one hit: score, band, whom it is about, what speaks for and against it, list and versions."""
    cleared = ", cleared" if hit.cleared_by else ""
    console.print(
        f"{hit.score:.2f} {hit.band}{cleared}: {_named(hit)} ({hit.rule})", style="bold", markup=False, highlight=False
    )
    for evidence in hit.evidence:
        counts = f"{evidence.contribution:+.2f}" if evidence.contribution else "     "
        console.print(f"    {counts} {evidence.reason}", markup=False, highlight=False)
    version = f"list version {hit.list_version[:12]}, " if hit.list_version else ""
    console.print(f"    {version}{hit.algorithm_version}", markup=False, highlight=False)


def _named(hit: Hit) -> str:
    return hit.about if ":" in hit.about else f"case {_key(hit)}"


def _key(hit: Hit) -> str:
    """Return by what a command calls whom the hit is about."""
    return hit.about if ":" in hit.about else case_number(UUID(hit.about))
