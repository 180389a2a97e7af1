"""Decisions of officers: one path, whether they come from the command line or from the form in Prefect."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.states import Completed, Failed

from db.store import open_store
from domain.application.reasons import ReasonCode
from domain.decisions.competence import check_competence
from domain.decisions.officers import Proof
from domain.decisions.rulings import Order, Outcome, Ruling, check_ruling, subject_of_orders
from domain.errors import AccreditationError
from domain.values import ElectionCode, UtcTime
from flows.context import chosen_election, database, election_context, moment
from flows.decisions.case_file import find_application
from flows.decisions.casework import confirm_extent, find_notes
from flows.decisions.rulings import OfficerRulings, Result
from flows.runtime.outcomes import ChunkOutcome, StageOutcome
from flows.runtime.reports import Cell, publish_stage_report
from flows.runtime.shield import shielded_flow
from flows.statements.proofs import require_proof
from flows.vetting.case_queue import publish_queue

__all__ = ["Result", "created_at", "decide", "decide_applications", "decide_together"]


def decide_applications(
    ids: Sequence[UUID], ruling: Ruling, proof: Proof, *, election: ElectionCode, now: UtcTime, judged_at: UtcTime
) -> list[Result]:
    """Apply *ruling* to every case that allows it, in one transaction; returns what became of each.

    Raises for what concerns all of them: a proof that does not hold, an officer without the role, a missing reason.
    *judged_at* is the moment at which a single-use code must have been fresh.
    """
    return decide_together(
        [Order(ids=tuple(ids), ruling=ruling)], proof, election=election, now=now, judged_at=judged_at
    )


def decide_together(
    orders: Sequence[Order], proof: Proof, *, election: ElectionCode, now: UtcTime, judged_at: UtcTime
) -> list[Result]:
    """Apply several rulings, proved by one proof under exactly all of them, in one transaction.

    A batch of different outcomes thus costs an officer one code. Raises as :func:`decide_applications` does.
    """
    at_desk = election_context(election, now)
    with open_store(database()) as store:
        officer = store.officers.get(election, proof.officer)
        for order in orders:
            check_ruling(order.ruling, officer, at_desk.profile, now=now)
            check_competence(order.ruling.outcome, at_desk.profile)
        every = [one for order in orders for one in order.ids]
        seen = store.applications.get_many(every) if proof.signature else None
        require_proof(store, election, proof, subject_of_orders(orders, applications=seen), judged_at)
        results: list[Result] = []
        for order in orders:
            bench = OfficerRulings(store, at_desk, officer, order.ruling, proof_kind=proof.kind)
            results += bench.decide(order.ids)
            bench.keep()
    return results


@flow(name="decide", flow_run_name="decide {outcome} by {officer}")
@shielded_flow
async def decide(  # noqa: PLR0913, PLR0917 -- the fields of the form
    applications: list[str],
    outcome: Outcome,
    officer: str,
    code: str,
    reasons: list[ReasonCode] = [],  # noqa: B006 -- an empty list shows a picker in the form where None would hide it
    until: datetime | None = None,
    notes: list[str] = [],  # noqa: B006 -- as above
    number_of_cases: int | None = None,
    election: str | None = None,
    as_of: datetime | None = None,
) -> State[Any]:
    """Decide cases that wait for officers. Find them in the artifact named queue, or with accredit queue.

    Args:
        applications: Case numbers or ids of the cases.
        outcome: What you decide. To refuse or revoke takes two: one proposes, another confirms (confirm). recall takes
            back your proposal, or a refusal you took part in while its letter has not left.
        officer: Your officer code.
        code: The six digits your authenticator shows now. A code serves one decision.
        reasons: Reason codes; needed to refuse (R…), request information (D…), defer (X01), suspend or revoke (V…).
        until: End of a deferral, a suspension, or the time in which the person may reply to a proposed revocation.
        notes: Notes that state the facts, written with accredit note: case number and number, such as ABCD-EFGH-IJKL/1.
            Nobody is refused or revoked without.
        number_of_cases: How many cases these are; needed above the profile's number, as a second look.
        election: Code of the election; may be left out where there is only one.
        as_of: The moment the decision counts as made; for an appeal, when it arrived. Empty means now.
    """
    started = monotonic()
    chosen, now = chosen_election(election), moment(as_of)
    proof, end = Proof(officer=officer, code=code), moment(until) if until else None
    try:
        ids = [find_application(chosen, str(one)) for one in applications]
        confirm_extent(ids, chosen, confirmed=number_of_cases)
        ruling = Ruling(outcome=outcome, reasons=tuple(reasons), until=end, notes=find_notes(chosen, notes))
        results = decide_applications(ids, ruling, proof, election=chosen, now=now, judged_at=created_at() or now)
    except AccreditationError as error:
        return Failed(message=str(error))
    return await _published(results, chosen, now=now, seconds=monotonic() - started)


async def _published(results: Sequence[Result], election: ElectionCode, *, now: UtcTime, seconds: float) -> State[Any]:
    """Show what became of each case and how the queue stands now."""
    await publish_stage_report(_outcome(results, seconds), election=election, rows=_rows(results))
    await publish_queue(election, now=now)
    skipped = sum(not result.applied for result in results)
    message = f"{len(results) - skipped} applied, {skipped} skipped. " + " ".join(r.sentence for r in results[:3])
    return Failed(message=message) if skipped == len(results) else Completed(message=message)


def created_at() -> datetime | None:
    """Return when the server says this run was created; its scheduled start is whatever its creator wrote there."""
    context = FlowRunContext.get()
    return context.flow_run.created if context and context.flow_run else None


def _outcome(results: Sequence[Result], seconds: float) -> StageOutcome:
    counts = {"applied": sum(r.applied for r in results), "skipped": sum(not r.applied for r in results)}
    part = ChunkOutcome(stage="decide", chunk=1, counts=counts, seconds=seconds)
    return StageOutcome.of("decide", [part], applications=len(results), seconds=seconds)


def _rows(results: Sequence[Result]) -> list[dict[str, Cell]]:
    return [
        {"application": str(result.application_id), "applied": result.applied, "result": result.sentence}
        for result in results
    ]
