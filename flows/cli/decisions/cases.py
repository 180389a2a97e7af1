"""Commands about single cases: the queue, decisions, histories, credentials, the audit."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.application.reasons import MEANING, ReasonCode
from domain.decisions.rulings import Outcome
from domain.decisions.scope import Priority
from flows.cli.authority import hand_of
from flows.cli.options import AsOf, Election, Json, console, named, show_json, show_results, show_table
from flows.cli.registry import command

if TYPE_CHECKING:
    from flows.decisions.case_file import CaseFile

Key = Annotated[str, typer.Argument(metavar="APPLICATION", help="Id, case number or serial.")]


@command("status", example="--json")
def status(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show the state of the election: applications, letters, credentials, rows."""
    from flows.context import chosen_election
    from flows.oversight.overview import reasons_of, status_of

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


@command("queue", example="--officer OFF-1 --priority late")
def queue(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    officer: Annotated[
        str | None, typer.Option("--officer", help="Code of the officer whose cases come first.")
    ] = None,
    own: Annotated[bool, typer.Option("--own", help="With --officer: only that officer's cases.")] = False,
    free: Annotated[bool, typer.Option("--free", help="Leave out the cases that somebody has claimed.")] = False,
    organisation: Annotated[
        str | None, typer.Option("--organisation", "-o", help="Only cases of this organisation.")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="Only of this region (placed there, or wished for first).")
    ] = None,
    office: Annotated[str | None, typer.Option("--office", help="Only of the regions that this office serves.")] = None,
    priority: Annotated[Priority | None, typer.Option("--priority", help="Only these.")] = None,
    due_by: Annotated[
        datetime | None,
        typer.Option("--due-by", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="Only cases that are due by then (UTC)."),
    ] = None,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """List the cases that wait for officers, most urgent first; the same table is the artifact queue in Prefect."""
    from flows.context import chosen_election, in_utc, moment
    from flows.vetting.case_queue import QueueFilter, queue_table

    wanted = QueueFilter(
        officer=officer, own=own, free=free, organisation=organisation, region=region, office=office,
        priority=priority, due_by=in_utc(due_by) if due_by else None,
    )  # fmt: skip
    rows = queue_table(chosen_election(election), now=moment(as_of), wanted=wanted)
    shown = [{name: cell for name, cell in row.items() if name != "application"} for row in rows]
    show_json(rows) if as_json else show_table(f"{len(rows)} cases wait for officers", shown, empty="nothing to do")


@command("decide", example="ABCD-EFGH-IJKL --outcome refuse --reason R04 --facts … --officer OFF-1")
def decide(  # noqa: PLR0913, PLR0917 -- each is an option of the command line
    applications: Annotated[
        list[str], typer.Argument(metavar="APPLICATION...", help="Ids or case numbers; @FILE: one on each line.")
    ],
    outcome: Annotated[Outcome, typer.Option("--outcome", help="To refuse takes two: refuse, then confirm.")],
    officer: Annotated[str, typer.Option("--officer", help="Your officer code.")],
    reason: Annotated[list[ReasonCode] | None, typer.Option("--reason", help="Reason code; repeatable.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Your signing key (PEM).")] = None,
    facts: Annotated[str, typer.Option("--facts", help="The facts, as the letter shall state them.")] = "",
    until: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"], help="End of a deferral.")
    ] = None,
    note: Annotated[list[str] | None, typer.Option("--note", help="A note with the facts, CASE/NUMBER.")] = None,
    number: Annotated[int | None, typer.Option("--number", help="How many cases: needed for very many.")] = None,
    arrived_at: Annotated[
        datetime | None,
        typer.Option("--arrived-at", formats=["%Y-%m-%dT%H:%M"], help="Of an appeal: when it arrived (UTC)."),
    ] = None,
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Decide cases, signed with your key. Exit code 0: all applied; 1: some were skipped, each with the reason."""
    from domain.decisions.rulings import Ruling
    from flows.context import chosen_election, in_utc, moment
    from flows.decisions.case_file import find_application
    from flows.decisions.casework import confirm_extent, find_notes
    from flows.decisions.flow import decide_applications

    chosen, now = chosen_election(election), in_utc(arrived_at) if arrived_at else moment(as_of)
    ids = [find_application(chosen, one) for one in named(applications)]
    confirm_extent(ids, chosen, confirmed=number)
    ruling = Ruling(
        outcome=outcome, reasons=tuple(reason or ()), until=in_utc(until) if until else None, facts=facts,
        notes=find_notes(chosen, note or ()),
    )  # fmt: skip
    results = decide_applications(ids, ruling, hand_of(officer, key), election=chosen, now=now)
    show_results("Decision", results, as_json=as_json)


@command("show", example="ABCD-EFGH-IJKL")
def show(application: Key, election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show a case: its status, the findings, the time limit that runs, and what comes next."""
    from flows.cli.vetting.hits import show_hit
    from flows.context import moment

    file = _file(application, election, now=moment(as_of))
    case = file.application
    if as_json:
        show_json(file.model_dump(mode="json", exclude={"history"}) | {"next": file.next_step})
        return
    console.print(f"[bold]Case {case.case_number}[/bold] ({case.id})\n{case.status}, {case.organisation}, {case.role}")
    if case.due_at:
        console.print(f"Clock until {case.due_at:%Y-%m-%d %H:%M} UTC")
    console.print(f"[bold]Next:[/bold] {file.next_step}")
    if case.region or case.serial:
        console.print(f"Region {case.region or 'at large'}, office {case.office or '—'}, serial {case.serial or '—'}")
    for one in file.pledges[-1:]:
        console.print(f"Pledge {one.version} ({one.language}) accepted on {one.accepted_on}, text {one.sha256[:16]}…")
    show_table("Findings", [
        {"code": one.code.value, "meaning": MEANING[one.code], "rule": one.rule, "fields": ", ".join(one.fields),
         "about": one.about} for one in file.findings
    ], empty="none")  # fmt: skip
    for hit in file.hits:
        show_hit(hit)
    show_table(
        "Letters", [{"letter": k, "state": s, "when (UTC)": f"{at:%Y-%m-%d %H:%M}"} for k, s, at in file.letters]
    )


@command("history", example="ABCD-EFGH-IJKL")
def history(application: Key, election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Show everything that happened to a case: when, why and by whom."""
    del as_of
    file = _file(application, election)
    if as_json:
        show_json([event.model_dump(mode="json") for event in file.history])
        return
    show_table(f"Case {file.application.case_number}", [
        {"when (UTC)": f"{event.at:%Y-%m-%d %H:%M:%S}", "what": event.kind.replace("_", " "), "by": str(event.actor),
         "details": file.details(event)} for event in file.history
    ])  # fmt: skip


def _file(key: str, election: str | None, *, now: datetime | None = None) -> CaseFile:
    from flows.context import chosen_election
    from flows.decisions.case_file import case_file, find_application

    return case_file(find_application(chosen_election(election), key), now=now)


@command("audit verify")
def audit_verify(
    since: Annotated[str, typer.Option("--since", help="A head noted earlier: the record must go on from it.")] = "",
    election: Election = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Recompute every chain, replay every history, verify every signature and compare; name the first broken link.

    Note the head, or send it to somebody, each day: with --since it shows whether an old state was restored.
    Exit code 1: something does not agree.
    """
    from flows.context import chosen_election
    from flows.oversight.chains import BOOKS
    from flows.oversight.overview import audit

    del as_of
    found = audit(chosen_election(election), since=since)
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        console.print(f"{found.applications:,} applications, {found.events:,} events, root {found.root}")
        console.print(f"head {found.head}", highlight=False, soft_wrap=True)
        for one in found.broken:
            console.print(f"[red]does not agree with its history:[/red] {one}")
        for link in found.links:
            console.print(f"[red]does not add up:[/red] {link}", highlight=False)
        if found.is_whole:
            console.print(
                f"[green]Every history is whole and adds up to what is stored; so do {', '.join(BOOKS)}.[/green]"
            )
    if not found.is_whole:
        raise typer.Exit(1)


@command("audit export", example="record.json")
def audit_export(
    file: Annotated[Path, typer.Argument(help="Where the record is written, as JSON.")],
    election: Election = None,
    as_of: AsOf = None,
) -> None:
    """Write the record of signed acts, with the histories, for outsiders: ids, codes and signatures; nobody's data."""
    from flows.context import chosen_election
    from flows.oversight.exports import export_record

    del as_of
    entries = export_record(chosen_election(election), file)
    console.print(f"{file}: {entries:,} entries. Anybody checks it with: accredit audit check {file}", highlight=False)


@command("audit check", example="record.json")
def audit_check(
    file: Annotated[Path, typer.Argument(help="A file made by accredit audit export.")], as_json: Json = False
) -> None:
    """Verify an exported record with public keys alone, without a database. Exit code 1: something does not hold.

    Officers compare the ids of their keys with their own; the head is compared with one that was noted elsewhere.
    """
    from flows.oversight.exports import check_record

    found = check_record(file)
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        console.print(f"{found.election}: {found.entries:,} entries, {found.cases:,} cases, root {found.root}")
        console.print(f"head {found.head}", highlight=False, soft_wrap=True)
        show_table("Keys that count at the end", [
            {"officer": code, "key": key} for code, keys in found.keys.items() for key in keys
        ])  # fmt: skip
        for fault in found.faults:
            console.print(f"[red]does not hold:[/red] {fault}", highlight=False)
        if not found.faults:
            console.print("[green]Every signature holds, and every officer's act is one that was signed.[/green]")
    if found.faults:
        raise typer.Exit(1)
