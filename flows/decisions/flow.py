"""The runs of officers' work: signed statements are applied, one case is shown, and late cases are raised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from pydantic import Field

from db.store import open_reader
from domain.application.application import case_number
from domain.errors import AccreditationError
from domain.numbers import number_of
from domain.values import ElectionCode, UtcTime
from flows.context import chosen_election, database, moment, right_now
from flows.decisions.appliers import apply
from flows.decisions.case_file import case_file, case_markdown, find_application
from flows.decisions.clocks import OVER, clocks_table
from flows.oversight.open_work_report import publish_open_work
from flows.runtime.outcomes import ChunkOutcome, StageOutcome
from flows.runtime.reports import Cell, publish_markdown, publish_stage_report, publish_table
from flows.runtime.run_names import run_name
from flows.runtime.shield import shielded_flow
from flows.statements.acceptance import Result
from flows.vetting.queue_report import publish_queue

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def cases_of(given: Mapping[str, Any]) -> str:
    """Return the case that the statements of a form are about, or of how many they speak."""
    chosen = chosen_election(given.get("election"))
    with open_reader(database()) as store:
        signed = [store.statements.get(chosen, digest).statement for digest in given["statements"]]
    known = {case.id for statement in signed for case in statement.cases}
    return case_number(*known) if len(known) == 1 else number_of(len(known), "cases")


@flow(name="decide", flow_run_name=run_name("apply signed statements", cases=cases_of))
@shielded_flow
async def decide(statements: list[Digest], election: str = "") -> State[Any]:
    """Apply what officers have signed, each statement once and exactly as it was signed.

    Officers sign on their own device or with accredit decide. What is given here cannot say anything else: another
    digest is another statement, which somebody signed, and one that was applied or is old is refused.

    Args:
        statements: Digests of signed statements on record.
        election: Code of the election; may be left out where there is only one.
    """
    started, chosen = monotonic(), chosen_election(election)
    told: list[str] = []
    results: list[Result] = []
    refused = 0
    for digest in dict.fromkeys(statements):
        try:
            applied = apply(digest, election=chosen)
        except AccreditationError as error:
            refused += 1
            told.append(str(error))
        else:
            told.append(applied.sentence)
            results += applied.results
    await _publish(results, chosen, now=right_now(), seconds=monotonic() - started)
    failed = refused == len(told) or (bool(results) and not any(result.applied for result in results))
    return (Failed if failed else Completed)(message=" ".join(told[:3]))


async def _publish(results: Sequence[Result], election: ElectionCode, *, now: UtcTime, seconds: float) -> None:
    """Show what became of each case and how the queue stands now."""
    await publish_queue(election, now=now)
    await publish_open_work(election, now=now)
    await publish_stage_report(_outcome(results, seconds), election=election, rows=_rows(results))


def _outcome(results: Sequence[Result], seconds: float) -> StageOutcome:
    counts = {"applied": sum(r.applied for r in results), "skipped": sum(not r.applied for r in results)}
    part = ChunkOutcome(stage="decide", chunk=1, counts=counts, seconds=seconds)
    return StageOutcome.of("decide", [part], applications=len(results), seconds=seconds)


def _rows(results: Sequence[Result]) -> list[dict[str, Cell]]:
    return [
        {"application": str(result.application_id), "applied": result.applied, "result": result.sentence}
        for result in results
    ]


@flow(name="case", flow_run_name=run_name("case", "application"))
@shielded_flow
async def case(application: str, election: str = "", as_of: datetime | None = None) -> State[Any]:
    """Write the artifact of one case: its course, findings by code, clocks and next step; nothing personal.

    Args:
        application: Id, case number or serial of the application.
        election: Code of the election; may be left out where there is only one.
        as_of: The day whose policies count; unset: today.
    """
    code = chosen_election(election)
    file = case_file(find_application(code, application), now=moment(as_of))
    number = file.application.case_number.lower()
    await publish_markdown(case_markdown(file), stage=f"case-{number}", election=code, kind="timeline")
    return Completed(message=f"{file.application.status} at {moment(as_of):%Y-%m-%d}. Next: {file.next_step}")


@flow(name="escalation", flow_run_name=run_name("late cases"))
@shielded_flow
async def escalation(election: str = "", as_of: datetime | None = None) -> State[Any]:
    """Raise the cases that are late: a run named Late, and the artifact escalation with their numbers and owners.

    An automation starts it whenever the clocks find a case that has just run out of time.

    Args:
        election: Code of the election; may be left out where there is only one.
        as_of: The moment at which clocks are read; empty means now.
    """
    code, now = chosen_election(election), moment(as_of)
    late = [row for row in clocks_table(code, now=now) if row["run (%)"] == OVER]
    if not late:
        return Completed(message="Nothing is late.")
    told = f"{len(late)} are late: {', '.join(str(row['case']) for row in late[:5])}"
    await publish_table(late, stage="escalation", election=code, kind="table", description=told)
    return Failed(name="Late", message=f"{told}. Decide them, or say why not; all of them are in the artifact.")
