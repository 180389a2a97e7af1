"""Proof that an act is an officer's own: checked, used up, and guessed at only so many times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from db.store import Store
from domain.decisions.officers import (
    LockedError,
    Proof,
    WrongCode,
    WrongCodeError,
    check_code,
    check_signature,
    subject_of,
)
from domain.values import ElectionCode, OfficerCode, UtcTime
from flows.statements.keys import officer_key


def require_proof(store: Store, election: ElectionCode, proof: Proof, subject: str, judged_at: UtcTime) -> None:
    """Raise :class:`ProofRefusedError` unless *proof* is the officer's for *subject*; a code is used up by it.

    A wrong code undoes the store's transaction and is counted all the same, when the store closes.
    """
    if proof.signature:
        check_signature(proof, store.officers.public_key(election, proof.officer), subject)
        return
    if until := store.staff.locked_until(election, proof.officer, now=judged_at):
        raise LockedError(proof.officer, until)
    try:
        step = check_code(proof, store.officers.code_secret(election, proof.officer), judged_at)
    except WrongCodeError as error:
        rules = store.elections.profile(election).desk
        lock = timedelta(minutes=rules.lock_minutes)
        raise error.counted(WrongCode(election, judged_at, allowed=rules.code_attempts, lock=lock)) from None
    store.officers.use_proof(election, proof.officer, step, subject=subject, at=judged_at)
    store.staff.right_code(election, proof.officer)


def proof_of(
    officer: OfficerCode,
    ids: Sequence[UUID],
    act: str,
    more: Sequence[str] = (),
    *,
    key: Path | None = None,
    code: str = "",
) -> Proof:
    """Return *code*, or else the officer's signature, as proof of an act that is no decision."""
    if code:
        return Proof(officer=officer, code=code)
    subject = subject_of(ids, act, [], more=more)
    return Proof(officer=officer, signature=officer_key(officer, key).sign(subject.encode()).hex())
