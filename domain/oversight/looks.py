"""Looks at a person's file: who opened what of which case, when and why. A record of codes, kept for good."""

from __future__ import annotations

from typing import Annotated, Final, Self
from uuid import UUID

from pydantic import Field

from domain.errors import BadInputError
from domain.values import Frozen, UtcTime

CASEWORK: Final = "casework"
"""Why an officer looks who says nothing else: the case is theirs to work on."""
LONGEST_WHY: Final = 36


class Look(Frozen):
    """One look, as the journal of openings has it."""

    case: UUID
    what: Annotated[
        str, Field(description="case, photo, identity_page, letter, file, hits, facts, found, beside, extract")
    ]
    by: Annotated[str, Field(description="officer code, or the account that gave a command")]
    why: str
    at: UtcTime

    @classmethod
    def read(cls, subject: str, *, by: str, at: UtcTime) -> Self | None:
        """Return the look that the journal keeps as *subject*; None where the entry is about no case."""
        what, _, rest = subject.partition(":")
        case, _, why = rest.partition(":")
        try:
            return cls(case=UUID(case), what=what, by=by, why=why or CASEWORK, at=at)
        except ValueError:
            return None


def subject_of(what: str, case: UUID, why: str = "") -> str:
    """Return what the journal keeps a look as; *why* is left out where it is casework."""
    return f"{what}:{case}" + (f":{why}" if why and why != CASEWORK else "")


def checked_ground(ground: str, *, called: str = "ground") -> str:
    """Return the *ground* of a look; raises :class:`BadInputError` unless it can be kept for good beside the case."""
    said = " ".join(ground.split())
    if not said or len(said) > LONGEST_WHY or ":" in said or not said.isprintable():
        raise BadInputError(
            called, f"is missing, longer than {LONGEST_WHY} characters, or has a colon in it.",
            remedy="Give the file number or the reason, and nobody's name: it is kept for good.",
        )  # fmt: skip
    return said
