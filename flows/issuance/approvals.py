"""Whether an accreditation is proved: by what officers signed, and by what the engine recorded of a clear case.

The signing process asks this before it signs. A status, or an event that somebody wrote, is no proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Final
from uuid import UUID

from pydantic import ValidationError

from db.journal import Book
from db.oversight.kept_rows import changed_rows
from db.store import Store
from domain.application.application import Application
from domain.application.chain import GENESIS, heads
from domain.application.events import Event
from domain.application.status import Status
from domain.errors import AccreditationError
from domain.oversight.warrants import Warrants
from domain.statements.authority import Authority
from domain.statements.record import Replay, faults_in
from domain.values import ElectionCode, Sha256

APPROVALS: Final = ("application_approved", "appeal_granted")
"""The events by which somebody was accredited; without one of them nothing is signed, whatever the status says."""


class NotApprovedError(AccreditationError):
    """A credential was asked for that nobody decided to give."""


class UnprovedError(NotApprovedError):
    """The database says that a credential is due, and what it says does not hold: somebody wrote there by hand."""

    def __init__(self, about: UUID | ElectionCode, why: str) -> None:
        super().__init__(f"Nothing is signed for {about}: {why}. Run: accredit audit verify")
        self.about = str(about)


@dataclass
class _Record:
    """The record of signed acts of an election, as far as it was verified."""

    replay: Replay = field(default_factory=Replay)
    warrants: Warrants = field(default_factory=Warrants)
    last: tuple[int, Sha256] = (0, GENESIS)


class Proofs:
    """Verifies accreditations. Each entry of a record is verified once, and must stay as it was from then on."""

    def __init__(self) -> None:
        self._records: dict[ElectionCode, _Record] = {}
        self._lock = Lock()

    def require(self, store: Store, election: ElectionCode, cases: Mapping[UUID, Application]) -> None:
        """Raise :class:`UnprovedError` for the first of *cases* whose accreditation does not hold."""
        with self._lock:
            record = self._verified(store, election)
            warrants = record.warrants.about(cases.keys())
        authority = record.replay.authority
        if authority is None or {*store.elections.rules_as_stored(election)} != {authority.rules_sha256}:
            raise UnprovedError(election, "the rules are not those that were founded or signed")
        for known, why in _faults(store, authority, warrants, cases):
            raise UnprovedError(known, why)

    def _verified(self, store: Store, election: ElectionCode) -> _Record:
        record = self._records.get(election, _Record())
        number, head = record.last
        if number and store.statements.hash_at(election, number) != head:
            raise UnprovedError(election, f"entry {number} of the record is another one than before")
        entries = [*store.statements.entries(election, after=number)]
        if not number or entries:
            self._records.pop(election, None)  # one that breaks half-way is read anew the next time
            for fault in faults_in(entries, record.replay, after=record.last):
                raise UnprovedError(election, f"the record of signed acts does not hold: {fault}")
            for entry in entries:
                record.warrants.take(entry)
            record.last = (entries[-1].sequence, entries[-1].hash)
        return self._records.setdefault(election, record)


def _faults(
    store: Store, authority: Authority, warrants: Warrants, cases: Mapping[UUID, Application]
) -> Iterator[tuple[UUID, str]]:
    """Yield each case that does not hold, with the reason."""
    ids, election = [*cases], authority.election
    try:
        chains = store.applications.chains(ids)
        histories = {known: [event for event, _ in chain] for known, chain in chains.items()}
        hashes = {known: [stored for _, stored in chain] for known, chain in chains.items()}
        for fault in warrants.faults(histories, hashes, {}):
            yield next((known for known in ids if str(known) in fault), ids[0]), fault
        tops = store.applications.heads(ids)
        for known in ids:
            if not _is_whole(cases[known], histories.get(known, []), [*hashes.get(known, []), tops[known]]):
                yield known, "its history is not what the engine wrote"
    except (ValidationError, ValueError, KeyError):
        yield ids[0], "a history or what was signed cannot be read"
        return
    yield from _unwritten(store, election, cases)
    automatic, held_up = store.elections.profile(election).automatic_approval, store.people.held_up(ids)
    for known, history in histories.items():
        if why := _unapproved(history, automatic=automatic, held_up=held_up.get(known, [])):
            yield known, why


def _is_whole(application: Application, history: Sequence[Event], stored: Sequence[Sha256]) -> bool:
    """Whether the history has the hashes that are stored of it, and leads to the application as it stands."""
    computed = [*heads(history)]
    try:
        return [*computed, *computed[-1:]] == [*stored] and Application.replayed(history) == application
    except (AccreditationError, ValidationError, TypeError):
        return False


def _unwritten(store: Store, election: ElectionCode, cases: Mapping[UUID, Application]) -> Iterator[tuple[UUID, str]]:
    """Yield the cases whose person or findings are not those that the engine wrote."""
    versions = [(known, case.person_version) for known, case in cases.items()]
    changed = {
        *(str(known) for known, _ in store.people.misstated(election, of=cases.keys())),
        *changed_rows(store.session, election, Book.PEOPLE, versions),
        *changed_rows(store.session, election, Book.FINDINGS, versions),
        *changed_rows(store.session, election, Book.CASES, [(known,) for known in cases]),
    }
    for known in cases:
        if any(subject.startswith(str(known)) for subject in changed):
            yield known, "the person or the findings are not those that the engine wrote"


def _unapproved(history: Sequence[Event], *, automatic: bool, held_up: Sequence[tuple[int, datetime]]) -> str:
    """Return why the last approval in *history* does not count, nothing where it does.

    An officer's was compared with the signed statement before. The engine approves clear cases alone, straight from
    vetting, where the profile lets it.
    """
    places = [place for place, event in enumerate(history) if event.kind in APPROVALS]
    if not places:
        return "nobody approved it"
    approval = history[places[-1]]
    if approval.actor.kind == "officer":
        return ""
    before = Application.replayed(history[: places[-1]])
    found = any(version == before.person_version and at <= approval.at for version, at in held_up)
    clear = approval.kind == APPROVALS[0] and before.status is Status.IN_VETTING and not found
    return "" if automatic and clear else "no officer approved it, and it was no clear case"
