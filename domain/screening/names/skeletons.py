"""Skeletons: what is left of a name when the letters that spellings disagree about are taken away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from domain.screening.names.scripts import Script

_DOUBLES: Final = re.compile(r"(.)(?=\1)")


def _folder(table: Mapping[str, str]) -> re.Pattern[str]:
    """Return a pattern that finds the keys of *table*, longest first."""
    return re.compile("|".join(sorted(map(re.escape, table), key=len, reverse=True)))


_LATIN: Final[Mapping[str, str]] = (
    dict.fromkeys(("sch", "sh", "tch", "ch", "sz", "cz"), "s")
    | dict.fromkeys(("kh", "gh", "ck", "q", "c", "x"), "k")
    | dict.fromkeys(("zh", "dj"), "j")
    | dict.fromkeys(("th", "dh"), "t")
    | {"ph": "f", "w": "v", "y": "i", "ce": "se", "ci": "si", "cy": "si"}
)
_LATIN_PATTERN: Final = _folder(_LATIN)


@lru_cache(maxsize=1 << 12)
def latin_skeleton(word: str) -> str:
    """Return the sounds of a Latin *word* that survive most spellings; never empty for a word that is not.

    >>> latin_skeleton("mohammed") == latin_skeleton("muhamad")
    True
    """
    folded = _DOUBLES.sub("", _LATIN_PATTERN.sub(lambda found: _LATIN[found[0]], word))
    folded = re.sub(r"(?<=[aeiou])j(?![aeiou])", "", folded)
    first = "a" if re.match(r"h?[aeiou]", folded) else folded[:1]
    rest = re.sub(r"[aeiouh]", "", re.sub(r"^h?[aeiou]+", "", folded) if first == "a" else folded[1:])
    return first + rest


# Arabic and Persian letters by the consonant they share with their romanisations; vowels, hamza and 'ayn carry none.
_FROM_ARABIC: Final[Mapping[str, str]] = {
    letter: sound
    for letters, sound in (
        ("بپ", "b"), ("تطةټ", "t"), ("ثس ص", "s"), ("جغگ", "g"), ("ژ", "g"), ("خكقکڪ", "k"), ("دضذډ", "d"),
        ("رڑړ", "r"), ("زظ", "z"), ("شچ", "x"), ("فڤ", "f"), ("ل", "l"), ("م", "m"), ("نڼں", "n"),
    )
    for letter in letters.replace(" ", "")
} | {"ة": ""}  # fmt: skip
_TO_ARABIC: Final[Mapping[str, str]] = (
    dict.fromkeys(("sch", "sh", "tch", "ch"), "x")
    | dict.fromkeys(("kh", "ck", "q", "k"), "k")
    | dict.fromkeys(("gh", "dj", "zh", "j", "g"), "g")
    | dict.fromkeys(("ce", "ci", "th", "s"), "s")
    | {"c": "k", "x": "ks", "ph": "f", "v": "f", "p": "b", "dh": "d", "tz": "z", "d": "d", "t": "t", "b": "b"}
)
_FROM_HEBREW: Final[Mapping[str, str]] = {
    letter: sound
    for letters, sound in (
        ("ב", "b"), ("ג", "g"), ("ד", "d"), ("זצץ", "z"), ("כךק", "k"), ("ל", "l"), ("מם", "m"), ("נן", "n"),
        ("סש", "s"), ("פף", "p"), ("ר", "r"), ("טת", "t"),
    )
    for letter in letters
}  # fmt: skip
_TO_HEBREW: Final[Mapping[str, str]] = (
    dict.fromkeys(("sch", "sh", "ce", "ci", "s"), "s")
    | dict.fromkeys(("kh", "ch", "ck", "q", "c", "k"), "k")
    | dict.fromkeys(("tz", "ts", "tch", "z"), "z")
    | dict.fromkeys(("th", "t"), "t")
    | dict.fromkeys(("ph", "p", "f"), "p")
    | dict.fromkeys(("gh", "dj", "zh", "j", "g"), "g")
    | {"x": "ks", "v": "b", "b": "b", "dh": "d", "d": "d"}
)
_ARABIC_PATTERN: Final = _folder(_TO_ARABIC)
_HEBREW_PATTERN: Final = _folder(_TO_HEBREW)
_VOWEL_FIRST: Final = frozenset("aeiouاأإآٱعءئؤאע")
_BREATH_FIRST: Final = frozenset("hحهھہהח")


@lru_cache(maxsize=1 << 12)
def abjad_skeleton(word: str, *, alphabet: Script) -> str:
    """Return the consonants of *word*, native or Latin, as the *alphabet* (Arabic or Hebrew) would write them.

    Short vowels are not written in these scripts, so that comparing romanised vowels compares noise. How the
    word begins (a vowel, a breath, a consonant) is written and is kept. Never empty.
    """
    return _beginning(word, alphabet=alphabet) + _consonants(word, alphabet=alphabet)


def _beginning(word: str, *, alphabet: Script) -> str:
    """Return the mark for how *word* begins when its first letter leaves no consonant."""
    if alphabet is Script.HEBREW and re.match("ch[aeiouy]", word):
        return "h"
    if alphabet is Script.HEBREW and word.startswith("וו"):
        return ""
    letter = word[:1]
    if letter in _VOWEL_FIRST or (alphabet is Script.HEBREW and letter in {"י", "y"}):
        return "a"
    if letter in _BREATH_FIRST:
        return "h"
    if letter in {"w", "و", "ו"}:
        return "b" if alphabet is Script.HEBREW else "w"
    return "y" if letter in {"y", "ي", "ی"} else ""


def _consonants(word: str, *, alphabet: Script) -> str:
    """Return the consonant classes of *word*, with nothing for vowels and breaths."""
    if alphabet is Script.HEBREW:
        if word.isascii():
            word = _HEBREW_PATTERN.sub(lambda found: _TO_HEBREW[found[0]], re.sub("^ch(?=[aeiouy])", "h", word))
            return re.sub(r"[^bgdzklmnsprt]", "", _DOUBLES.sub("", word))
        return "".join(_FROM_HEBREW.get(letter, "") for letter in word.replace("וו", "ב"))
    if word.isascii():
        word = _ARABIC_PATTERN.sub(lambda found: _TO_ARABIC[found[0]], word)
        return re.sub(r"[^btsgkdrzxflmn]", "", _DOUBLES.sub("", word))
    # The word for God is written with two l and romanised with what counts as one; Arabic has no letter for ch.
    return "".join(_FROM_ARABIC.get(letter, "") for letter in word.replace("لله", "له").replace("تش", "ش"))


# Letters of Arabic script that are a vowel or a glide, and the Latin ones of which one is written for them.
_VOWEL_LETTERS: Final = (("اآى", "aeo"), ("وؤ", "ouwv"), ("يیئى", "iyej"))
LONG_VOWELS: Final = frozenset("".join(letters for letters, _ in _VOWEL_LETTERS))
# Latin letters that stand for nothing shorter, and those that end a word, with what is written for them.
_NEVER_SHORT: Final = (("oo", "وؤ"), ("v", "وؤ"), ("w", "وؤ"), ("ee", "يیئى"))
_LAST_VOWELS: Final = (("iy", "يیئى"), ("ouw", "وؤ"), ("ae", "اآىهةعحء"))
_ARABIC_CONSONANT: Final = re.compile("[" + "".join(letter for letter, sound in _FROM_ARABIC.items() if sound) + "]")
_LATIN_CONSONANT: Final = re.compile(r"(sch|sh|tch|ch|kh|gh|zh|dj|th|dh|ph|ck|tz|[bcdfgjklmnpqrstxz])\1*")


@lru_cache(maxsize=1 << 12)
def are_vowels_written(native: str, latin: str) -> bool:
    """Return whether a word in Arabic script has the long vowels, and no others, of a Latin word of its consonants.

    >>> are_vowels_written("حسینی", "hosseini"), are_vowels_written("حسینی", "hassan")
    (True, False)
    """
    ours = _ARABIC_CONSONANT.split(native.replace("الله", "له"))
    theirs = _LATIN_CONSONANT.sub("-", latin).replace("h", "").split("-")
    return (
        len(ours) == len(theirs)
        and all(
            _fit(one, other, is_first=not place) for place, (one, other) in enumerate(zip(ours, theirs, strict=True))
        )
        and all(not theirs[-1].endswith(tuple(vowels)) or _any(letters, ours[-1]) for vowels, letters in _LAST_VOWELS)
    )


def _fit(native: str, latin: str, *, is_first: bool) -> bool:
    """Return whether the same vowels stand between two consonants; on an alif before the first any may stand."""
    asked = _VOWEL_LETTERS[1:] if is_first and latin else _VOWEL_LETTERS
    return all(_any(written, latin) for letters, written in asked if _any(letters, native)) and all(
        _any(letters, native) for spelling, letters in _NEVER_SHORT if spelling in latin
    )


def _any(letters: str, text: str) -> bool:
    return any(letter in text for letter in letters)
