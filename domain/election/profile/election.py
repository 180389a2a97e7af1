"""The profile as a whole, what follows from its rules, and what holds for one role: its own rule, else everybody's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, Literal, Self

from domain.application.nomination import DocumentKind
from domain.application.reasons import MEANING, ReasonCode
from domain.application.roles import CODE, USUAL_ROLES, Role
from domain.election.policies import Policy, PolicyCitation, in_force
from domain.election.profile.access import Paper, RequiredDocument
from domain.election.profile.moments import Moments
from domain.election.profile.roles import RoleRules, own_names, role_word
from domain.election.unset import needed
from domain.organisations.organisation import OrganisationKind
from domain.values import LanguageCode, UtcTime

_AS_ALL: Final = RoleRules()


class ElectionProfile(Moments):
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

    @property
    def known_roles(self) -> tuple[Role, ...]:
        """Every role that somebody may come in: the usual ones and the profile's own."""
        return (*USUAL_ROLES, *(role for role in self.roles if role not in USUAL_ROLES))

    @property
    def own_role_names(self) -> Mapping[str, Role]:
        """What the profile says may be written for a role, with what it means."""
        return own_names(self.roles)

    def role_rules(self, role: Role) -> RoleRules:
        """Return what holds for *role*."""
        return self.roles.get(role, _AS_ALL)

    def documents_of(self, role: Role) -> tuple[RequiredDocument, ...]:
        """Return the documents that somebody in *role* hands in."""
        own = self.role_rules(role).documents
        return tuple(document for document in (self.documents if own is None else own) if document.is_required_of(role))

    def required_of(self, role: Role) -> tuple[str, ...]:
        """Return the columns that must be filled for somebody in *role*."""
        own = self.role_rules(role).required_fields
        return self.required_fields if own is None else own

    def minimum_age(self, role: Role) -> int | None:
        """Return the age from which somebody may come in *role*; None where there is none."""
        own = self.role_rules(role).minimum_age
        return self.eligibility.minimum_age if own is None else own

    def admits_host_national(self, role: Role) -> bool:
        """Whether a national of the host state may come in *role* without an officer looking at it."""
        return self.role_rules(role).open_to_host_nationals or self.eligibility.admits_host_national(role)

    def approves(self, role: Role) -> bool:
        """Whether complete cases of *role* without findings are approved by rule."""
        own = self.role_rules(role).automatic_approval
        return self.automatic_approval if own is None else own

    def observes(self, role: Role) -> bool:
        """Whether somebody in *role* observes; an interpreter accompanies."""
        own = self.role_rules(role).observes
        return role != Role.INTERPRETER if own is None else own

    def publishes_name(self, role: Role) -> bool:
        """Whether a name may be published where names are: who accompanies observers often carries the local risk."""
        own = self.role_rules(role).names_published
        return self.observes(role) if own is None else own

    def colour(self, role: Role) -> str:
        """Return the badge colour of *role* as #rrggbb."""
        return self.role_rules(role).colour or self.credential.colours.get(role, "#1f4e79")

    def role_word(self, role: Role, language: LanguageCode | None = None) -> str:
        """Return the word for *role* on badges and in letters: in *language*, else in the first of the profile."""
        return role_word(role, self.role_rules(role).words, (*([language] if language else ()), *self.languages))

    def role_detail(self, role: Role) -> str:
        """Return what people of *role* say besides, in the profile's first language that has a word; empty: nothing."""
        said = self.role_rules(role).detail
        return next((said[language] for language in self.languages if language in said), next(iter(said.values()), ""))

    @property
    def asks_details(self) -> bool:
        """Whether any role asks for something of its own, so that forms have a column for it."""
        return any(rules.detail or "role_detail" in (rules.required_fields or ()) for rules in self.roles.values())

    def role_code(self, role: Role) -> str:
        """Return the code of *role* in signed credentials."""
        return self.role_rules(role).code or CODE.get(role, "OTHER")
