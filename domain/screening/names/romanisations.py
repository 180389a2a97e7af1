"""Romanisations: the spellings that one name gets when it is written in Latin letters by several practices.

Two words are romanisations of one name if some way of reading the one gives the same sounds, vowels too, as some way of
reading the other. The practices are the usual ones: for Cyrillic those of passports (ICAO Doc 9303), maps (BGN/PCGN),
scholars (ISO 9 without its marks), France and Germany; for Arabic and Persian script the English and the French one,
with the vowels that are not written, and Persian and Indian readings of single letters. Korean and Mandarin have
modules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

_SHORTEST: Final = 4
"""Letters of a word, and sounds of an Arabic one, below which two names are too easily the same."""

_FEWEST: Final = 3
"""The same for sounds of a word of four letters and more where all vowels are written: Yeva, Ieva."""

_DOUBLES: Final = re.compile(r"(.)\1+")
Rules = tuple[tuple[re.Pattern[str], str], ...]


def _rules(text: str) -> Rules:
    """Return the rules of *text*: pattern=sound, parted by spaces; a sound may be empty."""
    pairs = (part.rsplit("=", 1) for part in text.split())
    return tuple((re.compile(pattern), sound) for pattern, sound in pairs)


# ---------------------------------------------------------------- Cyrillic
# Sounds: c for ts and ch, s for s and sh, z for z and zh, h for h and kh: spellings without their marks tell no more.
_ENGLISH: Final = (
    "shch|stch|sht=sc sch=s tsch|tch|tsh|ts|tz|cz|ch=c sh|sz=s dzh=dz zh=z kh=h gh=g x=ks ph=f th=t w=v ck|q=k "
)
_ENGLISH: Final = (
    "shch|stch|sht=sc sch=s tsch|tch|tsh|ts|tz|cz|ch=c sh|sz=s dzh=dz zh=z kh=H gh=g x=ks ph=f th=t w=v ck|q=k dj|gj=d"
)
_SLAVIC_ENGLISH: Final = _rules(_ENGLISH)
_SLAVIC_UKRAINIAN: Final = _rules(f"{_ENGLISH} h=g")
_SLAVIC_FRENCH: Final = _rules(
    "chtch=sc tch=c ch=s dj=z j=z kh=h ou=u gu(?=[eiy])=g ss=s tz|ts=c x=ks ph=f w=v qu=k iou=ju"
)
_SLAVIC_GERMAN: Final = _rules(
    "schtsch=sc tsch=c tz|ts=c sch=s ch=h z=c (?<=[aeiouy])s(?=[aeiouy])=z ss=s x=ks ph=f w=v"
)
_SLAVIC_GERMAN_SOFT: Final = _rules(
    "^s(?=[aeiouy])=Z (?<=[nrlmjd])s(?=[aeioujmn])=Z (?<=[aeiouy])s(?=[aeiouymnljvwd])=Z"
) + (_SLAVIC_GERMAN[:-1] + _rules("w=v Z=z"))
_SLAVIC_SCH: Final = _rules("sch=z") + _SLAVIC_GERMAN
_GLIDES: Final = _rules("(?<=[ln])[jy](?=i)= [iyj]+(?=[aou])=J [iyj]+e=e (?<=[aeou])[iyj]+(?![aeiou])=i [iyj]+=i")


def _slavic(word: str, rules: Rules) -> str:
    for pattern, sound in (*rules, *_GLIDES):
        word = pattern.sub(sound, word)
    return _DOUBLES.sub(r"\1", word).lower()


# ------------------------------------------------- Arabic, Persian, Urdu
_VOWELS: Final = (
    "(?<=[a-df-z])eh$=a (?<=[a-z])ah$=a ow(?![aeiou])=W ouou=vu"
    " ou(?=[aeiou])=v w=v oo|ou=u o=u ee|ie=i [ae]+[yi]+i?=Y"
    " [ae]v(?![aeiou])|[ae]u=W (?<=[aeiou])y(?=[aeiou])=j iy+(?=[aou])|y(?=[aou])|i(?=[aou])=j y=i aa=a ii+=i uu=u"
)
_ARABIC: Final[Mapping[str, Rules]] = {
    name: _rules(own + " kh=x gh=G sch|sh|ch=S dj|dzh|dsch|zh=j ph=f ck|c=k p=b " + last + " " + _VOWELS)
    for name, own, last in (
        ("plain", "", "th=t dh=d q=k G=g"),
        ("spoken", "", "th=s dh=z q=g G=g"),
        ("of India", "ch=c", "th=s dh=z q=k G=g"),
    )
}
_ARTICLE: Final = re.compile(r"^(?:[ae]l(?=....)|[ae]([tdrzsn])(?=\1..)|[ae]sh?(?=sh..)|[ae]c(?=ch..))")


def _arabic(word: str, rules: Rules, vowel: str) -> str:
    """Return *word* as it sounds; an e within it is read as *vowel*."""
    for pattern, sound in rules:
        word = pattern.sub(sound, word)
    word = ("i" if word[:1] == "e" else word[:1]) + word[1:].replace("e", vowel)
    return _DOUBLES.sub(r"\1", word)


@lru_cache(maxsize=1 << 16)
def romanisations(word: str) -> frozenset[str]:
    """Return the ways in which a *word* in Latin letters may sound, each with a mark of the script it is read for.

    >>> bool(romanisations("iurii") & romanisations("jurij")), bool(romanisations("yousuf") & romanisations("youssef"))
    (True, True)
    """
    if len(word) < _SHORTEST:
        return frozenset()
    found = {
        "s" + _slavic(word, rules)
        for rules in (
            _SLAVIC_ENGLISH,
            _SLAVIC_UKRAINIAN,
            _SLAVIC_FRENCH,
            _SLAVIC_GERMAN,
            _SLAVIC_GERMAN_SOFT,
            _SLAVIC_SCH,
        )
    }
    bare = _ARTICLE.sub("", word)
    for read in {word, bare}:
        found |= {"a" + _arabic(read, rules, vowel) for rules in _ARABIC.values() for vowel in "aiu"}
    return frozenset(form for form in found if len(form) > (_FEWEST if form[0] == "s" else _SHORTEST))


def are_romanisations(one: str, other: str) -> bool:
    """Return whether two words may be one name, romanised by two practices."""
    return not romanisations(one).isdisjoint(romanisations(other))


_LENGTHENING: Final = _rules("oo|ou=u ee|ie=i (?<=.)y$=i (?<=[aeiou])h(?![aeiouy])= (.)(?=\\1)=")
_SHORTEST_LENGTHENED: Final = 2


def differ_in_length(one: str, other: str) -> bool:
    """Return whether two short words differ in nothing but the length of a letter: doubled, with an h, or as oo or ee.

    >>> differ_in_length("das", "dass"), differ_in_length("an", "ahn"), differ_in_length("ana", "anna")
    (True, True, True)
    """
    short = lengths_off(one)
    return len(short) >= _SHORTEST_LENGTHENED and short == lengths_off(other)


@lru_cache(maxsize=1 << 16)
def lengths_off(word: str) -> str:
    """Return *word* without doubled letters, lengthened vowels, and the h that only lengthens one."""
    for pattern, sound in _LENGTHENING:
        word = pattern.sub(sound, word)
    return word
