"""The queue of waiting cases, a page at a time: as much is read as a page shows, however many cases wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from db.tables.application import ApplicationRow, FindingRow, PersonRow
from db.tables.decisions import ClaimRow
from domain.application.status import ACCREDITED, Status
from domain.values import ElectionCode, Frozen, OfficerCode, OrganisationCode, RegionCode, RuleName, UtcTime

_PROPOSABLE: Final = (Status.HELD, Status.INCOMPLETE, *ACCREDITED, Status.SUSPENDED)
_ASKED: Final = 5
"""Regions that a nomination may ask for."""

Lane = str
DECIDE, CONFIRM, APPEALS, OWN = "decide", "confirm", "appeals", "own"
LANES: Final = (DECIDE, CONFIRM, APPEALS, OWN)
"""What waits for a first officer, for a second, under appeal, and what the officer proposed and others must answer."""


class Scope(Frozen):
    """What an officer serves, in codes of the election; None where it does not bind."""

    organisations: tuple[OrganisationCode, ...] = ()
    regions: tuple[RegionCode, ...] = ()


class Wanted(Frozen):
    """Which waiting cases; what is not said does not matter."""

    officer: OfficerCode
    lane: Lane = DECIDE
    scope: Scope | None = None
    recused_from: tuple[OrganisationCode, ...] = ()
    recused_cases: tuple[UUID, ...] = ()
    known_regions: tuple[RegionCode, ...] = ()
    organisation: OrganisationCode | None = None
    regions: tuple[RegionCode, ...] | None = None
    rule: str | None = None
    due_from: UtcTime | None = None
    due_before: UtcTime | None = None
    free: bool = False
    mine: bool = False
    now: UtcTime


@dataclass(frozen=True, slots=True)
class Waiting:
    """Cases that wait, most urgent first."""

    session: Session

    def count(self, election: ElectionCode, wanted: Wanted) -> int:
        """Return how many there are."""
        query = _narrowed(select(func.count()).select_from(ApplicationRow), election, wanted)
        return self.session.scalar(query) or 0

    def page(self, election: ElectionCode, wanted: Wanted, *, offset: int, limit: int) -> list[UUID]:
        """Return the ids of *limit* cases after the first *offset*."""
        query = _narrowed(select(ApplicationRow.id), election, wanted).order_by(_URGENCY, ApplicationRow.id)
        return list(self.session.scalars(query.offset(offset).limit(limit)))

    def after(
        self, election: ElectionCode, wanted: Wanted, known: UUID, *, passing: Sequence[UUID] = ()
    ) -> UUID | None:
        """Return the case that follows *known* in the queue, whether that still waits or not; *passing* is left out.

        None where it was the last.
        """
        place = self.session.execute(select(_URGENCY, ApplicationRow.id).where(ApplicationRow.id == known)).first()
        query = _narrowed(select(ApplicationRow.id), election, wanted).where(ApplicationRow.id != known)
        if place is not None:
            later = or_(place[0] < _URGENCY, and_(place[0] == _URGENCY, ApplicationRow.id > known))
            query = query.where(later)
        rows = self.session.scalars(query.order_by(_URGENCY, ApplicationRow.id).limit(len(passing) + 1))
        return next((row for row in rows if row not in passing), None)

    def organisations(self, election: ElectionCode) -> list[OrganisationCode]:
        """Return the organisations of which any case waits, by code."""
        query = select(ApplicationRow.organisation).distinct().where(ApplicationRow.election == election, _waits())
        return sorted(self.session.scalars(query))

    def rules(self, election: ElectionCode) -> list[RuleName]:
        """Return the rules that made officers look at any case of the election, by name."""
        query = select(FindingRow.rule).distinct().join(ApplicationRow, ApplicationRow.id == FindingRow.application_id)
        return sorted(
            self.session.scalars(query.where(ApplicationRow.election == election, FindingRow.severity == "human"))
        )


_DUE: Final[Any] = func.coalesce(
    ApplicationRow.due_at, ApplicationRow.appeal_due_at, ApplicationRow.reply_due_at, ApplicationRow.look_due_at
)
_URGENCY: Final[Any] = func.coalesce(_DUE, ApplicationRow.received_at)


def _proposed() -> ColumnElement[bool]:
    return and_(ApplicationRow.proposal.is_not(None), ApplicationRow.proposal != JSON.NULL)


def _again() -> ColumnElement[bool]:
    """Whether a reply to a measure waits for an answer, or what came to light waits for a look."""
    return or_(ApplicationRow.reply_id.is_not(None), ApplicationRow.look_due_at.is_not(None))


def _appealed() -> ColumnElement[bool]:
    """Whether an appeal waits, also one against a measure, beside which the accreditation stands."""
    return or_(ApplicationRow.status == Status.UNDER_APPEAL, ApplicationRow.appeal_due_at.is_not(None))


def _waits() -> ColumnElement[bool]:
    proposed = and_(ApplicationRow.status.in_(_PROPOSABLE), _proposed())
    return or_(ApplicationRow.status == Status.IN_REVIEW, _appealed(), proposed, _again())


def _lane(wanted: Wanted) -> ColumnElement[bool]:
    proposer: Any = ApplicationRow.proposal["by"].as_string()
    proposal: Any = ApplicationRow.proposal["kind"].as_string()
    appealed = _appealed()
    match wanted.lane:
        case "confirm":
            return and_(_proposed(), proposer != wanted.officer, proposal != "dismissal", _waits())
        case "appeals":
            return and_(appealed, or_(~_proposed(), proposer != wanted.officer))
        case "own":
            return and_(_proposed(), proposer == wanted.officer, _waits())
        case _:
            return or_(and_(ApplicationRow.status == Status.IN_REVIEW, ~_proposed()), _again())


def _narrowed(query: Select[Any], election: ElectionCode, wanted: Wanted) -> Select[Any]:
    conditions = [ApplicationRow.election == election, _lane(wanted), *_barred(wanted), *_chosen(wanted)]
    if wanted.regions is not None or wanted.scope is not None:
        current = and_(
            PersonRow.application_id == ApplicationRow.id, PersonRow.version == ApplicationRow.person_version
        )
        query = query.outerjoin(PersonRow, current)
        conditions += _placed(wanted)
    return query.where(*conditions)


def _barred(wanted: Wanted) -> list[ColumnElement[bool]]:
    return [
        *([ApplicationRow.organisation.not_in(wanted.recused_from)] if wanted.recused_from else []),
        *([ApplicationRow.id.not_in(wanted.recused_cases)] if wanted.recused_cases else []),
    ]


def _chosen(wanted: Wanted) -> list[ColumnElement[bool]]:
    claimed = exists().where(ClaimRow.application_id == ApplicationRow.id, ClaimRow.until > wanted.now)
    of_officer = ClaimRow.officer == wanted.officer
    found = exists().where(
        FindingRow.application_id == ApplicationRow.id,
        FindingRow.person_version == ApplicationRow.person_version,
        FindingRow.rule == wanted.rule,
        FindingRow.severity == "human",
    )
    return [
        *([ApplicationRow.organisation == wanted.organisation] if wanted.organisation else []),
        *([wanted.due_from <= _DUE] if wanted.due_from else []),
        *([wanted.due_before > _DUE] if wanted.due_before else []),
        *([found] if wanted.rule else []),
        *([or_(~claimed, claimed.where(of_officer))] if wanted.free else []),
        *([claimed.where(of_officer)] if wanted.mine else []),
    ]


def _placed(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the conditions on where a case belongs: the region it is in, or the first known one it asks for."""
    region = _region(wanted.known_regions)
    scope = wanted.scope
    return [
        *([region.in_(wanted.regions)] if wanted.regions is not None else []),
        *([or_(region.in_(scope.regions), ApplicationRow.organisation.in_(scope.organisations))] if scope else []),
    ]


def _region(known: Sequence[RegionCode]) -> Any:
    """Return the region of a case in SQL, as :meth:`domain.decisions.competence.Place.of` finds it."""
    asked: list[Any] = [PersonRow.body["preferred_regions"][place].as_string() for place in range(_ASKED)]
    return func.coalesce(*(case((column.in_(known), column)) for column in [ApplicationRow.region, *asked]))
