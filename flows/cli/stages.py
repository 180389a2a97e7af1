"""Commands that run stages: each is one flow, watched by Prefect where its server runs."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.errors import AccreditationError, BadInputError
from domain.intake.nominations_file import ChunkCounts
from domain.numbers import number_of, spans
from flows.cli.next_steps import show_next
from flows.cli.options import AsOf, Election, Json, Some, console, counted, show_json, show_table
from flows.cli.registry import command
from flows.cli.stage_display import StageFailed, errand_display, outcome_of, outcome_of_errand, run_flow, stage_display
from flows.context import chosen_election, elections_in_turn, handed_on, in_utc, moment
from flows.decisions.case_file import find_application
from flows.intake.arrivals import arrivals
from flows.intake.column_agreements import agree_names, read_agreement
from flows.intake.mending.returned_rows import file_reports, write_returns
from flows.oversight.counts import status_of
from flows.runtime.server.lifetime import errands_to_office, server_if_any, temporary_server
from flows.settings import settings

if TYPE_CHECKING:  # Prefect is loaded only where a command needs it
    from flows.intake.dry_run import RowReport

SIGNING_STAGES = {"issuance", "accreditation"}
Files = Annotated[
    list[Path], typer.Argument(help="CSV, XLSX, ODS, JSON Lines or ZIP files, or folders with a received.csv.")
]
Sender = Annotated[str, typer.Option("--organisation", "-o", help="Code of the organisation that sent the files.")]
Received = Annotated[
    datetime | None,
    typer.Option("--received-at", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"], help="When they arrived (UTC)."),
]


@command("intake", example="nominations.csv --organisation ORG-07")
def intake(  # noqa: PLR0913, PLR0917 -- a command's options
    files: Files,
    election: Election = None,
    organisation: Sender = "",
    received_at: Received = None,
    as_of: AsOf = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, write nothing, show the report.")
    ] = False,
    column: Annotated[
        list[str] | None, typer.Option("--column", help="NAME=COLUMN: what a name means in the sender's files; kept.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take nominations files in; every row is recorded, unchanged, corrected, held or returned.

    Exit code 0: all rows used; 4: done, but rows went back; 2: a file could not be read and nothing of it was recorded.
    """
    from flows.intake.precheck import require_readable

    code, now = chosen_election(election), moment(as_of)
    names = _said(organisation, column or [])
    readings = require_readable(files, organisation, election=code, said=names)
    if dry_run:
        _try(files, code, organisation, names, now=now, as_json=as_json)
        return
    if names:
        agree_names(code, organisation, names)
    if not as_json:
        _show_readings(readings)
    received = in_utc(received_at) if received_at else None
    outcome = run_stage("intake", [str(path) for path in files], code, organisation, received, handed_on(as_of))
    this_run = _rows(outcome)
    _show_intake(code, this_run, outcome, names={reading.file for reading in readings}, as_json=as_json)
    if this_run["returned"]:
        raise typer.Exit(4)


def _said(organisation: str, said: list[str]) -> dict[str, str]:
    names = read_agreement(said)
    if names and not organisation:
        raise BadInputError(
            "--column", "nothing says whose files these are.", remedy="Name the sender with --organisation."
        )
    return names


def _show_readings(readings: list[Any], *, with_notes: bool = False) -> None:
    """Print what was taken for which column; notes where the files were read to their end."""
    for reading in readings:
        if reading.recognised:
            taken = ", ".join(f"{name} → {column}" for name, column in reading.recognised.items())
            console.print(
                f"{reading.file} ({reading.encoding or reading.form}): {taken}", highlight=False, markup=False
            )
        if reading.ignored:
            unread = ", ".join(name[:60] or "(no name)" for name in reading.ignored)
            console.print(f"{reading.file}: not read: {unread}", highlight=False, markup=False)
        for note in reading.notes if with_notes else ():
            console.print(f"{reading.file}: {note}", highlight=False, markup=False)


def _try(
    files: list[Path], election: str, organisation: str, names: dict[str, str], *, now: datetime, as_json: bool
) -> None:
    from flows.intake.dry_run import dry_run_files

    found = [arrival for path in files for arrival in arrivals(path, organisation=organisation, received_at=None)]
    trials = dry_run_files(found, election, now=now, said=names)
    if as_json:
        show_json({"election": election, "dry_run": True, "files": [trial.as_json() for trial in trials]})
    for trial in [] if as_json else trials:
        _show_readings([trial.reading], with_notes=True)
        counts = {name: number for name, number in trial.counts.model_dump().items() if number}
        title = f"{trial.file}: {number_of(trial.counts.rows, 'rows')}, {counted(counts)}"
        show_table(title, _by_cause(trial.rows), empty="nothing to mend")
    if any(trial.counts.returned for trial in trials):
        raise typer.Exit(4)


def _by_cause(rows: Iterable[RowReport]) -> list[dict[str, str]]:
    """Return a line for each cause, with the rows that it concerns: one mistake in every row is told once."""
    concerned: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for row in rows:
        for problem in row.problems:
            cause = tuple({"would be": row.outcome, **problem.model_dump()}.items())
            concerned.setdefault(cause, []).append(row.row)
    return [{"rows": spans(numbers), **dict(cause)} for cause, numbers in concerned.items()]


def _rows(outcome: Any) -> dict[str, int]:
    """Return what this very run did: another may be taking files in at the same time."""
    counts = ChunkCounts.model_validate({name: outcome.counts.get(name, 0) for name in ChunkCounts.model_fields})
    return {"rows": counts.rows, **counts.model_dump()}


def _show_notes(reports: list[dict[str, Any]], names: set[str]) -> None:
    """Print how the files called *names* were read."""
    for report in reports:
        for note in report["notes"] if report["file"] in names else ():
            console.print(f"{report['file']}: {note['text']}", highlight=False, markup=False)


def _show_intake(election: str, rows: dict[str, int], outcome: Any, *, names: set[str], as_json: bool) -> None:
    written = write_returns(election)
    if as_json:
        show_json(
            {
                "election": election,
                "intake": rows,
                "seconds": outcome.seconds,
                "returned_rows": str(written),
                "files": file_reports(election),
            }
        )
        return
    if not rows["rows"]:
        console.print("Nothing new: these files were taken in before, or hold no rows.")
        return
    _show_notes(file_reports(election), names)
    known = {"recognised_by_other_evidence", "reference_reused"}
    console.print(
        f"{number_of(rows['rows'], 'rows')}: {counted({k: v for k, v in rows.items() if k not in {'rows', *known}})}."
    )
    if rows["recognised_by_other_evidence"]:
        console.print(
            f"{number_of(rows['recognised_by_other_evidence'], 'rows were')} recognised "
            "by other evidence than a reference."
        )
    if rows["reference_reused"]:
        console.print(
            f"{number_of(rows['reference_reused'], 'new people')} came under a reference that was another person's; "
            f"who they are is in {written}"
        )
    if rows["held"]:
        console.print(
            "Held rows wait until their organisation is admitted, or until an officer looks at a late change."
        )
    if rows["returned"]:
        console.print(f"What is wrong with rows that went back, and what to do, is in {written}")
    show_next(election)


@command("vet", example="--json")
def vet(election: Election = None, application: Some = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Check complete applications; clear cases are approved if the profile allows it; the others wait in the queue."""
    _stage("vetting", election, application, as_of, as_json=as_json)


@command("assign")
def assign(election: Election = None, application: Some = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Place all approved people by one optimal plan; a person without a place is at large and gets a credential too."""
    _stage("assignment", election, application, as_of, as_json=as_json)


@command("issue", example="--application ABCD-EFGH-IJKL")
def issue(election: Election = None, application: Some = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Sign credentials, draw badges and queue their letters for everybody assigned."""
    _stage("issuance", election, application, as_of, as_json=as_json)


@command("deliver")
def deliver(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Send the letters that wait. If the mail server is down, everything stays queued (exit code 3)."""
    failed: Exception | None = None
    for code in elections_in_turn(election):
        try:
            outcome = run_stage("delivery", code, handed_on(as_of))
        except (AccreditationError, StageFailed) as error:  # what fails in one election stops no other
            failed = error
        else:
            _show("delivery", code, outcome, as_json=as_json)
    if failed:
        raise failed


@command("run", example="var/rehearsal/nominations --as-of 2027-03-10T08:00")
def run(
    files: Annotated[list[Path] | None, typer.Argument(help="Files or folders to take in first.")] = None,
    election: Election = None,
    application: Some = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Run all stages: intake of FILES, vetting, assignment, issuance, delivery."""
    from flows.intake.precheck import require_readable

    code, at = chosen_election(election), handed_on(as_of)
    require_readable(files or [], "")
    some = _ids(code, application)
    run_stage("accreditation", code, [str(path) for path in files or []], some, at)
    if as_json:
        show_json(status_of(code))
    else:
        show_table("Applications", _statuses(code))
        show_next(code)


def _statuses(election: str) -> list[dict[str, Any]]:
    return [{"status": status, "applications": n} for status, n in status_of(election)["applications"].items()]


def _stage(
    name: str, election: str | None, application: list[str] | None, as_of: datetime | None, *, as_json: bool
) -> None:
    code, at = chosen_election(election), handed_on(as_of)
    some = _ids(code, application)
    office = errands_to_office()
    if office and office.serves(name):
        form = {"election": code, "applications": some, "as_of": at.isoformat() if at else None}
        with errand_display(name) as shown:
            outcome: Any = outcome_of_errand(office.run(name, form, shown=shown))
    else:
        outcome = run_stage(name, code, some, at)
    _show(name, code, outcome, as_json=as_json)


def _ids(election: str, application: list[str] | None) -> list[Any]:
    return [find_application(election, name) for name in application or ()]


def run_stage(name: str, *arguments: object) -> Any:
    """Run the flow of the deployment *name*, with a bar, and return its outcome.

    A Prefect server that runs already watches it. Where none does, it runs in this process and nobody watches, unless
    the settings give its chunks to other processes: those get their work from Prefect.
    """
    from flows.issuance.signing.process import signing_process

    with ExitStack() as started:
        if name in SIGNING_STAGES:
            started.enter_context(signing_process())
        alone = settings().runner == "threads"
        server = started.enter_context(server_if_any() if alone else temporary_server())
        from flows.deployments import DEPLOYMENTS
        from flows.runtime.task_runners import build_runner

        # Settings that cannot work together are told here in a sentence; inside a flow it would be a traceback.
        build_runner(settings())
        flow = next(deployment for deployment in DEPLOYMENTS if deployment.name == name).flow()
        with stage_display():
            state = run_flow(partial(flow, *arguments, return_state=True) if server else partial(flow.fn, *arguments))
    return outcome_of(state)


def _show(name: str, election: str, outcome: Any, *, as_json: bool) -> None:
    if as_json:
        show_json({"election": election, "stage": name, "counts": outcome.counts, "seconds": outcome.seconds})
    else:
        console.print(f"{name}: {outcome.sentence} ({outcome.seconds:.1f} s)")
        show_next(election)
