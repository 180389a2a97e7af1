"""Nominating organisations: invited and admitted before their nominees."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from domain.errors import AccreditationError
from domain.values import CountryCode, Frozen, LanguageCode, OrganisationCode


class OrganisationKind(StrEnum):
    """Who may nominate."""

    STATE = "state"
    INTERNATIONAL_ORGANISATION = "international_organisation"
    ELECTION_BODY = "election_body"
    PARLIAMENT = "parliament"
    EMBASSY = "embassy"
    NGO = "ngo"
    RESEARCH_INSTITUTION = "research_institution"
    MEDIA = "media"
    POLITICAL_ENTITY = "political_entity"
    INDIVIDUAL = "individual"
    """one person who applies without an organisation, where a law admits that"""


class OrganisationStatus(StrEnum):
    """Where an organisation stands."""

    INVITED = "invited"
    APPLIED = "applied"
    ADMITTED = "admitted"
    NOT_ADMITTED = "not_admitted"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


STANDINGS: Final[Mapping[OrganisationStatus, frozenset[OrganisationStatus]]] = MappingProxyType(
    {
        OrganisationStatus.INVITED: frozenset(
            {
                OrganisationStatus.APPLIED,
                OrganisationStatus.ADMITTED,
                OrganisationStatus.NOT_ADMITTED,
                OrganisationStatus.WITHDRAWN,
            }
        ),
        OrganisationStatus.APPLIED: frozenset(
            {OrganisationStatus.ADMITTED, OrganisationStatus.NOT_ADMITTED, OrganisationStatus.WITHDRAWN}
        ),
        OrganisationStatus.ADMITTED: frozenset({OrganisationStatus.SUSPENDED, OrganisationStatus.WITHDRAWN}),
        OrganisationStatus.NOT_ADMITTED: frozenset(),
        OrganisationStatus.SUSPENDED: frozenset({OrganisationStatus.ADMITTED, OrganisationStatus.WITHDRAWN}),
        OrganisationStatus.WITHDRAWN: frozenset(),
    }
)


class StandingRefusedError(AccreditationError):
    """The organisation cannot move to that standing."""

    def __init__(self, code: OrganisationCode, standing: OrganisationStatus, wanted: OrganisationStatus) -> None:
        super().__init__(f"{code} is {standing}; it cannot become {wanted}.")


class FocalPoint(Frozen):
    """The person at the organisation who files, answers notices and receives letters."""

    name: Annotated[str, Field(repr=False, min_length=1)]
    email: Annotated[str, Field(repr=False, min_length=3)]
    phone: Annotated[str, Field(repr=False)] = ""

    def __str__(self) -> str:
        return "focal point"


class Liaison(Frozen):
    """Who at the commission, ministry or office looks after one delegation (practice: liaison)."""

    name: Annotated[str, Field(repr=False, min_length=1)]
    phone: Annotated[str, Field(repr=False)] = ""
    email: Annotated[str, Field(repr=False)] = ""
    deputy: Annotated[str, Field(repr=False)] = ""
    deputy_phone: Annotated[str, Field(repr=False)] = ""
    hours: Annotated[str, Field(description="duty hours, in words")] = ""

    def __str__(self) -> str:
        return "liaison officer"


class Organisation(Frozen):
    """A nominating organisation in one election."""

    code: OrganisationCode
    name: str
    kind: OrganisationKind
    country: CountryCode
    language: LanguageCode = "en"
    focal_point: FocalPoint
    liaison: Annotated[Liaison | None, Field(description="named contact at the authority; unset: none yet")] = None
    standing: OrganisationStatus = OrganisationStatus.APPLIED
    invited_on: date | None = None
    admitted_on: date | None = None

    @model_validator(mode="after")
    def _is_admitted_on_a_day(self) -> Self:
        if self.standing is OrganisationStatus.ADMITTED and self.admitted_on is None:
            raise ValueError("an admitted organisation has the day of its admission (admitted_on)")
        return self

    @property
    def may_nominate(self) -> bool:
        """Whether its nominees are processed; otherwise they wait, visibly, as held."""
        return self.standing is OrganisationStatus.ADMITTED

    def moved(self, standing: OrganisationStatus, *, on: date) -> Self:
        """Return the organisation with its new *standing*; raises :class:`StandingRefusedError`."""
        if standing not in STANDINGS[self.standing]:
            raise StandingRefusedError(self.code, self.standing, standing)
        return self.revised(
            standing=standing, admitted_on=on if standing is OrganisationStatus.ADMITTED else self.admitted_on
        )
