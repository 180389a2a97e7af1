"""Korean and Chinese names, native or romanised: the surname is known, the given name is compared as it sounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from domain.screening.names.forms import NameForm
from domain.screening.names.korean import SURNAMES_BY_SPELLING, folded_given_name, native_surname
from domain.screening.names.likeness import How
from domain.screening.names.mandarin import SURNAMES, folded, foldings
from domain.screening.names.match import NO_MATCH, Method, NameMatch, Pair
from domain.screening.names.scripts import Script

_SURNAME_AND_GIVEN: Final = 2
_MOST_PARTS: Final = 4
"""A surname and three parts of a given name."""

_SURE: Final = 0.97
_METHODS: Final = {How.KOREAN: Method.KOREAN, How.MANDARIN: Method.MANDARIN}


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


class _Reading(NamedTuple):
    """A romanised name read as Korean or Mandarin: what its surname may stand for, and the sounds of the rest."""

    how: How
    surnames: frozenset[str]
    given: str
    surname_as_written: str
    given_as_written: str


_ROMANISED_SYLLABLE: Final = (
    "(?:kk|tt|pp|ss|jj|tch|ch|sh|hs|ts|tz|sz|zh|[bcdfghjklmnpqrstwxyz])?"
    "(?:y?eo|yae|you|y?oo|wae|e?ui|uei|eu|[yw]?ae|oe|[iyuw]?[ae]i|iao|ia|ie|io|iu|ua|uo|ue|ao|ou|ee|[yw]?[aeiou]h?|ih|yi)"
    "(?:ng|[kglmnpbtr](?![aeiouyw]))?"
)
_SYLLABLES: Final = re.compile(f"(?:{_ROMANISED_SYLLABLE}){{1,3}}|(?:szu|ssu|tzu)(?:{_ROMANISED_SYLLABLE})?")
_ALIKE: Final = 0.8


def compare_romanised_syllables(left: NameForm, right: NameForm) -> NameMatch:
    """Compare two names in Latin letters that may be romanised Korean or Mandarin, by whichever practice each."""
    best = NO_MATCH
    for ours in _readings(left):
        for theirs in _readings(right):
            if ours.how is theirs.how and not ours.surnames.isdisjoint(theirs.surnames):
                likeness = OSA.normalized_similarity(ours.given, theirs.given)
                score = _SURE * (1 + 2 * likeness) / 3
                if likeness >= _ALIKE and score > best.score:
                    pairs = (
                        Pair(ours.surname_as_written, theirs.surname_as_written, 1.0, ours.how, 1.0),
                        Pair(ours.given_as_written, theirs.given_as_written, likeness, ours.how, 2.0),
                    )
                    best = NameMatch(score, _METHODS[ours.how], pairs)
    return best


def may_be_syllables(form: NameForm) -> bool:
    """Return whether a name may be romanised Korean or Mandarin."""
    return form.script is Script.LATIN and bool(_readings(form))


def may_share_syllables(left: NameForm, right: NameForm) -> bool:
    """Return whether two names may be romanised Korean or Mandarin with the same surname."""
    return left.script is right.script is Script.LATIN and compare_romanised_syllables(left, right).score > 0


@lru_cache(maxsize=1 << 14)
def _readings(form: NameForm) -> tuple[_Reading, ...]:
    """Return how a name in Latin letters reads as Korean and as Mandarin, its surname first or last, if at all."""
    words = list(form.written)
    if not _SURNAME_AND_GIVEN <= len(words) <= _MOST_PARTS:
        return ()
    found: list[_Reading] = []
    for place in (0, len(words) - 1):
        surname, rest = words[place], words[:place] + words[place + 1 :]
        given = "".join(rest)
        if not all(_SYLLABLES.fullmatch(word) for word in rest):
            continue
        if surname in SURNAMES_BY_SPELLING:
            found.append(_Reading(How.KOREAN, SURNAMES_BY_SPELLING[surname], folded_given_name(given), surname, given))
        surnames = SURNAMES.intersection(foldings(surname))
        if surnames:
            found += [_Reading(How.MANDARIN, surnames, sound, surname, given) for sound in foldings(given)]
    return tuple(found)


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
            score = _SURE * (1 + 2 * likeness) / 3
            best = max(best, NameMatch(score, _METHODS[how], pairs), key=lambda match: match.score)
    return best
