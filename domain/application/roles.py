"""What an accredited person comes to do."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """Roles of a nomination. Most laws give all observers one credential and differ only by the word on it."""

    HEAD_OF_MISSION = "head_of_mission"
    CORE_TEAM = "core_team"
    LONG_TERM_OBSERVER = "long_term_observer"
    SHORT_TERM_OBSERVER = "short_term_observer"
    PARLIAMENTARIAN = "parliamentarian"
    EMBASSY_OBSERVER = "embassy_observer"
    ELECTION_BODY_GUEST = "election_body_guest"
    EXPERT = "expert"
    INTERPRETER = "interpreter"

    @property
    def is_observer(self) -> bool:
        """Whether the person observes; an interpreter accompanies."""
        return self is not Role.INTERPRETER


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
