"""Officers' acts, with the facts they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.bulk import in_batches
from db.journal import Book, touch
from db.tables.decisions import DecisionRow
from domain.decisions.facts import facts_hash
from domain.decisions.rulings import Decision
from domain.election.policies import PolicyCitation
from domain.values import OfficerCode, Sha256


@dataclass(frozen=True, slots=True)
class Decisions:
    """Officers' acts."""

    session: Session

    def put(self, decisions: Sequence[Decision]) -> None:
        """Keep *decisions*."""
        if decisions:
            rows = [_columns(decision) for decision in decisions]
            self.session.execute(insert(DecisionRow), rows)
            touch(self.session, Book.DECISIONS, [(decision.id,) for decision in decisions])

    def facts(self, decision_id: UUID) -> str:
        """Return the facts that a decision rests on, empty where none are kept."""
        return self.session.scalar(select(DecisionRow.facts).where(DecisionRow.id == decision_id)) or ""

    def hands(self, ids: Sequence[UUID]) -> dict[UUID, OfficerCode]:
        """Return whose each decision on these applications is, by its id."""
        found: dict[UUID, OfficerCode] = {}
        for part in in_batches(ids):
            query = select(DecisionRow.id, DecisionRow.officer).where(DecisionRow.application_id.in_(part))
            found |= {row.id: row.officer for row in self.session.execute(query)}
        return found

    def facts_hashes(self, ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, Sha256 | None, bool]]:
        """Return for each decision on these applications which one it is about, the hash of its facts, if it is signed.

        None stands for facts that are empty.
        """
        found: dict[UUID, tuple[UUID, Sha256 | None, bool]] = {}
        for part in in_batches(ids):
            query = select(DecisionRow.id, DecisionRow.application_id, DecisionRow.facts, DecisionRow.statement)
            for row in self.session.execute(query.where(DecisionRow.application_id.in_(part))):
                found[row.id] = row.application_id, facts_hash(row.facts), bool(row.statement)
        return found

    def of_application(self, application_id: UUID) -> list[Decision]:
        """Return the decisions on an application, oldest first."""
        query = select(DecisionRow).where(DecisionRow.application_id == application_id).order_by(DecisionRow.at)
        return [
            Decision.model_validate(
                {name: getattr(row, name) for name in Decision.model_fields}
                | {"policies": [PolicyCitation.read(policy) for policy in row.policies]}
            )
            for row in self.session.scalars(query)
        ]


def _columns(decision: Decision) -> dict[str, Any]:
    lists = {"reasons": [*decision.reasons], "policies": [str(policy) for policy in decision.policies]}
    return decision.model_dump(exclude={*lists}) | lists
