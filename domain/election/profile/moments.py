"""When things are due, close and begin: what the rules say of days and hours."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from domain.application.held_classes import HeldClass
from domain.election.deadlines import Deadline, WorkCalendar, due_after, opening, resolve
from domain.election.profile.calendar import OPENINGS, FormerCalendar, Period
from domain.election.profile.stated import StatedRules, working_days_of
from domain.election.unset import RuleUnsetError, needed
from domain.organisations.organisation import OrganisationKind
from domain.values import UtcTime


@lru_cache(maxsize=1024)
def _resolved(deadline: Deadline, day: date, calendar: WorkCalendar) -> UtcTime:
    """Return the last moment of *deadline*; it is asked for every row of a file, and the same for all of them."""
    return resolve(deadline, day, calendar)


class Moments(StatedRules):
    """The rules, asked for moments."""

    def moment(self, deadline: Deadline) -> UtcTime:
        """Return the last moment that is in time for *deadline*."""
        return _resolved(deadline, self.election.day, self.working_days)  # pyright: ignore[reportArgumentType] -- frozen models are hashable

    @property
    def kept_until(self) -> UtcTime | None:
        """The last moment of the time for which personal data is kept; None where the profile does not say."""
        return self._kept(self.retention.after)

    def class_kept_until(self, held_class: HeldClass) -> UtcTime | None:
        """Return until when a class of data is kept; None where it is for good, or the profile does not say."""
        rule = self.retention.classes.get(held_class)
        return self._kept(rule.after if rule else None)

    def _kept(self, after: Period | None) -> UtcTime | None:
        ends = [self.moment(self.calendar.ends)] if self.calendar.ends else []
        last = max([self.working_days.last_moment(self.election.day), *ends])
        return after.end(last, self.working_days) if after else None

    def answer_due(self, asked_at: UtcTime) -> UtcTime | None:
        """Return until when whoever asked what is held about them is answered; None where the profile is silent."""
        within = self.data_rights.answer_within
        return within.end(asked_at, self.working_days) if within else None

    def breach_due(self, known_at: UtcTime) -> UtcTime | None:
        """Return until when a breach known since *known_at* is reported; None where the profile is silent."""
        within = self.data_rights.breach_told_within
        return within.end(known_at, self.working_days) if within else None

    def beginning(self, deadline: Deadline) -> UtcTime:
        """Return the first moment of what *deadline* opens, such as the validity of credentials."""
        return opening(deadline, self.election.day, self.working_days)

    def moment_of(self, name: str, deadline: Deadline) -> UtcTime:
        """Return when what the calendar calls *name* begins, where it opens something, else its last moment."""
        return self.beginning(deadline) if name in OPENINGS else self.moment(deadline)

    def cure_due(self, now: UtcTime) -> UtcTime:
        """Return when a deficiency noted *now* must be mended; raises :class:`RuleUnsetError`."""
        return due_after(now, hours=needed(self.calendar.cure_hours, "calendar.cure_hours"))

    def decision_due(self, complete_at: UtcTime) -> UtcTime:
        """Return when a file complete since *complete_at* must be decided: the period, capped by the last day.

        Where only the period or only the last day is set, that alone counts; raises :class:`RuleUnsetError` where
        neither is.
        """
        calendar = self.calendar
        last = calendar.decisions_due
        if calendar.decision_days is None and calendar.decision_working_days is None:
            return max(self.moment(needed(last, "calendar.decision_days")), complete_at)
        due = due_after(
            complete_at,
            days=calendar.decision_days or 0,
            working_days=calendar.decision_working_days or 0,
            calendar=self.working_days,
        )
        return due if last is None else min(due, max(self.moment(last), complete_at))

    def organisation_decision_due(self, filed_at: UtcTime) -> UtcTime:
        """Return when an organisation that applied at *filed_at* must have its answer: the earlier of the two limits.

        Raises :class:`RuleUnsetError` where the profile has neither.
        """
        days, last = self.calendar.organisation_decision_days, self.calendar.organisations_decided_by
        limits = [due_after(filed_at, days=days, calendar=self.working_days)] if days else []
        limits += [max(self.moment(last), filed_at)] if last else []
        if not limits:
            raise RuleUnsetError("calendar.organisation_decision_days")
        return min(limits)

    def remedy_due(self, decided_at: UtcTime) -> UtcTime | None:
        """Return the last moment for the remedy, or None where the law gives none.

        Raises :class:`RuleUnsetError` where the profile does not know whether there is one, or for how long.
        """
        remedy = needed(self.remedy, "remedy")
        if not remedy.available:
            return None
        if remedy.hours is not None:
            return due_after(decided_at, hours=remedy.hours)
        days = needed(remedy.days, "remedy.days")
        working = remedy.days_are_working_days
        return due_after(
            decided_at, days=0 if working else days, working_days=days if working else 0, calendar=self.working_days
        )

    def closing(self, kind: OrganisationKind | None = None, *, step: str = "person") -> UtcTime | None:
        """Return the last moment to file in *step* for nominators of *kind*; None where nothing closes.

        Where the kind is not known and categories close apart, it is the latest of them: nobody is late by mistake.
        """
        return max((self.moment(deadline) for deadline in self.calendar.closing(kind, step)), default=None)

    def refusal_told_by(self, decided_at: UtcTime) -> UtcTime | None:
        """Return until when a refusal decided then must be told; None where the profile does not say."""
        within = self.decision.refusal_told_within
        return within.end(decided_at, self.working_days) if within else None

    def is_late(self, received_at: UtcTime, kind: OrganisationKind | None = None) -> bool:
        """Whether a nomination received then came after the deadline for persons.

        Where election day moved since, what was in time by the calendar of that day stays so.
        """
        close = self.closing(kind)
        if close is None or received_at <= close:
            return False
        was = next((former for former in self.former_calendars if received_at < former.until), None)
        return was is None or self._closed_before(was, received_at, kind)

    def _closed_before(self, was: FormerCalendar, received_at: UtcTime, kind: OrganisationKind | None) -> bool:
        """Whether the last moment to file had passed by the calendar that counted then."""
        days = working_days_of(self.election.timezone, was.calendar)
        closings = [_resolved(deadline, was.day, days) for deadline in was.calendar.closing(kind)]  # pyright: ignore[reportArgumentType] -- frozen models are hashable
        return bool(closings) and received_at > max(closings)

    def effective(self, issued_at: UtcTime, *, registered_at: UtcTime | None = None) -> UtcTime:
        """Return from when an accreditation counts: its issue or entry in the register, and the law's delay."""
        begun = max(issued_at, registered_at or issued_at)
        delay, first = self.calendar.takes_effect_after, self.calendar.valid_from
        effective = delay.effect(begun, self.working_days) if delay else begun
        if first is None:
            return effective
        return max(self.beginning(first), effective) if delay else self.beginning(first)

    def valid_until(self, valid_from: UtcTime) -> UtcTime:
        """Return the last moment of an accreditation that counts from *valid_from*; raises :class:`RuleUnsetError`."""
        if self.calendar.valid_for is not None:
            return self.calendar.valid_for.end(valid_from, self.working_days)
        if self.calendar.end_event_on is not None:
            happened, after = self.working_days.last_moment(self.calendar.end_event_on), self.calendar.ends_after_event
            return after.end(happened, self.working_days) if after else happened
        return self.moment(needed(self.calendar.ends, "calendar.ends"))
