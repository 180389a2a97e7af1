"""Officers: who they are and what they may do."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain.errors import AccreditationError
from domain.values import Frozen, OfficeCode, OfficerCode, OrganisationCode, RegionCode


class OfficerRole(StrEnum):
    """What an officer may do."""

    CASE_OFFICER = "case_officer"
    CONFIRMING_OFFICER = "confirming_officer"
    APPEALS_OFFICER = "appeals_officer"
    ADMINISTRATOR = "administrator"

    @property
    def asked_for(self) -> str:
        """What is said where somebody else tries."""
        words = self.replace("_", " ")
        return f"only {'an' if words[0] == 'a' else 'a'} {words} in service may do this."


class Officer(Frozen):
    """A registered officer."""

    code: OfficerCode
    roles: Annotated[tuple[OfficerRole, ...], Field(min_length=1)]
    offices: Annotated[tuple[OfficeCode, ...], Field(description="serves the regions of these")] = ()
    regions: Annotated[tuple[RegionCode, ...], Field(description="serves these")] = ()
    organisations: Annotated[
        tuple[OrganisationCode, ...], Field(description="serves the cases of these; nothing named at all: every case")
    ] = ()
    recused_from: tuple[OrganisationCode, ...] = ()
    recused_cases: tuple[UUID, ...] = ()
    suspended: bool = False

    def may(self, role: OfficerRole) -> bool:
        """Whether the officer holds *role* and is not suspended."""
        return role in self.roles and not self.suspended

    def is_recused(self, organisation: OrganisationCode, case: UUID) -> bool:
        """Whether the officer stepped off the organisation's cases, or off this one."""
        return organisation in self.recused_from or case in self.recused_cases


class ProofRefusedError(AccreditationError):
    """The officer's proof does not hold."""

    def __init__(self, officer: OfficerCode, problem: str) -> None:
        super().__init__(f"{officer}: {problem}")
        self.officer = officer


class OfficerRefusedError(AccreditationError):
    """The officer may not do this."""

    def __init__(self, officer: OfficerCode, problem: str) -> None:
        super().__init__(f"{officer}: {problem}")
        self.officer = officer
