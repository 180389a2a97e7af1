"""Who may be whom: what screening found, and which pairs officers cleared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.bulk import MOST_IDS, in_batches
from db.journal import Book, touch
from db.tables.screening import ClearedPairRow, HitRow
from domain.application.application import Application
from domain.screening.hits import ClearedPair, Hit
from domain.values import ElectionCode


@dataclass(frozen=True, slots=True)
class Resemblances:
    """Hits and cleared pairs of applicants."""

    session: Session
    fresh_hits: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def note(self, application: Application, hits: Iterable[Hit], *, now: datetime) -> None:
        """Keep *hits* on the application's current version in the place of what was kept about the same ones."""
        self.fresh_hits.extend(
            {
                "application_id": application.id,
                "person_version": application.person_version,
                "about": hit.about,
                "pair": hit.pair,
                "band": hit.band.value,
                "body": hit.model_dump(mode="json"),
                "at": now,
            }
            for hit in hits
        )

    def hits_on(self, applications: Sequence[Application]) -> dict[UUID, list[Hit]]:
        """Return the hits on the current version of each application, by whom they are about."""
        versions = {application.id: application.person_version for application in applications}
        found: defaultdict[UUID, list[Hit]] = defaultdict(list)
        for part in in_batches(list(versions)):
            query = select(HitRow).where(HitRow.application_id.in_(part)).order_by(HitRow.about)
            for row in self.session.scalars(query):
                if row.person_version == versions[row.application_id]:
                    found[row.application_id].append(Hit.model_validate(row.body))
        return dict(found)

    def clear(self, election: ElectionCode, cleared: ClearedPair) -> None:
        """Keep that the pair is two people; a pair is cleared once."""
        if self.session.get(ClearedPairRow, (election, cleared.pair)) is None:
            self.session.add(ClearedPairRow(election=election, **cleared.model_dump()))
            self.session.flush()
            touch(self.session, Book.CLEARED, [(election, cleared.pair)])

    def cleared(self, election: ElectionCode, pairs: Iterable[str]) -> dict[str, ClearedPair]:
        """Return those of *pairs* that an officer cleared."""
        wanted, found = sorted(set(pairs)), dict[str, ClearedPair]()
        for start in range(0, len(wanted), MOST_IDS):
            query = select(ClearedPairRow).where(
                ClearedPairRow.election == election, ClearedPairRow.pair.in_(wanted[start : start + MOST_IDS])
            )
            for row in self.session.scalars(query):
                found[row.pair] = ClearedPair.model_validate(
                    {name: getattr(row, name) for name in ClearedPair.model_fields}
                )
        return found

    def flush(self) -> None:
        """Write the hits; one that is known already is written again only if anything about it changed."""
        fresh = {(row["application_id"], row["person_version"], row["about"]): row for row in self.fresh_hits}
        self.fresh_hits.clear()
        for part in in_batches(list({application_id for application_id, *_ in fresh})):
            for row in self.session.scalars(select(HitRow).where(HitRow.application_id.in_(part))):
                newer = fresh.pop((row.application_id, row.person_version, row.about), None)
                if newer and newer["body"] != row.body:
                    row.pair, row.band, row.body, row.at = newer["pair"], newer["band"], newer["body"], newer["at"]
        if fresh:
            self.session.execute(insert(HitRow), list(fresh.values()))
