"""What holds for one role, where it is otherwise than for all: interpreters, drivers, guests, media, many others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from domain.application.reasons import ReasonCode
from domain.application.roles import USUAL_ROLES, WORD, Role
from domain.election.profile.access import RequiredDocument
from domain.election.profile.decisions import ReasonRule
from domain.values import Grown, LanguageCode


class RoleRules(Grown):
    """The rules of one role. What is left out is as for everybody; a role of the profile's own has words and a code."""

    later: ClassVar = (
        "words", "also_written", "code", "colour", "letter", "reasons", "detail",
    )  # fmt: skip

    words: Annotated[
        Mapping[LanguageCode, str], Field(description="on badges, in letters and on pages, by language")
    ] = {}
    also_written: Annotated[tuple[str, ...], Field(description="what organisations write for it besides")] = ()
    code: Annotated[
        str, Field(pattern=r"^([A-Z0-9]{2,8})?$", description="in the signed credential, at most eight characters")
    ] = ""
    colour: Annotated[
        str, Field(pattern=r"^(#[0-9a-fA-F]{6})?$", description="of the badge; wins over credential.colours")
    ] = ""
    observes: Annotated[bool | None, Field(description="whether it observes; unset: all do but interpreters")] = None
    placed: Annotated[bool, Field(description="whether it gets a region by the plan; else it is at large")] = True
    names_published: Annotated[
        bool | None, Field(description="where names are published: whether its people's are; unset: if it observes")
    ] = None
    open_to_host_nationals: Annotated[
        bool, Field(description="nationals of the host state come without an officer looking at it")
    ] = False
    minimum_age: Annotated[int | None, Field(ge=0, description="unset: as for everybody")] = None
    required_fields: Annotated[
        tuple[str, ...] | None, Field(description="columns that must be filled; unset: as for everybody")
    ] = None
    documents: Annotated[
        tuple[RequiredDocument, ...] | None, Field(description="documents it hands in; unset: as for everybody")
    ] = None
    automatic_approval: Annotated[
        bool | None, Field(description="approve complete cases without findings; unset: as for everybody")
    ] = None
    reasons: Annotated[
        Mapping[ReasonCode, ReasonRule], Field(description="grounds and wordings that are others for it")
    ] = {}
    detail: Annotated[
        Mapping[LanguageCode, str],
        Field(description="what its people say besides, and the badge prints, by language: such as Vehicle"),
    ] = {}
    letter: Annotated[
        Mapping[LanguageCode, str], Field(description="what its letters of approval and credential say besides")
    ] = {}


def check_roles(
    roles: Mapping[Role, RoleRules], named: Mapping[str, tuple[Role, ...]], in_force: Mapping[ReasonCode, ReasonRule]
) -> None:
    """Raise ``ValueError`` for a role without words or code, two that are written alike, and one that is not there.

    *named* are the roles that other rules name, by the place where they do.
    """
    for role, rules in roles.items():
        if role not in USUAL_ROLES and not (rules.words and rules.code):
            raise ValueError(f"roles.{role}: a role of the profile's own has words and a code")
        if rules.observes is False and rules.placed and role != Role.INTERPRETER:
            raise ValueError(f"roles.{role}: who does not observe takes no observer's place; say placed: false")
        if off := [code for code in rules.reasons if code not in in_force]:
            raise ValueError(f"roles.{role}.reasons: {', '.join(off)} is not in force; add it to reasons")
    codes = [rules.code for rules in roles.values() if rules.code]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise ValueError(f"roles: {', '.join(twice)} is the code of two roles")
    for place, found in named.items():
        if missing := [role for role in found if role not in USUAL_ROLES and role not in roles]:
            known = ", ".join((*USUAL_ROLES, *(role for role in roles if role not in USUAL_ROLES)))
            raise ValueError(f"{place}: no such role: {', '.join(missing)}; roles are {known}")


def own_names(roles: Mapping[Role, RoleRules]) -> Mapping[str, Role]:
    """Return what may stand in a cell for the roles that the profile speaks of, with what it means."""
    return {name: role for role, rules in roles.items() for name in (role, *rules.words.values(), *rules.also_written)}


def role_word(role: Role, words: Mapping[LanguageCode, str], languages: tuple[LanguageCode, ...]) -> str:
    """Return the word for *role* in the first of *languages* that has one; else the usual one, or any."""
    said = next((words[language] for language in languages if language in words), "")
    return said or WORD.get(role, "") or next(iter(words.values()), role.replace("_", " ").capitalize())
