"""An officer's proof for acts besides decisions on cases: taking down applications, organisations, policies."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from db.store import Store
from domain.decisions.officers import Officer, OfficerRefusedError, OfficerRole, Proof
from domain.values import ElectionCode, OfficerCode, UtcTime
from flows.statements.keys import officer_key
from flows.statements.proofs import require_proof


@dataclass(frozen=True, slots=True)
class Hand:
    """The hand that acts: an officer, and the key or the code that will prove the act theirs."""

    officer: OfficerCode
    code: str = field(default="", repr=False)
    key: Path | None = None

    def proof(self, subject: str) -> Proof:
        """Return the proof of exactly *subject*: the code, or a signature with the key."""
        if self.code:
            return Proof(officer=self.officer, code=self.code)
        signed = officer_key(self.officer, self.key).sign(subject.encode()).hex()
        return Proof(officer=self.officer, signature=signed)


@dataclass(frozen=True, slots=True)
class Sitting:
    """In which election, as of when, an act is done; *judged_at* is when a code must have been fresh."""

    election: ElectionCode
    now: UtcTime
    judged_at: UtcTime


def authorise(store: Store, sitting: Sitting, hand: Hand, subject: str, *, role: OfficerRole) -> Officer:
    """Return the officer, whose act *subject* is proved; raises :class:`OfficerRefusedError` or the proof's error."""
    officer = store.officers.get(sitting.election, hand.officer)
    if not officer.may(role):
        raise OfficerRefusedError(officer.code, role.asked_for)
    require_proof(store, sitting.election, hand.proof(subject), subject, sitting.judged_at)
    return officer


def refuse_recused(officer: Officer, organisation: str) -> None:
    """Raise :class:`OfficerRefusedError` where the officer has stepped off everything of *organisation*."""
    if organisation in officer.recused_from:
        raise OfficerRefusedError(officer.code, f"is recused from cases of {organisation}.")
