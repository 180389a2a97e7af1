"""What a suspension, its lifting and a revocation do besides the event: the serial ledger and the letters."""

from __future__ import annotations

from db.store import Store
from domain.application.application import Application
from domain.application.case import Case
from domain.credentials.states import Cause, LedgerState
from domain.decisions.rulings import Outcome, Ruling
from domain.letters.envelope import Envelope
from flows.context import ElectionContext
from flows.letters.credential_letters import CredentialLetters


def is_measure(outcome: Outcome, before: Application) -> bool:
    """Whether *outcome*, decided on *before*, is a measure against an accreditation or takes one back."""
    if outcome is Outcome.CONFIRM:
        return before.proposal is not None and before.proposal.kind == "revocation"
    return outcome in {Outcome.SUSPEND, Outcome.LIFT, Outcome.REVOKE}


def take_measure(store: Store, context: ElectionContext, case: Case, *, before: Application, ruling: Ruling) -> None:
    """Move the serial of *case*, which the event has just moved from *before*, and queue the letters."""
    letters = CredentialLetters.at(context)
    envelopes: list[Envelope | None]
    match ruling.outcome:
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
