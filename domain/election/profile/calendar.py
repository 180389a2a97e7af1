"""When things open, close, are due and end; what the law leaves out stays unset."""

from __future__ import annotations

import calendar as civil
from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from domain.election.deadlines import Deadline, WorkCalendar, due_after
from domain.election.profile.evidence import Rules
from domain.organisations.organisation import OrganisationKind
from domain.values import ElectionCode, Frozen, Grown, RuleName, UtcTime

OPENINGS: Final = frozenset({"opens", "collection_from", "valid_from"})
"""Deadlines that begin something: what comes from their first moment on."""


class Period(Frozen):
    """A length of time as laws write it: exactly one of hours, days, working days or years."""

    hours: Annotated[int | None, Field(ge=1, description="on a stopwatch")] = None
    days: Annotated[int | None, Field(ge=1, description="the day it begins is left out")] = None
    working_days: Annotated[int | None, Field(ge=1, description="days off are left out")] = None
    years: Annotated[int | None, Field(ge=1, description="ends on the same day of a later year")] = None
    words: Annotated[str, Field(description="the words of the law")] = ""

    @model_validator(mode="after")
    def _has_one_length(self) -> Self:
        lengths = (self.hours, self.days, self.working_days, self.years)
        if sum(length is not None for length in lengths) != 1:
            raise ValueError("a period has exactly one length: hours, days, working_days or years")
        return self

    def end(self, start: UtcTime, calendar: WorkCalendar) -> UtcTime:
        """Return the last moment of the period begun at *start*, in UTC, days being those of *calendar*."""
        if self.years is not None:
            return calendar.last_moment(_years_later(_day(start, calendar), self.years))
        return due_after(
            start, hours=self.hours or 0, days=self.days or 0, working_days=self.working_days or 0, calendar=calendar
        )

    def effect(self, start: UtcTime, calendar: WorkCalendar) -> UtcTime:
        """Return the first moment of what takes effect this long after *start*: days begin at midnight."""
        end = self.end(start, calendar)
        return end if self.hours is not None else calendar.first_moment(_day(end, calendar))


def _day(moment: UtcTime, calendar: WorkCalendar) -> date:
    return moment.astimezone(ZoneInfo(calendar.timezone)).date()


def _years_later(day: date, years: int) -> date:
    """Return the same day of a later year; 29 February becomes 28 February where there is none."""
    last = civil.monthrange(day.year + years, day.month)[1]
    return day.replace(year=day.year + years, day=min(day.day, last))


class FilingWindow(Frozen):
    """When one category of nominators may file, for laws that open and close differently for each."""

    name: Annotated[RuleName, Field(description="short name of the window")]
    step: Annotated[
        Literal["organisation", "person"],
        Field(description="what is filed: the organisation's own application, or people"),
    ] = "person"
    organisation_kinds: Annotated[tuple[OrganisationKind, ...], Field(description="whose window; empty: all")] = ()
    purpose: Annotated[str, Field(description="which accreditation it leads to, where laws tell several apart")] = ""
    opens: Annotated[Deadline | None, Field(description="first day")] = None
    closes: Annotated[Deadline | None, Field(description="last moment")] = None

    def is_for(self, kind: OrganisationKind | None, step: str) -> bool:
        """Whether nominators of *kind* file in it; a kind that is not known files in any."""
        return self.step == step and (kind is None or not self.organisation_kinds or kind in self.organisation_kinds)


class Calendar(Rules):
    """Deadlines and periods. What the law leaves out stays unset and is shown as such."""

    instead_of: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "ends": ("valid_for", "end_event_on"),
        "valid_for": ("ends", "end_event_on"),
        "end_event_on": ("ends", "valid_for"),
        "ends_after_event": ("ends", "valid_for", "end_event_on"),
        "decision_days": ("decision_working_days",),
        "decision_working_days": ("decision_days",),
    }

    intake: Annotated[
        Literal["window", "rolling", "by_call"] | None,
        Field(description="between fixed days, all the time, or as each call says"),
    ] = None
    opens: Deadline | None = None
    organisations_close: Deadline | None = None
    persons_close: Annotated[Deadline | None, Field(description="last moment for a nomination; later is late")] = None
    windows: Annotated[
        tuple[FilingWindow, ...], Field(description="by category of nominator; they win over the general closing")
    ] = ()
    advised_by: Annotated[
        Deadline | None, Field(description="advice only: what comes later may be too late for a badge, but is not late")
    ] = None
    organisations_decided_by: Annotated[Deadline | None, Field(description="organisations: last day to decide")] = None
    organisation_decision_days: Annotated[int | None, Field(ge=1, description="organisations: from filing")] = None
    decisions_due: Annotated[Deadline | None, Field(description="no decision later than this")] = None
    collection_from: Deadline | None = None
    valid_from: Annotated[Deadline | None, Field(description="credentials valid from; unset: when issued")] = None
    takes_effect_after: Annotated[
        Period | None, Field(description="from issue or entry in the register, whichever is later")
    ] = None
    ends: Annotated[Deadline | None, Field(description="end of every accreditation")] = None
    end_event: Annotated[str, Field(description="what ends accreditations, where its day is known only later")] = ""
    end_event_on: Annotated[date | None, Field(description="the day it happened, entered then; wins over ends")] = None
    ends_after_event: Annotated[Period | None, Field(description="how long after it; unset: that day")] = None
    valid_for: Annotated[Period | None, Field(description="how long each accreditation lasts from its start")] = None
    cure_hours: Annotated[int | None, Field(ge=1, description="time to mend a deficiency")] = None
    cure_once: Annotated[
        bool, Field(description="whether a deficiency first found in a correction gets no time of its own to be mended")
    ] = False
    decision_days: Annotated[int | None, Field(ge=1, description="days to decide from a complete file")] = None
    decision_working_days: Annotated[int | None, Field(ge=1, description="the same, where only these count")] = None
    review_hours: Annotated[int, Field(ge=1, description="time an officer has for a referred case")] = 48
    holidays: Annotated[tuple[date, ...], Field(description="days off besides the weekend")] = ()
    weekend: Annotated[frozenset[int], Field(description="0 Monday to 6 Sunday")] = frozenset({5, 6})
    days_worked: Annotated[tuple[date, ...], Field(description="working days although weekend or holiday")] = ()

    @model_validator(mode="after")
    def _says_each_once(self) -> Self:
        if self.ends and self.valid_for:
            raise ValueError("accreditations end on a day (ends) or after a period (valid_for), not both")
        if self.decision_days and self.decision_working_days:
            raise ValueError("the decision is due in decision_days or in decision_working_days, not both")
        return self

    def closing(self, kind: OrganisationKind | None, step: str = "person") -> tuple[Deadline, ...]:
        """Return the closings that concern nominators of *kind*; several where kinds cannot be told apart."""
        found = tuple(window.closes for window in self.windows if window.closes and window.is_for(kind, step))
        general = self.persons_close if step == "person" else self.organisations_close
        return found or ((general,) if general else ())

    def opening(self, kind: OrganisationKind | None, step: str = "person") -> tuple[Deadline, ...]:
        """Return the openings that concern nominators of *kind*; several where kinds cannot be told apart."""
        found = tuple(window.opens for window in self.windows if window.opens and window.is_for(kind, step))
        return found or ((self.opens,) if self.opens else ())

    def unpublished(self) -> Self:
        """Return the calendar for another election day: published dates, which belong to the old one, are dropped."""
        changes: dict[str, object] = {
            name: _counted(value)
            for name in type(self).model_fields
            if isinstance(value := getattr(self, name), Deadline)
        }
        windows = tuple(
            window.revised(opens=_counted(window.opens), closes=_counted(window.closes)) for window in self.windows
        )
        return self.revised(**changes, windows=windows)


class FormerCalendar(Frozen):
    """The election day and the calendar that counted until election day was moved, and on which ground it was."""

    day: date
    calendar: Calendar
    until: Annotated[UtcTime, Field(description="when two officers moved it")]
    ground: Annotated[str, Field(min_length=1)]


def _counted(deadline: Deadline | None) -> Deadline | None:
    """Return what can be counted from another day: nothing, where only a published date is known."""
    return deadline.revised(published=None) if deadline and deadline.offset_days is not None else None


Reuse = Literal["carry_over", "reapply", "both"]


class RunOff(Rules, Grown):
    """A second round, or a later vote, and what becomes of accreditations for it."""

    later: ClassVar = ("organisations_apply",)

    day: Annotated[date | None, Field(description="its day; offsets count from it")] = None
    reuse: Annotated[
        Reuse | None,
        Field(description="accreditations stay, are asked for anew, or stay while newcomers apply"),
    ] = None
    organisations_apply: Annotated[
        bool, Field(description="organisations apply anew; otherwise they are admitted once for both")
    ] = False
    on_notice: Annotated[bool | None, Field(description="whoever stays only has to say so")] = None
    opens: Annotated[Deadline | None, Field(description="instead of the first round's")] = None
    persons_close: Annotated[Deadline | None, Field(description="instead of the first round's")] = None
    decisions_due: Annotated[Deadline | None, Field(description="instead of the first round's")] = None


class Followed(Frozen):
    """The election that this one is a run-off or a repeat of, and what was decided about who stays accredited."""

    election: ElectionCode
    reuse: Reuse
    on_notice: Annotated[bool, Field(description="whoever stays has to say so")] = False
    said_from: Annotated[
        date | None, Field(description="first day on which the pledge can be accepted anew: that of the vote before")
    ] = None
    ground: Annotated[str, Field(min_length=1, description="the act or resolution that calls it")]
