"""Where an election stands, in numbers: what ``accredit status`` prints and the demo's tables show."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from db.store import open_reader
from domain.application import Application
from domain.chain import head, merkle_root
from domain.intake import ChunkCounts
from domain.values import ElectionCode, Frozen
from flows.desk import database


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


def audit(election: ElectionCode) -> Audit:
    """Recompute every chain, replay every history and compare with the stored rows."""
    with open_reader(database()) as store:
        applications = store.applications.all_in(election)
        heads = store.applications.heads([one.id for one in applications])
        events = 0
        broken: list[UUID] = []
        for application in applications:
            history = store.applications.history(application.id)
            events += len(history)
            if head(history) != heads[application.id] or Application.replayed(history) != application:
                broken.append(application.id)
    return Audit(applications=len(applications), events=events, root=merkle_root(heads.values()), broken=tuple(broken))
