"""Letters to the regional offices."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from domain.correspondence import LetterKind
from domain.values import UtcTime
from notifications.letters.parts import Letter, RegionCount


class RosterLetter(Letter):
    """An office gets its list of people as a spreadsheet; the letter itself only counts."""

    kind: ClassVar = LetterKind.ROSTER

    version: Annotated[int, Field(ge=1)]
    drawn_up_at: UtcTime
    people: Annotated[int, Field(ge=0)]
    regions: tuple[RegionCount, ...] = ()
    added: Annotated[int, Field(ge=0, description="since the version before")] = 0
    changed: Annotated[int, Field(ge=0)] = 0
    removed: Annotated[int, Field(ge=0)] = 0
