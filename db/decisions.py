"""Officers' acts, with the facts they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.rows import DecisionRow
from domain.decisions import Decision


@dataclass(frozen=True, slots=True)
class Decisions:
    """Officers' acts."""

    session: Session

    def put(self, decisions: Sequence[Decision]) -> None:
        """Keep *decisions*."""
        if decisions:
            rows = [decision.model_dump() | {"reasons": [*decision.reasons]} for decision in decisions]
            self.session.execute(insert(DecisionRow), rows)

    def facts(self, decision_id: UUID) -> str:
        """Return the facts that a decision rests on, empty where none are kept."""
        return self.session.scalar(select(DecisionRow.facts).where(DecisionRow.id == decision_id)) or ""

    def of_application(self, application_id: UUID) -> list[Decision]:
        """Return the decisions on an application, oldest first."""
        query = select(DecisionRow).where(DecisionRow.application_id == application_id).order_by(DecisionRow.at)
        return [
            Decision.model_validate({name: getattr(row, name) for name in Decision.model_fields})
            for row in self.session.scalars(query)
        ]
