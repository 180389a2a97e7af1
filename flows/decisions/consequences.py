"""What a decision does besides its event: the serial ledger, and the letters that tell of it."""

from __future__ import annotations

from collections.abc import Sequence

from db.store import Store
from domain.application.application import Application
from domain.application.case import Case
from domain.application.events import Event
from domain.application.status import Status
from domain.credentials.states import Cause, LedgerState
from domain.decisions.appeals import AppealOutcome, ground_of
from domain.decisions.recall import refusal_of
from domain.decisions.rulings import MEASURES, ON_APPEAL, DecisionRefusedError, Outcome, Ruling
from domain.election.unset import needed
from domain.letters.envelope import Envelope, LetterKind
from domain.values import OfficerCode, UtcTime
from flows.context import ElectionContext
from flows.delivery.orders import write_down
from flows.letters.credential_letters import CredentialLetters
from notifications.letters.application import ReferralLetter
from notifications.letters.exception import AppealOutcomeLetter, AppealReceiptLetter


def is_measure(outcome: Outcome, before: Application) -> bool:
    """Whether *outcome*, decided on *before*, is a measure against an accreditation or takes one back."""
    if outcome is Outcome.CONFIRM:
        return before.proposal is not None and before.proposal.kind == "revocation"
    return outcome in MEASURES | {Outcome.LIFT, Outcome.ANSWER_REPLY}


def take_measure(store: Store, context: ElectionContext, case: Case, *, before: Application, ruling: Ruling) -> None:
    """Move the serial of *case*, which the event has just moved from *before*, and queue the letters."""
    letters = CredentialLetters.at(context)
    envelopes: list[Envelope | None]
    match ruling.outcome:
        case Outcome.WARN:
            envelopes = [letters.warning(case, ruling)]
        case Outcome.ANSWER_REPLY:
            envelopes = [letters.answer(case, ruling.facts)]
        case Outcome.SUSPEND:
            _move(store, context, case.application, LedgerState.SUSPENDED)
            envelopes = [letters.suspension(case, ruling.facts), letters.changed_at_office(case, "suspended")]
        case Outcome.REVOKE:
            envelopes = [letters.notice(case, ruling.facts)]
        case Outcome.CONFIRM:
            _move(store, context, case.application, LedgerState.REVOKED)
            facts = store.decisions.facts(before.proposal.decision_id) if before.proposal else ""
            envelopes = [letters.revocation(case, facts)]
            if serial := case.application.serial:
                envelopes += [letters.void_at_office(case, serial, replaced=False)]
        case _:
            _move(store, context, case.application, LedgerState.ISSUED)
            envelopes = [letters.lifted(case), letters.changed_at_office(case, "valid")]
    for envelope in filter(None, envelopes):
        store.outbox.put(context.election, envelope, now=context.now)


def _move(store: Store, context: ElectionContext, application: Application, state: LedgerState) -> None:
    if application.serial is not None:
        store.credentials.move([application.serial], state, cause=Cause.DECISION, at=context.now)


_LETTER: dict[Outcome, AppealOutcome] = {Outcome.GRANT_APPEAL: "granted", Outcome.REMAND_APPEAL: "remanded"}


class AppealLetters(CredentialLetters):
    """Writes the letters about an appeal."""

    __slots__ = ()

    def appeal_receipt(self, case: Case) -> Envelope:
        """Tell that the appeal arrived, until when it is decided, and that others than before decide."""
        remedy = needed(self.profile.remedy, "remedy")
        letter = AppealReceiptLetter(
            **self._of_case(case),
            received_at=self.now,
            reviewed_by=remedy.body or self.profile.election.host_body,
            decision_due=case.application.appeal_due_at or case.application.due_at,
        )
        return self._to_person(case, letter)

    def appeal_outcome(self, case: Case, outcome: AppealOutcome, explanation: str) -> Envelope:
        """Tell how the appeal ended, and why."""
        remedy = needed(self.profile.remedy, "remedy")
        letter = AppealOutcomeLetter(
            **self._of_case(case),
            outcome=outcome,
            decided_at=self.now,
            decided_by=remedy.body or self.profile.election.signatory,
            explanation=explanation,
            ground=ground_of(outcome, case.application.reasons, self.profile),
            remand_due=case.application.due_at if outcome == "remanded" else None,
            remedy=self._beyond() if outcome == "dismissed" else None,
        )
        return self._to_person(case, letter)

    def appeal_told(self, case: Case, outcome: AppealOutcome) -> Envelope:
        """Tell the officers, who decided, how the appeal ended."""
        letter = ReferralLetter(
            **self._head(),
            case_number=case.application.case_number,
            organisation_code=case.application.organisation,
            occasion=outcome,
            due=case.application.due_at if outcome == "remanded" else None,
        )
        return self._to_officers(case, letter)


def is_of_appeal(outcome: Outcome, before: Application) -> bool:
    """Whether *outcome*, decided on *before*, belongs to an appeal."""
    if outcome is Outcome.CONFIRM:
        return before.proposal is not None and before.proposal.kind == "dismissal"
    return outcome in ON_APPEAL or outcome is Outcome.LODGE_APPEAL


def tell_of_appeal(store: Store, context: ElectionContext, case: Case, *, before: Application, ruling: Ruling) -> None:
    """Queue the letter about what the event has just done to *case*, and give a serial back that was taken away."""
    letters = AppealLetters.at(context)
    envelopes: list[Envelope | None]
    match ruling.outcome:
        case Outcome.LODGE_APPEAL:
            envelopes = [letters.appeal_receipt(case)]
        case Outcome.DISMISS_APPEAL:
            return
        case Outcome.CONFIRM:
            facts = store.decisions.facts(before.proposal.decision_id) if before.proposal else ""
            envelopes = [letters.appeal_outcome(case, "dismissed", facts), letters.appeal_told(case, "dismissed")]
        case _:
            outcome = _LETTER[ruling.outcome]
            envelopes = [letters.appeal_outcome(case, outcome, ruling.facts), letters.appeal_told(case, outcome)]
            if before.status is not case.application.status and _give_back(store, context, case.application):
                envelopes.append(letters.changed_at_office(case, "valid"))
    for envelope in filter(None, envelopes):
        store.outbox.put(context.election, envelope, now=context.now)


def _give_back(store: Store, context: ElectionContext, application: Application) -> bool:
    """Let the serial be valid again, where the case has one; whether it has."""
    if application.status is not Status.CREDENTIALED or not application.serial:
        return False
    store.credentials.move([application.serial], LedgerState.ISSUED, cause=Cause.DECISION, at=context.now)
    return True


def take_letter_back(
    store: Store, application: Application, history: Sequence[Event], *, officer: OfficerCode, now: UtcTime
) -> None:
    """Cancel the letter of the refusal; raises :class:`DecisionRefusedError` where it left, or where a session decided.

    A delivery that claims the letter at the same moment wins or loses; there is nothing in between.
    """
    decided = refusal_of(history)
    adopted = [
        decision.session for decision in store.decisions.of_application(application.id) if decision.id == decided
    ]
    if any(adopted):
        told = f"was adopted by resolution {adopted[0]}; no officer recalls it. The person can appeal."
        raise DecisionRefusedError(f"{application.case_number}: its refusal {told}")
    key = f"{LetterKind.REFUSAL}:{application.id}:{application.version}"
    if not store.letters.take_back(application.election, key, officer=officer, now=now):
        told = "the letter of its refusal has left, and the refusal stands. The person can appeal."
        raise DecisionRefusedError(f"{application.case_number}: {told}")
    write_down(store, application.election, officer=officer, now=now)
