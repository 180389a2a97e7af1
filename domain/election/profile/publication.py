"""What is shown to the public, and what a credential is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from domain.application.roles import Role
from domain.election.profile.evidence import Rules


class PublicField(StrEnum):
    """What a law or practice publishes."""

    ORGANISATION = "organisation"
    ORGANISATION_TOTALS = "organisation_totals"
    ORGANISATION_CONTACT = "organisation_contact"
    DECISION_DATE = "decision_date"
    DECISION_TEXT = "decision_text"
    NAME = "name"
    CITIZENSHIP = "citizenship"
    TOTALS = "totals"
    TOTALS_BY_CATEGORY = "totals_by_category"
    TOTALS_BY_NATIONALITY = "totals_by_nationality"
    TOTALS_BY_SEX = "totals_by_sex"
    REFUSALS_BY_REASON = "refusals_by_reason"


class Publication(Rules):
    """What the public register shows."""

    names: Annotated[bool, Field(description="publish names; needs a ground")] = False
    ground: str = ""
    fields: Annotated[tuple[PublicField, ...], Field(description="what law or practice publishes")] = ()
    register_is: Annotated[
        Literal["public", "internal"] | None, Field(description="whether the register itself is open")
    ] = None
    register_fields: Annotated[tuple[str, ...], Field(description="what the register holds by law")] = ()
    inspection: Annotated[bool | None, Field(description="anybody may look into the register")] = None
    certified_copies: Annotated[str | None, Field(description="on what terms copies and extracts are given")] = None

    def shows(self, field: PublicField) -> bool:
        """Whether the register shows *field*; where nothing is said, organisation and standing of each serial."""
        if field is PublicField.NAME:
            return self.names
        return field in self.fields or (not self.fields and field is PublicField.ORGANISATION)

    @model_validator(mode="after")
    def _names_need_a_ground(self) -> Self:
        if self.names and not self.ground:
            raise ValueError("publishing names needs its legal ground (publication.ground)")
        return self


class CollectionRules(Rules):
    """How a printed badge is fetched from an office; without these rules no letter asks anybody to come."""

    hours: Annotated[str, Field(min_length=1, max_length=200, description="when offices hand badges out")]
    proxy: Annotated[
        bool,
        Field(description="whether somebody else may fetch it, with written authority and a document of their own"),
    ] = False


class CredentialRules(Rules):
    """How credentials are issued."""

    issuer: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,8}$", description="code in every token; TEST for rehearsals")]
    serial_prefix: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,6}$")]
    status_list_size: Annotated[int, Field(ge=1024, le=2**20)] = 2**17
    colours: Annotated[Mapping[Role, str], Field(description="badge colour of a role, #rrggbb")] = {}
    object: Annotated[
        Literal["badge", "card", "certificate"] | None, Field(description="what proves the accreditation")
    ] = None
    with_identity_document: Annotated[bool | None, Field(description="valid only with an identity document")] = None
    worn_visibly: Annotated[bool | None, Field(description="it has to be worn so that all can see it")] = None
    scope: Annotated[
        Literal["whole_country", "assigned_region"] | None,
        Field(description="where it is good; a narrower one is a policy"),
    ] = None
    collection: Annotated[
        CollectionRules | None, Field(description="fetching the printed badge from an office; left out: no such letter")
    ] = None

    def serial(self, number: int) -> str:
        """Return the serial of the *number*th credential."""
        return f"{self.serial_prefix}-{number:06d}"
