"""Where an election stands, in numbers: what ``accredit status`` prints and the demo's tables show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from db.oversight.erasures import Erasures
from db.store import Store, open_reader
from domain.application.application import Application
from domain.application.chain import head, merkle_root
from domain.application.events import Event
from domain.decisions.appeals import decision_of, facts_hash_of
from domain.intake.mailbox import MessageState
from domain.intake.nominations_file import ChunkCounts
from domain.values import ElectionCode, Frozen, Sha256
from flows.context import database
from flows.intake.collection.drop_folder import all_files
from flows.oversight.chains import BrokenLink, broken_links, misattributed, restated
from flows.settings import settings


def status_of(election: ElectionCode) -> dict[str, Any]:
    """Return counts of applications, letters, credentials and rows: the documented JSON of ``accredit status``."""
    with open_reader(database()) as store:
        store.elections.profile(election)
        rows = sum((report.counts for report in store.intake.reports(election)), ChunkCounts())
        return {
            "election": election,
            "applications": {one.value: count for one, count in store.applications.count_by_status(election).items()},
            "letters": store.outbox.counts(election),
            "credentials": store.credentials.count_by_state(election),
            "intake": {"rows": rows.rows, **rows.model_dump()},
            "waiting": _waiting(store, election),
        }


def _waiting(store: Store, election: ElectionCode) -> dict[str, int]:
    """Return what reached the office and is not taken in yet; files as the drop folder holds them now."""
    folder = settings().drop_folder
    return {
        "messages_held": len(store.incoming.in_states(election, MessageState.HELD)),
        "messages_to_take_in": len(store.incoming.in_states(election, MessageState.ARRIVED, MessageState.RELEASED)),
        "files_in_drop_folder": len(all_files(folder)) if folder and folder.is_dir() else 0,
        "files_not_finished": sum(not report.finished for report in store.intake.reports(election)),
    }


def reasons_of(election: ElectionCode) -> list[dict[str, str | int]]:
    """Return how many applications stand where for which reason, and what was found on those in review."""
    with open_reader(database()) as store:
        counts = store.applications.count_by_reason(election)
    return [
        {"status": status.value, "reason": code, "applications": count}
        for (status, code), count in sorted(counts.items())
    ]


class Audit(Frozen):
    """What the check of all histories found."""

    applications: int
    events: int
    root: str
    broken: tuple[UUID, ...]
    """Applications whose stored state, hashes and history do not agree."""

    links: tuple[BrokenLink, ...] = ()
    """The first broken link of every other book: officers, organisations, serials, policies, plans, resolutions."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was changed behind the engine's back."""
        return not self.broken and not self.links


def audit(election: ElectionCode) -> Audit:
    """Recompute every chain, replay every history and compare with the stored rows; so for every other book."""
    with open_reader(database()) as store:
        applications = store.applications.all_in(election)
        heads = store.applications.heads([one.id for one in applications])
        events = 0
        broken: list[UUID] = []
        decided: dict[UUID, str] = {}
        stated: dict[UUID, Sha256] = {}
        for application in applications:
            history = store.applications.history(application.id)
            events += len(history)
            if head(history) != heads[application.id] or Application.replayed(history) != application:
                broken.append(application.id)
            decided |= _decided(history)
            stated |= _stated(history)
        ids = [one.id for one in applications]
        erased = {one for entry in Erasures(store.session).entries(election) for one in entry.applications}
        hands = misattributed(decided, store.decisions.hands(ids))
        facts = restated(stated, store.decisions.facts_hashes(ids), erased=erased)
        links = (*(one for one in (hands, facts) if one), *broken_links(store, election))
    root = merkle_root(heads.values())
    return Audit(applications=len(applications), events=events, root=root, broken=tuple(broken), links=links)


def _stated(history: Sequence[Event]) -> dict[UUID, Sha256]:
    """Return the hash of the facts of each decision of a history that states any."""
    known = ((decision_of(event), facts_hash_of(event)) for event in history)
    return {decision: stated for decision, stated in known if decision and stated}


def _decided(history: Sequence[Event]) -> dict[UUID, str]:
    """Return the officers' decisions of a history, each with whose it is."""
    known = ((decision_of(event), event.actor) for event in history)
    return {decision: actor.code for decision, actor in known if decision and actor.kind == "officer"}
