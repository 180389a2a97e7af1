"""Decisions of officers: one path, whether they come from the command line or from the form in Prefect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from domain.appeals import appealed, took_part
from domain.application import Application
from domain.casework import Claim, NoteRefusedError
from domain.competence import check_competence, check_confirmation
from domain.decisions import (
    Decision,
    Order,
    Outcome,
    Ruling,
    check_part,
    check_proposer,
    check_ruling,
    event_of,
    subject_of_orders,
)
from domain.errors import AccreditationError
from domain.events import Event
from domain.nomination import Nomination
from domain.officers import Officer, OfficerRefusedError, Proof
from domain.reasons import ReasonCode
from domain.status import Status
from domain.values import ElectionCode, UtcTime
from flows.deciding.appeals import is_of_appeal, tell_of_appeal
from flows.deciding.casework import confirm_extent, find_notes
from flows.deciding.lookup import find_application
from flows.deciding.measures import is_measure, take_measure
from flows.deciding.proofs import require_proof
from flows.desk import Desk, chosen_election, database, desk, moment
from flows.engine.outcomes import ChunkOutcome, StageOutcome
from flows.engine.reports import Cell, publish_stage_report
from flows.engine.shield import shielded_flow
from flows.mail.letters import Case
from flows.register.coverage import cited_on
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
    return decide_together(
        [Order(ids=tuple(ids), ruling=ruling)], proof, election=election, now=now, judged_at=judged_at
    )


def decide_together(
    orders: Sequence[Order], proof: Proof, *, election: ElectionCode, now: UtcTime, judged_at: UtcTime
) -> list[Result]:
    """Apply several rulings, proved by one proof under exactly all of them, in one transaction.

    A batch of different outcomes thus costs an officer one code. Raises as :func:`decide_applications` does.
    """
    at_desk = desk(election, now)
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
            bench = Bench(store, at_desk, officer, order.ruling, proof_kind=proof.kind)
            results += bench.decide(order.ids)
            bench.keep()
    return results


class Bench:
    """One officer's ruling on several cases, within one transaction."""

    def __init__(
        self,
        store: Store,
        at_desk: Desk,
        officer: Officer,
        ruling: Ruling,
        *,
        proof_kind: str,
        session: str | None = None,
    ) -> None:
        self._store = store
        self._desk = at_desk
        self._officer = officer
        self._ruling = ruling
        self._proof_kind = proof_kind
        self._session = session
        self._notes = {note.application_id: note for note in store.casework.notes(ruling.notes).values()}
        self._officers = {one.code: one for one in store.officers.all_in(at_desk.election)}
        self._claims: Mapping[UUID, Claim] = {}
        self.decisions: list[Decision] = []

    def decide(self, ids: Sequence[UUID]) -> list[Result]:
        """Return what became of each of *ids*, and remember the decisions."""
        self._require_notes(ids)
        applications = self._store.applications.get_many(ids)
        people = self._store.people.current(ids)
        self._claims = self._store.casework.claims(ids, now=self._desk.now)
        return [self._one(one, applications.get(one), people.get(one)) for one in dict.fromkeys(ids)]

    def keep(self) -> None:
        """Write what was decided; whoever had claimed these cases has them no longer."""
        self._store.applications.flush()
        self._store.decisions.put(self.decisions)
        self._store.casework.release([one.application_id for one in self.decisions])
        self._store.session.flush()
        self._store.session.expire_all()  # what comes next reads what was just written

    def _require_notes(self, ids: Sequence[UUID]) -> None:
        if len(self._notes) != len(self._ruling.notes) or not set(self._notes) <= set(ids):
            raise NoteRefusedError("Every note named is about one of these cases, and each case has one note at most.")

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
        history = self._history(application)
        self._check(application, history)
        note = self._notes.get(application.id)
        ruling = self._ruling.revised(facts=note.facts_for(application)) if note else self._ruling
        decision = Decision(
            id=uuid5(application.id, f"{application.version}:{self._officer.code}:{ruling.outcome}"),
            application_id=application.id,
            officer=self._officer.code,
            outcome=ruling.outcome,
            reasons=ruling.reasons,
            facts=ruling.facts,
            note_id=note.id if note else None,
            at=self._desk.now,
            proof=self._proof_kind,
            session=self._session,
            policies=cited_on(self._desk, case, ruling.reasons),
        )
        event = event_of(decision, ruling, application, self._desk.profile, appealed=appealed(history))
        moved = self._store.applications.record(application, event)
        self.decisions.append(decision)
        self._write(Case(moved, case.nomination), application, ruling)
        return moved

    def _history(self, application: Application) -> list[Event]:
        """Return what happened before, where the ruling depends on it: in appeals."""
        lodging = self._ruling.outcome is Outcome.LODGE_APPEAL
        on_appeal = application.status is Status.UNDER_APPEAL
        return self._store.applications.history(application.id) if lodging or on_appeal else []

    def _check(self, application: Application, history: Sequence[Event]) -> None:
        """Raise where the officer has no part in this case, or somebody else works on it."""
        check_part(self._officer, self._ruling, application, earlier=took_part(history))
        if self._ruling.outcome is Outcome.CONFIRM and application.proposal:
            check_proposer(self._officers.get(application.proposal.by), application)
            if self._session is None:
                check_confirmation(application, self._desk.profile)
        claim = self._claims.get(application.id)
        if claim and claim.officer != self._officer.code:
            until = f"{claim.until:%H:%M} UTC"
            raise OfficerRefusedError(
                self._officer.code, f"{application.case_number} is with {claim.officer} until {until}; wait or ask."
            )

    def _write(self, case: Case, before: Application, ruling: Ruling) -> None:
        """Queue the letter that the outcome calls for, if any."""
        if is_measure(ruling.outcome, before):
            take_measure(self._store, self._desk, case, before=before, ruling=ruling)
            return
        if is_of_appeal(ruling.outcome, before):
            tell_of_appeal(self._store, self._desk, case, before=before, ruling=ruling)
            return
        letters = self._desk.letters
        match ruling.outcome:
            case Outcome.APPROVE:
                letter = letters.approval(case)
            case Outcome.DEFER:
                letter = letters.deferral(case, ruling.facts)
            case Outcome.REQUEST_INFORMATION:
                letter = letters.deficiency(case, [], question=ruling.facts)
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
    notes: list[str] = [],  # noqa: B006 -- as above
    number_of_cases: int | None = None,
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
        notes: Notes that state the facts, written with accredit note: case number and number, such as ABCD-EFGH-IJKL/1.
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
    return await _published(results, chosen, monotonic() - started)


async def _published(results: Sequence[Result], election: ElectionCode, seconds: float) -> State[Any]:
    """Show what became of each case and how the queue stands now."""
    await publish_stage_report(_outcome(results, seconds), election=election, rows=_rows(results))
    await publish_queue(election)
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
