"""Waits of a group against waits of the others: a rank test by permutation within strata."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import exp, inf, log, sqrt
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats: TypeAlias = NDArray[np.float64]
Members: TypeAlias = NDArray[np.bool_]

_Z95: Final = 1.959963984540054


class WaitTest(NamedTuple):
    """What the test says; without a stratum in which group and others meet, p is 1 and the odds are unknown."""

    p: float
    """Two-sided: how probable ranks this far apart are where waits are dealt out within each stratum by chance."""
    odds: float
    """For each comparable file of the others that waited longer, how many of theirs the group outwaited."""
    low: float
    high: float
    """95 % interval of the odds."""
    compared: int
    """Files of the group that lie in a stratum with others."""


UNCOMPARED: Final = WaitTest(1.0, float("nan"), 0.0, inf, 0)


class _Share(NamedTuple):
    """Of one stratum: its weight, the share of pairs in which the group waited longer, and that share's variance."""

    weight: float
    longer: float
    variance: float


class RankedWaits:
    """Waits ranked within their strata once, so that many groups are compared on the same ranks."""

    def __init__(self, hours: Sequence[float], strata: Sequence[Hashable]) -> None:
        numbers: dict[Hashable, list[int]] = {}
        for place, stratum in enumerate(strata):
            numbers.setdefault(stratum, []).append(place)
        self._hours: Floats = np.asarray(hours, dtype=np.float64)
        self._strata = [np.array(places) for places in numbers.values() if len(places) > 1]
        self._ranks = [_midranks(self._hours[places]) for places in self._strata]

    def test(self, members: Members) -> WaitTest:
        """Return the stratified rank-sum test, with the variance of a permutation and its normal approximation.

        Statistic and weights 1/(n+1): van Elteren 1960, Bulletin of the International Statistical Institute
        37:351-361; Lehmann 1975, Nonparametrics, 3.3. Permutation variance with ties: Strasser and Weber 1999. The odds
        are those of the share of pairs (Agresti 1980), pooled with the weights of the test; their interval is of
        DeLong, DeLong and Clarke-Pearson 1988, on the scale of logarithms.
        """
        score, variance, compared, shares = 0.0, 0.0, 0, list[_Share]()
        for places, ranks in zip(self._strata, self._ranks, strict=True):
            chosen = members[places]
            group, everybody = int(np.count_nonzero(chosen)), len(places)
            if not 0 < group < everybody:
                continue
            weight, mixed = 1 / (everybody + 1), group * (everybody - group)
            score += weight * float(ranks[chosen].sum() - group * (everybody + 1) / 2)
            variance += weight**2 * mixed / everybody * float(ranks.var(ddof=1))
            compared += group
            shares.append(_Share(weight * mixed, *_longer(ranks, chosen)))
        if not variance:
            return UNCOMPARED
        return WaitTest(2 * float(stats.norm.sf(abs(score) / sqrt(variance))), *_odds(shares), compared)


def _midranks(values: Floats) -> Floats:
    """Return ranks from 1; ties share the middle of theirs. For short lists several times quicker than scipy's."""
    ordered = np.sort(values)
    below, upto = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    ranks: Floats = (below + upto + 1) / 2
    return ranks


def _longer(ranks: Floats, chosen: Members) -> tuple[float, float]:
    """Return the share of pairs in which the group's file waited longer (a tie counts half), and its variance."""
    group, others = ranks[chosen], ranks[~chosen]
    wins = (group - _midranks(group)) / len(others)
    losses = (others - _midranks(others)) / len(group)
    variance = sum(float(each.var(ddof=1)) / len(each) if len(each) > 1 else 0.25 for each in (wins, losses))
    return float(wins.mean()), variance


def _odds(shares: Sequence[_Share]) -> tuple[float, float, float]:
    whole = sum(share.weight for share in shares)
    longer = sum(share.weight * share.longer for share in shares) / whole
    error = sqrt(sum(share.weight**2 * share.variance for share in shares)) / whole
    if not 0 < longer < 1:
        return (inf if longer else 0.0), 0.0, inf
    middle, spread = log(longer / (1 - longer)), min(_Z95 * error / (longer * (1 - longer)), 50.0)
    return exp(middle), exp(middle - spread), exp(middle + spread)
