"""The public report as one document: what its page, its tables and its JSON show, and nothing that is withheld."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import isfinite
from typing import Annotated

from pydantic import Field

from domain.oversight.cases import Dimension
from domain.oversight.fairness.contrasts import Contrast, Question, Verdict
from domain.oversight.report.figures import GroupWait, Invitation, OfficeLoad, PolicyEffect, WaitFigures
from domain.oversight.report.groups import Published
from domain.values import ElectionCode, Frozen, UtcTime

Cells = Mapping[str, int | None]


class Comparison(Frozen):
    """What is said in public of one group: figures only where there is a difference and its counts are published."""

    question: Question
    dimension: Dimension
    group: str
    verdict: Annotated[Verdict, Field(description="difference, nothing_found or not_enough_data; no others")]
    odds: float | None = None
    low: float | None = None
    high: float | None = None


class Vote(Frozen):
    """One of several votes that follow each other, with its own figures: most people are in both, so none is summed."""

    election: ElectionCode
    title: str
    day: date
    figures: Cells


class Report(Frozen):
    """The public report of one election at one moment."""

    form: str = "accreditation report 1"
    election: ElectionCode
    title: str
    zone: str
    election_day: date
    as_of: UtcTime
    is_rehearsal: bool
    figures: Cells
    votes: tuple[Vote, ...] = ()
    """Where votes follow each other: each of them, the first first, side by side."""
    waits: Mapping[str, WaitFigures | None]
    tables: Mapping[str, Mapping[str, Cells]]
    """By dimension (or reasons, days), group and column; null is withheld."""
    group_waits: tuple[GroupWait, ...]
    invitations: tuple[Invitation, ...]
    offices: tuple[OfficeLoad, ...]
    policies: tuple[PolicyEffect, ...]
    comparisons: tuple[Comparison, ...]
    compared: int
    """How many comparisons had enough files to be made."""
    reviews: int
    """How many of them officers of other offices look into."""

    @property
    def differences(self) -> tuple[Comparison, ...]:
        """What may be called a difference in public."""
        return tuple(comparison for comparison in self.comparisons if comparison.verdict is Verdict.DIFFERENCE)


def comparisons(found: Sequence[Contrast], tables: Published) -> tuple[Comparison, ...]:
    """Return what may be said of each group of ten and more; what only stands out is between officers, and unsaid."""
    return tuple(_comparison(contrast, tables) for contrast in found if _is_shown(contrast, tables))


def _is_shown(contrast: Contrast, tables: Published) -> bool:
    return contrast.group in tables.table(contrast.dimension.value)


def _comparison(contrast: Contrast, tables: Published) -> Comparison:
    """Return the public half of *contrast*.

    An odds ratio of refusals would give a withheld count back, so it is told only where the counts are.
    """
    about, verdict = (contrast.question, contrast.dimension, contrast.group), contrast.verdict
    if verdict is not Verdict.DIFFERENCE:
        return _said(about, Verdict.NOT_ENOUGH if verdict is Verdict.STANDS_OUT else verdict)
    row = tables.table(contrast.dimension.value)[contrast.group]
    if contrast.question is Question.REFUSAL and None in {row["refused"], row["accredited"]}:
        return _said(about, verdict)
    low, high = (round(value, 1) if isfinite(value) else None for value in (contrast.low, contrast.high))
    odds = round(contrast.odds, 1) if isfinite(contrast.odds) else None
    return _said(about, verdict).revised(odds=odds, low=low, high=high)


def _said(about: tuple[Question, Dimension, str], verdict: Verdict) -> Comparison:
    question, dimension, group = about
    return Comparison(question=question, dimension=dimension, group=group, verdict=verdict)
