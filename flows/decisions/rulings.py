"""Officers' rulings on cases: checked case by case, recorded and told; one path for command line, desk and Prefect."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from db.store import Store, open_store
from domain.application.application import Application
from domain.application.case import Case
from domain.application.events import Event, RuledEvent
from domain.application.nomination import Nomination
from domain.decisions.appeals import is_open, took_part
from domain.decisions.casework import Claim, NoteRefusedError
from domain.decisions.choices import check_competence, check_confirmation
from domain.decisions.competence import Place, check_scope, is_scoped
from domain.decisions.effects import event_of
from domain.decisions.notices import require_told, rests_on_announcement
from domain.decisions.recall import is_recall_of_refusal, recalled
from domain.decisions.rulings import (
    Decision,
    DecisionRefusedError,
    Order,
    Outcome,
    Ruling,
    check_part,
    check_proposer,
    check_ruling,
    deed_of,
)
from domain.decisions.shifts import in_shift
from domain.errors import AccreditationError
from domain.letters.notice import Notice
from domain.statements.officers import Officer, OfficerRefusedError
from domain.values import UtcTime
from flows.context import ElectionContext, database, election_context
from flows.decisions.consequences import is_measure, is_of_appeal, take_letter_back, take_measure, tell_of_appeal
from flows.letters.application_letters import ApplicationLetters
from flows.letters.overtaken import cancel_overtaken
from flows.statements.acceptance import Accepted, ActingOfficer, Result, accept, is_dated
from flows.vetting.policies import cited_on

MOST_NAMED: Final = 5
_LOOKING_BACK: Final = frozenset({Outcome.LODGE_APPEAL, Outcome.RECALL, Outcome.REVOKE, Outcome.RECORD_REPLY})


class OfficerRulings:
    """One officer's ruling on several cases, within one transaction."""

    def __init__(
        self,
        store: Store,
        context: ElectionContext,
        officer: Officer,
        ruling: Ruling,
        *,
        proved: Accepted,
        session: str | None = None,
    ) -> None:
        self._store = store
        self._context = context
        self._officer = officer
        self._ruling = ruling
        self._proved = proved
        self._session = session
        self._notes = {note.application_id: note for note in store.casework.notes(ruling.notes).values()}
        self._officers = {known.code: known for known in store.officers.all_in(context.election)}
        self._claims: Mapping[UUID, Claim] = {}
        self._requests: Mapping[UUID, Notice] = {}
        self._announcements: Mapping[UUID, Notice] = {}
        self._steps_told: Mapping[UUID, Collection[UUID]] = {}
        self.decisions: list[Decision] = []

    def decide(self, ids: Sequence[UUID]) -> list[Result]:
        """Return what became of each of *ids*, and remember the decisions."""
        self._require_notes(ids)
        applications = self._store.applications.get_many(ids)
        people = self._store.people.current(ids)
        self._claims = self._store.casework.claims(ids, now=self._context.now)
        if self._ruling.outcome in {Outcome.REFUSE, Outcome.CONFIRM}:
            self._requests = self._store.notices.requests(ids)
            self._announcements = self._store.notices.announcements(ids)
        if self._ruling.outcome in {Outcome.REVOKE, Outcome.CONFIRM}:
            self._steps_told = self._store.notices.steps_told(ids)
        return [self._one(fromkey, applications.get(fromkey), people.get(fromkey)) for fromkey in dict.fromkeys(ids)]

    def keep(self) -> None:
        """Write what was decided; the claims on these cases end."""
        self._store.applications.flush()
        self._store.decisions.put(self.decisions)
        self._store.casework.release([decision.application_id for decision in self.decisions])
        self._store.session.flush()
        self._store.session.expire_all()  # what comes next reads what was just written

    def _require_notes(self, ids: Sequence[UUID]) -> None:
        if len(self._notes) != len(self._ruling.notes) or not set(self._notes) <= set(ids):
            raise NoteRefusedError("Each note must be about one of these cases, and a case can have only one note.")

    def _one(self, known: UUID, application: Application | None, nomination: Nomination | None) -> Result:
        if application is None or nomination is None or application.election != self._context.election:
            return Result(known, applied=False, sentence="no such case in this election")
        try:
            moved = self._apply(Case(application, nomination))
        except AccreditationError as error:
            return Result(known, applied=False, sentence=str(error))
        return Result(known, applied=True, sentence=_outcome_sentence(moved))

    def _apply(self, case: Case) -> Application:
        application = case.application
        history = self._history(application)
        self._check(case, history)
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
            at=self._context.now,
            proof=self._proved.proof,
            statement=self._proved.statement,
            session=self._session,
            policies=cited_on(self._context, case, ruling.reasons),
        )
        event = self._event(decision, ruling, application, history)
        event = event.revised(rules_version=self._context.rules_version) if isinstance(event, RuledEvent) else event
        moved = self._store.applications.record(application, event)
        self.decisions.append(decision)
        cancel_overtaken(self._store, self._context, moved, before=application.status)
        self._write(Case(moved, case.nomination), application, ruling)
        return moved

    def _event(self, decision: Decision, ruling: Ruling, application: Application, history: list[Event]) -> Event:
        if not is_recall_of_refusal(ruling.outcome, application):
            return event_of(
                decision, ruling, application, self._context.profile,
                history=history, told_at=self._told_at(application), told=self._steps_told.get(application.id, ()),
            )  # fmt: skip
        event = recalled(decision, application, history)
        take_letter_back(self._store, application, history, officer=self._officer.code, now=self._context.now)
        return event

    def _told_at(self, application: Application) -> UtcTime | None:
        """Return when the letter of the decision arrived that an appeal is lodged against."""
        if self._ruling.outcome is not Outcome.LODGE_APPEAL:
            return None
        told = self._store.notices.told([application.id]).get(application.id)
        return told.told_at if told else None

    def _history(self, application: Application) -> list[Event]:
        """Return what happened before, where the ruling depends on it: appeals, recalls, revocations and replies."""
        revokes = self._ruling.outcome is Outcome.CONFIRM and _is_proposed_to_revoke(application)
        looking_back = self._ruling.outcome in _LOOKING_BACK or revokes
        return self._store.applications.history(application.id) if looking_back or is_open(application) else []

    def _check(self, case: Case, history: Sequence[Event]) -> None:
        """Raise where the officer has no part in this case, or somebody else works on it."""
        application = case.application
        check_part(self._officer, self._ruling, application, earlier=took_part(history))
        if self._ruling.outcome is Outcome.CONFIRM and application.proposal:
            check_proposer(self._officers.get(application.proposal.by), application)
            self._check_confirmation(application)
        self._require_told(application)
        if self._session is None:
            self._check_scope(case)
        claim = self._claims.get(application.id)
        if claim and claim.officer != self._officer.code:
            until = f"{claim.until:%H:%M} UTC"
            raise OfficerRefusedError(
                self._officer.code,
                f"{application.case_number} is with {claim.officer} until {until}; wait, or ask that officer.",
            )

    def _require_told(self, application: Application) -> None:
        """Raise where the ruling rests on a letter that has not arrived, or whose time is not over."""
        found = self._announcements if rests_on_announcement(self._ruling, application) else self._requests
        require_told(self._ruling, application, found.get(application.id), now=self._context.now)

    def _check_confirmation(self, application: Application) -> None:
        if self._session is None:
            check_confirmation(application, self._context.profile)

    def _check_scope(self, case: Case) -> None:
        context = self._context
        officer = in_shift(self._officer, context.geography, context.profile.zone, at=context.now)
        if is_scoped(officer):
            today = context.now.astimezone(context.profile.zone).date()
            place = Place.of(case.application, case.nomination, context.geography, on=today)
            check_scope(officer, place, context.profile, case_number=case.application.case_number)

    def _write(self, case: Case, before: Application, ruling: Ruling) -> None:
        """Queue the letter that the outcome calls for, if any."""
        if is_measure(ruling.outcome, before):
            take_measure(self._store, self._context, case, before=before, ruling=ruling)
            return
        if is_of_appeal(ruling.outcome, before):
            tell_of_appeal(self._store, self._context, case, before=before, ruling=ruling)
            return
        letters = ApplicationLetters.at(self._context)
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
        self._store.outbox.put(self._context.election, letter, now=self._context.now, not_before=self._held_until())

    def _held_until(self) -> datetime | None:
        """Return until when the letter of a refusal waits for a recall; what a session adopted waits for none."""
        minutes = self._context.profile.desk.recall_minutes
        if self._ruling.outcome is not Outcome.CONFIRM or self._session or not minutes:
            return None
        held, last = (
            self._context.now + timedelta(minutes=minutes),
            self._context.profile.refusal_told_by(self._context.now),
        )
        return min(held, last) if last else held


def _is_proposed_to_revoke(application: Application) -> bool:
    return application.proposal is not None and application.proposal.kind == "revocation"


def _outcome_sentence(moved: Application) -> str:
    if moved.proposal:
        return f"{moved.case_number}: {moved.proposal.kind} proposed; a second, different officer must confirm it"
    return f"{moved.case_number} is now {moved.status}"


def decide_applications(ids: Sequence[UUID], ruling: Ruling, by: ActingOfficer) -> list[Result]:
    """Apply *ruling* to every case that allows it, in one transaction; returns what became of each.

    Raises for what concerns all of them: a statement that does not hold, an officer without the role, a missing reason.
    """
    return decide_together([Order(ids=tuple(ids), ruling=ruling)], by)


def decide_together(
    orders: Sequence[Order], by: ActingOfficer, *, seen: Mapping[UUID, int] | None = None
) -> list[Result]:
    """Apply several rulings, under one signature for exactly all of them, in one transaction.

    *seen* are the versions of cases that the officer looked at. Raises as :func:`decide_applications` does, and
    :class:`DecisionRefusedError` where one of them has moved since: nobody signs what they were not shown.
    """
    context = election_context(by.election, by.now)
    with open_store(database()) as store:
        officer = store.officers.get(by.election, by.officer)
        for order in orders:
            check_ruling(order.ruling, officer, context.profile, now=by.now)
            check_competence(order.ruling.outcome, context.profile)
        _require_as_seen(store, orders, seen or {})
        _require_arrival(store, by, orders)
        deed = deed_of(orders)
        proved = accept(store, by, deed, rests_on=_last_events(store, deed.cases))
        results: list[Result] = []
        for order in orders:
            bench = OfficerRulings(store, context, proved.officer, order.ruling, proved=proved)
            results += bench.decide(order.ids)
            bench.keep()
    return results


def _require_as_seen(store: Store, orders: Sequence[Order], seen: Mapping[UUID, int]) -> None:
    looked_at = [known for order in orders for known in order.ids if known in seen]
    cases = store.applications.get_many(looked_at).values()
    if moved := sorted(case.case_number for case in cases if case.version != seen[case.id]):
        told = f"{', '.join(moved[:MOST_NAMED])}{' …' if len(moved) > MOST_NAMED else ''}"
        raise DecisionRefusedError(f"Something happened since you looked: {told}. Nothing was decided; look again.")


def _require_arrival(store: Store, by: ActingOfficer, orders: Sequence[Order]) -> None:
    """Raise for a dated decision of a real election, unless it is an appeal, which may have arrived before."""
    if is_dated(store, by) and any(order.ruling.outcome is not Outcome.LODGE_APPEAL for order in orders):
        raise DecisionRefusedError("Only an appeal can have arrived before today; everything else counts from now.")


def _last_events(store: Store, ids: Sequence[UUID]) -> list[UtcTime]:
    """Return when the last thing happened to each case: nobody decides before that."""
    return [*store.applications.last_moments(ids).values()]
