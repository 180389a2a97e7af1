"""How alike two parts of names are."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from domain.screening.names.forms import Token, TokenKind, particle_of
from domain.screening.names.nicknames import are_nicknames
from domain.screening.names.romanisations import are_romanisations, differ_in_length
from domain.screening.names.scripts import ABJADS, SYLLABIC, Script
from domain.screening.names.variants import are_variants

WORTH_PAIRING: Final = 0.4
"""The least likeness at which two parts are taken for one."""

_HALF_BELOW: Final = 0.55
_NICKNAME: Final = 0.7
_HALF_OF_THE_LETTERS: Final = 0.5
_ROMANISED: Final = 0.96
_VARIANT: Final = 0.88
_SPELT_ALIKE: Final = 0.8


class How(StrEnum):
    """In what way two parts of names agree."""

    EQUAL = "equal"
    JOINED = "joined"
    SOUND = "sound"
    SPELLING = "spelling"
    INITIAL = "initial"
    NICKNAME = "nickname"
    ROMANISED = "romanised"
    VARIANT = "variant"
    SHORT = "short"
    CONSONANTS = "consonants"
    LONG_VOWELS = "long vowels"
    HEARD = "heard"
    KOREAN = "korean"
    MANDARIN = "mandarin"
    CHARACTERS = "characters"


@lru_cache(maxsize=1 << 14)
def token_similarity(left: Token, right: Token) -> tuple[float, How]:
    """Return how alike two tokens are, 0–1, and in what way."""
    if left.text == right.text:
        return 1.0, How.EQUAL
    if TokenKind.INITIAL in {left.kind, right.kind}:
        plain = TokenKind.PARTICLE not in {left.kind, right.kind} and TokenKind.TITLE not in {left.kind, right.kind}
        return (0.85 if plain and left.text[0] == right.text[0] else 0.0), How.INITIAL
    if (particle := particle_of(left.text, left.kind)) and particle == particle_of(right.text, right.kind):
        return _ROMANISED, How.SHORT
    if TokenKind.PARTICLE in {left.kind, right.kind} or left.kind is right.kind is TokenKind.TITLE:
        return 0.0, How.SPELLING
    similarity, how = _word_similarity(left, right)
    if TokenKind.TITLE in {left.kind, right.kind}:
        return (similarity, how) if similarity >= _SPELT_ALIKE else (0.0, How.SPELLING)
    return similarity, how


def _word_similarity(left: Token, right: Token) -> tuple[float, How]:
    """Compare two words by edit distance, raised where they sound alike or one is a nickname."""
    if one_name := _as_one_name(left, right):
        return one_name
    similarity = OSA.normalized_similarity(left.text, right.text)
    if similarity < WORTH_PAIRING and left.skeleton != right.skeleton:
        return (_NICKNAME, How.NICKNAME) if are_nicknames(left.text, right.text) else (0.0, How.SPELLING)
    edits = OSA.distance(left.text, right.text)
    if edits == 1 and _is_another_name(left.text, right.text):
        return 0.7, How.SPELLING
    if _sounds_are_written(left.script, right.script):
        similarity, how = _raised(left, right, edits=edits, similarity=similarity)
        if how is not How.SPELLING:
            return similarity, how
    return (similarity if similarity >= _HALF_BELOW else similarity / 2), How.SPELLING


def _as_one_name(left: Token, right: Token) -> tuple[float, How] | None:
    """Return how good it is that two words are one name by a known practice of writing it, None where they are not."""
    if _sounds_are_written(left.script, right.script):
        if are_romanisations(left.text, right.text):
            return _ROMANISED, How.ROMANISED
        if differ_in_length(left.text, right.text):
            return _ROMANISED, How.SHORT
    return (_VARIANT, How.VARIANT) if are_variants(left.text, right.text) else None


def _is_another_name(left: str, right: str) -> bool:
    """Return whether one letter makes two names rather than a slip: Mario and Maria, Joe and Jose, Luis and Lais.

    Such a likeness takes the date of birth to be worth a look.
    """
    if left[:-1] == right[:-1] and {left[-1], right[-1]} == {"a", "o"}:
        return True
    return max(len(left), len(right)) <= 4  # noqa: PLR2004 -- letters


def _sounds_are_written(left: Script, right: Script) -> bool:
    """Return whether equal consonants with other vowels mean the same sound.

    Not for syllables, and not between two words of one abjad: what differs there is not a short vowel.
    """
    return left not in SYLLABIC and right not in SYLLABIC and not (left is right and left in ABJADS)


def _raised(left: Token, right: Token, *, edits: int, similarity: float) -> tuple[float, How]:
    """Return the likeness of two alphabetic words, raised where sound, a single slip or a nickname explains it."""
    shorter = min(len(left.text), len(right.text))
    if left.skeleton == right.skeleton:
        raised = _sound_alike(left, right, edits=edits, similarity=similarity)
        if raised >= similarity:
            return raised, How.SOUND
    if edits == 1 and shorter >= 5 and left.text[0] == right.text[0]:  # noqa: PLR2004 -- letters
        similarity = max(similarity, 0.88 if shorter > 5 else 0.84)  # noqa: PLR2004 -- letters
    if similarity < _NICKNAME and are_nicknames(left.text, right.text):
        return _NICKNAME, How.NICKNAME
    return similarity, How.SPELLING


def _sound_alike(left: Token, right: Token, *, edits: int, similarity: float) -> float:
    """Return what an equal skeleton is worth.

    Two consonants are too few to name a sound (Mona is not Mina), and within one script half the letters too many
    to differ in; between scripts vowels follow the ear.
    """
    if len(left.skeleton) - left.skeleton.startswith("a") < 3:  # noqa: PLR2004 -- consonants
        return 0.92 if edits == 1 and min(len(left.text), len(right.text)) >= 5 else 0.0  # noqa: PLR2004 -- letters
    if similarity >= 0.6 or (left.script is Script.LATIN) is not (right.script is Script.LATIN):  # noqa: PLR2004 -- three letters in five
        return 0.92
    return 0.82 if similarity >= _HALF_OF_THE_LETTERS else 0.0
