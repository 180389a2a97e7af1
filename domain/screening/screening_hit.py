"""A hit of the screening: its score, band and evidence; how it is computed stands beside it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import Field

from domain.values import Frozen, Sha256


class Evidence(Frozen):
    """One thing that was compared: both sides, what it adds to the score, and a sentence saying so."""

    feature: str
    left: str = Field(repr=False)
    right: str = Field(repr=False)
    contribution: float
    reason: str = Field(repr=False)


ALGORITHM_VERSION: Final = "screening-7"
"""Changes whenever the same input could give another score."""


class Band(StrEnum):
    """What a hit is worth, strongest first: the first two are reviewed, weak ones are kept and shown on demand."""

    EXACT = "exact"
    STRONG = "strong"
    WEAK = "weak"
    NONE = "none"


REVIEWED: Final = frozenset({Band.EXACT, Band.STRONG})


class ScreeningHit(Frozen):
    """A person and a list entry that resemble each other; the contributions of the evidence add up to the score."""

    subject_id: str
    list_id: str
    list_version_hash: Sha256
    entry_id: str
    entry_hash: Sha256
    entry_name: str = Field(repr=False)
    score: float
    name_score: float
    band: Band
    evidence: tuple[Evidence, ...]
    algorithm_version: str = ALGORITHM_VERSION
    suppressed_by: str | None = None
