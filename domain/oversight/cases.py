"""What the report knows of a case: codes and times, no name; read from the case's own history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.application import events as e
from domain.application.reasons import ReasonCode
from domain.application.roles import Role
from domain.organisations.organisation import OrganisationKind
from domain.values import CountryCode, OrganisationCode, UtcTime

POLICY_REASONS: Final = frozenset({ReasonCode.R05, ReasonCode.R10})
"""Refusals that a published policy laid down; counted apart from those on the case (practice, section 10)."""
LATE_REASONS: Final = frozenset({ReasonCode.R01})


class Outcome(StrEnum):
    """What became of a case: its first decision that was not taken back before the letter left, or none yet."""

    ACCREDITED = "accredited"
    REFUSED = "refused"
    """on the case itself"""
    REFUSED_BY_POLICY = "refused_by_policy"
    REFUSED_AS_LATE = "refused_as_late"
    WITHDRAWN = "withdrawn"
    OPEN = "open"

    @property
    def is_decided(self) -> bool:
        """Whether somebody granted or refused."""
        return self not in {Outcome.WITHDRAWN, Outcome.OPEN}


class Dimension(StrEnum):
    """By what cases are grouped."""

    KIND = "organisation_type"
    ORGANISATION = "organisation"
    NATIONALITY = "nationality"
    """every citizenship held: a dual national counts in both"""
    ORIGIN = "region_of_origin"
    """the profile's groups of countries"""
    ROLE = "role"
    OFFICE = "office"
    """whose officer decided; cases that no officer decided are left out"""
    WEEK = "week"
    """of arrival, by its Monday"""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a case is before anything happens to it."""

    id: UUID
    organisation: OrganisationCode
    kind: OrganisationKind
    role: Role
    nationalities: tuple[CountryCode, ...]
    received_at: UtcTime


@dataclass(frozen=True, slots=True)
class ReportCase:
    """A case as the report sees it."""

    origin: Origin
    outcome: Outcome = Outcome.OPEN
    lead: ReasonCode | None = None
    """The first reason of a refusal."""
    complete_at: UtcTime | None = None
    decided_at: UtcTime | None = None
    decided_by: str = ""
    """Code of the officer, empty where a rule of the profile approved."""
    office: str = ""
    """Whose officer decided."""
    appeals: int = 0
    granted: int = 0
    dismissed: int = 0
    remanded: int = 0

    def wait_since_receipt(self, now: UtcTime) -> timedelta | None:
        """Return the time from the first receipt to the decision, or to *now*; None if withdrawn."""
        return self._wait(self.origin.received_at, now)

    def wait_since_complete(self, now: UtcTime) -> timedelta | None:
        """Return the time from the complete file to the decision or to *now*; None where it never was complete."""
        return self._wait(self.complete_at, now) if self.complete_at else None

    def _wait(self, since: UtcTime, now: UtcTime) -> timedelta | None:
        if self.outcome is Outcome.WITHDRAWN:
            return None
        return max((self.decided_at or now) - since, timedelta())


READ: Final = (
    "completeness_confirmed", "application_approved", "accreditation_carried_over", "application_refused",
    "refusal_recalled",
    "application_withdrawn", "appeal_lodged", "appeal_granted", "appeal_dismissed", "appeal_remanded",
)  # fmt: skip
"""The kinds of events that a report needs."""


def case_of(origin: Origin, events: Iterable[e.Event], *, office_of: Callable[[str], str]) -> ReportCase:
    """Return what *events* (of the kinds :data:`READ`, first to last) made of a case."""
    case = ReportCase(origin)
    for event in events:
        case = _after(case, event, office_of)
    return case


def _after(case: ReportCase, event: e.Event, office_of: Callable[[str], str]) -> ReportCase:
    match event:
        case e.CompletenessConfirmed() if case.complete_at is None:
            return replace(case, complete_at=event.at)
        case e.AccreditationCarriedOver() if case.decided_at is None:
            return replace(case, decided_at=event.at, outcome=Outcome.ACCREDITED)
        case e.ApplicationApproved() | e.ApplicationRefused() if case.decided_at is None:
            return _decided(case, event, office_of)
        case e.RefusalRecalled():
            return replace(case, outcome=Outcome.OPEN, lead=None, decided_at=None, decided_by="", office="")
        case e.ApplicationWithdrawn() if case.decided_at is None:
            return replace(case, outcome=Outcome.WITHDRAWN)
        case _:
            return _appealed(case, event)


def _appealed(case: ReportCase, event: e.Event) -> ReportCase:
    match event:
        case e.AppealLodged():
            return replace(case, appeals=case.appeals + 1)
        case e.AppealGranted():
            return replace(case, granted=case.granted + 1)
        case e.AppealDismissed():
            return replace(case, dismissed=case.dismissed + 1)
        case e.AppealRemanded():
            return replace(case, remanded=case.remanded + 1)
        case _:
            return case


def _decided(
    case: ReportCase, event: e.ApplicationApproved | e.ApplicationRefused, office_of: Callable[[str], str]
) -> ReportCase:
    by = event.actor.code if event.actor.kind == "officer" else ""
    case = replace(case, decided_at=event.at, decided_by=by, office=office_of(by) if by else "")
    if isinstance(event, e.ApplicationApproved):
        return replace(case, outcome=Outcome.ACCREDITED)
    lead = event.reasons[0]
    outcome = Outcome.REFUSED
    if lead in POLICY_REASONS:
        outcome = Outcome.REFUSED_BY_POLICY
    elif lead in LATE_REASONS:
        outcome = Outcome.REFUSED_AS_LATE
    return replace(case, outcome=outcome, lead=lead)


@dataclass(frozen=True, slots=True)
class Grouping:
    """How cases are put into groups: the zone of days and weeks, and which countries make a region of origin."""

    zone: ZoneInfo
    origins: Mapping[str, frozenset[CountryCode]]

    def day(self, at: datetime) -> date:
        """Return the day of a moment where the election is held."""
        return at.astimezone(self.zone).date()

    def week(self, at: datetime) -> date:
        """Return the Monday of its week."""
        day = self.day(at)
        return day - timedelta(days=day.weekday())

    def groups(self, case: ReportCase, dimension: Dimension) -> tuple[str, ...]:
        """Return the groups of *dimension* that a case belongs to."""
        origin = case.origin
        if dimension is Dimension.ORIGIN:
            held = set(origin.nationalities)
            return tuple(name for name, countries in self.origins.items() if held & countries)
        if dimension is Dimension.NATIONALITY:
            return tuple(dict.fromkeys(origin.nationalities))
        if dimension is Dimension.OFFICE:
            return (case.office,) if case.office else ()
        single = {
            Dimension.KIND: origin.kind.value,
            Dimension.ORGANISATION: origin.organisation,
            Dimension.ROLE: origin.role.value,
        }
        return (single.get(dimension) or f"{self.week(origin.received_at)}",)
