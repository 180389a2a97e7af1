"""What a report reads of histories: only the kinds of events that it counts, in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.application import ApplicationRow, EventRow
from db.tables.decisions import DecisionRow
from domain.application.events import EVENT, Event
from domain.election.policies import PolicyCitation
from domain.values import ElectionCode


@dataclass(frozen=True, slots=True)
class ReportEvents:
    """Events and citations of one election at a time."""

    session: Session

    def events(self, election: ElectionCode, kinds: Collection[str]) -> dict[UUID, list[Event]]:
        """Return the events of *kinds* of every application that has any, first to last."""
        found: defaultdict[UUID, list[Event]] = defaultdict(list)
        query = (
            select(EventRow.application_id, EventRow.body)
            .join(ApplicationRow, EventRow.application_id == ApplicationRow.id)
            .where(ApplicationRow.election == election, EventRow.kind.in_(kinds))
            .order_by(EventRow.application_id, EventRow.sequence)
        )
        for known, body in self.session.execute(query):
            found[known].append(EVENT.validate_python(body, strict=False))
        return dict(found)

    def citing(self, election: ElectionCode) -> dict[PolicyCitation, set[UUID]]:
        """Return for each version of a policy the applications in whose decisions it is named."""
        found: defaultdict[PolicyCitation, set[UUID]] = defaultdict(set)
        query = (
            select(DecisionRow.application_id, DecisionRow.policies)
            .join(ApplicationRow, DecisionRow.application_id == ApplicationRow.id)
            .where(ApplicationRow.election == election)
        )
        for known, policies in self.session.execute(query):
            for policy in policies:
                found[PolicyCitation.read(policy)].add(known)
        return dict(found)
