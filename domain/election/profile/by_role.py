"""What holds for somebody in one role: its own rule where it has one, else that of everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.application.roles import CODE, USUAL_ROLES, Role
from domain.election.profile.access import RequiredDocument
from domain.election.profile.roles import RoleRules, own_names, role_word
from domain.election.profile.stated import StatedRules
from domain.values import LanguageCode

_AS_ALL: Final = RoleRules()


class RulesByRole(StatedRules):
    """The rules, asked for one role."""

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
