"""Extracts: tables taken out for other systems. What each column means, and which columns are personal."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field

from domain.application.nomination import COLUMNS, Nomination
from domain.values import Frozen, UtcTime


class ExtractTable(StrEnum):
    """What can be taken out."""

    APPLICATIONS = "applications"
    CREDENTIALS = "credentials"
    PLAN = "plan"
    FIGURES = "figures"


class PersonalColumn(StrEnum):
    """What is said of a person, column by column: only what a purpose needs is taken."""

    SURNAME = "surname"
    GIVEN_NAMES = "given_names"
    NATIVE_NAME = "native_name"
    SEX = "sex"
    BIRTH_DATE = "birth_date"
    NATIONALITY = "nationality"
    DOCUMENT_KIND = "document_kind"
    DOCUMENT_NUMBER = "document_number"
    DOCUMENT_ISSUER = "document_issuer"
    DOCUMENT_EXPIRY = "document_expiry"
    EMAIL = "email"
    PHONE = "phone"
    LANGUAGES = "languages"
    ARRIVAL = "arrival"
    DEPARTURE = "departure"

    def of(self, person: Nomination | None) -> str:
        """Return what the column says of *person*; nothing where it was erased or never said."""
        if person is None:
            return ""
        match self:
            case PersonalColumn.BIRTH_DATE:
                return person.born
            case PersonalColumn.NATIONALITY:
                return "; ".join(person.nationalities)
            case PersonalColumn.LANGUAGES:
                return "; ".join(person.languages)
            case _:
                said = getattr(person, self.value)
                return "" if said is None else str(said)


class ApplicationLine(Frozen):
    """An application as it stands."""

    case: Annotated[str, Field(description="case number that people quote")]
    id: Annotated[UUID, Field(description="id of the application, the subject of its events")]
    organisation: Annotated[str, Field(description="code of the nominating organisation")]
    role: Annotated[str, Field(description="what the person is accredited as")]
    status: Annotated[str, Field(description="where the application stands; docs/lifecycle.md has the meaning")]
    version: Annotated[int, Field(description="how many events it has had; the number of its last event")]
    received_at: UtcTime
    reasons: Annotated[str, Field(description="codes of reasons in force, separated by ;")]
    due_at: Annotated[UtcTime | None, Field(description="end of the time limit that runs")]
    region: Annotated[str | None, Field(description="code of the region; empty: none yet, or at large")]
    office: Annotated[str | None, Field(description="code of the office that serves it")]
    serial: Annotated[str | None, Field(description="serial of the credential in use")]
    valid_until: Annotated[UtcTime | None, Field(description="end of that credential")]


class CredentialLine(Frozen):
    """A serial of the ledger, also one that is not in use any more."""

    serial: str
    case: Annotated[str, Field(description="case number that people quote")]
    id: Annotated[UUID, Field(description="id of the application")]
    state: Annotated[str, Field(description="reserved, issued, suspended, revoked or expired")]
    cause: Annotated[str | None, Field(description="why it is void, as a code")]
    is_current: Annotated[bool, Field(description="whether the application carries this serial")]
    status_index: Annotated[int, Field(description="place in the published status list")]
    valid_from: UtcTime
    valid_until: UtcTime
    changed_at: Annotated[UtcTime | None, Field(description="when it was suspended, revoked or expired")]
    replaces: Annotated[str | None, Field(description="the serial that it took the place of")]
    key_id: Annotated[str | None, Field(description="which key signed it")]


class PlaceLine(Frozen):
    """Where the plan in force sends somebody."""

    plan: Annotated[UUID, Field(description="id of the plan in force")]
    case: Annotated[str, Field(description="case number that people quote")]
    id: Annotated[UUID, Field(description="id of the application")]
    organisation: Annotated[str, Field(description="code of the nominating organisation")]
    role: Annotated[str, Field(description="what the person is accredited as")]
    status: Annotated[str, Field(description="where the application stands today")]
    planned_region: Annotated[str | None, Field(description="region in the plan; empty: at large")]
    region: Annotated[str | None, Field(description="region that the person has today")]
    office: Annotated[str | None, Field(description="office that serves it today")]
    team: Annotated[int | None, Field(description="number of the team of two, within this plan")]
    site: Annotated[str | None, Field(description="code of the site, where the region has sites")]


class FigureLine(Frozen):
    """One figure of the public report, protected as the report protects it."""

    table: Annotated[str, Field(description="table of the report")]
    group: Annotated[str, Field(description="line of the table, in codes")]
    figure: Annotated[str, Field(description="column of the table")]
    value: Annotated[int | float | str | None, Field(description="empty: withheld, because few people are counted")]


Line = ApplicationLine | CredentialLine | PlaceLine | FigureLine

LINES: Final[Mapping[ExtractTable, type[Line]]] = {
    ExtractTable.APPLICATIONS: ApplicationLine,
    ExtractTable.CREDENTIALS: CredentialLine,
    ExtractTable.PLAN: PlaceLine,
    ExtractTable.FIGURES: FigureLine,
}
MARKS: Final[Mapping[str, str]] = {
    "taken_by": "officer code of who took the line out",
    "taken_at": "when (UTC)",
    "taken_for": "purpose, as it is on record",
}
"""What every line with personal columns says of itself, so that a copied line says it, too."""


def schema_of(table: ExtractTable, personal: tuple[PersonalColumn, ...] = ()) -> dict[str, Any]:
    """Return the JSON Schema of one line of *table*, with its *personal* columns marked as such."""
    schema = LINES[table].model_json_schema(mode="serialization")
    own = {
        column.value: {"type": "string", "description": COLUMNS[column.value], "x-personal": True}
        for column in personal
    }
    marks = {name: {"type": "string", "description": told} for name, told in MARKS.items()} if personal else {}
    schema["properties"] |= own | marks
    schema["required"] = [*schema["properties"]]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
