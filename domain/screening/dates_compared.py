"""Dates of birth of many pairs compared at once: what :func:`domain.screening.birth.closest_match` says of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.screening.birth import DateMatch
from domain.screening.subject import Subject

Contributions = NDArray[np.float64]
_NEAR_YEARS: Final = 2


class BirthColumns:
    """The dates of birth of many people as columns of numbers."""

    def __init__(self, people: Sequence[Subject]) -> None:
        only = [person.births[0] if len(person.births) == 1 else None for person in people]
        self._count = np.array([len(person.births) for person in people])
        parts = [(born.year, born.month or 0, born.day or 0) if born else (0, 0, 0) for born in only]
        self._parts = np.array(parts, dtype=np.int64).reshape(-1, 3)
        year, month, day = self._parts.T
        digits = [year // 1000, year // 100, year // 10, year, month // 10, month, day // 10, day]
        self._digits = np.stack([(column % 10).astype(np.int8) for column in digits], axis=1)
        self._sorted = np.sort(self._digits, axis=1)

    def contributions(
        self, left: NDArray[np.int64], right: NDArray[np.int64], worth: Mapping[DateMatch, float]
    ) -> Contributions:
        """Return what each pair's dates add, nothing where a side has none, the most where a side has several."""
        found = np.select(*self._cases(left, right, worth), default=worth[DateMatch.CONFLICT])
        found[(self._count[left] > 1) | (self._count[right] > 1)] = max(worth.values())
        found[(self._count[left] == 0) | (self._count[right] == 0)] = 0.0
        return found

    def _cases(
        self, left: NDArray[np.int64], right: NDArray[np.int64], worth: Mapping[DateMatch, float]
    ) -> tuple[list[NDArray[np.bool_]], list[float]]:
        ours, theirs = self._parts[left], self._parts[right]
        whole = (ours[:, 1:] > 0).all(axis=1) & (theirs[:, 1:] > 0).all(axis=1)
        same_year = ours[:, 0] == theirs[:, 0]
        other_month = (ours[:, 1] != theirs[:, 1]) & (ours[:, 1] > 0) & (theirs[:, 1] > 0)
        slips = (self._digits[left] != self._digits[right]).sum(axis=1)
        cases = {
            DateMatch.SAME_DAY: whole & (slips == 0),
            DateMatch.MISREAD: whole & ((slips == 1) | (self._sorted[left] == self._sorted[right]).all(axis=1)),
            DateMatch.SAME_YEAR: same_year & (whole | other_month),
            DateMatch.SAME_YEAR_KNOWN: same_year & ~whole,
            DateMatch.SAME_DAY_AND_MONTH: whole & (ours[:, 1:] == theirs[:, 1:]).all(axis=1),
            DateMatch.NEAR_YEAR: np.abs(ours[:, 0] - theirs[:, 0]) <= _NEAR_YEARS,
        }
        return list(cases.values()), [worth[match] for match in cases]
