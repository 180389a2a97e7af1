"""Whether two names can resemble each other at all: a bound that is quick to compute and never too low.

Most candidates share one part of a name and nothing else. Telling so takes the distances between all their words and
those of the person, computed at once; the comparison itself is left for the others, whose score it alone decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from domain.screening.names.forms import (
    NameForm,
    Token,
    TokenKind,
    runs_of_particles,
    sought_signs,
    stored_signs,
    tells_one_name,
)
from domain.screening.names.nicknames import are_nicknames, nicknames_of
from domain.screening.names.romanisations import are_romanisations
from domain.screening.names.scripts import ABJADS, SYLLABIC
from domain.screening.names.sounds import HEARD
from domain.screening.names.syllables import may_be_syllables, may_share_syllables

Likeness = NDArray[np.float64]
"""How alike words are at most: a row for each word of the person, a column for each of all candidates' words."""

_BY_OTHER_MEANS: Final = ABJADS | SYLLABIC | HEARD

MOST_BOUNDED: Final = 0.95
"""The highest score up to which the bound holds."""

_ROUNDING: Final = 1e-9
_SLIPS: Final = 2
"""Edits up to which names written without spaces are compared as wholes."""

_HALF: Final = 0.5
_PAIRED: Final = 0.55
"""Words less alike than this count half, which is too little to be taken for one."""

_NICKNAME: Final = 0.7
_SHORT: Final = 4
"""Letters up to which one edit makes another name, which is worth as much as a nickname."""

_ONE_EDIT: Final = 0.79
_RAISED: Final = 0.88
"""What one edit among five letters and more may be raised to: less alike than ``_ONE_EDIT`` there were two."""


def within_reach(
    person: Sequence[NameForm], others: Sequence[Sequence[NameForm]], *, least: float | Likeness
) -> list[list[NameForm]]:
    """Return for each of *others*, given by all names, those that may score *least* with a name of *person*.

    Only names that are compared by their words can be ruled out; *least*, one for all or one each, is at most
    ``MOST_BOUNDED``.
    """
    forms = [form for names in others for form in names]
    is_one = isinstance(least, float)
    needed = np.full(len(forms), least) if is_one else np.repeat(np.asarray(least), [*map(len, others)])
    reached = [False] * len(forms)
    for form in person:
        reached = [known or not _is_by_words(form, other) for known, other in zip(reached, forms, strict=True)]
        unsure = [place for place, known in enumerate(reached) if not known]
        for place, may in zip(unsure, _reaches(form, [forms[place] for place in unsure], needed[unsure]), strict=True):
            reached[place] = may
    answers = iter(reached)
    return [[form for form in names if next(answers)] for names in others]


def _is_by_words(one: NameForm, other: NameForm) -> bool:
    """Return whether two names are compared by their words alone."""
    if one.script is other.script:
        return one.script not in SYLLABIC
    return _BY_OTHER_MEANS.isdisjoint((one.script, other.script))


def _reaches(one: NameForm, others: Sequence[NameForm], least: Likeness) -> list[bool]:
    """Return for each of *others* whether *one* may reach it."""
    if not others:
        return []
    words = [token for other in others for token in other.tokens]
    starts = np.cumsum([0] + [len(other.tokens) for other in others[:-1]])
    # Candidates share words: each is compared once.
    numbers = {word: number for number, word in enumerate(dict.fromkeys(words))}
    alike = _likeness(one.tokens, list(numbers))[:, [numbers[word] for word in words]]
    bounds = _bounds(one.tokens, words, alike, starts)
    slips = cdist([one.joined], [other.joined for other in others], scorer=OSA.distance, score_cutoff=_SLIPS)[0]
    likely = (bounds >= least - _ROUNDING) | (slips <= _SLIPS)
    unlikely = [other for other, may in zip(others, likely.tolist(), strict=True) if not may]
    may_join = _Runs(one).joining(unlikely)
    is_syllabic = may_be_syllables(one)
    return [
        may or other in may_join or (is_syllabic and may_share_syllables(one, other))
        for may, other in zip(likely.tolist(), others, strict=True)
    ]


class _Runs:
    """The words of a name and its neighbouring words written together: what another name may write as one or as two."""

    def __init__(self, form: NameForm) -> None:
        self._words = {token.text for token in form.tokens}
        self._neighbours = _neighbours(form.tokens)
        self._letters = form.letters
        self._sought = [text for text in self._words | self._neighbours if len(text) > 1]

    def joining(self, others: Sequence[NameForm]) -> set[NameForm]:
        """Return those of *others* of which a word is two neighbours of this name written together, or the reverse."""
        wholes = [
            other.joined if other.letters is other.joined else f"{other.joined}|{other.letters}" for other in others
        ]
        together = "|".join(wholes)
        held = [text for text in self._sought if text in together]
        # Titles are words, and left out of what is joined.
        return {
            other
            for other, whole in zip(others, wholes, strict=True)
            if (len(other.bag) != len(other.tokens) or (held and any(text in whole for text in held)))
            and self._joins(other)
        }

    def _joins(self, other: NameForm) -> bool:
        words = {token.text for token in other.tokens}
        if other.letters == self._letters:
            return True
        return not (words.isdisjoint(self._neighbours) and _neighbours(other.tokens).isdisjoint(self._words))


def _neighbours(tokens: Sequence[Token]) -> set[str]:
    pairs = {tokens[place].text + tokens[place + 1].text for place in range(len(tokens) - 1)}
    return pairs.union(runs_of_particles(tokens))


def _bounds(ours: Sequence[Token], words: Sequence[Token], alike: Likeness, starts: NDArray[np.int64]) -> Likeness:
    """Return for each candidate, whose words begin at *starts*, a score that pairing its words cannot exceed.

    Every word counts with the likeness to what it resembles most, though two of them may mean the same one. What
    resembles nothing on the other side is left over for certain, and the penalty for that is the least there is.
    """
    left, right = np.array([our.weight for our in ours]), np.array([word.weight for word in words])
    best = np.maximum.reduceat(alike, starts, axis=1)
    most = alike.max(axis=0)
    agreed = left @ best + np.add.reduceat(right * most, starts)
    over, under = left @ (best == 0), np.add.reduceat(right * (most == 0), starts)
    paired = left.sum() - over + np.add.reduceat(right, starts) - under
    # Each side weighs half in a pair.
    penalty = 2.4 * np.minimum(over, under) + 0.44 * np.abs(over - under)
    bounds: Likeness = agreed / np.maximum(paired + penalty, 1e-9)
    return bounds


def _likeness(ours: Sequence[Token], words: Sequence[Token]) -> Likeness:
    """Return how alike each of *ours* and each of *words* can be at most."""
    alike = cdist(
        [our.text for our in ours],
        [word.text for word in words],
        scorer=OSA.normalized_similarity,
        score_cutoff=_HALF,
        dtype=np.float64,
    )
    short = np.array([len(our.text) <= _SHORT for our in ours])[:, None] & np.array(
        [len(word.text) <= _SHORT for word in words]
    )
    alike = np.where(short & (alike > 0), np.maximum(alike, _NICKNAME), np.where(alike < _PAIRED, 0.0, alike))
    alike = np.where(alike >= _ONE_EDIT, np.maximum(alike, _RAISED), alike)
    special = {name for our in ours for name in nicknames_of(our.text)}
    sounds = {our.skeleton for our in ours}
    signs = frozenset[int]().union(*map(sought_signs, ours))
    for column, word in enumerate(words):
        if word.kind is not TokenKind.WORD or word.text in special:
            alike[:, column] = [most_alike(our, word) for our in ours]
        elif word.skeleton in sounds or not signs.isdisjoint(stored_signs(word)):
            for row, our in enumerate(ours):
                if our.skeleton == word.skeleton or _may_be_one(our, word):
                    alike[row, column] = 1.0
    for row, token in enumerate(ours):
        if token.kind is not TokenKind.WORD:
            alike[row] = [most_alike(token, word) for word in words]
    return alike


def most_alike(one: Token, other: Token) -> float:
    """Return the most that two parts can be alike, 0 where that is too little to be taken for one."""
    if one.text == other.text or one.skeleton == other.skeleton or _may_be_one(one, other):
        return 1.0
    if TokenKind.TITLE in {one.kind, other.kind} and TokenKind.PARTICLE not in {one.kind, other.kind}:
        return OSA.normalized_similarity(one.text, other.text, score_cutoff=_HALF)
    if one.kind is not TokenKind.WORD or other.kind is not TokenKind.WORD:
        return 1.0 if one.text[0] == other.text[0] else 0.0
    alike = _spelling(one, other)
    return _NICKNAME if alike < _NICKNAME and are_nicknames(one.text, other.text) else alike


def _may_be_one(one: Token, other: Token) -> bool:
    """Return whether two words may be taken for one by more than their spelling."""
    shared = sought_signs(one).intersection(stored_signs(other))
    return bool(shared) and (any(map(tells_one_name, shared)) or are_romanisations(one.text, other.text))


def _spelling(one: Token, other: Token) -> float:
    """Return the most that the spelling of two words can be worth."""
    alike = OSA.normalized_similarity(one.text, other.text, score_cutoff=_HALF)
    if max(len(one.text), len(other.text)) <= _SHORT:
        return max(alike, _NICKNAME) if alike else 0.0
    if alike < _PAIRED:
        return 0.0
    return max(alike, _RAISED) if alike >= _ONE_EDIT else alike
