"""The small values that everything else is made of, and how personal ones are masked."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
)


class Frozen(BaseModel):
    """A value: immutable, and strict about what belongs to it."""

    # Validators are built when a value of the kind is first made: a command needs a few of the four hundred kinds.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    def revised(self, **changes: object) -> Self:
        """Return a copy with *changes*, validated like a new value (``model_copy`` would not)."""
        # Of its fields alone: what was worked out once and kept (cached_property) lies beside them.
        fields = self.__pydantic_fields__
        return self.model_validate({name: value for name, value in self.__dict__.items() if name in fields} | changes)


class Grown(Frozen):
    """What has fields that came later: unsaid they are left out, so that rules signed before keep their hash."""

    later: ClassVar[tuple[str, ...]] = ()

    @model_serializer(mode="wrap")
    def _without_what_is_not_said(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if value or name not in self.later}


def _code(pattern: str, meaning: str) -> StringConstraints:
    """Return the constraint of a code; *meaning* is for the reader of the source only."""
    del meaning
    return StringConstraints(pattern=pattern)


ElectionCode = Annotated[str, _code(r"^[A-Z0-9][A-Z0-9-]{1,31}$", "an election, such as VALDARA-2027")]
OrganisationCode = Annotated[str, _code(r"^[A-Z0-9][A-Z0-9-]{0,15}$", "a nominating organisation")]
RegionCode = Annotated[str, _code(r"^[A-Z0-9][A-Z0-9-]{0,15}$", "a region or post abroad; the operator's own code")]
SiteCode = Annotated[str, _code(r"^[A-Z0-9][A-Z0-9./-]{0,23}$", "a polling station or other site of a region")]
OfficeCode = Annotated[str, _code(r"^[A-Z0-9][A-Z0-9-]{0,15}$", "a regional office")]
OfficerCode = Annotated[str, _code(r"^[A-Z0-9][A-Z0-9-]{1,31}$", "an officer's staff code, never a name")]
CountryCode = Annotated[str, _code(r"^[A-Z]{3}$", "ISO 3166-1 alpha-3, or an ICAO Doc 9303-3 special code")]
LanguageCode = Annotated[str, _code(r"^[a-z]{2,3}$", "ISO 639 code, two letters where there is one")]
RuleName = Annotated[str, _code(r"^[a-z][a-z0-9_]{2,47}$", "the name of a rule, stable enough to be cited")]
Sha256 = Annotated[str, _code(r"^[0-9a-f]{64}$", "a content hash")]
Serial = Annotated[str, _code(r"^[A-Z0-9-]{4,16}$", "a credential's printed serial number")]

UtcTime = AwareDatetime
"""A moment with its zone; UTC inside, local only in a template."""


def masked(text: str) -> str:
    """Return *text* so that it can be logged: its length class and nothing readable.

    >>> masked("Q1234567")
    '‹8 characters›'
    """
    return f"‹{len(text)} characters›"


NoticeId = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]*:[0-9]+$", description="notice code and version, N1:2")]


def bare(number: str) -> str:
    """Return the capitals and digits of *number*: documents are compared without blanks and hyphens."""
    return "".join(letter for letter in number.upper() if letter.isalnum())
