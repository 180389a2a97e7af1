"""Whether an accreditation is proved: by what officers signed, and by what the engine recorded of a clear case.

The signing process asks this before it signs. A status, or an event that somebody wrote, is no proof.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError
from pydantic_core import from_json

from db.engine import planted
from db.journal import Book
from db.oversight.kept_rows import changed_rows
from db.store import Store, open_reader
from domain.application.application import Application
from domain.application.chain import heads
from domain.application.events import Event
from domain.application.status import Status
from domain.errors import AccreditationError
from domain.oversight.seals import maker
from domain.oversight.warrants import Warrants
from domain.statements.authority import Authority
from domain.statements.record import Entry, EntryKind, Replay, faults_in
from domain.values import ElectionCode, Sha256
from flows.context import database
from flows.issuance.signing.carried import carried_over, not_carried
from flows.issuance.signing.seen_heads import START, Head, Seen, SeenHeads

APPROVALS: Final = ("application_approved", "appeal_granted", "accreditation_carried_over")
"""The events by which somebody was accredited; without one of them nothing is signed, whatever the status says."""


_REPLACED: Final = (
    "entry {number} of the {book} is another one than before",
    "the {book} ends before entry {number}, which it had before: an older state was restored, or entries were removed",
)


RESTS_ON: Final = (Book.RECORD, Book.HISTORIES, Book.CASES, Book.PEOPLE, Book.FINDINGS, Book.CREDENTIALS)
"""The journals of what stands on a badge, or lets somebody have one."""


class NotApprovedError(AccreditationError):
    """A credential was asked for that nobody decided to give."""


class UnprovedError(NotApprovedError):
    """The database says that a credential is due, and what it says does not hold: somebody wrote there by hand."""

    def __init__(self, about: UUID | ElectionCode, why: str) -> None:
        super().__init__(f"Nothing is signed for {about}: {why}. Run: accredit audit verify")
        self.about = str(about)
        self.why = why


@dataclass
class _Record:
    """The record of signed acts of an election, as far as it was verified."""

    replay: Replay = field(default_factory=Replay)
    warrants: Warrants = field(default_factory=Warrants)
    last: Head = START
    books: dict[str, Head] = field(default_factory=dict[str, Head])
    """The journals, as far as they were verified."""
    pinned: Mapping[str, Head] = field(default_factory=dict[str, Head])
    """Where the journals stood when the last signed act was applied, which its entry says."""

    def take(self, entry: Entry) -> None:
        """Take the next entry, which was verified."""
        self.warrants.take(entry)
        self.last = (entry.sequence, entry.hash)
        if entry.entry is EntryKind.APPLIED:
            books = from_json(entry.document).get("books", {})
            self.pinned = {book: (number, head) for book, (number, head) in books.items()}


class Proofs:
    """Verifies accreditations. Each entry of a record is verified once, and must stay as it was, over restarts too."""

    def __init__(self, seen: SeenHeads, *, key: Callable[[], Ed25519PrivateKey | None] = lambda: None) -> None:
        """Take *key*, which finds the key of the engine's seals where this process can read it."""
        self._seen = seen
        self._key = key
        self._records: dict[ElectionCode, _Record] = {}
        self._lock = Lock()

    @contextmanager
    def opened(self, election: ElectionCode) -> Generator[Store]:
        """Give a view of the database whose record and journals were verified, to one caller at a time.

        What was seen last is read before the view begins: whoever noted it had committed what it rests on.
        """
        with self._lock:
            seen = self._seen.of(election)
            with open_reader(database()) as store:
                self._verify(store, election, seen)
                yield store

    def require(self, store: Store, election: ElectionCode, cases: Mapping[UUID, Application]) -> None:
        """Raise :class:`UnprovedError` for the first of *cases*, read in an opened view, that does not hold."""
        record = self._records[election]
        authority = record.replay.authority
        if authority is None or {*store.elections.rules_as_stored(election)} != {authority.rules_sha256}:
            raise UnprovedError(election, "the rules are not those that were founded or signed")
        try:
            for known, why in _faults(store, authority, record.warrants.about(cases.keys()), cases):
                raise UnprovedError(known, why)
        except (ValidationError, ValueError, KeyError) as error:
            if len(cases) > 1:
                raise NotApprovedError("Nothing is signed: what is kept of a case cannot be read.") from error
            raise UnprovedError(next(iter(cases)), "a history or what was signed cannot be read") from error

    def _verify(self, store: Store, election: ElectionCode, seen: Seen) -> None:
        record = self._records.get(election, _Record())
        if seen.record[0] < record.last[0]:  # somebody who has the keys accepted a restored state
            record = _Record()
        for number, head in (record.last, seen.record):
            if number and (there := store.statements.hash_at(election, number)) != head:
                raise UnprovedError(election, _REPLACED[there is None].format(number=number, book="record"))
        entries = [*store.statements.entries(election, after=record.last[0])]
        if not record.last[0] or entries:
            self._records.pop(election, None)  # one that breaks half-way is read anew the next time
            for fault in faults_in(entries, record.replay, after=record.last):
                raise UnprovedError(election, f"the record of signed acts does not hold: {fault}")
            for entry in entries:
                record.take(entry)
        if not store.statements.is_journalled(election):
            raise UnprovedError(election, "the record of signed acts is not the one that the engine wrote")
        _follow(store, election, record, seen)
        if name := planted(store.session):
            raise UnprovedError(election, f"somebody put {name[:40]!r} into the database, a trigger, view or rule")
        key = self._key()
        sealed_by = _sealed(store, election, record, by=maker(key) if key else seen.sealed_by)
        if (now := Seen(record=record.last, books=record.books, sealed_by=sealed_by)) != seen:
            self._seen.note(election, now)
        self._records[election] = record


def _follow(store: Store, election: ElectionCode, record: _Record, seen: Seen) -> None:
    """Verify what came into the journals, and that they are still what they were and what signed acts rest on."""
    for book in RESTS_ON:
        after = record.books.get(book.value, START)
        for number, head in (after, seen.books.get(book.value, START), record.pinned.get(book.value, START)):
            if number and (there := store.journal.hash_at(election, book, number)) != head:
                raise UnprovedError(election, _REPLACED[there is None].format(number=number, book=f"journal of {book}"))
        number, head, broken = store.journal.followed(election, book, after=after)
        if broken:
            raise UnprovedError(election, f"entry {number} of the journal of {book} does not follow the one before")
        record.books[book.value] = (number, head)


def _sealed(store: Store, election: ElectionCode, record: _Record, *, by: str) -> str:
    """Return whose seals the journals bear; where *by* is not empty, nobody else's count."""
    begun = [book for book in RESTS_ON if record.books[book.value] != START]
    found = {book: store.journal.sealed_by(election, book) for book in begun}
    by = by or max(found.values(), default="")
    for book in begun:
        if found[book] != by:
            raise UnprovedError(election, f"the journal of {book} goes on without a seal of the engine")
    return by


def _faults(
    store: Store, authority: Authority, warrants: Warrants, cases: Mapping[UUID, Application]
) -> Iterator[tuple[UUID, str]]:
    """Yield each case that does not hold, with the reason."""
    ids, election = [*cases], authority.election
    chains = store.applications.chains(ids)
    histories = {known: [event for event, _ in chain] for known, chain in chains.items()}
    hashes = {known: [stored for _, stored in chain] for known, chain in chains.items()}
    for fault in warrants.faults(histories, hashes, {}):
        yield next((known for known in ids if str(known) in fault), ids[0]), fault
    tops = store.applications.heads(ids)
    for known in ids:
        if not _is_whole(cases[known], histories.get(known, []), [*hashes.get(known, []), tops[known]]):
            yield known, "its history is not what the engine wrote"
    yield from _unwritten(store, election, cases)
    profile, held_up = store.elections.profile(election), store.people.held_up(ids)
    carried = {known: history for known, history in histories.items() if carried_over(history)}
    yield from not_carried(store, election, carried, cases)
    for known, history in histories.items():
        automatic, held = profile.approves(cases[known].role), held_up.get(known, [])
        if known not in carried and (why := _unapproved(history, automatic=automatic, held_up=held)):
            yield known, why
    for known in store.applications.unjournalled(election, hashes):
        yield known, "its history was written by nobody of the engine"


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
        *changed_rows(store.session, election, Book.PEOPLE, versions, once=True),
        *changed_rows(store.session, election, Book.FINDINGS, versions),
        *changed_rows(store.session, election, Book.CASES, [(known,) for known in cases], once=True),
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
    later = history[places[-1] :]
    if any(event.kind == "nomination_corrected" and event.actor.kind != "officer" for event in later):
        return "the person was exchanged after the approval, by no officer"
    if approval.actor.kind == "officer":
        return ""
    before = Application.replayed(history[: places[-1]])
    found = any(version == before.person_version and at <= approval.at for version, at in held_up)
    clear = approval.kind == APPROVALS[0] and before.status is Status.IN_VETTING and not found
    return "" if automatic and clear else "no officer approved it, and it was no clear case"
