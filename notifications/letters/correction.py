"""The letter to an organisation about all of its rows that are to be mended."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from domain.letters.envelope import LetterKind
from domain.values import UtcTime
from notifications.letters.lines import FilledLine, Letter


class CorrectionsLetter(Letter):
    """An organisation's rows to mend, all in one attached workbook; the letter itself only counts."""

    kind: ClassVar = LetterKind.CORRECTIONS

    organisation_name: FilledLine
    deficient: Annotated[int, Field(ge=0, description="applications with something to mend")]
    returned: Annotated[int, Field(ge=0, description="rows that went back")]
    due: Annotated[UtcTime | None, Field(description="end of the first time limit, if one runs")] = None
