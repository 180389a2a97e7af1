"""Scores that explain themselves: evidence for and against, adding up to the score; never a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from pydantic import Field

from domain.screening.birth import DateMatch, closest_match
from domain.screening.evidence import (
    DIGITS,
    common_names_cost,
    common_names_evidence,
    date_evidence,
    name_evidence,
    total,
    within_bounds,
)
from domain.screening.names.forms import NameForm
from domain.screening.names.match import NO_MATCH, Method, NameMatch
from domain.screening.names.reach import MOST_BOUNDED, within_reach
from domain.screening.names.similarity import compare_names
from domain.screening.screening_hit import Band, Evidence, ScreeningHit
from domain.screening.subject import ListEntry, ReferenceList, Subject
from domain.values import Frozen

_COUNTRY_EQUAL: Final = 0.01
_COUNTRY_OTHER: Final = -0.01


class Thresholds(Frozen):
    """Name scores (0–1) from which a hit is reviewed or kept, the same for every list.

    ``with_birth`` holds where dates of birth support the name, ``alone`` where they say little or nothing, ``weak``
    is the least that is kept. They were set on generated names with the public name_bench pairs in view; the benchmark
    says which sets are held out.
    """

    alone: float = Field(default=0.865, gt=0, le=1)
    with_birth: float = Field(default=0.82, gt=0, le=1)
    weak: float = Field(default=0.75, gt=0, le=1)


def best_name_match(
    left: Subject, right: Subject, *, among: Sequence[NameForm] | None = None
) -> tuple[NameMatch, str, str]:
    """Return the best comparison of any name of one with any name of the other, and these two names.

    *among* are the names of *right* that are worth comparing, where that is known; without any it is ``NO_MATCH``.
    """
    best, ours, theirs = NO_MATCH, next(iter(left.names), ""), next(iter(right.names), "")
    for form in left.forms:
        for other in right.forms if among is None else among:
            match = compare_names(form, other)
            if match.score > best.score:
                best, ours, theirs = match, form.raw, other.raw
    return best, ours, theirs


def is_same_name(match: NameMatch) -> bool:
    """Return whether two names are the same but for script, spacing, signs and order."""
    return match.method in {Method.EXACT, Method.JOINED, Method.REORDERED}


def score_hits(
    person: Subject,
    entries: Sequence[ListEntry],
    *,
    reference_of: Callable[[str], ReferenceList],
    thresholds: Thresholds,
) -> Iterator[ScreeningHit]:
    """Yield how *person* and *entries* compare, each as ``score_hit`` says; most are ruled out together."""
    likely = within_reach(person.forms, [entry.forms for entry in entries], least=min(thresholds.weak, MOST_BOUNDED))
    documents = person.document_keys
    for entry, names in zip(entries, likely, strict=True):
        shared = bool(documents) and not documents.isdisjoint(entry.document_keys)
        if names or shared:
            reference = reference_of(entry.list_id)
            among = None if shared else names
            hit = score_hit(person, entry, reference=reference, thresholds=thresholds, among=among)
            if hit is not None:
                yield hit


def score_hit(
    person: Subject,
    entry: ListEntry,
    *,
    reference: ReferenceList,
    thresholds: Thresholds,
    among: Sequence[NameForm] | None = None,
) -> ScreeningHit | None:
    """Return how *person* and *entry* compare, or None where nothing worth keeping was found.

    *among* are the names of the entry that are worth comparing, where that is known.
    """
    shared = person.document_keys & entry.document_keys
    match, ours, theirs = best_name_match(person, entry, among=among)
    if match.score < thresholds.weak and not shared:
        return None
    dates = closest_match(person.births, entry.births)
    alone = match.score - (0.0 if dates and dates.is_support else common_names_cost(match))
    evidence = tuple(
        within_bounds(
            (
                *name_evidence(match, names=(ours, theirs)),
                *common_names_evidence(match, cost=match.score - alone),
                *_other_evidence(person, entry, dates=dates),
            )
        )
    )
    return ScreeningHit(
        subject_id=person.subject_id,
        list_id=entry.list_id,
        list_version_hash=reference.version_hash,
        entry_id=entry.subject_id,
        entry_hash=entry.content_hash,
        entry_name=theirs,
        score=total(evidence),
        name_score=round(match.score, DIGITS),
        band=_band(match, dates, alone=alone, shared=bool(shared), thresholds=thresholds),
        evidence=evidence,
    )


def _band(match: NameMatch, dates: DateMatch | None, *, alone: float, shared: bool, thresholds: Thresholds) -> Band:
    """Return the band; a contradicting date of birth lowers a resemblance and never hides an equal name.

    *alone* is what the name is worth where no date of birth supports it.
    """
    if shared or is_same_name(match):
        return Band.EXACT
    is_supported = dates is not None and dates.is_support
    is_enough = match.score >= thresholds.with_birth if is_supported else alone >= thresholds.alone
    if is_enough and not (dates and dates.is_conflict):
        return Band.STRONG
    return Band.WEAK if match.score >= thresholds.weak else Band.NONE


def _other_evidence(left: Subject, right: Subject, *, dates: DateMatch | None) -> Iterator[Evidence]:
    """Return the evidence beside the name; what is missing on a side says nothing."""
    if dates is not None:
        yield date_evidence(left, right, dates=dates, contribution=dates.contribution)
    if left.countries and right.countries:
        same = not {code.upper() for code in left.countries}.isdisjoint(code.upper() for code in right.countries)
        yield Evidence(
            feature="country",
            left=", ".join(left.countries),
            right=", ".join(right.countries),
            contribution=_COUNTRY_EQUAL if same else _COUNTRY_OTHER,
            reason="a country stands on both sides" if same else "no common country; people may have several",
        )
    for number in sorted(left.document_keys & right.document_keys):
        yield Evidence(
            feature="document", left=number, right=number, contribution=1.0, reason="the document number is the same"
        )
