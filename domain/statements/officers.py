"""Officers: who they are and what they may do."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import Field, model_validator

from domain.errors import AccreditationError
from domain.values import Frozen, OfficeCode, OfficerCode, OrganisationCode, RegionCode, UtcTime


class OfficerRole(StrEnum):
    """What an officer may do."""

    CASE_OFFICER = "case_officer"
    CONFIRMING_OFFICER = "confirming_officer"
    APPEALS_OFFICER = "appeals_officer"
    ADMINISTRATOR = "administrator"
    SURGE_OFFICER = "surge_officer"
    """Of the central pool: acts at an office and for the days of a shift, and prepares where nothing else is said."""
    AUDITOR = "auditor"
    """Sees cases, histories and files, each look on record with its ground, and does nothing else."""

    @property
    def asked_for(self) -> str:
        """What is said where somebody else tries."""
        words = self.replace("_", " ")
        return (
            f"only {'an' if words[0] == 'a' else 'a'} {words} in service may do this. Who is one: accredit officer list"
        )


DECIDING: Final = frozenset(OfficerRole) - {OfficerRole.AUDITOR}
"""The roles that one officer may hold together."""


class Shift(Frozen):
    """When surge staff work for an office; while the office is closed, for the one that acts for it."""

    office: OfficeCode
    begins: UtcTime
    ends: UtcTime
    cut: Annotated[bool, Field(description="it was ended by two officers, before its time or before it began")] = False

    def covers(self, at: UtcTime) -> bool:
        """Whether the shift runs at that moment."""
        return self.begins <= at < self.ends


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
    shifts: Annotated[tuple[Shift, ...], Field(description="two officers give them; no file does")] = ()

    @model_validator(mode="after")
    def _audits_nothing_of_their_own(self) -> Self:
        if self.is_auditor and len(self.roles) > 1:
            raise ValueError("an auditor holds no other role")
        return self

    def may(self, role: OfficerRole) -> bool:
        """Whether the officer holds *role* and is not suspended."""
        return role in self.roles and not self.suspended

    @property
    def is_auditor(self) -> bool:
        """Whether the officer looks, and does nothing else."""
        return OfficerRole.AUDITOR in self.roles

    @property
    def is_surge(self) -> bool:
        """Whether the officer acts during shifts only."""
        return OfficerRole.SURGE_OFFICER in self.roles

    def serving_again(self, carried: Callable[[UUID], UUID]) -> Officer:
        """Return the officer of an election that follows: stepped off from the same people, and on no shift yet."""
        return self.revised(recused_cases=tuple(map(carried, self.recused_cases)), shifts=())

    def shift_at(self, at: UtcTime) -> Shift | None:
        """Return the shift that runs at that moment."""
        return next((shift for shift in self.shifts if shift.covers(at)), None)

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
