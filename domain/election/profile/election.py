"""The profile as a whole, and what follows from its rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal, Self

from domain.application.nomination import DocumentKind
from domain.application.reasons import MEANING, ReasonCode
from domain.application.roles import Role
from domain.election.policies import Policy, PolicyCitation, in_force
from domain.election.profile.access import Paper
from domain.election.profile.by_role import RulesByRole
from domain.election.profile.moments import Moments
from domain.election.unset import needed
from domain.organisations.organisation import OrganisationKind
from domain.values import UtcTime


class ElectionProfile(Moments, RulesByRole):
    """All rules of one election. Unknown keys are refused; every rule can be read, cited and changed as data."""

    def papers_of(
        self, whom: Literal["organisation", "person"], kind: OrganisationKind | None, role: Role | None = None
    ) -> tuple[Paper, ...]:
        """Return the papers that nominators of *kind* hand in, their own or those of their people in *role*.

        A request letter among the documents is a paper of the organisation: it comes once, not with every person.
        """
        letters = (
            Paper(name=document.kind.value, of="organisation", ground=document.ground)
            for document in self.documents
            if document.kind is DocumentKind.REQUEST_LETTER
        )
        return tuple(paper for paper in (*letters, *self.papers) if paper.of == whom and paper.is_asked_of(kind, role))

    def policies_on(self, moment: UtcTime) -> tuple[Policy, ...]:
        """Return the policies in force on the day that *moment* falls on where the election is held."""
        return in_force(self.policies, on=moment.astimezone(self.zone).date())

    def cited(self, reasons: Iterable[ReasonCode], decided_at: UtcTime) -> tuple[PolicyCitation, ...]:
        """Return what a decision for *reasons* names: the versions in force that day which found one of them."""
        codes = set(reasons)
        return tuple(policy.citation for policy in self.policies_on(decided_at) if policy.reason in codes)

    def for_day(self, day: date) -> Self:
        """Return the same rules for another election day, counted anew: early elections move all windows at once."""
        return self.revised(election=self.election.revised(day=day), calendar=self.calendar.unpublished())

    def in_force_before(self, number: int) -> Self:
        """Return the rules with the election day and the calendar that counted until the *number*th move."""
        was = self.former_calendars[number - 1]
        election = self.election.revised(day=was.day)
        return self.revised(
            election=election, calendar=was.calendar, former_calendars=self.former_calendars[: number - 1]
        )

    def for_run_off(self) -> Self:
        """Return the rules of the second round; raises :class:`RuleUnsetError` where its day is not known."""
        second = needed(self.run_off, "run_off")
        anew = self.for_day(needed(second.day, "run_off.day"))
        said_apart = {name: getattr(second, name) for name in ("opens", "persons_close", "decisions_due")}
        kept = {name: deadline for name, deadline in said_apart.items() if deadline is not None}
        return anew.revised(calendar=anew.calendar.revised(**kept))

    def wording(self, code: ReasonCode, role: Role | None = None) -> str:
        """Return the sentence for *code* in letters, of a case of *role* where it has a sentence of its own."""
        rules = (self.role_rules(role).reasons.get(code) if role else None, self.reasons.get(code))
        return next((rule.wording for rule in rules if rule and rule.wording), MEANING[code])

    def ground(self, code: ReasonCode, role: Role | None = None) -> str:
        """Return the legal ground of *code*, for *role*; raises :class:`RuleUnsetError` where the code is off."""
        own = self.role_rules(role).reasons.get(code) if role else None
        return needed(own or self.reasons.get(code), f"reasons.{code}").ground
