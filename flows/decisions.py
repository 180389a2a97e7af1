"""Decisions of officers: one path, whether they come from the command line or from the form in Prefect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID, uuid5

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.context import FlowRunContext
from prefect.states import Completed, Failed

from db.store import Store, open_store
from domain.application import Application
from domain.decisions import Decision, Outcome, Ruling, check_ruling, event_of, subject_of_ruling
from domain.errors import AccreditationError
from domain.nomination import Nomination
from domain.officers import Officer, OfficerRefusedError, Proof, check_code, check_signature
from domain.reasons import ReasonCode
from domain.values import ElectionCode, UtcTime
from flows.desk import Desk, chosen_election, database, desk, moment
from flows.engine.outcomes import ChunkOutcome, StageOutcome
from flows.engine.reports import Cell, publish_stage_report
from flows.engine.shield import shielded_flow
from flows.letters import Case
from flows.lookup import find_application
from flows.measures import is_measure, take_measure
from flows.vetting import publish_queue


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the decision for one case: applied, or skipped and why."""

    application_id: UUID
    applied: bool
    sentence: str


def decide_applications(
    ids: Sequence[UUID], ruling: Ruling, proof: Proof, *, election: ElectionCode, now: UtcTime, judged_at: UtcTime
) -> list[Result]:
    """Apply *ruling* to every case that allows it, in one transaction; returns what became of each.

    Raises for what concerns all of them: a proof that does not hold, an officer without the role, a missing reason.
    *judged_at* is the moment at which a single-use code must have been fresh.
    """
    at_desk = desk(election, now)
    with open_store(database()) as store:
        officer = store.officers.get(election, proof.officer)
        check_ruling(ruling, officer, at_desk.profile, now=now)
        seen = store.applications.get_many(ids) if proof.signature else None
        require_proof(store, election, proof, subject_of_ruling(ids, ruling, applications=seen), judged_at)
        bench = _Bench(store, at_desk, officer, ruling, proof.kind)
        results = bench.decide(ids)
        store.applications.flush()
        store.decisions.put(bench.decisions)
    return results


def require_proof(store: Store, election: ElectionCode, proof: Proof, subject: str, judged_at: UtcTime) -> None:
    """Raise :class:`ProofRefusedError` unless *proof* is the officer's for *subject*; a code is used up by it."""
    if proof.signature:
        check_signature(proof, store.officers.public_key(election, proof.officer), subject)
        return
    step = check_code(proof, store.officers.code_secret(election, proof.officer), judged_at)
    store.officers.use_proof(election, proof.officer, step, subject=subject, at=judged_at)


class _Bench:
    """One officer's ruling on several cases."""

    def __init__(self, store: Store, at_desk: Desk, officer: Officer, ruling: Ruling, proof_kind: str) -> None:
        self._store = store
        self._desk = at_desk
        self._officer = officer
        self._ruling = ruling
        self._proof_kind = proof_kind
        self.decisions: list[Decision] = []

    def decide(self, ids: Sequence[UUID]) -> list[Result]:
        applications = self._store.applications.get_many(ids)
        people = self._store.people.current(ids)
        return [self._one(one, applications.get(one), people.get(one)) for one in dict.fromkeys(ids)]

    def _one(self, known: UUID, application: Application | None, nomination: Nomination | None) -> Result:
        if application is None or nomination is None or application.election != self._desk.election:
            return Result(known, applied=False, sentence="no such case in this election")
        try:
            moved = self._apply(Case(application, nomination))
        except AccreditationError as error:
            return Result(known, applied=False, sentence=str(error))
        return Result(known, applied=True, sentence=_outcome_sentence(moved))

    def _apply(self, case: Case) -> Application:
        application = case.application
        if application.organisation in self._officer.recused_from:
            raise OfficerRefusedError(self._officer.code, f"is recused from cases of {application.organisation}.")
        decision = Decision(
            id=uuid5(application.id, f"{application.version}:{self._officer.code}:{self._ruling.outcome}"),
            application_id=application.id,
            officer=self._officer.code,
            outcome=self._ruling.outcome,
            reasons=self._ruling.reasons,
            facts=self._ruling.facts,
            proof=self._proof_kind,
            at=self._desk.now,
        )
        moved = self._store.applications.record(
            application, event_of(decision, self._ruling, application, self._desk.profile)
        )
        self.decisions.append(decision)
        self._write(Case(moved, case.nomination), application)
        return moved

    def _write(self, case: Case, before: Application) -> None:
        """Queue the letter that the outcome calls for, if any."""
        if is_measure(self._ruling.outcome, before):
            take_measure(self._store, self._desk, case, before=before, ruling=self._ruling)
            return
        letters = self._desk.letters
        match self._ruling.outcome:
            case Outcome.APPROVE:
                letter = letters.approval(case)
            case Outcome.DEFER:
                letter = letters.deferral(case, self._ruling.facts)
            case Outcome.REQUEST_INFORMATION:
                letter = letters.deficiency(case, [], question=self._ruling.facts)
            case Outcome.CONFIRM:
                proposed = before.proposal.decision_id if before.proposal else before.id
                letter = letters.refusal(case, self._store.decisions.facts(proposed))
            case _:
                return
        self._store.outbox.put(self._desk.election, letter, now=self._desk.now)


@flow(name="decide", flow_run_name="decide {outcome} by {officer}")
@shielded_flow
async def decide(  # noqa: PLR0913, PLR0917 -- the fields of the form
    applications: list[str],
    outcome: Outcome,
    officer: str,
    code: str,
    reasons: list[ReasonCode] = [],  # noqa: B006 -- an empty list shows a picker in the form where None would hide it
    until: datetime | None = None,
    election: str | None = None,
    as_of: datetime | None = None,
) -> State[Any]:
    """Decide cases that wait for officers. Find them in the artifact named queue, or with accredit queue.

    Args:
        applications: Case numbers or ids of the cases.
        outcome: What you decide. To refuse or revoke takes two: one proposes, another confirms (confirm).
        officer: Your officer code.
        code: The six digits your authenticator shows now. A code serves one decision.
        reasons: Reason codes; needed to refuse (R…), request information (D…), defer (X01), suspend or revoke (V…).
        until: End of a deferral, a suspension, or the time in which the person may reply to a proposed revocation.
        election: Code of the election; may be left out where there is only one.
        as_of: The moment the decision counts as made; empty means now.
    """
    started = monotonic()
    election_code, now = chosen_election(election), moment(as_of)
    ruling = Ruling(outcome=outcome, reasons=tuple(reasons), until=moment(until) if until else None)
    judged_at = created_at() or now
    try:
        ids = [find_application(election_code, str(one)) for one in applications]
        results = decide_applications(
            ids, ruling, Proof(officer=officer, code=code), election=election_code, now=now,
            judged_at=judged_at,
        )  # fmt: skip
    except AccreditationError as error:
        return Failed(message=str(error))
    await publish_stage_report(_outcome(results, monotonic() - started), election=election_code, rows=_rows(results))
    await publish_queue(election_code)
    skipped = sum(not result.applied for result in results)
    message = f"{len(results) - skipped} applied, {skipped} skipped. " + " ".join(r.sentence for r in results[:3])
    return Failed(message=message) if skipped == len(results) else Completed(message=message)


def created_at() -> datetime | None:
    """Return when the server says this run was created; its scheduled start is whatever its creator wrote there."""
    context = FlowRunContext.get()
    return context.flow_run.created if context and context.flow_run else None


def _outcome_sentence(moved: Application) -> str:
    if moved.proposal:
        return f"{moved.case_number}: {moved.proposal.kind} proposed; a second, different officer must confirm it"
    return f"{moved.case_number} is now {moved.status}"


def _outcome(results: Sequence[Result], seconds: float) -> StageOutcome:
    counts = {"applied": sum(r.applied for r in results), "skipped": sum(not r.applied for r in results)}
    part = ChunkOutcome(stage="decide", chunk=1, counts=counts, seconds=seconds)
    return StageOutcome.of("decide", [part], applications=len(results), seconds=seconds)


def _rows(results: Sequence[Result]) -> list[dict[str, Cell]]:
    return [
        {"application": str(result.application_id), "applied": result.applied, "result": result.sentence}
        for result in results
    ]
