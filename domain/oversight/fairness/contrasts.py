"""Each group against all others: who was refused more often, who waited longer, and what may be said of it.

A result asks for a look at files by people outside the office. It is no proof of anything: groups differ in their
papers, their days of arrival and much else that no table knows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from statistics import median
from typing import Final, NamedTuple

import numpy as np
from scipy import stats

from domain.oversight.cases import Dimension, Grouping, Outcome, ReportCase
from domain.oversight.fairness.odds import TELLING, Evidence, Stratum, odds_test
from domain.oversight.fairness.waits import RankedWaits
from domain.values import UtcTime

FEWEST: Final = 10
"""Of fewer files nothing is computed, neither rate nor test (practice, section 10)."""
FEWEST_LISTS: Final = 5
"""Of an organisation that sent fewer comparable lists nothing is said about waits: ranks of so few tell nothing."""
SIFTED_AT: Final = 0.10
"""Share of chance among what stands out (Benjamini-Hochberg); each question and dimension is sifted by itself."""
PUBLIC_AT: Final = 0.05
"""Chance of one false alarm in a whole election below which a difference may be called one in public."""
REFUSALS_SHARE: Final = 0.6
"""Of that chance, what refusals may take: a biased wait shows in every file of a group, a refusal in a few."""
_ON_THE_CASE: Final = frozenset({Outcome.ACCREDITED, Outcome.REFUSED})
OF_ORGANISATIONS: Final = frozenset({Dimension.KIND, Dimension.ORGANISATION})


class Question(StrEnum):
    """What is compared."""

    REFUSAL = "refusal"
    """refused on the case, of those who were accredited or refused on the case"""
    SINCE_RECEIPT = "wait_since_receipt"
    SINCE_COMPLETE = "wait_since_complete"


class Verdict(StrEnum):
    """What may be said of a comparison."""

    DIFFERENCE = "difference"
    """in public, whatever else was compared"""
    STANDS_OUT = "stands_out"
    """for a review only, by Benjamini-Hochberg"""
    NOTHING_FOUND = "nothing_found"
    NOT_ENOUGH = "not_enough_data"
    """too few files to say anything, which is not the same as fair"""


@dataclass(frozen=True, slots=True)
class Contrast:
    """One group against all others, on one question."""

    question: Question
    dimension: Dimension
    group: str
    files: int
    """Of the group, that could be compared."""
    p: float = 1.0
    sifted: float = 1.0
    """Adjusted among the groups of one dimension (Benjamini-Hochberg)."""
    strict: float = 1.0
    """Adjusted among everything: the chance of one false alarm or more in the whole election."""
    mid_p: float = 1.0
    odds: float = float("nan")
    """Of refusal against the others, or of waiting longer than a comparable file of theirs."""
    low: float = 0.0
    high: float = float("inf")
    verdict: Verdict = Verdict.NOT_ENOUGH
    evidence: Evidence | None = field(default=None, repr=False, compare=False)

    @property
    def asks_for_review(self) -> bool:
        """Whether officers outside the office should look at the files."""
        return self.verdict in {Verdict.DIFFERENCE, Verdict.STANDS_OUT}


def contrasts(cases: Sequence[ReportCase], grouping: Grouping, *, now: UtcTime) -> tuple[Contrast, ...]:
    """Return every group's comparison, with verdicts; the same cases always give the same."""
    found: list[Contrast] = []
    for dimension in Dimension:
        found += refusals(cases, grouping, dimension)
        if dimension is not Dimension.WEEK:
            found += waits(cases, grouping, dimension, question=Question.SINCE_RECEIPT, now=now)
            found += waits(cases, grouping, dimension, question=Question.SINCE_COMPLETE, now=now)
    return _judged(found)


def refusals(cases: Sequence[ReportCase], grouping: Grouping, dimension: Dimension) -> Iterator[Contrast]:
    """Yield each group's refusals on the case against those of the others, week of arrival by week."""
    decided = [case for case in cases if case.outcome in _ON_THE_CASE]
    if dimension is Dimension.OFFICE:
        decided = [case for case in decided if case.office]
    weeks = Counter[tuple[date | None, bool]]()
    counts: defaultdict[str, Counter[tuple[date | None, bool]]] = defaultdict(Counter)
    for case in decided:
        week = None if dimension is Dimension.WEEK else grouping.week(case.origin.received_at)
        weeks[week, case.outcome is Outcome.REFUSED] += 1
        for group in grouping.groups(case, dimension):
            counts[group][week, case.outcome is Outcome.REFUSED] += 1
    for group, own in sorted(counts.items()):
        strata = [_stratum(own, weeks, week) for week in dict.fromkeys(week for week, _ in weeks)]
        bare = Contrast(Question.REFUSAL, dimension, group, own.total())
        if FEWEST <= own.total() <= len(decided) - FEWEST:
            test = odds_test(strata)
            bare = replace(
                bare, verdict=Verdict.NOTHING_FOUND, p=test.p, mid_p=test.mid_p, odds=test.ratio, low=test.low,
                high=test.high, evidence=test.evidence,
            )  # fmt: skip
        yield bare


def _stratum(
    own: Mapping[tuple[date | None, bool], int], every: Mapping[tuple[date | None, bool], int], week: date | None
) -> Stratum:
    refused, granted = own.get((week, True), 0), own.get((week, False), 0)
    all_refused, all_granted = every.get((week, True), 0), every.get((week, False), 0)
    others = all_refused + all_granted - refused - granted
    return Stratum(refused, refused + granted, all_refused - refused, others)


def waits(
    cases: Sequence[ReportCase], grouping: Grouping, dimension: Dimension, *, question: Question, now: UtcTime
) -> Iterator[Contrast]:
    """Yield each group's waits against comparable ones. An open file counts with its wait so far.

    People are compared with people whom the same organisation sent on the same day: what is sent together is decided
    together, so that without it every large list would look like a difference. Organisations are compared by what they
    sent on one day, with what others sent on that day, or else in that week; its median counts once.
    """
    known = [(case, wait) for case in cases if (wait := _wait(case, question, now)) is not None]
    if dimension is Dimension.OFFICE:
        known = [(case, wait) for case, wait in known if case.office]
    whole = dimension in OF_ORGANISATIONS
    compared = _lists(known, grouping, dimension) if whole else _people(known, grouping, dimension)
    ranked = RankedWaits([each.seconds for each in compared], [each.stratum for each in compared])
    files = Counter(group for each in compared for group in each.groups for _ in range(each.files))
    for group in sorted(files):
        test = ranked.test(np.array([group in each.groups for each in compared]))
        bare = Contrast(question, dimension, group, files[group])
        if files[group] >= FEWEST and test.compared >= (FEWEST_LISTS if whole else FEWEST):
            bare = replace(
                bare, verdict=Verdict.NOTHING_FOUND, p=test.p, mid_p=test.p, odds=test.odds, low=test.low,
                high=test.high,
            )  # fmt: skip
        yield bare


class _Compared(NamedTuple):
    stratum: Hashable
    groups: tuple[str, ...]
    seconds: float
    files: int


def _people(known: Sequence[tuple[ReportCase, timedelta]], grouping: Grouping, dimension: Dimension) -> list[_Compared]:
    return [
        _Compared(
            (grouping.day(case.origin.received_at), case.origin.organisation),
            grouping.groups(case, dimension),
            wait.total_seconds(),
            1,
        )
        for case, wait in known
    ]


def _lists(known: Sequence[tuple[ReportCase, timedelta]], grouping: Grouping, dimension: Dimension) -> list[_Compared]:
    """Return what each organisation sent on each day, to be compared with others' of that day, else of that week."""
    sent: defaultdict[tuple[date, str], list[tuple[ReportCase, timedelta]]] = defaultdict(list)
    for case, wait in known:
        sent[grouping.day(case.origin.received_at), case.origin.organisation].append((case, wait))
    on_a_day = Counter(day for day, _ in sent)
    return [
        _Compared(
            day if on_a_day[day] > 1 else (grouping.week(members[0][0].origin.received_at),),
            grouping.groups(members[0][0], dimension),
            median(wait.total_seconds() for _, wait in members),
            len(members),
        )
        for (day, _), members in sent.items()
    ]


def _wait(case: ReportCase, question: Question, now: UtcTime) -> timedelta | None:
    if question is Question.SINCE_RECEIPT:
        return case.wait_since_receipt(now)
    return case.wait_since_complete(now)


def _judged(found: Sequence[Contrast]) -> tuple[Contrast, ...]:
    """Return *found* with what may be said of each: sifted by dimension, strict over everything."""
    tested = [place for place, contrast in enumerate(found) if contrast.verdict is not Verdict.NOT_ENOUGH]
    strict = _strict(found, tested)
    families: defaultdict[tuple[Question, Dimension], list[int]] = defaultdict(list)
    for place in tested:
        families[found[place].question, found[place].dimension].append(place)
    sifted: dict[int, float] = {}
    for places in families.values():
        sifted |= zip(places, discovery_rates([found[place].mid_p for place in places]), strict=True)
    return tuple(
        _verdict(replace(contrast, strict=strict[place], sifted=sifted[place])) if place in strict else contrast
        for place, contrast in enumerate(found)
    )


def _strict(found: Sequence[Contrast], tested: Sequence[int]) -> dict[int, float]:
    """Return for each place the chance of a false alarm in the whole election; refusals and waits share it."""
    told = {place: evidence for place in tested if (evidence := found[place].evidence)}
    waited = [place for place in tested if found[place].question is not Question.REFUSAL]
    by_evidence = zip(told, family_wise_by_evidence([*told.values()]), strict=True)
    by_chance = zip(waited, family_wise([found[place].p for place in waited]), strict=True)
    return (
        dict.fromkeys(tested, 1.0)
        | {place: min(1.0, chance / REFUSALS_SHARE) for place, chance in by_evidence}
        | {place: min(1.0, chance / (1 - REFUSALS_SHARE)) for place, chance in by_chance}
    )


def _verdict(contrast: Contrast) -> Contrast:
    if contrast.strict <= PUBLIC_AT:
        return replace(contrast, verdict=Verdict.DIFFERENCE)
    if contrast.sifted <= SIFTED_AT:
        return replace(contrast, verdict=Verdict.STANDS_OUT)
    is_telling = contrast.high < TELLING and contrast.low > 1 / TELLING
    return replace(contrast, verdict=Verdict.NOTHING_FOUND if is_telling else Verdict.NOT_ENOUGH)


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
