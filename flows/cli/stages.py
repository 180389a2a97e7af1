"""Commands that run stages: each is one flow, on a Prefect server that lives as long as the command."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli import forms
from flows.cli.options import AsOf, Election, Json, Some, console, counted, show_json, show_table

Files = Annotated[list[Path], typer.Argument(help="CSV or XLSX files, or folders with a received.csv.")]
Sender = Annotated[str, typer.Option("--organisation", "-o", help="Code of the organisation that sent the files.")]
Received = Annotated[
    datetime | None,
    typer.Option("--received-at", formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"], help="When they arrived (UTC)."),
]


def intake(
    files: Files,
    election: Election = None,
    organisation: Sender = "",
    received_at: Received = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Take nominations files in; every row is recorded, unchanged, corrected, held or returned.

    Exit code 0: all rows used; 4: done, but rows went back; 2: a file could not be read and nothing of it was recorded.
    """
    from flows.desk import chosen_election, moment
    from flows.precheck import require_readable

    code, now = chosen_election(election), moment(as_of)
    require_readable(files, organisation)
    before = _rows(code)
    received = moment(received_at) if received_at else None
    outcome = _run("intake", [str(path) for path in files], code, organisation, received, now)
    after = _rows(code)
    this_run = {name: after[name] - before[name] for name in after}
    _show_intake(code, this_run, outcome, as_json=as_json)
    if this_run["returned"]:
        raise typer.Exit(4)


def _rows(election: str) -> dict[str, int]:
    from flows.overview import status_of

    rows: dict[str, int] = status_of(election)["intake"]
    return rows


def _show_intake(election: str, rows: dict[str, int], outcome: Any, *, as_json: bool) -> None:
    from flows.returns import write_returns

    written = write_returns(election)
    if as_json:
        show_json({"election": election, "intake": rows, "seconds": outcome.seconds, "returned_rows": str(written)})
        return
    if not rows["rows"]:
        console.print("Nothing new: these files were taken in before, or hold no rows.")
        return
    console.print(f"{rows['rows']:,} rows: {counted({k: v for k, v in rows.items() if k != 'rows'})}.")
    if rows["held"]:
        console.print("Held rows wait until their organisation is admitted, or an officer looks at a late change.")
    if rows["returned"]:
        console.print(f"What is wrong with rows that went back, and what to do, is in {written}")


def vet(election: Election = None, application: Some = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Check complete applications; clear cases are approved where the profile says so, the rest wait in the queue."""
    _stage("vetting", election, application, as_of, as_json=as_json)


def assign(election: Election = None, application: Some = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Place everybody approved by one optimal plan; who finds no place is at large and gets a credential too."""
    _stage("assignment", election, application, as_of, as_json=as_json)


def issue(election: Election = None, application: Some = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Sign credentials, draw badges and queue their letters for everybody assigned."""
    _stage("issuance", election, application, as_of, as_json=as_json)


def deliver(election: Election = None, as_of: AsOf = None, as_json: Json = False) -> None:
    """Send the letters that wait. A mail server that is down leaves everything queued (exit code 1)."""
    from flows.desk import chosen_election, moment

    code, now = chosen_election(election), moment(as_of)
    outcome = _run("delivery", code, now)
    _show("delivery", code, outcome, as_json=as_json)


def run(
    files: Annotated[list[Path] | None, typer.Argument(help="Files or folders to take in first.")] = None,
    election: Election = None,
    application: Some = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Run all stages: intake of FILES, vetting, assignment, issuance, delivery."""
    from flows.desk import chosen_election, moment
    from flows.overview import status_of
    from flows.precheck import require_readable

    code, now = chosen_election(election), moment(as_of)
    require_readable(files or [], "")
    some = _ids(code, application)
    _run("accreditation", code, [str(path) for path in files or []], some or [], now)
    show_json(status_of(code)) if as_json else show_table("Applications", _statuses(code))


def _statuses(election: str) -> list[dict[str, Any]]:
    from flows.overview import status_of

    return [{"status": status, "applications": n} for status, n in status_of(election)["applications"].items()]


def _stage(
    name: str, election: str | None, application: list[str] | None, as_of: datetime | None, *, as_json: bool
) -> None:
    from flows.desk import chosen_election, moment

    code, now = chosen_election(election), moment(as_of)
    some = _ids(code, application)
    outcome = _run(name, code, some, now)
    _show(name, code, outcome, as_json=as_json)


def _ids(election: str, application: list[str] | None) -> list[Any] | None:
    from flows.lookup import find_application

    return [find_application(election, one) for one in application] if application else None


def _run(name: str, *arguments: object) -> Any:
    """Run the flow of the deployment *name* on a temporary server, with a bar, and return its outcome."""
    from flows.cli.running import outcome_of, run_flow, stage_display
    from flows.engine.server import temporary_server

    with temporary_server():
        from flows.engine.deployments import DEPLOYMENTS
        from flows.engine.runner import build_runner
        from flows.settings import settings

        # Settings that cannot work together are told here in a sentence; inside a flow it would be a traceback.
        build_runner(settings())
        flow = next(one for one in DEPLOYMENTS if one.name == name).flow()
        with stage_display():
            state = run_flow(partial(flow, *arguments, return_state=True))
    return outcome_of(state)


def _show(name: str, election: str, outcome: Any, *, as_json: bool) -> None:
    if as_json:
        show_json({"election": election, "stage": name, "counts": outcome.counts, "seconds": outcome.seconds})
    else:
        console.print(f"{name}: {outcome.sentence} ({outcome.seconds:.1f} s)")


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    forms.register(app)
    app.command(epilog="Example: accredit intake nominations.csv --organisation ORG-07")(intake)
    app.command(epilog="Example: accredit vet --json")(vet)
    app.command(epilog="Example: accredit assign")(assign)
    app.command(epilog="Example: accredit issue --application ABCD-EFGH-IJKL")(issue)
    app.command(epilog="Example: accredit deliver")(deliver)
    app.command(epilog="Example: accredit run var/rehearsal/nominations --as-of 2027-03-10T08:00")(run)
