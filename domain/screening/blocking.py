"""Who among many people is compared with whom: those who share a key that not too many share."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, combinations, product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.screening.keys import korean_readings, mandarin_readings
from domain.screening.names.forms import NameForm, runs_of_particles
from domain.screening.names.romanisations import coarse_outlines
from domain.screening.names.scripts import ABJADS, Script
from domain.screening.names.variants import variant_of
from domain.screening.subject import Subject
from domain.values import Frozen

LARGEST_BLOCK: Final = 100
"""People who may share one blocking key; in a larger block nobody is compared because of it, and it is reported."""

_EXAMPLES: Final = 3
MOST_WORDS: Final = 10
"""Words of a name that make keys with each other: no name has more, but a cell may hold anything."""

BlockKey = tuple[str, ...]
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Places of people, the lower one first."""


class CrowdedBlock(Frozen):
    """People who share a key with too many others for it to tell anything; they were compared by other keys only."""

    kind: str
    size: int
    example_ids: tuple[str, ...]


def blocked_pairs(people: Sequence[Subject], *, largest: int) -> tuple[Pairs, tuple[CrowdedBlock, ...]]:
    """Return the places of those to be compared, each pair once, and the keys that too many share."""
    keys, places, kinds = _keys_of(people)
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.append(True, keys[order][1:] != keys[order][:-1])) if len(keys) else order
    sizes = np.diff(np.append(starts, len(order)))
    packed = [np.zeros(0, dtype=np.int64)]
    is_loose = np.frombuffer(kinds, dtype=np.uint8)[order[starts]] >= _NUMBERS[_SPELT]
    is_undated = np.array([not person.births for person in people], dtype=bool)
    for size in np.unique(sizes[(sizes > 1) & (sizes <= largest)]).tolist():
        left, right = np.triu_indices(size, 1)
        for loose in (False, True):
            alike = starts[(sizes == size) & (is_loose == loose)]
            together = places[order[alike[:, None] + np.arange(size)]]
            pairs = np.unique(together[:, left] * len(people) + together[:, right])
            wanted = is_undated[pairs // len(people)] | is_undated[pairs % len(people)]
            packed.append(pairs[wanted] if loose else pairs)
    found = np.unique(np.concatenate(packed))
    crowded: list[CrowdedBlock] = []
    for start, size in zip(starts[sizes > largest].tolist(), sizes[sizes > largest].tolist(), strict=True):
        examples: list[int] = places[order[start : start + _EXAMPLES]].tolist()
        ids = tuple(people[place].subject_id for place in examples)
        crowded.append(CrowdedBlock(kind=_KINDS[kinds[order[start]]], size=size, example_ids=ids))
    crowded.sort(key=lambda block: (block.kind, -block.size, block.example_ids))
    return (found // max(1, len(people)), found % max(1, len(people))), tuple(crowded)


def _keys_of(people: Sequence[Subject]) -> tuple[NDArray[np.int64], NDArray[np.int64], array[int]]:
    """Return all keys as numbers, beside each the place of who has it and its kind.

    Texts of a million keys take ten times the memory. Two keys of one number only make a pair more to be compared.
    """
    alphabets = {form.script for person in people for form in person.forms} & {*ABJADS, Script.HANGUL}
    some_undated = any(not person.births for person in people)
    keys, places, kinds = array("q"), array("q"), array("B")
    for place, person in enumerate(people):
        spelt = _spelling_blocks(person) if some_undated else ()
        own = {hash(key): key[0] for key in chain(spelt, blocking_keys(person, alphabets))}
        keys.extend(own)
        places.extend([place] * len(own))
        kinds.extend([_NUMBERS[kind] for kind in own.values()])
    return np.frombuffer(keys, dtype=np.int64), np.frombuffer(places, dtype=np.int64), kinds


_SPELT: Final = "two parts of the name as others spell them"
"""The first kind of those by which only people without a date of birth are compared: dates bring others together."""

_KINDS: Final = (
    "document number", "contact", "birth date", "name", "sounds of the name", "two parts of the name",
    "part of the name and year of birth", "part of the name and day of birth", "part of the name and place",
    "consonants in Arabic", "consonants in Hebrew", "Korean name",
    _SPELT, "Korean or Chinese name as others spell it",
)  # fmt: skip
_NUMBERS: Final = {kind: number for number, kind in enumerate(_KINDS)}


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
    if form.letters != form.joined:
        yield "name", form.letters
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


def _spelling_blocks(person: Subject) -> Iterator[BlockKey]:
    """Return keys that two romanisations of a name share; many share them who have other names."""
    for form in person.forms:
        words = [variant_of(word.text) or word.text for word in form.words[:MOST_WORDS]]
        outlines = [sorted(coarse_outlines(word)) for word in (*words, *runs_of_particles(form.tokens))]
        for ours, others in combinations(outlines, 2):
            yield from ((_SPELT, *sorted(pair)) for pair in product(ours, others))
        for text in chain(korean_readings(form), mandarin_readings(form)):
            yield "Korean or Chinese name as others spell it", text


def _script_blocks(form: NameForm, alphabets: set[Script]) -> Iterator[BlockKey]:
    """Return keys that a name shares across scripts, for the *alphabets* that occur among the people."""
    for alphabet in sorted(alphabets & ABJADS):
        words = form.words[:MOST_WORDS]
        consonants = sorted(word.hebrew if alphabet is Script.HEBREW else word.arabic for word in words)
        yield from ((f"consonants in {alphabet}", *pair) for pair in combinations(consonants, 2))
    if Script.HANGUL in alphabets:
        yield from (("Korean name", text) for text in korean_readings(form))
