"""Many comparisons at once: what stands out among them, and what may be called a difference in public."""

from __future__ import annotations

from collections.abc import Sequence

from scipy import stats

from domain.oversight.fairness.odds import Evidence


def discovery_rates(chances: Sequence[float]) -> list[float]:
    """Return each p adjusted so that of those at most q, a share of q is expected to be chance.

    Source: Benjamini and Hochberg 1995, JRSS B 57:289-300.
    """
    return [float(each) for each in stats.false_discovery_control(chances, method="bh")] if chances else []


def family_wise(chances: Sequence[float]) -> list[float]:
    """Return each p adjusted so that the chance of even one false alarm among all of them stays below the level.

    Source: Holm 1979, Scandinavian Journal of Statistics 6:65-70.

    >>> [round(each, 2) for each in family_wise([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(chances)), key=chances.__getitem__)
    adjusted, least = [1.0] * len(chances), 0.0
    for place, which in enumerate(order):
        least = max(least, min(1.0, (len(chances) - place) * chances[which]))
        adjusted[which] = least
    return adjusted


def family_wise_by_evidence(compared: Sequence[Evidence]) -> list[float]:
    """Return for each comparison the chance that any that is not stronger tells as much, if nothing is behind them all.

    No set of tests with the same sum of chances of a false alarm finds odds of four to one more often, taken over all
    groups (Spjøtvoll 1972, Annals of Mathematical Statistics 43:398-411): a group so small that no result could tell
    anything takes nothing from the others, and neither does one so large that such odds could not be overlooked. The
    sum is of exact chances given the margins, not of levels that no result attains (Westfall and Wolfinger 1997, The
    American Statistician 51:3-8), and those that were found leave it (Holm 1979).
    """
    order = sorted(range(len(compared)), key=lambda which: -compared[which].told)
    adjusted, least = [1.0] * len(compared), 0.0
    for place, which in enumerate(order):
        told = compared[which].told
        least = max(least, min(1.0, sum(compared[other].chance_of(told) for other in order[place:])))
        adjusted[which] = least
    return adjusted
