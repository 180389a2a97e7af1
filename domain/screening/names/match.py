"""What comparing two names gives: a score, the method that reached it, and what agreed."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from domain.screening.names.likeness import How


class Method(StrEnum):
    """Which comparison of two names gave the score."""

    EXACT = "exact"
    JOINED = "joined"
    REORDERED = "reordered"
    TOKENS = "tokens"
    WHOLE = "whole"
    CONSONANTS = "consonants"
    HEARD = "heard"
    KOREAN = "korean"
    MANDARIN = "mandarin"
    CHARACTERS = "characters"


class Pair(NamedTuple):
    """Two parts that were taken for the same, how alike they are (0–1), why, and how much they weigh."""

    left: str
    right: str
    similarity: float
    how: How
    weight: float


class NameMatch(NamedTuple):
    """A comparison of two names: score 0–1, its method, the pairs and what was left over on either side."""

    score: float
    method: Method
    pairs: tuple[Pair, ...] = ()
    left_over: tuple[tuple[str, float], ...] = ()
    right_over: tuple[tuple[str, float], ...] = ()

    def mirrored(self) -> NameMatch:
        """Return the comparison with its sides exchanged."""
        pairs = tuple(Pair(pair.right, pair.left, pair.similarity, pair.how, pair.weight) for pair in self.pairs)
        return NameMatch(self.score, self.method, pairs, self.right_over, self.left_over)


NO_MATCH: Final = NameMatch(0.0, Method.TOKENS)
EXACT_MATCH: Final = NameMatch(1.0, Method.EXACT)
