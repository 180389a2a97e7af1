"""The audit: every chain recomputed, every history replayed, every signature verified."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from pydantic import ValidationError

from db.oversight.erasures import Erasures
from db.store import Store, open_reader
from domain.application.application import Application
from domain.application.chain import head, heads, merkle_root
from domain.application.events import Event
from domain.decisions.appeals import decision_of, facts_hash_of
from domain.errors import AccreditationError
from domain.oversight.warrants import Warrants
from domain.statements.record import Entry
from domain.values import ElectionCode, Frozen, Sha256
from flows.context import database
from flows.issuance.log import log_faults
from flows.oversight.chains import BrokenLink, broken_links, misattributed, restated
from flows.oversight.signed import kept_faults, require_known, signed_faults, text_faults


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
    return _Auditor(store, election).audit(since)


class _Auditor:
    """One audit of one election."""

    def __init__(self, store: Store, election: ElectionCode) -> None:
        self.store, self.election = store, election
        self.applications = store.applications.all_in(election)
        self.heads = store.applications.heads([application.id for application in self.applications])
        self.histories = {application.id: self._history(application.id) for application in self.applications}
        self.hashes = {application.id: store.applications.hashes(application.id) for application in self.applications}
        self.erased = {
            application for entry in Erasures(store.session).entries(election) for application in entry.applications
        }

    def _history(self, known: UUID) -> list[Event]:
        try:
            return self.store.applications.history(known)
        except ValidationError:
            return []

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
        misfiled = replayed != application or self.store.applications.misfiled(application.id)
        return misfiled or [*heads(history)] != self.hashes[application.id]

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
        yield from (BrokenLink(book=book, link=link) for book, link in (*signed, *kept, *texts))
        yield from (BrokenLink(book="signed acts", link=fault) for fault in self._unwarranted(entries))
        yield from (
            BrokenLink(book="log", link=fault) for fault in log_faults(self.store, self.election, erased=self.erased)
        )
        if since and (fault := require_known(self.store, self.election, since)):
            yield BrokenLink(book="signed acts", link=fault)

    def _unwarranted(self, entries: Sequence[Entry]) -> list[str]:
        words = self.store.statements.words(self.election)
        try:
            return [*Warrants.of(entries).faults(self.histories, self.hashes, words)][:5]
        except (AccreditationError, ValidationError, ValueError, KeyError):
            return ["it cannot be read"]


def _stated(history: Sequence[Event]) -> dict[UUID, Sha256]:
    """Return the hash of the facts of each decision of a history that states any."""
    known = ((decision_of(event), facts_hash_of(event)) for event in history)
    return {decision: stated for decision, stated in known if decision and stated}


def _decided(history: Sequence[Event]) -> dict[UUID, str]:
    """Return the officers' decisions of a history, each with whose it is."""
    known = ((decision_of(event), event.actor) for event in history)
    return {decision: actor.code for decision, actor in known if decision and actor.kind == "officer"}
