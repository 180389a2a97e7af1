"""Korean and Chinese names against romanised ones: the surname is known, the given name is compared as it sounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rapidfuzz.distance import OSA

from domain.screening.names.forms import NameForm
from domain.screening.names.korean import SURNAMES_BY_SPELLING, folded_given_name, native_surname
from domain.screening.names.likeness import How
from domain.screening.names.mandarin import folded
from domain.screening.names.match import NO_MATCH, Method, NameMatch, Pair
from domain.screening.names.scripts import Script

_SURNAME_AND_GIVEN: Final = 2
_MOST_PARTS: Final = 4
"""A surname and three parts of a given name."""


def compare_syllables(left: NameForm, right: NameForm) -> NameMatch:
    """Compare a name in Hangul or Han with a romanised one, whose surname may stand first or last."""
    native, roman = (right, left) if left.script is Script.LATIN else (left, right)
    parts = len(native.tokens), len(roman.words)
    if parts[0] != _SURNAME_AND_GIVEN or not _SURNAME_AND_GIVEN <= parts[1] <= _MOST_PARTS:
        return NO_MATCH
    if native.script is Script.HANGUL:
        best = _best(native, roman, surnames=_korean_surnames, sound=folded_given_name, how=How.KOREAN)
    else:
        best = _best(native, roman, surnames=_mandarin_surnames, sound=folded, how=How.MANDARIN)
    return best if native is left else best.mirrored()


def _korean_surnames(spelling: str, native: str) -> bool:
    return native_surname(native) in SURNAMES_BY_SPELLING.get(spelling, ())


def _mandarin_surnames(spelling: str, native: str) -> bool:
    return folded(spelling) == folded(native)


def _best(
    native: NameForm,
    roman: NameForm,
    *,
    surnames: Callable[[str, str], bool],
    sound: Callable[[str], str],
    how: How,
) -> NameMatch:
    """Return the better of both orders, nothing where neither end of *roman* is the surname."""
    surname, given = native.tokens
    best, words = NO_MATCH, roman.words
    for position in (0, len(words) - 1):
        if surnames(words[position].text, surname.text):
            rest = "".join(word.text for place, word in enumerate(words) if place != position)
            likeness = OSA.normalized_similarity(sound(given.text), sound(rest))
            pairs = (
                Pair(surname.text, words[position].text, 1.0, how, 1.0),
                Pair(given.text, rest, likeness, how, 2.0),
            )
            score = 0.97 * (1 + 2 * likeness) / 3
            method = Method.KOREAN if how is How.KOREAN else Method.MANDARIN
            best = max(best, NameMatch(score, method, pairs), key=lambda match: match.score)
    return best
