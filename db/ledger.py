"""What officers, plans and the press brought about: decisions, plans, credentials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from db.rows import CredentialRow, DecisionRow, PlanRow
from domain.decisions import Decision
from domain.errors import UnknownThingError
from domain.values import ElectionCode, Frozen, Serial, UtcTime


class Reservation(Frozen):
    """A credential's serial, status index and times, fixed before anything is signed or drawn."""

    serial: Serial
    election: ElectionCode
    application_id: UUID
    application_version: int
    number: int
    status_index: int
    issued_at: UtcTime
    valid_from: UtcTime
    valid_until: UtcTime


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


@dataclass(frozen=True, slots=True)
class Credentials:
    """The serial ledger."""

    session: Session

    def reserved(self, ids: Sequence[UUID]) -> dict[UUID, Reservation]:
        """Return the open reservation of each of *ids* that has one."""
        query = select(CredentialRow).where(CredentialRow.application_id.in_(ids), CredentialRow.state == "reserved")
        return {row.application_id: _reservation(row) for row in self.session.scalars(query)}

    def reserve(self, reservations: Sequence[Reservation]) -> None:
        """Keep *reservations*."""
        if reservations:
            rows = [reservation.model_dump() | {"state": "reserved"} for reservation in reservations]
            self.session.execute(insert(CredentialRow), rows)

    def issue(self, issued: Sequence[dict[str, str]]) -> None:
        """Turn reservations into credentials: rows of serial, key_id, token_sha256, badge_sha256."""
        if issued:
            self.session.execute(update(CredentialRow), [row | {"state": "issued"} for row in issued])

    def count_by_state(self, election: ElectionCode) -> dict[str, int]:
        """Return how many serials are in each state."""
        query = (
            select(CredentialRow.state, func.count())
            .where(CredentialRow.election == election)
            .group_by(CredentialRow.state)
        )
        return dict(sorted(Counter(dict(self.session.execute(query).tuples().all())).items()))

    def indices_by_state(self, election: ElectionCode) -> list[tuple[int, str]]:
        """Return (status index, state) of every serial of the election."""
        query = select(CredentialRow.status_index, CredentialRow.state).where(CredentialRow.election == election)
        return [(index, state) for index, state in self.session.execute(query)]

    def badge_of(self, serial: Serial) -> str | None:
        """Return the content hash of the badge printed under *serial*."""
        return self.session.scalar(select(CredentialRow.badge_sha256).where(CredentialRow.serial == serial))

    def state_of(self, election: ElectionCode, serial: Serial) -> str | None:
        """Return the state of *serial* in this election's ledger, or None where it is unknown."""
        query = select(CredentialRow.state).where(CredentialRow.election == election, CredentialRow.serial == serial)
        return self.session.scalar(query)


def _reservation(row: CredentialRow) -> Reservation:
    return Reservation.model_validate({name: getattr(row, name) for name in Reservation.model_fields})
