"""The audit: every chain recomputed, every history replayed, every signature verified."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from pydantic import ValidationError

from db.application.applications import StoredEvent
from db.oversight.erasures import Erasures
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
from flows.oversight.chains import BrokenLink, broken_links, misattributed, restated
from flows.oversight.signed import history_faults, kept_faults, require_known, signed_faults, text_faults
from flows.statements.imported import origin_of
from flows.statements.kept_log import given_out, is_deleted, log_faults
from flows.statements.log_look import look_at_log


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
        self.applications = store.applications.all_in(election)
        ids = [application.id for application in self.applications]
        self.heads = store.applications.heads(ids)
        kept = store.applications.stored_events(ids)
        self.rows = {known: kept.get(known, []) for known in ids}
        self.histories = {known: _read(rows) for known, rows in self.rows.items()}
        self.hashes = {known: [row.hash for row in rows] for known, rows in self.rows.items()}
        self.erased = {
            application for entry in Erasures(store.session).entries(election) for application in entry.applications
        }

    def audit(self, since: str) -> Audit:
        """Return what was found."""
        number, head_now = self.store.statements.head(self.election)
        return Audit(
            applications=len(self.applications),
            events=sum(map(len, self.histories.values())),
            root=merkle_root(self.heads.values()),
            head=f"{number}:{head_now}",
            broken=tuple(application.id for application in self.applications if self._is_broken(application)),
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
        decided = {known: code for history in self.histories.values() for known, code in _decided(history).items()}
        stated = {known: said for history in self.histories.values() for known, said in _stated(history).items()}
        ids = [application.id for application in self.applications]
        hands = misattributed(decided, self.store.decisions.hands(ids))
        facts = restated(stated, self.store.decisions.facts_hashes(ids), erased=self.erased)
        yield from (part for part in (hands, facts) if part)
        yield from broken_links(self.store, self.election)
        entries = [*self.store.statements.entries(self.election)]
        signed = signed_faults(self.store, self.election, entries, erased=self.erased)
        kept = kept_faults(self.store, self.election)
        texts = text_faults(self.store, self.election, [*self.histories], erased=self.erased)
        written = history_faults(self.store, self.election, self.hashes, sealed_by=_sealer(self.election))
        yield from (BrokenLink(book=book, link=link) for book, link in (*signed, *kept, *texts, *written))
        yield from (BrokenLink(book="signed acts", link=fault) for fault in self._unwarranted(entries))
        if self._is_archived_unsigned():
            yield BrokenLink(book="signed acts", link="whether the election is archived is not what was signed")
        keys = known_keys(self.store, self.election)
        look = look_at_log(self.store, self.election, anew=True)
        log = log_faults(self.store, self.election, look, erased=self.erased, note=self.note, keys=keys)
        yield from (BrokenLink(book="log", link=fault) for fault in log)
        if since and (fault := require_known(self.store, self.election, since)):
            yield BrokenLink(book="signed acts", link=fault)

    def _is_archived_unsigned(self) -> bool:
        try:
            signed = self.store.statements.authority(self.election).archived
        except StatementRefusedError:  # the record has no beginning, which is told as a fault of its own
            return False
        return signed != (self.election in self.store.loaded.archived())

    def _unwarranted(self, entries: Sequence[Entry]) -> list[str]:
        words = self.store.statements.words(self.election)
        try:
            return [*Warrants.of(entries).faults(self.histories, self.hashes, words)][:5]
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
