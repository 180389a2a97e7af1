"""The same person twice among applicants: pairs with evidence, for officers to judge; nothing is ever merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

from pydantic import Field
from rapidfuzz.distance import OSA

from domain.screening.birth import DateMatch, closest_match
from domain.screening.evidence import date_evidence, name_evidence, total, within_bounds
from domain.screening.names.forms import NameForm
from domain.screening.names.keys import korean_readings
from domain.screening.names.match import NameMatch
from domain.screening.names.scripts import ABJADS, Script
from domain.screening.score import best_name_match, is_same_name
from domain.screening.screening_hit import ALGORITHM_VERSION, Band, Evidence
from domain.screening.subject import Subject
from domain.values import Frozen

LARGEST_BLOCK: Final = 100
"""People who may share one blocking key; in a larger block nobody is compared because of it, and it is reported."""

MOST_WORDS: Final = 10
"""Words of a name that make keys with each other: no name has more, but a cell may hold anything."""

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
_CONTACT: Final = 0.20
_PLACES: Final = {
    0: (0.12, "the postal code is the same"),
    1: (0.06, "the postal codes differ by one slip"),
    2: (-0.06, "the postal codes differ"),
}


class DuplicatePair(Frozen):
    """Two applications that may be one person; ``band`` is exact for a shared document or equal name and birth date."""

    left_id: str
    right_id: str
    score: float
    band: Band
    evidence: tuple[Evidence, ...]
    algorithm_version: str = ALGORITHM_VERSION


class CrowdedBlock(Frozen):
    """People who share a key with too many others for it to tell anything; they were compared by other keys only."""

    kind: str
    size: int
    example_ids: tuple[str, ...]


class DuplicateReport(Frozen):
    """Every pair worth an officer's look, strongest first, and what was left aside."""

    pairs: tuple[DuplicatePair, ...] = Field(repr=False)
    crowded: tuple[CrowdedBlock, ...]
    compared: int


def find_duplicates(
    people: Sequence[Subject], *, fresh: frozenset[str] | None = None, largest_block: int = LARGEST_BLOCK
) -> DuplicateReport:
    """Return the pairs among *people* that may be one person, whoever nominated them.

    With *fresh* only pairs with one of these ids are compared: those who came in since the last time. The order of
    *people* changes nothing. People are compared if they share a blocking key: a document, a contact, a date of
    birth, parts of a name together with each other, the year of birth or the place.
    """
    known = {person.subject_id: person for person in sorted(people, key=lambda person: person.subject_id)}
    blocks = _blocks(known.values())
    crowded = tuple(
        CrowdedBlock(kind=key[0], size=len(ids), example_ids=tuple(ids[:3]))
        for key, ids in sorted(blocks.items())
        if len(ids) > largest_block
    )
    candidates = {
        pair
        for ids in blocks.values()
        if 1 < len(ids) <= largest_block
        for pair in combinations(ids, 2)
        if fresh is None or not fresh.isdisjoint(pair)
    }
    pairs = (compare_people(known[left], known[right]) for left, right in candidates)
    found = sorted((pair for pair in pairs if pair.band is not Band.NONE), key=_rank)
    return DuplicateReport(pairs=tuple(found), crowded=crowded, compared=len(candidates))


def compare_people(left: Subject, right: Subject) -> DuplicatePair:
    """Return how two applications compare, whether or not they resemble each other."""
    match, ours, theirs = best_name_match(left, right)
    dates = closest_match(left.births, right.births)
    others = tuple(applicant_evidence(left, right, dates=dates))
    evidence = tuple(within_bounds((*name_evidence(match, names=(ours, theirs)), *others)))
    score = total(evidence)
    return DuplicatePair(
        left_id=left.subject_id,
        right_id=right.subject_id,
        score=score,
        band=_band(match, score=score, others=others),
        evidence=evidence,
    )


def _band(match: NameMatch, *, score: float, others: tuple[Evidence, ...]) -> Band:
    """Return the band; names alone are not strong where something contradicts and nothing else agrees."""
    reasons = {other.reason for other in others}
    if _SAME_DOCUMENT in reasons or (is_same_name(match) and DateMatch.SAME_DAY.reason in reasons):
        return Band.EXACT
    agrees, contradicts = (any(sign * other.contribution > 0 for other in others) for sign in (1, -1))
    if score >= _STRONG and (agrees or not contradicts):
        return Band.STRONG
    return Band.WEAK if score >= _WEAK else Band.NONE


def applicant_evidence(left: Subject, right: Subject, *, dates: DateMatch | None) -> Iterator[Evidence]:
    """Return the evidence beside the name; another passport is no evidence, people renew them."""
    if dates is not None:
        yield date_evidence(left, right, dates=dates, contribution=_DATES[dates])
    for contact in sorted({one.casefold() for one in left.contacts} & {one.casefold() for one in right.contacts}):
        reason = "the e-mail address or telephone number is the same"
        yield Evidence(feature="contact", left=contact, right=contact, contribution=_CONTACT, reason=reason)
    if left.places and right.places:
        slips = min(OSA.distance(place, other, score_cutoff=1) for place in left.places for other in right.places)
        added, reason = _PLACES[slips]
        ours, theirs = ", ".join(left.places), ", ".join(right.places)
        yield Evidence(feature="place", left=ours, right=theirs, contribution=added, reason=reason)
    for number in sorted(left.document_keys & right.document_keys):
        yield Evidence(feature="document", left=number, right=number, contribution=1.0, reason=_SAME_DOCUMENT)


BlockKey = tuple[str, ...]


def _blocks(people: Iterable[Subject]) -> dict[BlockKey, list[str]]:
    """Return the ids of people under each blocking key, both in a settled order."""
    everybody = list(people)
    alphabets = {form.script for person in everybody for form in person.forms} & {*ABJADS, Script.HANGUL}
    blocks: defaultdict[BlockKey, list[str]] = defaultdict(list)
    for person in everybody:
        for key in sorted(set(blocking_keys(person, alphabets))):
            blocks[key].append(person.subject_id)
    return blocks


def blocking_keys(person: Subject, alphabets: set[Script]) -> Iterator[BlockKey]:
    """Return the keys under which *person* is compared; *alphabets* are those that others' names may be written in."""
    for number in person.document_keys:
        yield "document number", number
    for contact in person.contacts:
        yield "contact", contact.casefold()
    for born in person.births:
        if born.is_whole:
            yield "birth date", str(born)
    for form in person.forms:
        yield from _name_blocks(form, person)
        if alphabets:
            yield from _script_blocks(form, alphabets)


def _name_blocks(form: NameForm, person: Subject) -> Iterator[BlockKey]:
    """Return keys of a name's sounds with each other, the date of birth and the place."""
    yield "name", form.joined
    yield "sounds of the name", "".join(sorted("".join(word.skeleton for word in form.words)))
    sounds = sorted(word.skeleton for word in form.words[:MOST_WORDS])
    yield from (("two parts of the name", *pair) for pair in combinations(sounds, 2))
    for sound in sounds:
        yield from (("part of the name and year of birth", str(born.year), sound) for born in person.births)
        yield from (
            ("part of the name and day of birth", f"{born.month}-{born.day}", sound)
            for born in person.births
            if born.is_whole
        )
        yield from (("part of the name and place", place, sound) for place in person.places)


def _script_blocks(form: NameForm, alphabets: set[Script]) -> Iterator[BlockKey]:
    """Return keys that a name shares across scripts, for the *alphabets* that occur among the people."""
    for alphabet in sorted(alphabets & ABJADS):
        words = form.words[:MOST_WORDS]
        consonants = sorted(word.hebrew if alphabet is Script.HEBREW else word.arabic for word in words)
        yield from ((f"consonants in {alphabet}", *pair) for pair in combinations(consonants, 2))
    if Script.HANGUL in alphabets:
        yield from (("Korean name", text) for text in korean_readings(form))


def _rank(pair: DuplicatePair) -> tuple[int, float, str, str]:
    return tuple(Band).index(pair.band), -pair.score, pair.left_id, pair.right_id
