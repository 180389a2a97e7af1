"""Fairness statistics against known values, against scipy, and on invented elections with and without a bias."""

from __future__ import annotations

from itertools import permutations, product
from math import isclose, isfinite

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom, mannwhitneyu, rankdata
from scipy.stats.contingency import odds_ratio

from domain.oversight.cases import Dimension, Grouping, ReportCase
from domain.oversight.fairness.contrasts import (
    Contrast,
    Question,
    Verdict,
    contrasts,
    discovery_rates,
    family_wise,
    family_wise_by_evidence,
)
from domain.oversight.fairness.odds import Stratum, odds_test
from domain.oversight.fairness.waits import RankedWaits
from flows.rehearsal import valdara
from flows.rehearsal.decided import Bias, Pace, decided_election

RABBITS = [Stratum(0, 6, 0, 5), Stratum(3, 6, 0, 6), Stratum(6, 6, 2, 6), Stratum(5, 6, 6, 6), Stratum(2, 2, 5, 5)]
"""Penicillin in rabbits (Mantel 1963), as R has it; mantelhaen.test(Rabbits, exact = TRUE) gives the values below."""


@st.composite
def strata(draw: st.DrawFn) -> Stratum:
    decided, others = draw(st.integers(0, 12)), draw(st.integers(0, 12))
    return Stratum(draw(st.integers(0, decided)), decided, draw(st.integers(0, others)), others)


def test_the_exact_test_over_strata_gives_the_known_values() -> None:
    found = odds_test(RABBITS)
    assert round(found.p, 5) == 0.03994
    assert round(found.ratio, 5) == 10.36105
    assert (round(found.low, 3), round(found.high, 1)) == (1.077, 531.5)


@given(strata())
def test_with_one_stratum_it_is_fishers_exact_test(stratum: Stratum) -> None:
    table = [
        [stratum.refused, stratum.decided - stratum.refused],
        [stratum.others_refused, stratum.others_decided - stratum.others_refused],
    ]
    found, known = odds_test([stratum]), fisher_exact(table)
    assert isclose(found.p, known.pvalue, rel_tol=1e-6)
    if isfinite(found.ratio) and found.ratio > 0:
        conditional = odds_ratio(table)
        assert isclose(found.ratio, conditional.statistic, rel_tol=1e-4)
        assert isclose(found.low, conditional.confidence_interval(0.95).low, rel_tol=1e-3, abs_tol=1e-6)


@given(st.lists(strata(), max_size=3))
def test_the_sum_over_strata_is_that_of_all_ways_it_could_have_come(several: list[Stratum]) -> None:
    useful = [s for s in several if 0 < s.refused + s.others_refused < s.decided + s.others_decided]
    useful = [s for s in useful if s.decided and s.others_decided]
    ways: dict[int, float] = {}
    chances = [
        [hypergeom.pmf(k, s.decided + s.others_decided, s.refused + s.others_refused, s.decided) for k in range(13)]
        for s in useful
    ]
    for counts in product(range(13), repeat=len(useful)):
        chance = float(np.prod([chances[place][count] for place, count in enumerate(counts)]))
        ways[sum(counts)] = ways.get(sum(counts), 0.0) + chance
    seen = ways[sum(s.refused for s in useful)]
    expected = sum(chance for chance in ways.values() if chance <= seen * (1 + 1e-7))
    assert isclose(odds_test(several).p, min(1.0, expected), rel_tol=1e-6, abs_tol=1e-9)


@given(st.lists(strata(), max_size=5))
def test_swapping_group_and_others_turns_the_ratio_over(several: list[Stratum]) -> None:
    found = odds_test(several)
    turned = odds_test([Stratum(s.others_refused, s.others_decided, s.refused, s.decided) for s in several])
    assert isclose(found.p, turned.p, rel_tol=1e-6)
    assert found.mid_p <= found.p <= 1
    if isfinite(found.ratio) and found.ratio > 0:
        assert isclose(found.ratio * turned.ratio, 1, rel_tol=1e-4)
        assert found.low <= found.ratio <= found.high


def test_in_one_stratum_the_rank_test_is_that_of_mann_and_whitney() -> None:
    chance = np.random.default_rng(2027)
    hours = [*chance.integers(1, 30, 25), *chance.integers(4, 40, 60)]
    found = RankedWaits(hours, [0] * 85).test(np.arange(85) < 25)
    known = mannwhitneyu(hours[:25], hours[25:], use_continuity=False, method="asymptotic")
    assert isclose(found.p, known.pvalue, rel_tol=0.5)
    share = known.statistic / (25 * 60)
    assert isclose(found.odds, share / (1 - share), rel_tol=1e-9)
    assert found.low < found.odds < found.high


def test_over_strata_the_approximation_is_close_to_permutations() -> None:
    chance = np.random.default_rng(7)
    week, member = np.repeat([0, 1, 2], [20, 35, 15]), chance.random(70) < 0.3
    hours = chance.exponential(20, 70) + 15 * week + 9 * member

    def score(labels: np.ndarray) -> float:
        ranked = [(hours[week == w].argsort().argsort() + 1, labels[week == w]) for w in range(3)]
        return sum((ranks[own].sum() - own.sum() * (len(ranks) + 1) / 2) / (len(ranks) + 1) for ranks, own in ranked)

    dealt = [np.concatenate([chance.permutation(member[week == w]) for w in range(3)]) for _ in range(4000)]
    seen = abs(score(member))
    share = float(np.mean([abs(score(labels)) >= seen for labels in dealt]))
    assert abs(RankedWaits(hours, week.tolist()).test(member).p - share) < 0.02


@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from([1, 1, 1, 2, 9]), st.booleans()), min_size=3, max_size=8))
def test_of_few_files_the_chance_is_that_of_all_ways_the_waits_could_have_been_dealt(
    files: list[tuple[int, int, bool]],
) -> None:
    """Most waits are tied here, as those of people are on whom one sitting decided."""
    weeks, hours, own = (np.array(column) for column in zip(*files, strict=True))
    found = RankedWaits([*map(float, hours)], weeks.tolist()).test(own)
    ranks = np.concatenate([hours_rank(hours[weeks == week]) for week in (0, 1)])
    members = np.concatenate([own[weeks == week] for week in (0, 1)])
    first = int((weeks == 0).sum())
    ways = [
        np.array([*one, *other])
        for one in {*permutations(members[:first].tolist())}
        for other in {*permutations(members[first:].tolist())}
    ]
    seen = abs(float(ranks[members].sum()))
    share = float(np.mean([abs(float(ranks[way].sum())) >= seen - 1e-9 for way in ways]))
    assert found.p >= min(share, 0.1) - 0.03


def hours_rank(hours: np.ndarray) -> np.ndarray:
    ranks: np.ndarray = (rankdata(hours) - (len(hours) + 1) / 2) / (len(hours) + 1)
    return ranks


def test_one_file_that_waited_otherwise_among_many_that_were_decided_together_is_no_difference() -> None:
    hours = [69664.0] * 49 + [54780.0]
    found = RankedWaits(hours, [0] * 50).test(np.arange(50) >= 40)
    assert abs(found.p - 10 / 50) < 0.05  # one of fifty, and ten are the group's


def test_who_is_compared_with_nobody_is_called_unknown() -> None:
    alone = RankedWaits([5.0, 6.0, 7.0], ["a", "a", "b"]).test(np.array([False, False, True]))
    assert (alone.p, alone.compared) == (1.0, 0)
    assert odds_test([Stratum(3, 3, 0, 0)]).p == 1.0


@given(st.lists(st.floats(0, 1), max_size=20))
def test_strict_is_never_milder_than_sifted_and_neither_than_the_bare_chance(chances: list[float]) -> None:
    strict, sifted = family_wise(chances), discovery_rates(chances)
    for bare, one, other in zip(chances, sifted, strict, strict=True):
        assert bare - 1e-12 <= one <= other + 1e-12
    assert family_wise([0.011, 0.02, 0.04]) == pytest.approx([0.033, 0.04, 0.04])


@given(st.lists(strata(), min_size=1, max_size=12))
def test_the_chance_of_a_false_alarm_is_exact_and_what_cannot_tell_takes_nothing(several: list[Stratum]) -> None:
    compared = [evidence for one in several if (evidence := odds_test([one]).evidence)]
    adjusted = family_wise_by_evidence(compared)
    for one, chance in zip(compared, adjusted, strict=True):
        assert one.chance_of(one.told) - 1e-12 <= chance <= 1
        assert isclose(one.chance_of(float("-inf")), 1, rel_tol=1e-9)
    blind = odds_test([Stratum(0, 1, 1, 90)]).evidence
    assert blind
    alone = family_wise_by_evidence([odds_test([Stratum(9, 20, 3, 80)]).evidence or blind])[0]
    beside = family_wise_by_evidence([odds_test([Stratum(9, 20, 3, 80)]).evidence or blind, *[blind] * 50])[0]
    assert (alone, beside) == (pytest.approx(beside), pytest.approx(alone))


def found_in(seed: int, *, bias: Bias | None = None, pace: Pace | None = None) -> list[Contrast]:
    rules = valdara()
    cases: tuple[ReportCase, ...] = decided_election(1500, seed, profile=rules, bias=bias, pace=pace)
    last = max(case.decided_at for case in cases if case.decided_at)
    return [*contrasts(cases, Grouping(rules.zone, {}), now=last)]


@pytest.mark.parametrize("kind", ["refusal", "delay"])
def test_a_planted_bias_is_found_and_named(kind: str) -> None:
    bias = Bias.model_validate({"kind": kind, "by": "nationality", "group": "XZZ", "odds": 6, "people": 60})
    found = found_in(11, bias=bias, pace=Pace(refused=0.1))
    own = [one for one in found if one.group == "XZZ" and one.asks_for_review]
    assert {one.question is Question.REFUSAL for one in own} == {kind == "refusal"}
    assert all(one.low <= one.odds <= one.high and one.odds > 1.5 for one in own)


def test_a_fair_election_has_no_public_difference_and_small_groups_are_not_called_fair() -> None:
    found = found_in(6)  # of a hundred fair ones, up to five may have one: see docs/benchmarks.md
    assert not [one for one in found if one.verdict is Verdict.DIFFERENCE]
    small = [one for one in found if one.files < 10]
    assert small
    assert {one.verdict for one in small} == {Verdict.NOT_ENOUGH}
    weeks = [one for one in found if one.dimension is Dimension.WEEK]
    assert {one.question for one in weeks} == {Question.REFUSAL}
