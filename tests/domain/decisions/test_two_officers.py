"""No sequence of acts reaches a refusal, a revocation or a rejected appeal by fewer than two who may decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from support.builders import CASE, DECISION, ELECTION, ENGINE, FIRST, NOW, SECOND, an

from domain.application.application import Application
from domain.application.events import (
    AccreditationRevoked,
    AppealDismissed,
    AppealLodged,
    ApplicationApproved,
    ApplicationReferred,
    ApplicationRefused,
    CompletenessConfirmed,
    CredentialIssued,
    Event,
    NominationRecorded,
    RefusalProposed,
    RefusalRecalled,
    RegionAssigned,
)
from domain.application.reasons import ReasonCode
from domain.application.status import Status
from domain.decisions.appeals import took_part
from domain.decisions.effects import event_of
from domain.decisions.recall import is_recall_of_refusal, recalled
from domain.decisions.rulings import Decision, Order, Outcome, Ruling, check_part, check_proposer, check_ruling, deed_of
from domain.errors import AccreditationError
from domain.statements.officers import DECIDING, Officer, OfficerRole
from domain.statements.signatures import FileKey, KeySignature, check_signed
from domain.statements.statement import SignedBy, StatementWords, stated
from flows.rehearsal import valdara

VALDARA = valdara()
KEYS = {f"OFF-{n}": Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(1, 6)}
CODES = sorted(KEYS)
GRAVE = (ApplicationRefused, AccreditationRevoked, AppealDismissed)
FITTING = {
    Outcome.REFUSE: ReasonCode.R04, Outcome.REVOKE: ReasonCode.V03, Outcome.DEFER: ReasonCode.X01,
    Outcome.REQUEST_INFORMATION: ReasonCode.D08, Outcome.WARN: ReasonCode.V01, Outcome.SUSPEND: ReasonCode.V02,
}  # fmt: skip
FACTS = "Seen. Proportionality: Nothing milder helped. Steps skipped: It is grave."
COURSE = (an(NominationRecorded, ENGINE), an(CompletenessConfirmed, ENGINE), an(ApplicationReferred, ENGINE))
PLACED = (an(ApplicationApproved, SECOND), an(RegionAssigned, ENGINE))
BEFORE: dict[Status, tuple[Event, ...]] = {
    Status.IN_REVIEW: (),
    Status.ASSIGNED: PLACED,
    Status.CREDENTIALED: (*PLACED, an(CredentialIssued, ENGINE)),
    Status.UNDER_APPEAL: (an(RefusalProposed, FIRST), an(ApplicationRefused, SECOND), an(AppealLodged, SECOND)),
}
PROPOSING = (Outcome.REFUSE, Outcome.REVOKE, Outcome.DISMISS_APPEAL)
ROLES = st.sampled_from([(role,) for role in OfficerRole] + 8 * [tuple(DECIDING)])
OFFICER = st.sampled_from(CODES)
OPENING = st.sampled_from([*BEFORE])


class Office(RuleBasedStateMachine):
    """One case, five officers with any roles, who decide, recuse themselves, are suspended, and borrow keys."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.history: list[Event] = []
        self.proved: dict[UUID, str] = {}
        self.barred_when_acting: list[str] = []

    @initialize(status=OPENING, roles=st.lists(ROLES, min_size=5, max_size=5))
    def opened(self, status: Status, roles: list[tuple[OfficerRole, ...]]) -> None:
        self.officers = {code: Officer(code=code, roles=held) for code, held in zip(CODES, roles, strict=True)}
        self.open_another(status)

    @rule(status=OPENING)
    def open_another(self, status: Status) -> None:
        """Go on with a case refused or placed by the first two officers, from which nobody has stepped off."""
        self.history = [*COURSE, *BEFORE[status]]
        self.case = Application.replayed(self.history)
        assert self.case.status is status
        self.begun = len(self.history)
        for code, officer in self.officers.items():
            self.officers[code] = officer.revised(recused_from=(), recused_cases=(), suspended=False)

    @rule(by=OFFICER, owner=st.sampled_from(["", "", "", "", *CODES]), outcome=st.sampled_from(Outcome))
    def decide(self, by: str, owner: str, outcome: Outcome) -> None:
        """Decide with an own key, or with another officer's."""
        self.now += timedelta(seconds=45)
        reasons = (FITTING[outcome],) if outcome in FITTING else ()
        ruling = Ruling(outcome=outcome, reasons=reasons, until=self.now + timedelta(hours=1), facts=FACTS)
        try:
            self._apply(self.officers[by], ruling, KEYS[owner or by])
        except AccreditationError:
            return

    @rule(by=OFFICER, other=OFFICER, outcome=st.sampled_from(PROPOSING), recused=st.sampled_from([*(4 * [""]), *CODES]))
    def propose_and_confirm(self, by: str, other: str, outcome: Outcome, recused: str) -> None:
        """Do the two steps in a row, which chance seldom does; somebody may step off in between."""
        self.decide(by, "", outcome)
        if recused:
            self.meanwhile(recused, "recuse")
        self.now += timedelta(hours=2)
        self.decide(other, "", Outcome.CONFIRM)

    @rule(by=OFFICER, back=OFFICER)
    def recall(self, by: str, back: str) -> None:
        """Refuse together with any other officer, and let anybody take it back."""
        self.propose_and_confirm(by, next(code for code in CODES if code != by), Outcome.REFUSE, "")
        self.decide(back, "", Outcome.RECALL)

    @rule(by=OFFICER)
    def lodge(self, by: str) -> None:
        self.decide(by, "", Outcome.LODGE_APPEAL)

    def _apply(self, officer: Officer, ruling: Ruling, signing: Ed25519PrivateKey) -> None:
        check_ruling(ruling, officer, VALDARA, now=self.now)
        key = FileKey(public=KEYS[officer.code].public_key().public_bytes_raw().hex())
        signer = SignedBy(election=ELECTION, officer=officer.code, key=key.id, now=self.now)
        deed = deed_of([Order(ids=(CASE,), ruling=ruling)])
        statement = stated(deed, StatementWords.of(deed.words), signer, versions={CASE: self.case.version})
        check_signed(statement.document, KeySignature(value=signing.sign(statement.document).hex()), key)
        check_part(officer, ruling, self.case, earlier=took_part(self.history))
        if ruling.outcome is Outcome.CONFIRM and self.case.proposal:
            check_proposer(self.officers[self.case.proposal.by], self.case)
        decision = Decision(
            id=uuid5(DECISION, str(len(self.history))), application_id=CASE, officer=officer.code,
            outcome=ruling.outcome, reasons=ruling.reasons, proof="signature", statement=statement.digest, at=self.now,
        )  # fmt: skip
        if is_recall_of_refusal(ruling.outcome, self.case):
            event: Event = recalled(decision, self.case, self.history)
        else:
            event = event_of(decision, ruling, self.case, VALDARA, history=self.history)
        proposer = self.case.proposal.by if self.case.proposal else ""
        self.case = self.case.after(event)
        self.proved[decision.id] = officer.code
        self.history.append(event)
        if isinstance(event, GRAVE):
            hands = {proposer, officer.code}
            self.barred_when_acting += [hand for hand in hands if self._is_barred(hand)]
            assert len(hands) == 2
        if isinstance(event, RefusalRecalled):
            assert isinstance(self.history[-2], ApplicationRefused)
            assert officer.code in {self.history[-2].actor.code, self.hands_of_refusal()}
            assert self.case == Application.replayed(self.history)

    def hands_of_refusal(self) -> str:
        """Return who proposed the last refusal."""
        return next(one.actor.code for one in reversed(self.history) if isinstance(one, RefusalProposed))

    def _is_barred(self, code: str) -> bool:
        officer = self.officers[code]
        return officer.suspended or officer.is_recused(self.case.organisation, self.case.id)

    @rule(by=OFFICER, what=st.sampled_from(["recuse", "step off", "suspend", *(3 * ["reinstate"])]))
    def meanwhile(self, by: str, what: str) -> None:
        changes: dict[str, dict[str, Any]] = {
            "recuse": {"recused_from": (self.case.organisation,)},
            "step off": {"recused_cases": (CASE,)},
            "suspend": {"suspended": True},
            "reinstate": {"suspended": False, "recused_from": (), "recused_cases": ()},
        }
        self.officers[by] = self.officers[by].revised(**changes[what])

    @rule(hours=st.integers(1, 80))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def every_grave_event_is_of_two_proved_officers_who_may_decide(self) -> None:
        assert self.barred_when_acting == []
        for place, event in enumerate(self.history):
            if not isinstance(event, GRAVE) or place < self.begun:
                continue
            kind = {"application_refused": "refusal", "accreditation_revoked": "revocation"}.get(
                event.kind, "dismissal"
            )
            proposals = [one for one in self.history[:place] if one.kind == f"{kind}_proposed"]
            assert proposals
            assert proposals[-1].actor.code != event.actor.code
            assert {self.proved[one.decision_id] for one in (proposals[-1], event)} == {  # type: ignore[union-attr]  # each is a decision's
                proposals[-1].actor.code, event.actor.code
            }  # fmt: skip
            if isinstance(event, AppealDismissed):
                assert not took_part(self.history[: place + 1]) & {proposals[-1].actor.code, event.actor.code}


Office.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
TestTwoOfficers = Office.TestCase
