"""Commands about stored plans: why somebody is not in a region, drafts, comparison, adoption, check."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from domain.assignment.policy import Replanning
from domain.numbers import number_of
from flows.assignment.adoption import adopt_plan
from flows.assignment.plans.agreement import faults_of
from flows.assignment.plans.drafts import discard_plan, draft_plan, find_plan, paper_of, plan_rows
from flows.assignment.plans.explanation import explain, sentences
from flows.assignment.plans.pictures import pictures, write_pictures, write_tables
from flows.assignment.plans.problems import Choices
from flows.assignment.plans.views import compared, plan_report
from flows.cli.assignment.plan_tables import print_plan
from flows.cli.officer_options import by_officer
from flows.cli.options import AsOf, Election, Json, OneCase, console, show_json, show_table
from flows.cli.registry import command
from flows.context import chosen_election, election_context, moment
from flows.decisions.case_file import find_application
from flows.issuance.life import replace_left
from flows.statements.acceptance import ActingOfficer

Draft = Annotated[str, typer.Argument(metavar="ID", help="The plan's id, or how it begins.")]
Some = Annotated[str, typer.Argument(metavar="[ID]", help="By default the plan in force.")]


@command("why", example="ABCD-EFGH-IJKL VD-03 --json")
def why(
    application: OneCase,
    region: Annotated[str | None, typer.Argument(metavar="[REGION]", help="By default the first choice.")] = None,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Say why somebody is not in REGION: a rule, a lottery number, or who would have to move and what would be lost.

    Exact, from the stored plan. The chain names cases and is for officers; the person may be told counts and levels.
    """
    del as_of
    code = chosen_election(election)
    found = explain(code, find_application(code, application), region)
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        console.print("\n".join(sentences(found)), highlight=False, markup=False)


@command("plan draft", example="--replanning no_moves --pin-from 2027-03-12")
def draft(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    replanning: Annotated[
        Replanning, typer.Option("--replanning", help="How closely to keep to the plan in force.")
    ] = Replanning.FEWEST_CHANGES,
    fairness: Annotated[bool, typer.Option("--fairness", help="Even out how organisations fare.")] = False,
    fewest_staff: Annotated[
        bool,
        typer.Option("--fewest-staff", help="Send as few staff to offices as possible, at the cost of wishes."),
    ] = False,
    together: Annotated[
        list[str] | None, typer.Option("--together", help="Organisation that asked to stay together; repeatable.")
    ] = None,
    pin_from: Annotated[
        datetime | None,
        typer.Option("--pin-from", formats=["%Y-%m-%d"], help="From then on, places that people were told stay."),
    ] = None,
    pair_odd: Annotated[
        bool | None, typer.Option("--pair-odd/--leave-odd", help="Move people to make pairs; default: at first only.")
    ] = None,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Draw up a plan for everybody approved or placed, and keep it as a draft; nobody is moved by it."""
    code, now = chosen_election(election), moment(as_of)
    choices = Choices(
        replanning=replanning, fairness=fairness, fewest_staff=fewest_staff,
        together=tuple(sorted(set(together or ()))),
        pin_from=pin_from.date() if pin_from else None, pair_odd=pair_odd,
    )  # fmt: skip
    _show(code, str(draft_plan(code, choices, now=now)), now, as_json=as_json)


@command("plan list")
def list_plans(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """List drafts and plans, the newest first, with what each loses by level."""
    del as_of
    rows = plan_rows(chosen_election(election))
    if as_json:
        show_json(rows)
        return
    order = max((tuple(_lost(row)) for row in rows), key=len, default=())
    alike = all(tuple(_lost(row)) == order[: len(_lost(row))] for row in rows)
    named = f"Plans (lost: {' / '.join(order)})" if rows and alike else "Plans"
    brief = [_brief(row, words=not alike) for row in rows]
    show_table(named, brief, empty="none yet; accredit plan draft makes one")


def _lost(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a plan loses by level, the most important first."""
    return {name.removeprefix("lost "): cell for name, cell in row.items() if name.startswith("lost ")}


def _brief(row: Mapping[str, Any], *, words: bool) -> dict[str, Any]:
    """Return a plan's row with its losses in one cell; with *words* each says its level."""
    lost = (f"{name} {cell}" if words else f"{cell}" for name, cell in _lost(row).items())
    way = filter(None, (row["replanning"].replace("_", " "), row["besides"]))
    return {
        "plan": row["plan"][:8], "made at": row["made at"][5:], "state": row["state"],
        "way": ", ".join(way), "moves": row["moves"], "lost": (", " if words else "/").join(lost),
    }  # fmt: skip


@command("plan show", example="3f2a")
def show(plan: Some = "", election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show a plan in numbers: levels, regions, offices, groups; who has no region or moves, and why; staff to send."""
    code = chosen_election(election)
    _show(code, plan, moment(as_of), as_json=as_json)


def _show(election: str, plan: str, now: datetime, *, as_json: bool) -> None:
    paper = paper_of(find_plan(election, plan))
    context = election_context(election, now)
    folder = write_pictures(paper, pictures(paper, context.geography))
    report: dict[str, Any] = {**plan_report(paper, context), "pictures": str(folder)}
    write_tables(paper, {"staffing": report["staffing"]["offices"], "delegations": report["delegations"]})
    show_json(report) if as_json else print_plan(report)


@command("plan compare", example="3f2a 9b01")
def compare(
    first: Draft,
    second: Annotated[str, typer.Argument(metavar="ID", help="The other plan.")],
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Compare two plans by level, region and office, and show who is placed elsewhere."""
    del as_of
    code = chosen_election(election)
    found = compared(paper_of(find_plan(code, first)), paper_of(find_plan(code, second)))
    if as_json:
        show_json(found)
        return
    show_table("By level", found["levels"])
    show_table("Regions that differ", found["regions"], empty="none")
    show_table("Offices that differ", found["offices"], empty="none")
    show_table(f"{number_of(len(found['elsewhere']), 'people are')} elsewhere", found["elsewhere"][:50], empty="nobody")


@command("plan adopt", example="3f2a --officer OFF-1 --key off-1.pem")
@by_officer
def adopt(
    by: ActingOfficer,
    plan: Draft,
    as_json: Json = False,
) -> None:
    """Put a draft into force, signed with your key: people move, letters and rosters are queued, all or nothing."""
    stored = find_plan(by.election, plan)
    counts = adopt_plan(stored, by)
    counts["replaced"] = (
        sum(result.applied for result in replace_left(by.election, now=by.now)) if counts["badges"] else 0
    )
    if as_json:
        show_json({"plan": str(stored.id), **counts})
    else:
        console.print(
            f"Adopted: {number_of(counts['moved'], 'people')} placed or moved, {counts['at_large']:,} at large, "
            f"{number_of(counts['rosters'], 'rosters')}."
        )
        if counts["badges"]:
            console.print(
                f"{number_of(counts['badges'], 'badges')} named the region that their holders left over a notice; "
                f"{counts['replaced']:,} replaced, the rest by the next accredit remind."
            )


@command("plan check")
def check(plan: Some = "", election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Verify rules, losses, reasons, certificate and teams of the stored plan, by code that the planner does not use.

    Of the plan in force it also says which cases are elsewhere than it puts them.

    Exit code 0: nothing wrong; 1: something is.
    """
    del as_of
    code = chosen_election(election)
    stored = find_plan(code, plan)
    faults = [{"fault": found.fault, "subject": found.subject} for found in faults_of(code, stored)]
    if as_json:
        show_json({"plan": str(stored.id), "faults": faults})
    else:
        show_table(f"Plan {stored.id}: faults", faults, empty="none; the plan is lawful and optimal")
    if faults:
        raise typer.Exit(1)


@command("plan discard", example="3f2a")
def discard(plan: Draft, election: Election = None, as_of: AsOf = None) -> None:
    """Discard a draft: it can no longer be adopted."""
    del as_of
    stored = find_plan(chosen_election(election), plan)
    discard_plan(stored.id)
    console.print(f"Discarded {stored.id}.")
