"""The audit: every chain recomputed, every history replayed, every signature verified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from pydantic import ValidationError

from db.application.applications import StoredEvent
from db.oversight.erasures import Erasures
from db.oversight.unreadable import UNREADABLE, unreadable
from db.oversight.whole import rows_left
from db.store import Store, open_reader
from db.tables.encryption import leaving_unreadable
from domain.application.application import Application
from domain.application.chain import head, heads, merkle_root
from domain.application.events import EVENT, Event
from domain.decisions.appeals import decision_of, facts_hash_of
from domain.errors import AccreditationError
from domain.oversight.seals import maker
from domain.oversight.warrants import Warrants
from domain.statements.record import Entry, Replay, faults_in
from domain.statements.statement import StatementRefusedError
from domain.values import ElectionCode, Frozen, Sha256
from flows.context import database, engine_key
from flows.issuance.publication.log import known_keys
from flows.oversight.chains import BrokenLink, broken_links, misattributed, restated, told
from flows.oversight.signed import history_faults, kept_faults, require_known, signed_faults, text_faults
from flows.statements.imported import origin_of
from flows.statements.kept_log import given_out, is_deleted, log_faults
from flows.statements.log_look import look_at_log

_CASES: Final = "cases"
_RECORD: Final = "signed acts"


class Audit(Frozen):
    """What the check of all histories found."""

    applications: int
    events: int
    root: str
    broken: tuple[UUID, ...]
    """Applications whose stored state, hashes and history do not agree."""

    head: str = ""
    """Number and hash of the last entry of the record of signed acts: noted elsewhere, it shows restored old states."""

    links: tuple[BrokenLink, ...] = ()
    """The first broken link of every other book: officers, organisations, serials, policies, plans, resolutions."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was changed behind the engine's back."""
        return not self.broken and not self.links


def audit(election: ElectionCode, *, since: str = "") -> Audit:
    """Recompute every chain, replay every history, verify every signature and compare with the stored rows.

    With *since*, a head that was noted, the record must go on from there.
    """
    with open_reader(database()) as store:
        return audit_of(store, election, since=since)


def audit_of(store: Store, election: ElectionCode, *, since: str = "") -> Audit:
    """Return what :func:`audit` finds in what *store* reads."""
    if is_deleted(store, election):
        return _audit_of_deleted(store, election, since)
    with leaving_unreadable():
        return _Auditor(store, election).audit(since)


def _audit_of_deleted(store: Store, election: ElectionCode, since: str) -> Audit:
    """Return what is found in what is left of a deleted election: the record, the log, and nothing else."""
    number, head_now = store.statements.head(election)
    look, salts = look_at_log(store, election, anew=True), store.log.saltless(election)
    keys, note = known_keys(store, election), given_out(election)
    faults = {
        "signed acts": [
            *faults_in([*store.statements.entries(election)], Replay()),
            *([] if store.statements.is_journalled(election) else ["the record is not the one that the engine wrote"]),
            *([] if election in store.loaded.archived() else ["the election was thawed"]),
            *filter(None, [require_known(store, election, since) if since else ""]),
        ],
        "log": [*log_faults(store, election, look, erased=salts, note=note, keys=keys)],
        "erasures": [] if Erasures(store.session).is_whole(election) else ["a step was changed"],
        "deleted": [f"{table} still holds something" for table in rows_left(store.session, election)],
    }  # fmt: skip
    links = (BrokenLink(book=book, link=link) for book, found in faults.items() for link in found)
    return Audit(
        applications=0, events=0, root=merkle_root([]), broken=(), head=f"{number}:{head_now}", links=tuple(links)
    )


class _Auditor:
    """One audit of one election."""

    def __init__(self, store: Store, election: ElectionCode) -> None:
        self.note = given_out(election)  # before anything is read: the log may grow meanwhile
        self.store, self.election = store, election
        self.applications, self.unreadable = store.applications.readable_in(election)
        ids = [*(application.id for application in self.applications), *self.unreadable]
        self.heads = store.applications.heads(ids)
        kept, self.unread = self._events(ids)
        self.rows = {known: kept.get(known, []) for known in ids}
        self.histories = {known: _read(rows) for known, rows in self.rows.items()}
        self.hashes = {known: [row.hash for row in rows] for known, rows in self.rows.items()}
        self.entries: list[Entry] = []
        self.erased: set[UUID] = set()

    def audit(self, since: str) -> Audit:
        """Return what was found."""
        number, head_now = self.store.statements.head(self.election)
        return Audit(
            applications=len(self.histories),
            events=sum(map(len, self.histories.values())),
            root=self._root(),
            head=f"{number}:{head_now}",
            broken=(*(found.id for found in self.applications if self._is_broken(found)), *self.unreadable),
            links=tuple(self._links(since)),
        )

    def _is_broken(self, application: Application) -> bool:
        history = self.histories[application.id]
        if not history or head(history) != self.heads[application.id]:
            return True
        try:
            replayed = Application.replayed(history)
        except (AccreditationError, ValidationError):
            return True
        rows = zip(self.rows[application.id], history, strict=True)
        filed = all(row.is_at(place, event, of=application.id) for place, (row, event) in enumerate(rows, start=1))
        return replayed != application or not filed or [*heads(history)] != self.hashes[application.id]

    def _links(self, since: str) -> Iterator[BrokenLink]:
        yield from (BrokenLink(book=book, link=link) for book, link in dict.fromkeys(self._faults(since)))

    def _faults(self, since: str) -> Iterator[tuple[str, str]]:
        """Yield book and place of each fault; a row that cannot be read is one, and holds up no other part."""
        store, election = self.store, self.election
        yield from ((_CASES, fault) for fault in self.unread)
        yield from told(store, ((_CASES, partial(self._case, case)) for case in self.unreadable))
        yield from told(store, ((_RECORD, self._read_entries), ("erasures", self._read_erasures)))
        yield from told(store, (("decisions", self._decisions),))
        yield from ((found.book, found.link) for found in broken_links(store, election))
        yield from signed_faults(store, election, self.entries, erased=self.erased)
        yield from kept_faults(store, election)
        yield from self._going_on(_CASES, text_faults(store, election, [*self.histories], erased=self.erased))
        sealer = _sealer(election)
        yield from self._going_on(_RECORD, history_faults(store, election, self.hashes, sealed_by=sealer))
        yield from told(store, (
            (_RECORD, self._unwarranted),
            (_RECORD, self._archived_unsigned),
            ("log", self._log),
            (_RECORD, lambda: filter(None, [require_known(store, election, since) if since else ""])),
        ))  # fmt: skip

    def _going_on(self, book: str, faults: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        try:
            yield from faults
        except UNREADABLE as error:
            yield book, unreadable(self.store.session, error)

    def _events(self, ids: Sequence[UUID]) -> tuple[dict[UUID, list[StoredEvent]], list[str]]:
        """Return the rows of the histories; where one cannot be read, those of the other cases, and which one it is."""
        try:
            return self.store.applications.stored_events(ids), []
        except UNREADABLE as error:
            fault = unreadable(self.store.session, error)
            whole = [known for known in ids if self._has_events(known)]
            return self.store.applications.stored_events(whole), [fault]

    def _has_events(self, known: UUID) -> bool:
        try:
            return bool(self.store.applications.stored_events([known]))
        except UNREADABLE:
            return False

    def _root(self) -> str:
        try:
            return merkle_root(self.heads.values())
        except ValueError:  # a head that is none: its case does not agree with its history
            return ""

    def _case(self, case: UUID) -> list[str]:
        """Raise what stands in the way of reading a case."""
        self.store.applications.get(case)
        return []

    def _read_entries(self) -> list[str]:
        self.entries = [*self.store.statements.entries(self.election)]
        return []

    def _read_erasures(self) -> list[str]:
        entries = Erasures(self.store.session).entries(self.election)
        self.erased = {application for entry in entries for application in entry.applications}
        return []

    def _decisions(self) -> Iterator[str]:
        decided = {known: code for history in self.histories.values() for known, code in _decided(history).items()}
        stated = {known: said for history in self.histories.values() for known, said in _stated(history).items()}
        hands = misattributed(decided, self.store.decisions.hands([*self.histories]))
        facts = restated(stated, self.store.decisions.facts_hashes([*self.histories]), erased=self.erased)
        yield from (part.link for part in (hands, facts) if part)

    def _log(self) -> Iterable[str]:
        keys, look = known_keys(self.store, self.election), look_at_log(self.store, self.election, anew=True)
        return log_faults(self.store, self.election, look, erased=self.erased, note=self.note, keys=keys)

    def _archived_unsigned(self) -> list[str]:
        try:
            signed = self.store.statements.authority(self.election).archived
        except StatementRefusedError:  # the record has no beginning, which is told as a fault of its own
            return []
        wrong = signed != (self.election in self.store.loaded.archived())
        return ["whether the election is archived is not what was signed"] if wrong else []

    def _unwarranted(self) -> list[str]:
        words = self.store.statements.words(self.election)
        try:
            return [*Warrants.of(self.entries).faults(self.histories, self.hashes, words)][:5]
        except (AccreditationError, ValidationError, ValueError, KeyError):
            return ["it cannot be read"]


def _sealer(election: ElectionCode) -> str:
    """Return whose seals the journals bear: this engine's, or those of the one that an election was imported from."""
    if (origin := origin_of(election)) is not None:
        return origin.sealed_by
    key = engine_key()
    return maker(key) if key else ""


def _read(rows: Sequence[StoredEvent]) -> list[Event]:
    """Return the history that *rows* are, none where one of them cannot be read."""
    try:
        return [EVENT.validate_python(row.body, strict=False) for row in rows]
    except ValidationError:
        return []


def _stated(history: Sequence[Event]) -> dict[UUID, Sha256 | None]:
    """Return the hash of the facts of each decision of a history, None where it states that there are none.

    The engine's own events may name the decision whose time ran out; the facts are stated where it was made.
    """
    made = (event for event in history if event.actor.kind == "officer" and hasattr(event, "facts_sha256"))
    known = ((decision_of(event), facts_hash_of(event)) for event in made)
    return {decision: stated for decision, stated in known if decision}


def _decided(history: Sequence[Event]) -> dict[UUID, str]:
    """Return the officers' decisions of a history, each with whose it is."""
    known = ((decision_of(event), event.actor) for event in history)
    return {decision: actor.code for decision, actor in known if decision and actor.kind == "officer"}
