"""What an accredited person comes to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_PATTERN: Final = r"^[a-z][a-z0-9_]{2,31}$"


class Role(str):
    """The role of a nomination: one of the usual ones below, or one that a profile adds under ``roles``.

    Most laws give all observers one credential and differ only by the word on it. Raises ``ValueError`` for a text that
    can be no role; whether an election has it, its profile says.
    """

    __slots__ = ()

    HEAD_OF_MISSION: ClassVar[Role]
    CORE_TEAM: ClassVar[Role]
    LONG_TERM_OBSERVER: ClassVar[Role]
    SHORT_TERM_OBSERVER: ClassVar[Role]
    PARLIAMENTARIAN: ClassVar[Role]
    EMBASSY_OBSERVER: ClassVar[Role]
    ELECTION_BODY_GUEST: ClassVar[Role]
    EXPERT: ClassVar[Role]
    INTERPRETER: ClassVar[Role]

    def __new__(cls, code: str) -> Self:
        """Return the role that *code* names."""
        if not re.match(_PATTERN, code):
            raise ValueError("a role is written in small letters, digits and underscores, such as long_term_observer")
        return super().__new__(cls, code)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let models read it as the text that it is, and write it as such."""
        del source, handler
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.str_schema(pattern=_PATTERN),
            serialization=core_schema.plain_serializer_function_ser_schema(
                str, return_schema=core_schema.str_schema(), when_used="json"
            ),
        )

    @property
    def value(self) -> str:
        """The code as plain text."""
        return str(self)


Role.HEAD_OF_MISSION = Role("head_of_mission")
Role.CORE_TEAM = Role("core_team")
Role.LONG_TERM_OBSERVER = Role("long_term_observer")
Role.SHORT_TERM_OBSERVER = Role("short_term_observer")
Role.PARLIAMENTARIAN = Role("parliamentarian")
Role.EMBASSY_OBSERVER = Role("embassy_observer")
Role.ELECTION_BODY_GUEST = Role("election_body_guest")
Role.EXPERT = Role("expert")
Role.INTERPRETER = Role("interpreter")

WORD: Final[Mapping[Role, str]] = MappingProxyType(
    {
        Role.HEAD_OF_MISSION: "Head of mission",
        Role.CORE_TEAM: "Core team",
        Role.LONG_TERM_OBSERVER: "Long-term observer",
        Role.SHORT_TERM_OBSERVER: "Short-term observer",
        Role.PARLIAMENTARIAN: "Parliamentarian",
        Role.EMBASSY_OBSERVER: "Embassy observer",
        Role.ELECTION_BODY_GUEST: "Guest of the election body",
        Role.EXPERT: "Expert",
        Role.INTERPRETER: "Interpreter",
    }
)

USUAL_ROLES: Final = tuple(WORD)
"""The roles that every election has; words for them stand in every language."""

CODE: Final[Mapping[Role, str]] = MappingProxyType(
    {
        Role.HEAD_OF_MISSION: "HOM",
        Role.CORE_TEAM: "CORE",
        Role.LONG_TERM_OBSERVER: "LTO",
        Role.SHORT_TERM_OBSERVER: "STO",
        Role.PARLIAMENTARIAN: "PARL",
        Role.EMBASSY_OBSERVER: "EMB",
        Role.ELECTION_BODY_GUEST: "GUEST",
        Role.EXPERT: "EXPERT",
        Role.INTERPRETER: "INTERP",
    }
)
"""The code of a role in a signed credential, at most eight characters."""
