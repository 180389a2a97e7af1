"""Clearing a false hit: an officer's finding that two sides are two people."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from domain.errors import AccreditationError
from domain.values import Frozen, OfficerCode, UtcTime

LONGEST_REASON: Final = 2000
"""Characters: a paragraph."""


class ClearingRefusedError(AccreditationError):
    """The hit cannot be cleared."""

    exit_code = 2


class ClearedPair(Frozen):
    """Two sides that an officer found to be two people, named as they were compared: it ends when either changes."""

    pair: str
    application_id: UUID
    about: str
    officer: OfficerCode
    reason: Annotated[str, Field(min_length=3, max_length=LONGEST_REASON, repr=False)]
    proof: str
    at: UtcTime
