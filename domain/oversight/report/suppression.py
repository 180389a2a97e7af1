"""Withholding small counts, and as many others as it takes that nobody can compute them from what is published.

Threshold rule with complementary suppression; protection is measured by what an outsider could do: the least and the
greatest value that each withheld count could have, given everything published. Sources: Hundepool et al. 2012,
Statistical Disclosure Control, 4.2-4.4; Fischetti and Salazar 2001, Operations Research 49:819-831.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

SMALLEST: Final = 5
"""Counts from 1 to one less are withheld (practice, section 10: usual values are 3 or 5)."""
WIDTH: Final = SMALLEST - 2
"""So many values apart at least lie the least and the greatest that a withheld count could have: as 1 and 4 are."""

_EXACT: Final = 1e-6


class Cell(NamedTuple):
    """One count of a table."""

    table: str
    group: str
    column: str


class Sum(NamedTuple):
    """That some counts add up to another, as everybody knows who reads the tables."""

    total: Cell
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The parts and the total."""
        return (*self.parts, self.total)


@dataclass(frozen=True, slots=True)
class Counts:
    """What could be published, and what is known of it anyway."""

    values: Mapping[Cell, int]
    sums: Sequence[Sum]
    elsewhere: Collection[Cell] = ()
    """Published whatever happens, here or in the register: to withhold them would hide nothing."""
    last: Collection[Cell] = ()
    """Withheld only where nothing else helps: figures of the whole election."""
    never: Collection[Cell] = ()
    """Counts that no table shows, though sums speak of them."""
    close: Collection[Cell] = ()
    """So near to what an earlier report told that the difference would be a small count: as secret as one."""
    before: Collection[Cell] = ()
    """Withheld by an earlier report, and the same still: to tell them now would tell them of then."""


Ranges = dict[Cell, tuple[int, int]]


def withheld(counts: Counts) -> frozenset[Cell]:
    """Return the cells that are not published: the small ones, those no table shows, and those that protect them.

    Afterwards each of the small ones could be any of at least :data:`WIDTH` + 1 numbers above zero, as far as anything
    is left that could be withheld for it.
    """
    small = {cell for cell, count in counts.values.items() if 0 < count < SMALLEST}
    sensitive = small.union(counts.close).difference(counts.elsewhere)
    hidden = sensitive.union(counts.never, counts.before).difference(counts.elsewhere)
    ranges: Ranges = {}
    while True:
        ranges = _followed(counts, hidden, sensitive, ranges)
        weak = [cell for cell in sorted(sensitive) if ranges[cell][1] - ranges[cell][0] < WIDTH]
        more = {other for cell in weak if (other := _protector(cell, counts, hidden, ranges)) is not None}
        if not more:
            return frozenset(hidden)
        hidden |= more


def feasible(counts: Counts, hidden: Collection[Cell]) -> Ranges:
    """Return the least and greatest value of each hidden cell that agree with all that is published."""
    return _followed(counts, hidden, hidden, {}, enough=None)


def _followed(
    counts: Counts, hidden: Collection[Cell], wanted: Collection[Cell], before: Ranges, *, enough: int | None = WIDTH
) -> Ranges:
    """Return ranges of the hidden cells; of those not *wanted*, and beyond *enough*, they may be wider than said.

    What was possible *before* still is: more is hidden now.
    """
    unknown = sorted(hidden)
    if not unknown:
        return {}
    attack = _Attack(counts, unknown)
    known = [before.get(cell, (counts.values[cell],) * 2) for cell in unknown]
    low, high = (np.array([pair[end] for pair in known], dtype=np.float64) for end in (0, 1))
    for place, cell in enumerate(unknown):
        for sign in (-1.0, 1.0) if cell in wanted else ():
            if enough is not None and high[place] - low[place] >= enough:
                break
            found = attack.extreme(place, sign)
            low, high = np.minimum(low, found), np.maximum(high, found)
    return {cell: (ceil(low[place] - _EXACT), floor(high[place] + _EXACT)) for place, cell in enumerate(unknown)}


def _protector(cell: Cell, counts: Counts, hidden: Collection[Cell], ranges: Ranges) -> Cell | None:
    """Return what else to withhold: the smallest count of the tightest sum around *cell*, or of sums beyond those.

    A total is taken only where no part is left. Nobody takes a zero for a secret, so none protects.
    """
    kept = {*hidden, *counts.elsewhere, *(known for known, count in counts.values.items() if not count)}
    return _nearest(cell, counts, hidden, ranges, kept={*kept, *counts.last}) or _nearest(
        cell, counts, hidden, ranges, kept=kept
    )


def _nearest(
    cell: Cell, counts: Counts, hidden: Collection[Cell], ranges: Ranges, *, kept: Collection[Cell]
) -> Cell | None:
    seen, around = set[Sum](), {cell}
    while ring := [known for known in counts.sums if known not in seen and not around.isdisjoint(known.cells)]:
        for known in sorted(ring, key=lambda each: (_freedom(each, cell, hidden, ranges), each)):
            free = [other for other in known.cells if other not in kept]
            if free:
                return min(free, key=lambda other: (other == known.total, counts.values[other], other))
        seen |= set(ring)
        around |= {other for known in ring for other in known.cells if other in hidden}
    return None


def _freedom(known: Sum, cell: Cell, hidden: Collection[Cell], ranges: Ranges) -> int:
    return sum(ranges[other][1] - ranges[other][0] for other in known.cells if other in hidden and other != cell)


class _Attack:
    """All that is published, as linear equations of what is not."""

    def __init__(self, counts: Counts, unknown: Sequence[Cell]) -> None:
        places = {cell: place for place, cell in enumerate(unknown)}
        entries = list(_entries(counts, places))
        rows = len(counts.sums)
        self._matrix: Any = sparse.coo_array(
            ([sign for _, _, sign in entries], ([row for row, _, _ in entries], [place for _, place, _ in entries])),
            shape=(rows, len(unknown)),
        ).tocsr()
        self._right = np.array([_known(known, counts, places) for known in counts.sums], dtype=np.float64)
        most = float(max(counts.values.values(), default=0))
        # No zero is withheld, and whoever reads two reports knows it; what no table shows can be none.
        self._bounds = [(0.0 if cell in counts.never else min(1.0, counts.values[cell]), most) for cell in unknown]
        self._size = len(unknown)

    def extreme(self, place: int, sign: float) -> NDArray[np.float64]:
        """Return values of all unknown cells that agree, with the one at *place* greatest (-1) or least (1)."""
        aim = np.zeros(self._size)
        aim[place] = sign
        found: Any = optimize.linprog(aim, A_eq=self._matrix, b_eq=self._right, bounds=self._bounds, method="highs")
        if found.x is None:
            raise ValueError("the counts do not add up to their own totals")
        values: NDArray[np.float64] = found.x
        return values


def _entries(counts: Counts, places: Mapping[Cell, int]) -> Iterator[tuple[int, int, float]]:
    for row, known in enumerate(counts.sums):
        for cell in known.parts:
            if cell in places:
                yield row, places[cell], 1.0
        if known.total in places:
            yield row, places[known.total], -1.0


def _known(known: Sum, counts: Counts, places: Mapping[Cell, int]) -> int:
    total = 0 if known.total in places else counts.values[known.total]
    return total - sum(counts.values[cell] for cell in known.parts if cell not in places)
