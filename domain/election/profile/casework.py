"""How officers work: limits that the office sets, not the law."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from domain.values import Frozen, LanguageCode


class CaseworkRules(Frozen):
    """Limits against slips and cases that nobody finishes."""

    claim_minutes: Annotated[int, Field(ge=1, description="how long a case stays with the officer who claimed it")] = 30
    bulk_threshold: Annotated[
        int, Field(ge=1, description="more cases than this in one decision: their number is confirmed")
    ] = 20
    scope: Annotated[
        Literal["binding", "order"],
        Field(description="officers who serve some regions or organisations decide those only, or those first"),
    ] = "binding"
    recall_minutes: Annotated[
        int, Field(ge=0, description="the letter of a refusal is held so long for a recall; 0: until the next delivery")
    ] = 0
    quorum: Annotated[int, Field(ge=2, description="members present, at least, for a session to adopt")] = 2
    surge_decides: Annotated[
        bool,
        Field(description="surge staff may decide during a shift, as their roles say; else they prepare"),
    ] = False
    authorities: Annotated[tuple[ClearingAuthority, ...], Field(description="whom officers may ask by e-mail")] = ()


AskedField = Literal["name", "birth_date", "citizenships", "document"]


AuthorityCode = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{1,31}$")]


class ClearingAuthority(Frozen):
    """Another authority that officers may ask about a person, and which facts it gets."""

    code: AuthorityCode
    title: Annotated[str, Field(min_length=2, description="how it is addressed")]
    email: Annotated[str, Field(repr=False, pattern=r"^[^@\s]+@[^@\s]+$", description="where questions go")]
    language: LanguageCode = "en"
    ground: Annotated[str, Field(min_length=3, description="article that lets it be asked")]
    told: Annotated[
        tuple[AskedField, ...], Field(min_length=1, description="what it is told of a person besides the case number")
    ] = ("name", "birth_date", "citizenships")
    hours: Annotated[int, Field(ge=1, description="time for the answer; then it is: no answer")] = 48
