"""Names compared by their consonants, as an alphabet that one of them is not written in would have them.

Arabic and Hebrew write no short vowels. Cyrillic, Greek and the scripts of East Asia write a foreign name by ear, so
that its vowels are there, and say less than the consonants.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from domain.screening.names.forms import ARTICLE, NameForm, Token, TokenKind
from domain.screening.names.likeness import WORTH_PAIRING, How
from domain.screening.names.match import Method, NameMatch, Pair
from domain.screening.names.scripts import ABJADS, Script
from domain.screening.names.skeletons import LONG_VOWELS, abjad_skeleton, are_vowels_written
from domain.screening.names.sounds import Heard, all_heard, heard, persian_readings, readings

_A_QUARTER: Final = 0.25
_VOWELS_AGREE: Final = 0.75
_VOWELS_DIFFER: Final = 0.6
"""Likeness of whole words, vowels and all, from which few consonants are enough, and below which many are not."""

_CHANCE: Final = 4.5
"""Consonants: of a dozen sounds, four are shared by chance on any long list."""

_NOT_ENOUGH: Final = 0.84
_WRITTEN_OUT: Final = 0.88
_ENOUGH: Final = 0.95

Word = tuple[Heard, ...]
"""A word by each way in which it may be read, the plain one first."""


class _Likeness(NamedTuple):
    """How far two words are from each other (0–1): consonants, then vowels; whether a reading had to be chosen.

    ``long_vowels`` is how many of them Arabic script writes.
    """

    distance: float
    unlike: float
    is_chosen: bool
    left: str
    right: str
    long_vowels: int


def compare_consonants(left: NameForm, right: NameForm, *, alphabet: Script) -> NameMatch:
    """Compare two names by their consonants as *alphabet* tells them apart; every consonant left over costs half."""
    ours, theirs = _words(left, alphabet), _words(right, alphabet)
    ours, theirs = _written_together(ours, theirs), _written_together(theirs, ours)
    scored = sorted(
        (_likeness(one, other), -len(one[0].consonants) - len(other[0].consonants), i, j)
        for i, one in enumerate(ours)
        for j, other in enumerate(theirs)
    )
    free_left, free_right = dict(enumerate(ours)), dict(enumerate(theirs))
    taken: list[_Likeness] = []
    for alike, _, i, j in scored:
        if alike.distance <= 1 - WORTH_PAIRING and i in free_left and j in free_right:
            del free_left[i], free_right[j]
            taken.append(alike)
    # One word in common is a given name: what else either side has counts in full.
    share = 0.5 if len(taken) > 1 else 1.0
    alone = [
        tuple((word[0].consonants, share * len(word[0].consonants)) for word in free.values())
        for free in (free_left, free_right)
    ]
    return _weighed(taken, alone[0], alone[1], alphabet=alphabet)


def _weighed(
    taken: list[_Likeness],
    left: tuple[tuple[str, float], ...],
    right: tuple[tuple[str, float], ...],
    *,
    alphabet: Script,
) -> NameMatch:
    """Return the score of the words *taken* for one, given what was left over on either side."""
    # One consonant in three is another name.
    alike = [1 - match.distance if match.distance <= _A_QUARTER else (1 - match.distance) / 2 for match in taken]
    is_equal = all(likeness == 1 for likeness in alike) and not (left or right)
    is_written = alphabet is Script.ARABIC and is_equal and _are_vowels_known(taken)
    how = How.LONG_VOWELS if is_written else How.CONSONANTS if alphabet in ABJADS else How.HEARD
    pairs = tuple(
        Pair(one.left, one.right, likeness, how, (len(one.left) + len(one.right)) / 2)
        for one, likeness in zip(taken, alike, strict=True)
    )
    total, over = sum(pair.weight for pair in pairs), sum(weight for _, weight in (*left, *right))
    score = sum(pair.weight * pair.similarity for pair in pairs) / (total + over) if total else 0.0
    certainty = max(_certainty(taken, is_equal=is_equal), _WRITTEN_OUT if is_written else 0.0)
    if alphabet not in ABJADS and taken:
        vowels = 1 - max(match.unlike for match in taken)
        certainty = max(certainty, _ENOUGH) if vowels >= _VOWELS_AGREE else certainty
        certainty = min(certainty, _NOT_ENOUGH) if vowels < _VOWELS_DIFFER else certainty
    return NameMatch(score * certainty, Method.CONSONANTS if alphabet in ABJADS else Method.HEARD, pairs, left, right)


def _are_vowels_known(taken: list[_Likeness]) -> bool:
    """Return whether all words have the same long vowels, and these and the consonants are enough to go by."""
    known = sum(len(pair.left) - 0.5 * (pair.left[:1] in {"a", "h"}) + pair.long_vowels for pair in taken)
    return known > _CHANCE and not any(pair.unlike for pair in taken)


def _certainty(taken: list[_Likeness], *, is_equal: bool) -> float:
    """Return what consonants are worth by their number: few are shared by many names.

    A vowel at the beginning counts as half a consonant. A reading that had to be chosen says one less.
    """
    known = sum(len(pair.left) - 0.5 * (pair.left[:1] in {"a", "h"}) - pair.is_chosen for pair in taken)
    if known < _CHANCE:
        return _NOT_ENOUGH if is_equal else 0.8
    return min(1.0, 0.7 + 0.05 * known)


@lru_cache(maxsize=1 << 12)
def _likeness(one: Word, other: Word) -> _Likeness:
    """Return how alike two words are by the readings that are closest."""
    best = min(
        (
            OSA.normalized_distance(ours.consonants, theirs.consonants),
            _unlike(ours.whole, theirs.whole),
            place,
            ours.consonants,
            theirs.consonants,
        )
        for place, (ours, theirs) in enumerate((ours, theirs) for ours in one for theirs in other)
    )
    written = sum(letter in LONG_VOWELS for way in (one[0], other[0]) for letter in way.whole)
    return _Likeness(best[0], best[1], best[2] > 0, best[3], best[4], written)


def _unlike(ours: str, theirs: str) -> float:
    """Return how far two words are from each other by their vowels (0–1); of Arabic script only the long ones tell."""
    if ours.isascii() and theirs.isascii():
        return OSA.normalized_distance(ours, theirs) if ours and theirs else 0.0
    native, latin = (theirs, ours) if ours.isascii() else (ours, theirs)
    return float(not (latin and latin.isascii() and are_vowels_written(native, latin)))


def _written_together(words: list[Word], other: list[Word]) -> list[Word]:
    """Join neighbouring words that the other name writes as one."""
    sought = {way.consonants for word in other for way in word}
    joined: list[Word] = []
    for word in words:
        together = (
            _together(joined[-1], word, sought) if joined and sought.isdisjoint(w.consonants for w in word) else ()
        )
        if together:
            joined[-1] = together
        else:
            joined.append(word)
    return joined


def _together(first: Word, second: Word, sought: set[str]) -> Word:
    """Return two words as one where that is *sought*, empty otherwise."""
    both = (
        Heard(head.consonants + two.consonants.lstrip("ah"), head.whole + two.whole) for head in first for two in second
    )
    return tuple(way for way in both if way.consonants in sought)[:1]


def _words(form: NameForm, alphabet: Script) -> list[Word]:
    """Return the words of a name as *alphabet* has them; words of vowels alone say nothing."""
    known = any(token.kind is TokenKind.WORD for token in form.tokens)
    found = (
        _word(token, alphabet, has_article=before is not None and before.text == "al")
        for before, token in zip((None, *form.tokens), form.tokens, strict=False)
        if token.kind is TokenKind.WORD or not known
    )
    return [word for word in found if word]


def _word(token: Token, alphabet: Script, *, has_article: bool) -> Word:
    """Return the ways in which *alphabet* has one word; what was taken for its article may be part of it: Elham."""
    if token.script is Script.LATIN:
        ways: Word = _abjad_readings(token.text, alphabet) if alphabet in ABJADS else all_heard(token.text, alphabet)
    elif alphabet not in ABJADS:
        ways = (heard(token.text, alphabet, native=token.script is alphabet),)
    else:
        ways = (Heard(token.hebrew if alphabet is Script.HEBREW else token.arabic, token.native),)
        if has_article and token.native:
            ways += (Heard("al" + ways[0].consonants.lstrip("ah"), ARTICLE + token.native),)
    return tuple(way for way in ways if way.consonants)


_RUN_TOGETHER: Final = ("sh", "s")
"""Two letters of Arabic script that Latin spelling writes as one sound: Is-haq."""


@lru_cache(maxsize=1 << 12)
def _abjad_readings(word: str, alphabet: Script) -> Word:
    if alphabet is not Script.ARABIC:
        return tuple(dict.fromkeys(Heard(abjad_skeleton(reading, alphabet=alphabet)) for reading in readings(word)))
    spellings = dict.fromkeys((word, word.replace(*_RUN_TOGETHER)))
    ways = (way for spelling in spellings for way in (*readings(spelling), *persian_readings(spelling)))
    return tuple(dict.fromkeys(Heard(abjad_skeleton(reading, alphabet=alphabet), word) for reading in ways))
