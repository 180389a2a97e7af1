"""The same person twice among applicants: pairs with evidence, for officers to judge; nothing is ever merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from rapidfuzz.distance import OSA

from domain.screening.birth import DateMatch, closest_match
from domain.screening.blocking import LARGEST_BLOCK, CrowdedBlock, blocked_pairs
from domain.screening.dates_compared import BirthColumns
from domain.screening.evidence import DIGITS, name_evidence, within_bounds
from domain.screening.names.commonness import ENOUGH, agreed_decades
from domain.screening.names.forms import NameForm
from domain.screening.names.likeness import How
from domain.screening.names.match import NameMatch
from domain.screening.names.reach import MOST_BOUNDED, within_reach
from domain.screening.score import best_name_match, is_same_name
from domain.screening.screening_hit import ALGORITHM_VERSION, Band, Evidence
from domain.screening.subject import Subject
from domain.values import Frozen

# Fixed on FEBRL3, where they gave precision .999 at recall .92 from names, date of birth and postal code.
_STRONG: Final = 0.66
_WEAK: Final = 0.50
_DATES: Final[Mapping[DateMatch, float]] = {
    DateMatch.SAME_DAY: 0.20,
    DateMatch.MISREAD: 0.12,
    DateMatch.SAME_YEAR_KNOWN: 0.02,
    DateMatch.SAME_YEAR: -0.10,
    DateMatch.SAME_DAY_AND_MONTH: -0.05,
    DateMatch.NEAR_YEAR: -0.20,
    DateMatch.CONFLICT: -0.35,
}
_SAME_DOCUMENT: Final = "the document number is the same"
_NOT_SPECIFIC: Final = "dates of birth differ by exchanged or mistyped digits, which says nothing of so common a name"
_MISREAD_OF_MANY: Final = -0.02
_CONTACT: Final = 0.20
_ROUNDING: Final = 0.001
_AN_INITIAL: Final = 0.5
_LITTLE_LIKE: Final = 0.7
"""Likeness of two words below which they are two names: Nabil and Sabir."""

_WORDS: Final = frozenset({How.EQUAL, How.JOINED, How.SOUND, How.SPELLING, How.NICKNAME, How.INITIAL})
_PLACES: Final = {
    0: (0.12, "the postal code is the same"),
    1: (0.06, "the postal codes differ by one slip"),
    2: (-0.06, "the postal codes differ"),
}


class FoundPair(NamedTuple):
    """Two applications that may be one person, by their ids; :func:`explained` says why."""

    left_id: str
    right_id: str
    score: float
    band: Band


class DuplicatePair(Frozen):
    """Two applications that may be one person; ``band`` is exact for a shared document or equal name and birth date."""

    left_id: str
    right_id: str
    score: float
    band: Band
    evidence: tuple[Evidence, ...]
    algorithm_version: str = ALGORITHM_VERSION


class DuplicateReport(Frozen):
    """Every pair worth an officer's look, strongest first, and what was left aside."""

    pairs: tuple[FoundPair, ...] = Field(repr=False)
    crowded: tuple[CrowdedBlock, ...]
    compared: int

    @property
    def namesakes(self) -> tuple[CrowdedBlock, ...]:
        """Names that so many people bear that nobody was compared because of the name alone."""
        return tuple(block for block in self.crowded if block.kind == "name")


def find_duplicates(
    people: Sequence[Subject], *, fresh: frozenset[str] | None = None, largest_block: int = LARGEST_BLOCK
) -> DuplicateReport:
    """Return the pairs among *people* that may be one person, whoever nominated them.

    With *fresh* only pairs with one of these ids are compared: those who came in since the last time. The order of
    *people* changes nothing. People are compared if they share a blocking key: a document, a contact, a date of
    birth, parts of a name together with each other, the year of birth or the place.
    """
    known = list(
        {person.subject_id: person for person in sorted(people, key=lambda person: person.subject_id)}.values()
    )
    (left, right), crowded = blocked_pairs(known, largest=largest_block)
    if fresh is not None:
        is_fresh = np.array([person.subject_id in fresh for person in known], dtype=bool)
        wanted = is_fresh[left] | is_fresh[right]
        left, right = left[wanted], right[wanted]
    found = sorted(_alike(known, left, right), key=_rank)
    return DuplicateReport(pairs=tuple(found), crowded=crowded, compared=len(left))


def _alike(people: Sequence[Subject], left: NDArray[np.int64], right: NDArray[np.int64]) -> Iterator[FoundPair]:
    """Yield the pairs that are worth a look; most are ruled out by their dates and the words of their names."""
    least = _WEAK - _most_beside(people, left, right) - _ROUNDING
    worthwhile = least <= 1
    left, right, least = left[worthwhile], right[worthwhile], least[worthwhile]
    starts = np.flatnonzero(np.append(True, left[1:] != left[:-1])) if len(left) else np.zeros(0, dtype=np.int64)
    for start, end in pairwise([*starts.tolist(), len(left)]):
        person = people[int(left[start])]
        places: list[int] = right[start:end].tolist()
        others = [people[place] for place in places]
        enough = np.minimum(least[start:end], MOST_BOUNDED)
        names = within_reach(person.forms, [other.forms for other in others], least=enough)
        for other, among, needed in zip(others, names, enough.tolist(), strict=True):
            if among or needed <= 0:
                judged = _judged(person, other, among=among if needed > 0 else None)
                if judged.band is not Band.NONE:
                    yield FoundPair(person.subject_id, other.subject_id, judged.score, judged.band)


def _most_beside(people: Sequence[Subject], left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the most that each pair's evidence beside the name may add."""
    found = BirthColumns(people).contributions(left, right, _DATES)
    placed = np.array([bool(person.places) for person in people], dtype=bool)
    reached = np.array([bool(person.contacts) for person in people], dtype=bool)
    proved = np.array([bool(person.document_keys) for person in people], dtype=bool)
    found[placed[left] & placed[right]] += _PLACES[0][0]
    unsure = (reached[left] & reached[right]) | (proved[left] & proved[right])
    for number in np.flatnonzero(unsure).tolist():
        one, other = people[int(left[number])], people[int(right[number])]
        found[number] += _CONTACT * len(one.contact_keys & other.contact_keys)
        found[number] += len(one.document_keys & other.document_keys)
    return found


class _Judged(NamedTuple):
    """How two people compare: the best names, what else was compared, score and band."""

    match: NameMatch
    names: tuple[str, str]
    others: tuple[_Other, ...]
    score: float
    band: Band


def _judged(left: Subject, right: Subject, *, among: Sequence[NameForm] | None = None) -> _Judged:
    match, ours, theirs = best_name_match(left, right, among=among)
    dates = closest_match(left.births, right.births)
    is_specific = dates is not DateMatch.MISREAD or _is_specific(match, left, right)
    others = tuple(_others(left, right, dates=dates, is_specific=is_specific))
    score = round(match.score, DIGITS)
    for other in others:
        score = round(min(1.0, max(0.0, score + other.contribution)), DIGITS)
    enough = score >= _STRONG and not _needs_more(match, left, right, others)
    return _Judged(match, (ours, theirs), others, score, _band(match, others, score=score, is_enough=enough))


def compare_people(left: Subject, right: Subject) -> DuplicatePair:
    """Return how two applications compare, whether or not they resemble each other."""
    judged = _judged(left, right)
    others = (other.evidence(left, right) for other in judged.others)
    return DuplicatePair(
        left_id=left.subject_id,
        right_id=right.subject_id,
        score=judged.score,
        band=judged.band,
        evidence=tuple(within_bounds((*name_evidence(judged.match, names=judged.names), *others))),
    )


def _is_specific(match: NameMatch, left: Subject, right: Subject) -> bool:
    """Return whether what agrees of two names is rare enough to tell people apart who are born on similar days."""
    agreeing = [(pair.left, pair.right) for pair in match.pairs if pair.how in _WORDS]
    if not agreeing:
        fewest = min((form.words for form in (*left.forms, *right.forms)), key=len, default=())
        agreeing = [(word.text, word.text) for word in fewest]
    return agreed_decades(agreeing) >= ENOUGH


def _band(match: NameMatch, others: tuple[_Other, ...], *, score: float, is_enough: bool) -> Band:
    """Return the band; names alone are not strong where something contradicts and nothing else agrees."""
    reasons = {other.reason for other in others}
    if _SAME_DOCUMENT in reasons or (is_same_name(match) and DateMatch.SAME_DAY.reason in reasons):
        return Band.EXACT
    agrees, contradicts = (any(sign * other.contribution > 0 for other in others) for sign in (1, -1))
    if is_enough and (agrees or not contradicts):
        return Band.STRONG
    return Band.WEAK if score >= _WEAK else Band.NONE


def _needs_more(match: NameMatch, left: Subject, right: Subject, others: tuple[_Other, ...]) -> bool:
    """Return whether the name says too little without a day of birth or a contact.

    Namesakes of one word are many. Relatives share all names but their own: a word on each side that the other does
    not have tells two of them apart, and a common place or year does not make them one.
    """
    if any(other.feature == "contact" or other.reason == DateMatch.SAME_DAY.reason for other in others):
        return False
    if _has_other_name(match):
        return True
    is_dated = any(other.feature == "birth date" for other in others)
    return not is_dated and any(max(len(form.words) for form in side.forms) == 1 for side in (left, right))


def _has_other_name(match: NameMatch) -> bool:
    """Return whether each side has a word or an initial that the other has not, or only one little like it."""
    alone = [any(weight >= _AN_INITIAL for _, weight in left_over) for left_over in (match.left_over, match.right_over)]
    unlike = (pair.how is How.SPELLING and pair.similarity < _LITTLE_LIKE for pair in match.pairs)
    return all(alone) or any(unlike)


class _Other(NamedTuple):
    """Something beside the name that was compared, what it adds, and the values where its reason needs them."""

    feature: str
    contribution: float
    reason: str
    value: str = ""

    def evidence(self, left: Subject, right: Subject) -> Evidence:
        """Return it as it is shown."""
        sides = {"birth date": (left.births, right.births), "place": (left.places, right.places)}
        ours, theirs = (", ".join(map(str, side)) for side in sides.get(self.feature, ((self.value,), (self.value,))))
        return Evidence(
            feature=self.feature, left=ours, right=theirs, contribution=self.contribution, reason=self.reason
        )


def applicant_evidence(left: Subject, right: Subject, *, dates: DateMatch | None) -> Iterator[Evidence]:
    """Return the evidence beside the name; another passport is no evidence, people renew them."""
    return (other.evidence(left, right) for other in _others(left, right, dates=dates, is_specific=True))


def _others(left: Subject, right: Subject, *, dates: DateMatch | None, is_specific: bool) -> Iterator[_Other]:
    """Yield what agrees or contradicts beside the name; a date that differs in a digit says little for a common one."""
    if dates is DateMatch.MISREAD and not is_specific:
        yield _Other("birth date", _MISREAD_OF_MANY, _NOT_SPECIFIC)
    elif dates is not None:
        yield _Other("birth date", _DATES[dates], dates.reason)
    for contact in sorted(left.contact_keys & right.contact_keys):
        yield _Other("contact", _CONTACT, "the e-mail address or telephone number is the same", contact)
    if left.places and right.places:
        slips = min(OSA.distance(place, other, score_cutoff=1) for place in left.places for other in right.places)
        yield _Other("place", *_PLACES[slips])
    for number in sorted(left.document_keys & right.document_keys):
        yield _Other("document", 1.0, _SAME_DOCUMENT, number)


def _rank(pair: FoundPair) -> tuple[int, float, str, str]:
    return tuple(Band).index(pair.band), -pair.score, pair.left_id, pair.right_id
