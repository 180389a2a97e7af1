"""Dates of birth as documents and lists give them: whole, in part, or impossible."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

_WRITTEN = re.compile(r"(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?(?:T.*)?")
_NEAR_YEARS = 2


class BirthDate(NamedTuple):
    """Year, month and day of birth; what is unknown is None. It may be a day that no calendar has."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether year, month and day are all known."""
        return self.month is not None and self.day is not None

    def __str__(self) -> str:
        parts = [f"{self.year:04}"] + [f"{part:02}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)


class DateMatch(Enum):
    """How two dates of birth compare: what an officer is told, what it adds to a score, and what it means.

    A supporting date lets a less certain name be reviewed; a conflicting one keeps a resemblance from being reviewed.
    """

    SAME_DAY = ("dates of birth are equal", 0.03, "support")
    SAME_YEAR_KNOWN = ("years of birth are equal; no more is known on one side", 0.0, "support")
    SAME_YEAR = ("born in the same year, on another day", -0.02, "")
    MISREAD = ("dates of birth differ by exchanged or mistyped digits", -0.02, "support")
    SAME_DAY_AND_MONTH = ("same day and month, another year", -0.05, "")
    NEAR_YEAR = ("years of birth lie within two years", -0.05, "")
    CONFLICT = ("dates of birth contradict each other", -0.25, "conflict")

    def __init__(self, reason: str, contribution: float, meaning: str) -> None:
        self.reason = reason
        self.contribution = contribution
        self.is_conflict = meaning == "conflict"
        self.is_support = meaning == "support"


@lru_cache(maxsize=1 << 12)
def birth_date(text: str) -> BirthDate | None:
    """Return the date written as ISO 8601 (YYYY, YYYY-MM, YYYY-MM-DD or YYYYMMDD), or None if it is not one.

    A day that no calendar has is kept: it still tells who is meant.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    return BirthDate(year or 0, month or None, day or None)


def compare_dates(left: BirthDate, right: BirthDate) -> DateMatch:
    """Return how two dates of birth compare; the order of the arguments does not matter."""
    if left.is_whole and right.is_whole:
        return _compare_whole(left, right)
    if left.year == right.year:
        known = {part for part in (left.month, right.month) if part is not None}
        return DateMatch.SAME_YEAR if len(known) > 1 else DateMatch.SAME_YEAR_KNOWN
    return DateMatch.NEAR_YEAR if abs(left.year - right.year) <= _NEAR_YEARS else DateMatch.CONFLICT


def _compare_whole(left: BirthDate, right: BirthDate) -> DateMatch:
    if left == right:
        return DateMatch.SAME_DAY
    first, second = str(left), str(right)
    if sorted(first) == sorted(second) or sum(a != b for a, b in zip(first, second, strict=True)) == 1:
        return DateMatch.MISREAD
    if left.year == right.year:
        return DateMatch.SAME_YEAR
    if (left.month, left.day) == (right.month, right.day):
        return DateMatch.SAME_DAY_AND_MONTH
    return DateMatch.NEAR_YEAR if abs(left.year - right.year) <= _NEAR_YEARS else DateMatch.CONFLICT


def closest_match(left: tuple[BirthDate, ...], right: tuple[BirthDate, ...]) -> DateMatch | None:
    """Return the best comparison among several dates, or None where a side has none."""
    found = [compare_dates(mine, other) for mine in left for other in right]
    return max(found, key=lambda match: (match.contribution, match.name)) if found else None
