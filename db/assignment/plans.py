"""Deployment plans: drafts, the plan in force, and those before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, defer

from db.journal import Book, Journal, content_hash
from db.letters.webhooks import Webhooks
from db.tables.assignment import PlanRow
from domain.errors import ConcurrentChangeError, UnknownThingError
from domain.letters.cloud_events import PLAN_ADOPTED, Notice
from domain.values import ElectionCode


class PlanState(StrEnum):
    """How far a plan has come."""

    DRAFT = "draft"
    """Moves nobody yet."""
    ADOPTED = "adopted"
    """Its placements are being recorded."""
    FINISHED = "finished"
    """Everybody is placed and the rosters are queued."""
    DISCARDED = "discarded"
    """A draft that will not be adopted."""


_IN_FORCE = (PlanState.ADOPTED, PlanState.FINISHED)


def _nothing() -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan and the problem it answers, as documents; how far it has come does not make it another plan."""

    id: UUID
    problem: dict[str, Any]
    body: dict[str, Any]
    policy: dict[str, Any] = field(default_factory=_nothing)
    numbers: dict[str, Any] = field(default_factory=_nothing)
    teams: dict[str, Any] = field(default_factory=_nothing)
    rosters: dict[str, Any] = field(default_factory=_nothing, compare=False)
    state: PlanState = field(default=PlanState.DRAFT, compare=False)
    made_at: datetime | None = field(default=None, compare=False)
    adopted_at: datetime | None = field(default=None, compare=False)
    adopted_by: str | None = field(default=None, compare=False)

    @property
    def placements(self) -> Mapping[str, str | None]:
        """Where everybody goes: as planned, or as settled when odd people were moved to make pairs."""
        return _settled(self.body, self.teams)


@dataclass(frozen=True, slots=True)
class Plans:
    """Deployment plans."""

    session: Session

    def draft(self, election: ElectionCode, plan: StoredPlan, *, now: datetime) -> None:
        """Keep a plan that moves nobody yet; drafting the same again changes nothing."""
        self._add(election, plan, PlanState.DRAFT, now=now)

    def put(self, election: ElectionCode, plan: StoredPlan, *, now: datetime, by: str = "") -> None:
        """Keep a plan that is adopted and whose placements are still to be recorded."""
        number = self._next_adoption(election)
        self._add(election, plan, PlanState.ADOPTED, now=now, adopted_at=now, adopted_by=by, adoption=number)

    def _next_adoption(self, election: ElectionCode) -> int:
        last = select(func.max(PlanRow.adoption)).where(PlanRow.election == election)
        return (self.session.scalar(last) or 0) + 1

    def _add(
        self, election: ElectionCode, plan: StoredPlan, state: PlanState, *, now: datetime, **adopted: object
    ) -> None:
        row = self.session.get(PlanRow, plan.id)
        if row is None:
            documents = {name: getattr(plan, name) for name in ("problem", "body", "policy", "numbers", "teams")}
            row = PlanRow(id=plan.id, election=election, state=state.value, made_at=now, **documents, **adopted)
            self.session.add(row)
        elif row.state not in _IN_FORCE:
            row.state = state.value
            for name, value in adopted.items():
                setattr(row, name, value)
        else:
            return
        self.session.flush()
        if state is PlanState.ADOPTED:
            self._journal(row, now=now)

    def _journal(self, row: PlanRow, *, now: datetime) -> None:
        by = row.adopted_by or ""
        said, number = _in_force(row), row.adoption or 0
        Journal(self.session).add(row.election, Book.PLANS, str(row.id), said, by=by, at=now)
        notice = Notice(
            kind=PLAN_ADOPTED, subject=str(row.id), sequence=number, at=now, link=f"{number}:{content_hash(said)}",
            data={"plan": str(row.id), "adoption": number},
        )  # fmt: skip
        Webhooks(self.session).tell(row.election, notice)

    def kept(self, election: ElectionCode) -> dict[str, tuple[datetime, Mapping[str, Any]]]:
        """Return when each plan came into force, with its places, by id, as the journal has it."""
        states = [state.value for state in (PlanState.ADOPTED, PlanState.FINISHED)]
        query = select(PlanRow).where(PlanRow.election == election, PlanRow.state.in_(states))
        rows = self.session.scalars(query.options(defer(PlanRow.problem)))
        return {str(row.id): (row.adopted_at, _in_force(row)) for row in rows if row.adopted_at}

    def get(self, plan_id: UUID) -> StoredPlan:
        """Return one plan; raises :class:`UnknownThingError`."""
        plan = _plan(self.session.get(PlanRow, plan_id))
        if plan is None:
            raise UnknownThingError("plan", str(plan_id))
        return plan

    def places(self, plan_id: UUID) -> StoredPlan:
        """Return a plan without the problem it answers, which is much of it: enough to carry it out."""
        wanted = select(PlanRow).where(PlanRow.id == plan_id).options(defer(PlanRow.problem))
        row = self.session.scalar(wanted)
        if row is None:
            raise UnknownThingError("plan", str(plan_id))
        return StoredPlan(id=row.id, problem={}, body=row.body, teams=row.teams, state=PlanState(row.state))

    def all_in(self, election: ElectionCode) -> list[StoredPlan]:
        """Return the election's plans, the newest first."""
        query = select(PlanRow).where(PlanRow.election == election).order_by(PlanRow.made_at.desc(), PlanRow.id)
        return [_stored(row) for row in self.session.scalars(query)]

    def unfinished(self, election: ElectionCode) -> UUID | None:
        """Return which plan was adopted but not fully carried out, if any."""
        query = select(PlanRow.id).where(PlanRow.election == election, PlanRow.state == PlanState.ADOPTED.value)
        return self.session.scalar(query.order_by(PlanRow.adoption).limit(1))

    def latest(self, election: ElectionCode) -> StoredPlan | None:
        """Return the plan in force: the one adopted last."""
        query = select(PlanRow).where(PlanRow.election == election, PlanRow.state.in_(_IN_FORCE))
        return _plan(self.session.scalar(query.order_by(PlanRow.adoption.desc()).limit(1)))

    def with_rosters(self, election: ElectionCode) -> list[tuple[UUID, dict[str, Any]]]:
        """Return the plans whose rosters went out, the first first, each with who stood on which office's list."""
        query = select(PlanRow.id, PlanRow.rosters).where(
            PlanRow.election == election, PlanRow.state == PlanState.FINISHED.value
        )
        return [(known, rosters) for known, rosters in self.session.execute(query.order_by(PlanRow.adoption))]

    def adopt(self, plan_id: UUID, *, by: str, now: datetime) -> None:
        """Put a draft into force; raises :class:`ConcurrentChangeError` where it is no draft any more."""
        row = self.session.get(PlanRow, plan_id, with_for_update=True, populate_existing=True)
        if row is None or row.state != PlanState.DRAFT:
            raise ConcurrentChangeError("The plan is no longer a draft. List the plans again.")
        row.adoption = self._next_adoption(row.election)
        row.state, row.adopted_at, row.adopted_by = PlanState.ADOPTED.value, now, by
        self.session.flush()
        self._journal(row, now=now)

    def discard(self, plan_id: UUID) -> None:
        """Take a draft out of the choice; raises :class:`ConcurrentChangeError` where it is no draft any more."""
        row = self.session.get(PlanRow, plan_id)
        if row is None or row.state != PlanState.DRAFT:
            raise ConcurrentChangeError("Only a draft can be discarded. List the plans again.")
        row.state = PlanState.DISCARDED.value

    def discard_drafts(self, election: ElectionCode) -> None:
        """Take all drafts out of the choice: they were drawn up against a plan that is no longer in force."""
        drafts = (PlanRow.election == election, PlanRow.state == PlanState.DRAFT.value)
        self.session.execute(update(PlanRow).where(*drafts).values(state=PlanState.DISCARDED.value))

    def finish(self, plan_id: UUID, *, now: datetime, rosters: Mapping[str, Any] | None = None) -> None:
        """Note that every placement of the plan is recorded, and who stands on which office's list."""
        values: dict[str, Any] = {"state": PlanState.FINISHED.value, "finished_at": now, "rosters": dict(rosters or {})}
        adopted = (PlanRow.id == plan_id, PlanRow.state == PlanState.ADOPTED.value)
        self.session.execute(update(PlanRow).where(*adopted).values(values))

    def amend_rosters(self, plan_id: UUID, rosters: Mapping[str, Any]) -> None:
        """Note the next versions of some offices' lists."""
        row = self.session.get(PlanRow, plan_id, with_for_update=True, populate_existing=True)
        if row is not None and rosters:
            row.rosters = {**row.rosters, **rosters}
            self.session.flush()


def _plan(row: PlanRow | None) -> StoredPlan | None:
    return None if row is None else _stored(row)


def _in_force(row: PlanRow) -> dict[str, Any]:
    """Return what must not change of a plan once it is in force: who put it there, and where everybody goes."""
    return {"adopted_by": row.adopted_by, "adoption": row.adoption, "placements": _settled(row.body, row.teams)}


def _settled(body: Mapping[str, Any], teams: Mapping[str, Any]) -> Mapping[str, str | None]:
    settled: Mapping[str, str | None] = teams.get("placements") or body["placements"]
    return settled


def _stored(row: PlanRow) -> StoredPlan:
    return StoredPlan(
        id=row.id, problem=row.problem, body=row.body, policy=row.policy, numbers=row.numbers, teams=row.teams,
        rosters=row.rosters, state=PlanState(row.state), made_at=row.made_at, adopted_at=row.adopted_at,
        adopted_by=row.adopted_by,
    )  # fmt: skip
