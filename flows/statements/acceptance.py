"""The one way of officers' acts: drafted, signed, put on record, applied once. For command line, desk and Prefect.

A step calls :func:`accept` with the deed it is about to do. What happens then depends on the :class:`ActingOfficer`:

- with a key file, the statement is made, signed, put on record and applied in the step's transaction;
- with the digest of a statement on record, it must say exactly this deed, and is applied;
- with neither, the statement to be signed is raised as :class:`UnsignedError`, and the transaction is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final, Self
from uuid import UUID

from db.store import Store, open_store
from domain.application.application import Application
from domain.decisions.shifts import check_prepares
from domain.errors import AccreditationError, BadInputError
from domain.statements.authority import Authority, check_only_looks
from domain.statements.officers import Officer, OfficerRefusedError, OfficerRole
from domain.statements.record import AUTHORITATIVE
from domain.statements.signatures import KeyId, KeySignature, PasskeyAssertion
from domain.statements.statement import (
    ActKind,
    Deed,
    SignedBy,
    Statement,
    StatementRefusedError,
    StatementWords,
    check_arrival,
    check_says,
    check_times,
    stated,
)
from domain.values import ElectionCode, OfficerCode, Sha256, UtcTime
from flows.context import database, right_now
from flows.statements.keys import file_key, signing_key
from flows.statements.scopes import check_shift_serves

AT_ONCE: Final = timedelta(minutes=2)
"""A moment that differs from the present by less is the present."""


@dataclass(frozen=True, slots=True)
class ActingOfficer:
    """Who acts, in which election, as of when: with a key in a file, or with a statement that is on record already."""

    officer: OfficerCode
    election: ElectionCode
    now: UtcTime
    """From when the act counts."""
    key: Path | None = None
    """The key's file; left out: the rehearsal's folder."""
    signed: Sha256 | None = None
    """Digest of a statement on record, which is applied."""
    drafts_for: KeyId | None = None
    """The key that is to sign what is only drafted now."""

    def on_arrival(self, arrived_at: UtcTime | None) -> Self:
        """Return who acts as of when what they record arrived, where that is said.

        Raises :class:`BadInputError` for a moment that is still to come.
        """
        if arrived_at is None:
            return self
        if arrived_at > self.now:
            told = f"{arrived_at:%Y-%m-%d %H:%M} UTC is still to come."
            raise BadInputError("--arrived-at", told, remedy="Give when it arrived; in a rehearsal see --as-of.")
        return replace(self, now=arrived_at)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An officer's act that is proved, and the statement it rests on."""

    officer: Officer
    statement: Sha256
    proof: str
    """``signature`` or ``passkey``."""
    authority: Authority
    """Who may sign what once the act is done."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an officer is about to sign, with the texts that belong to it."""

    statement: Statement
    words: StatementWords


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an act for one of its cases: applied, or skipped and why."""

    application_id: UUID
    applied: bool
    sentence: str


class UnsignedError(AccreditationError):
    """The deed could be done; what is missing is the signature under *draft*."""

    def __init__(self, draft: Draft) -> None:
        super().__init__("This waits for the officer's signature.")
        self.draft = draft


def accept(store: Store, by: ActingOfficer, deed: Deed, *, rests_on: Sequence[UtcTime] = ()) -> Accepted:
    """Return the officer whose *deed* is proved by a signed statement, which is on record and applied with this store.

    Raises the errors of statements, signatures and officers; nothing is kept then.
    """
    _check_role(store, by, deed.kind)
    present = right_now()
    dated = deed if abs(by.now - present) < AT_ONCE else deed.revised(arrived_at=by.now)
    check_arrival(dated.arrived_at, rests_on)
    applications = store.applications.get_many(dated.cases)
    _check_shift(store, by, [*applications.values()])
    versions = {known: application.version for known, application in applications.items()}
    if by.signed:
        if dated.kind in AUTHORITATIVE:
            store.statements.take_turn(by.election)
        recorded = store.statements.get(by.election, by.signed)
        statement, words, proof = recorded.statement, recorded.words, recorded.signature.kind
        # Checked again: whoever writes the database could have put it there, and officers are suspended meanwhile.
        store.statements.authority(by.election).check(statement, recorded.signature)
        if statement.officer != by.officer or statement.digest != by.signed:
            raise StatementRefusedError("The statement is another officer's, or kept under another name.")
        check_says(statement, dated, words, versions)
        store.statements.require_clock(by.election, by.signed, now=present)
    else:
        draft = _drafted(by, dated, versions, now=present)
        statement, words, proof = draft.statement, draft.words, "key"
        keep(store, draft, _by_file(by, statement), now=present)
    authority = store.statements.authority(by.election)
    check_times(statement, recorded_at=present, rehearsal=authority.rehearsal)
    store.statements.applying(statement, now=present)
    officer = authority.of(statement.officer).officer
    kind = "passkey" if proof == "passkey" else "signature"
    return Accepted(officer, statement.digest, kind, authority.after(statement))


def is_dated(store: Store, by: ActingOfficer) -> bool:
    """Whether an act of a real election is to count from another moment than the present."""
    return abs(by.now - right_now()) > AT_ONCE and not store.statements.is_rehearsal(by.election)


def authorise(
    store: Store, by: ActingOfficer, deed: Deed, *, role: OfficerRole, rests_on: Sequence[UtcTime] = ()
) -> Accepted:
    """Accept a deed that takes *role*; raises :class:`OfficerRefusedError` for an officer without it."""
    officer = store.officers.get(by.election, by.officer)
    if not officer.may(role):
        raise OfficerRefusedError(officer.code, role.asked_for)
    return accept(store, by, deed, rests_on=rests_on)


def _check_role(store: Store, by: ActingOfficer, kind: ActKind) -> None:
    """Raise :class:`OfficerRefusedError` where an auditor would do more than look, or surge staff more than they may.

    When surge staff may, their signature says. A first key, which does nothing yet, anybody signs.
    """
    enrolled = store.statements.authority(by.election).enrolled.get(by.officer)
    if enrolled is None or kind is ActKind.FIRST_KEY:
        return
    check_only_looks(enrolled.officer, kind)
    if enrolled.officer.is_surge:
        check_prepares(enrolled.officer, kind, store.elections.profile(by.election))


def _check_shift(store: Store, by: ActingOfficer, cases: Sequence[Application]) -> None:
    """Raise :class:`OfficerRefusedError` where surge staff would act on a case that is not their office's now."""
    enrolled = store.statements.authority(by.election).enrolled.get(by.officer)
    if enrolled is not None and enrolled.officer.is_surge and cases:
        check_shift_serves(store, enrolled.officer, cases, store.elections.profile(by.election), now=by.now)


def refuse_recused(officer: Officer, organisation: str) -> None:
    """Raise :class:`OfficerRefusedError` where the officer has stepped off everything of *organisation*."""
    if organisation in officer.recused_from:
        raise OfficerRefusedError(officer.code, f"is recused from cases of {organisation}.")


def drafted(step: Callable[[ActingOfficer], object], by: ActingOfficer, key: KeyId) -> Draft:
    """Return what the officer would sign with *key* for *step*, which is run as far as its proof, and undone.

    *step* is the function that does the deed, waiting only for who acts, such as ``lambda by: claim_cases(ids, by)``.
    """
    try:
        step(replace(by, drafts_for=key))
    except UnsignedError as waiting:
        return waiting.draft
    raise OfficerRefusedError(by.officer, "has nothing to sign: it is done already.")


def record(draft: Draft, signature: KeySignature | PasskeyAssertion) -> Sha256:
    """Put a signed statement on record and return its digest, by which it is applied once, within its minutes.

    Raises the errors of statements, signatures and officers; a statement on record is refused a second time.
    """
    with open_store(database()) as store:
        return keep(store, draft, signature, now=right_now())


def keep(store: Store, draft: Draft, signature: KeySignature | PasskeyAssertion, *, now: UtcTime) -> Sha256:
    """Put a signed statement on record within the transaction of *store*; see :func:`record`."""
    store.statements.take_turn(draft.statement.election)
    authority = store.statements.authority(draft.statement.election)
    authority.check(draft.statement, signature)
    check_times(draft.statement, recorded_at=now, rehearsal=authority.rehearsal)
    return store.statements.record(draft.statement, signature, draft.words, now=now)


def _drafted(by: ActingOfficer, deed: Deed, versions: dict[UUID, int], *, now: UtcTime) -> Draft:
    key = by.drafts_for or file_key(signing_key(by.officer, by.key, election=by.election)).id
    words = StatementWords.of(deed.words)
    signer = SignedBy(election=by.election, officer=by.officer, key=key, now=now)
    draft = Draft(stated(deed, words, signer, versions=versions), words)
    if by.drafts_for:
        raise UnsignedError(draft)
    return draft


def _by_file(by: ActingOfficer, statement: Statement) -> KeySignature:
    key = signing_key(by.officer, by.key, election=statement.election)
    return KeySignature(value=key.sign(statement.document).hex())
