"""Refusals of a group against refusals of the others, week by week: an exact test of the common odds ratio."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, inf, log
from typing import Any, Final, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Floats: TypeAlias = NDArray[np.float64]

TELLING: Final = 4.0
"""Odds that a test should find, and must be able to exclude before it is said that nothing was found."""
_FAR: Final = 40.0
"""Logarithm of an odds ratio beyond which it is called infinite."""
_SAME: Final = 1 + 1e-7
"""Two probabilities that differ by less are the same (as R's fisher.test has it)."""


class Stratum(NamedTuple):
    """The files of one week that were decided: of the group, and of all others."""

    refused: int
    """Of the group."""
    decided: int
    """Of the group."""
    others_refused: int
    others_decided: int


class Evidence(NamedTuple):
    """What every result that a comparison could have had would tell for odds of four to one, and which it had."""

    tells: Floats
    """Logarithm of how much more probable each result is at such odds, in the direction that fits it better."""
    chances: Floats
    """How probable each is where the group is treated like the others, given the margins."""
    seen: int

    @property
    def told(self) -> float:
        """What the result that was seen tells."""
        return float(self.tells[self.seen])

    def chance_of(self, least: float) -> float:
        """Return how probable a result that tells at least so much is where nobody is treated otherwise."""
        return float(self.chances[self.tells >= least - _SAME + 1].sum())


class OddsTest(NamedTuple):
    """What the test says; without a stratum that could show a difference the ratio is unknown and p is 1."""

    p: float
    """Exact and two-sided: how probable a result this rare is where the group is treated like the others."""
    mid_p: float
    """The same with half the weight of what was observed (Lancaster 1961): not cautious, for sifting only."""
    ratio: float
    """Conditional maximum likelihood estimate of the common odds ratio; 0 and infinity are possible."""
    low: float
    high: float
    """Exact 95 % interval."""
    evidence: Evidence | None = None


NOTHING: Final = OddsTest(1.0, 1.0, float("nan"), 0.0, inf)


def odds_test(strata: Sequence[Stratum]) -> OddsTest:
    """Return the exact conditional test that the odds of refusal are the same, over all *strata*.

    Given its margins, each week's count is hypergeometric, and their sum is the statistic. With one stratum this is
    Fisher's exact test. Sources: Gart 1970, Biometrika 57:471-475; Mehta, Patel and Gray 1985, JASA 80:969-973;
    Agresti 2013, Categorical Data Analysis, 3rd ed., 7.3.5 and 16.5. R: mantelhaen.test(exact=TRUE).
    """
    useful = [stratum for stratum in strata if _is_useful(stratum)]
    if not useful:
        return NOTHING
    first, chances = _sum_of(useful)
    seen = sum(stratum.refused for stratum in useful) - first
    p, mid_p = _two_sided(chances, seen)
    with np.errstate(divide="ignore"):
        logs: Floats = np.log(chances)
    counts = np.arange(first, first + len(chances), dtype=np.float64)
    low, high = _interval(logs, counts, seen)
    return OddsTest(p, mid_p, _estimate(logs, counts, seen), low, high, _evidence(logs, chances, counts, seen))


def _is_useful(stratum: Stratum) -> bool:
    refused = stratum.refused + stratum.others_refused
    return bool(stratum.decided and stratum.others_decided and 0 < refused < stratum.decided + stratum.others_decided)


def _sum_of(strata: Sequence[Stratum]) -> tuple[int, Floats]:
    """Return the least sum that is possible, and the probability of it and of each greater one, one by one."""
    first, chances = 0, np.ones(1)
    for stratum in strata:
        refused, group = stratum.refused + stratum.others_refused, stratum.decided
        least = max(0, refused - stratum.others_decided)
        counts = np.arange(least, min(refused, group) + 1)
        logs = _log_choose(group, counts) + _log_choose(stratum.others_decided, refused - counts)
        chances = np.convolve(chances, np.exp(logs - logs.max()))
        first += least
    return first, chances / chances.sum()


def _log_choose(of: int, chosen: Any) -> Floats:
    logs: Floats = -special.betaln(of - chosen + 1, chosen + 1) - np.log(of + 1)
    return logs


def _two_sided(chances: Floats, seen: int) -> tuple[float, float]:
    """Return the sum of all that is no more probable than what was seen, and that with half the weight of a tie."""
    rare = float(chances[chances <= chances[seen] * _SAME].sum())
    tied = float(chances[(chances <= chances[seen] * _SAME) & (chances * _SAME >= chances[seen])].sum())
    return min(1.0, rare), min(1.0, max(0.0, rare - tied / 2))


def _tilted(logs: Floats, counts: Floats, log_ratio: float) -> Floats:
    """Return the probabilities of *counts* under another odds ratio (the noncentral distribution)."""
    moved = logs + counts * log_ratio
    tilted: Floats = np.exp(moved - moved.max())
    tilted /= tilted.sum()
    return tilted


def _evidence(logs: Floats, chances: Floats, counts: Floats, seen: int) -> Evidence:
    bent = (_tilted(logs, counts, log(TELLING)), _tilted(logs, counts, -log(TELLING)))
    with np.errstate(divide="ignore", invalid="ignore"):
        tells: Floats = np.nan_to_num(np.log(np.maximum(*bent)) - logs, nan=-inf)
    return Evidence(tells, chances, seen)


def _estimate(logs: Floats, counts: Floats, seen: int) -> float:
    if seen == 0:
        return 0.0
    if seen == len(counts) - 1:
        return inf
    return _root(lambda at: float(_tilted(logs, counts, at) @ counts) - counts[seen])


def _interval(logs: Floats, counts: Floats, seen: int, *, level: float = 0.95) -> tuple[float, float]:
    tail = (1 - level) / 2

    def at_least(at: float) -> float:
        return float(_tilted(logs, counts, at)[seen:].sum()) - tail

    def at_most(at: float) -> float:
        return tail - float(_tilted(logs, counts, at)[: seen + 1].sum())

    low = 0.0 if seen == 0 else _root(at_least)
    high = inf if seen == len(counts) - 1 else _root(at_most)
    return low, high


def _root(rising: Callable[[float], float]) -> float:
    """Return the odds ratio at which *rising*, a function of its logarithm, is zero."""
    if rising(-_FAR) > 0:
        return 0.0
    if rising(_FAR) < 0:
        return inf
    find = cast("Callable[..., float]", optimize.brentq)
    return exp(find(rising, -_FAR, _FAR, xtol=1e-10))
