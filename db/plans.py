"""Deployment plans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.rows import PlanRow
from domain.errors import UnknownThingError
from domain.values import ElectionCode


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan and the problem it answers, as documents."""

    id: UUID
    problem: dict[str, Any]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plans:
    """Deployment plans."""

    session: Session

    def put(self, election: ElectionCode, plan: StoredPlan, *, now: datetime) -> None:
        """Keep a plan whose placements are still to be recorded."""
        if self.session.get(PlanRow, plan.id) is None:
            self.session.add(PlanRow(id=plan.id, election=election, problem=plan.problem, body=plan.body, made_at=now))

    def get(self, plan_id: UUID) -> StoredPlan:
        """Return one plan; raises :class:`UnknownThingError`."""
        plan = _plan(self.session.get(PlanRow, plan_id))
        if plan is None:
            raise UnknownThingError("plan", str(plan_id))
        return plan

    def unfinished(self, election: ElectionCode) -> StoredPlan | None:
        """Return the plan that was adopted but not fully carried out, if any."""
        query = select(PlanRow).where(PlanRow.election == election, PlanRow.finished_at.is_(None))
        return _plan(self.session.scalar(query.order_by(PlanRow.made_at)))

    def latest(self, election: ElectionCode) -> StoredPlan | None:
        """Return the plan in force."""
        query = select(PlanRow).where(PlanRow.election == election).order_by(PlanRow.made_at.desc())
        return _plan(self.session.scalar(query.limit(1)))

    def finish(self, plan_id: UUID, *, now: datetime) -> None:
        """Note that every placement of the plan is recorded."""
        self.session.execute(update(PlanRow).where(PlanRow.id == plan_id).values(finished_at=now))


def _plan(row: PlanRow | None) -> StoredPlan | None:
    return None if row is None else StoredPlan(row.id, row.problem, row.body)
