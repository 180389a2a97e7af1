"""What an appeal does besides the event: the serial ledger and the letters."""

from __future__ import annotations

from db.store import Store
from domain.application.application import Application
from domain.application.case import Case
from domain.application.status import Status
from domain.credentials.states import Cause, LedgerState
from domain.decisions.appeals import AppealOutcome, ground_of
from domain.decisions.rulings import ON_APPEAL, Outcome, Ruling
from domain.election.profile import Remedy
from domain.election.unset import needed
from domain.letters.envelope import Envelope
from flows.context import ElectionContext
from flows.letters.credential_letters import CredentialLetters
from notifications.letters.application import ReferralLetter
from notifications.letters.exception import AppealOutcomeLetter, AppealReceiptLetter
from notifications.letters.lines import RemedyNotice

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
            decision_due=case.application.due_at,
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
            ground=ground_of(outcome, case.application, self.profile),
            remand_due=case.application.due_at if outcome == "remanded" else None,
            remedy=_beyond(remedy) if outcome == "dismissed" else None,
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


def _beyond(remedy: Remedy) -> RemedyNotice | None:
    """Return what lies beyond the remedy that was used up, where the profile says."""
    return RemedyNotice(available=True, text=remedy.further, ground=remedy.ground) if remedy.further else None


def is_of_appeal(outcome: Outcome, before: Application) -> bool:
    """Whether *outcome*, decided on *before*, belongs to an appeal."""
    if outcome is Outcome.CONFIRM:
        return before.proposal is not None and before.proposal.kind == "dismissal"
    return outcome in ON_APPEAL or outcome is Outcome.LODGE_APPEAL


def tell_of_appeal(store: Store, context: ElectionContext, case: Case, *, before: Application, ruling: Ruling) -> None:
    """Queue the letter about what the event has just done to *case*, and give a serial back that was taken away."""
    letters = AppealLetters.at(context)
    match ruling.outcome:
        case Outcome.LODGE_APPEAL:
            envelopes = [letters.appeal_receipt(case)]
        case Outcome.DISMISS_APPEAL:
            return
        case Outcome.CONFIRM:
            facts = store.decisions.facts(before.proposal.decision_id) if before.proposal else ""
            envelopes = [letters.appeal_outcome(case, "dismissed", facts), letters.appeal_told(case, "dismissed")]
        case _:
            _give_back(store, context, case.application)
            outcome = _LETTER[ruling.outcome]
            envelopes = [letters.appeal_outcome(case, outcome, ruling.facts), letters.appeal_told(case, outcome)]
    for envelope in envelopes:
        store.outbox.put(context.election, envelope, now=context.now)


def _give_back(store: Store, context: ElectionContext, application: Application) -> None:
    if application.status is Status.CREDENTIALED and application.serial:
        store.credentials.move([application.serial], LedgerState.ISSUED, cause=Cause.DECISION, at=context.now)
