"""Who may nominate and observe, on whose invitation, with which papers."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from domain.application.nomination import DocumentKind
from domain.application.roles import Role
from domain.election.profile.evidence import Rules
from domain.organisations.organisation import OrganisationKind
from domain.values import ElectionCode, Frozen, Grown, RuleName


class EntryPath(Frozen):
    """A way into the procedure, where a law has several: who files, and who had to invite."""

    name: Annotated[RuleName, Field(description="short name of the way")]
    filed_by: Annotated[str, Field(description="who files: the person, the organisation, a ministry")]
    invited_by: Annotated[str, Field(description="who invites; empty: nobody has to")] = ""
    organisation_kinds: Annotated[tuple[OrganisationKind, ...], Field(description="for these; empty: for all")] = ()


class Eligibility(Rules, Grown):
    """Who may be accredited."""

    later: ClassVar = ("admitted_in",)

    minimum_age: Annotated[int | None, Field(ge=0, description="on election day")] = None
    roles_open_to_host_nationals: tuple[Role, ...] = (Role.INTERPRETER,)
    own_citizens_allowed: Annotated[
        bool | None, Field(description="the host's own citizens in every role; unset: not said, officers look")
    ] = None
    organisation_kinds: Annotated[tuple[OrganisationKind, ...], Field(min_length=1)]
    individuals_apply: Annotated[bool | None, Field(description="people apply for themselves")] = None
    invitation_required: Annotated[bool | None, Field(description="no nomination without an invitation")] = None
    entry_paths: Annotated[tuple[EntryPath, ...], Field(description="ways in, where there are several")] = ()
    channels: Annotated[tuple[str, ...], Field(description="where and how to file")] = ()
    one_sponsor: Annotated[bool | None, Field(description="nobody may be put forward by two organisations")] = None
    admitted_in: Annotated[
        tuple[ElectionCode, ...],
        Field(description="organisations that these elections of the same database admitted need not apply anew"),
    ] = ()
    conditions: Annotated[tuple[str, ...], Field(description="what else is asked of organisations or people")] = ()
    excluded_functions: Annotated[tuple[RuleName, ...], Field(description="functions that rule observing out")] = ()
    interpreters: Annotated[str | None, Field(description="how interpreters are admitted")] = None
    document_valid_days_after_election: Annotated[int, Field(ge=0)] = 0

    def admits(self, kind: OrganisationKind) -> bool:
        """Whether nominators of *kind* may come; for individuals ``individuals_apply`` decides where it is set."""
        if kind is OrganisationKind.INDIVIDUAL and self.individuals_apply is not None:
            return self.individuals_apply
        return kind in self.organisation_kinds

    def admits_host_national(self, role: Role) -> bool:
        """Whether a national of the host state may come in *role* without an officer looking at it."""
        return self.own_citizens_allowed is True or role in self.roles_open_to_host_nationals


class RequiredDocument(Frozen):
    """A document the profile lists; asking for more would need a legal ground of its own."""

    kind: DocumentKind
    roles: Annotated[tuple[Role, ...], Field(description="for these roles only; empty: for all")] = ()
    ground: str

    def is_required_of(self, role: Role) -> bool:
        """Whether somebody in *role* has to hand it in."""
        return not self.roles or role in self.roles


class Paper(Grown):
    """A paper that officers look at: an organisation's letter or statute, a form signed by hand."""

    later: ClassVar = ("roles",)

    name: Annotated[RuleName, Field(description="short name of the paper")]
    of: Annotated[str, Field(pattern=r"^(organisation|person)$", description="whose paper: organisation or person")]
    organisation_kinds: Annotated[tuple[OrganisationKind, ...], Field(description="from these; empty: from all")] = ()
    roles: Annotated[tuple[Role, ...], Field(description="a person's: of these roles only; empty: of all")] = ()
    must: Annotated[str, Field(description="what it must be like or contain")] = ""
    ground: Annotated[str, Field(description="article of the law or procedure that asks for it")]

    def is_asked_of(self, kind: OrganisationKind | None, role: Role | None = None) -> bool:
        """Whether nominators of *kind* have to hand it in; a kind that is not known, only what is asked of all."""
        if self.roles and role not in self.roles:
            return False
        return not self.organisation_kinds or kind in self.organisation_kinds
