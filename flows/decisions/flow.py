"""The deployment that applies what officers have signed: it is given the names of statements, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from pydantic import Field

from domain.errors import AccreditationError
from domain.values import ElectionCode, UtcTime
from flows.context import chosen_election, right_now
from flows.decisions.appliers import apply
from flows.decisions.joint_rulings import decide_applications, decide_together
from flows.decisions.rulings import Result
from flows.runtime.outcomes import ChunkOutcome, StageOutcome
from flows.runtime.reports import Cell, publish_stage_report
from flows.runtime.shield import shielded_flow
from flows.vetting.queue_report import publish_queue

__all__ = ["Result", "decide", "decide_applications", "decide_together"]

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@flow(name="decide", flow_run_name="apply signed statements")
@shielded_flow
async def decide(statements: list[Digest], election: str | None = None) -> State[Any]:
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
    await publish_stage_report(_outcome(results, seconds), election=election, rows=_rows(results))
    await publish_queue(election, now=now)


def _outcome(results: Sequence[Result], seconds: float) -> StageOutcome:
    counts = {"applied": sum(r.applied for r in results), "skipped": sum(not r.applied for r in results)}
    part = ChunkOutcome(stage="decide", chunk=1, counts=counts, seconds=seconds)
    return StageOutcome.of("decide", [part], applications=len(results), seconds=seconds)


def _rows(results: Sequence[Result]) -> list[dict[str, Cell]]:
    return [
        {"application": str(result.application_id), "applied": result.applied, "result": result.sentence}
        for result in results
    ]
