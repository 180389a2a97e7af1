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
from typing import Final, NamedTuple

_SHORTEST: Final = 4
"""Letters of a word, and sounds of an Arabic one, below which two names are too easily the same."""

_FEWEST: Final = 3
"""The same for sounds of a word of four letters and more where all vowels are written: Yeva, Ieva."""

_DOUBLES: Final = re.compile(r"(.)(?=\1)")
Rules = tuple[tuple[str, re.Pattern[str], str], ...]


def _rules(text: str) -> Rules:
    """Return the rules of *text*: letters:pattern=sound, parted by spaces; a sound may be empty.

    In a word without the *letters* the pattern finds nothing: they are looked for first, which is ten times quicker.
    """
    parts = (part.split(":", 1) for part in text.split())
    pairs = ((letters, rule.rsplit("=", 1)) for letters, rule in parts)
    return tuple((letters, re.compile(pattern), sound) for letters, (pattern, sound) in pairs)


class _Letters(NamedTuple):
    """One practice of writing consonants: what depends on the neighbours, then spellings by their sound.

    Words without any of the letters ``told_by`` read as by a practice that stands before it; unset: no word does.
    """

    told_by: frozenset[str]
    before: Rules
    pattern: re.Pattern[str]
    sounds: Mapping[str, str]

    @classmethod
    def of(cls, text: str, before: str = "", *, told_by: str = "") -> _Letters:
        """Return the practice that *text* describes as spelling,spelling=sound; longer spellings go first."""
        pairs = [part.split("=") for part in text.split()]
        sounds = {spelling: sound for spellings, sound in pairs for spelling in spellings.split(",")}
        longest = sorted(sounds, key=len, reverse=True)
        return cls(frozenset(told_by), _rules(before), re.compile("|".join(map(re.escape, longest))), sounds)

    def read(self, word: str) -> str:
        """Return *word* with its consonants as sounds."""
        return self.pattern.sub(lambda found: self.sounds[found[0]], _after(self.before, word))

    def may_differ(self, word: str) -> bool:
        """Return whether the practice may read *word* as none before it does."""
        return not self.told_by or not self.told_by.isdisjoint(word)


def _after(rules: Rules, word: str) -> str:
    for letters, pattern, sound in rules:
        if letters in word:
            word = pattern.sub(sound, word)
    return word


# Cyrillic. c stands for ts and ch, s for s and sh, z for z and zh: spellings without their marks tell no more.
_ENGLISH: Final = (
    "shch,stch,sht=sc sch,sh,sz=s tsch,tch,tsh,ts,tz,cz,ch=c dzh=dz zh=z kh=H gh=g x=ks ph=f th=t w=v ck,q=k dj,gj=d"
)
_GERMAN: Final = "schtsch=sc tsch,tz,ts,z=c ss=s ch=h x=ks ph=f w=v Z=z"
_SLAVIC: Final = (
    _Letters.of(_ENGLISH),
    _Letters.of(f"{_ENGLISH} h=g", told_by="h"),
    _Letters.of(
        "chtch=sc tch=c ch=s dj,j=z kh=h iou=ju ou=u ss=s tz,ts=c x=ks ph=f w=v qu=k", before="gu:gu(?=[eiy])=g"
    ),
    _Letters.of(f"{_GERMAN} sch=s", before="s:(?<=[aeiouy])s(?=[aeiouy])=Z"),
    _Letters.of(
        f"{_GERMAN} sch=s",
        before="s:^s(?=[aeiouy])=Z s:(?<=[nrlmjd])s(?=[aeioujmn])=Z s:(?<=[aeiouy])s(?=[aeiouymnljvwd])=Z",
        told_by="s",
    ),
    _Letters.of(f"{_GERMAN} sch=z", before="s:(?<=[aeiouy])s(?=[aeiouy])=Z", told_by="h"),
)
"""English with kh and with Ukrainian h, French, and German with s and sch for one and for two sounds."""

_GLIDES: Final = _rules(
    "i:(?<=[ln])[jy](?=i)= :[iyj]+(?=[aou])=J e:[iyj]+e=e :(?<=[aeou])[iyj]+(?![aeiou])=i :[iyj]+=i"
)

# Arabic, Persian, Urdu. Vowels that are not written are heard variously: o is u, e within a word any.
_SEMITIC: Final = tuple(
    _Letters.of(f"kh=x sch,sh=S dj,dzh,dsch,zh=j ph=f ck,c=k p=b {own}", told_by=told_by)
    for own, told_by in (
        ("ch=S th=t dh=d q=k gh=g", ""),
        ("ch=S th=s dh=z q=g gh=g", "hq"),
        ("ch=c th=s dh=z q=k gh=g", "h"),
    )
)
"""As written, as spoken in Persia, and as in India."""

_VOWELS: Final = _rules(
    "eh:(?<=[a-df-z])eh$=a ah:(?<=[a-z])ah$=a ow:ow(?![aeiou])=W ouou:ouou=vu ou:ou(?=[aeiou])=v w:w=v o:oo|ou=u"
    " o:o=u e:ee|ie=i :[ae]+[yi]+i?=Y v:[ae]v(?![aeiou])=W u:[ae]u=W y:(?<=[aeiou])y(?=[aeiou])=j"
    " :iy+(?=[aou])|y(?=[aou])|i(?=[aou])=j y:y=i aa:aa=a ii:ii+=i uu:uu=u"
)
_ARTICLE: Final = re.compile(r"^(?:[ae]l(?=....)|[ae]([tdrzsn])(?=\1..)|[ae]sh?(?=sh..)|[ae]c(?=ch..))")


@lru_cache(maxsize=1 << 16)
def romanisations(word: str) -> frozenset[str]:
    """Return the ways in which a *word* in Latin letters may sound, each with a mark of the script it is read for.

    >>> bool(romanisations("iurii") & romanisations("jurij")), bool(romanisations("yousuf") & romanisations("youssef"))
    (True, True)
    """
    if len(word) < _SHORTEST:
        return frozenset()
    slavic = {_after(_GLIDES, letters) for letters in _read(word, _SLAVIC)}
    found = {"s" + _DOUBLES.sub("", sounds).lower() for sounds in slavic}
    spellings = {word, _ARTICLE.sub("", word)}
    semitic = set[str]().union(*(_read(spelling, _SEMITIC) for spelling in spellings))
    for sounds in {_after(_VOWELS, letters) for letters in semitic}:
        first = "i" if sounds[:1] == "e" else sounds[:1]
        found |= {
            "a" + _DOUBLES.sub("", first + sounds[1:].replace("e", vowel))
            for vowel in ("aiu" if "e" in sounds else "a")
        }
    return frozenset(form for form in found if len(form) > (_FEWEST if form[0] == "s" else _SHORTEST))


def _read(word: str, practices: tuple[_Letters, ...]) -> set[str]:
    return {practice.read(word) for practice in practices if practice.may_differ(word)}


_SOFT: Final = {ord(letter): None for letter in "aeiouyhjwvscztdxkgq"} | {ord("p"): "b"}


@lru_cache(maxsize=1 << 16)
def hard_sounds(word: str) -> tuple[str, ...]:
    """Return the consonants of *word* that every practice writes alike, with and without an article before it.

    Two words without a sequence in common are no romanisations of one name: it is quick to compute, and most differ.
    """
    if len(word) < _SHORTEST:
        return ()
    whole = _DOUBLES.sub("", word.replace("ph", "f").translate(_SOFT))
    if word[:2] in {"al", "el"}:
        return whole, _DOUBLES.sub("", word[2:].replace("ph", "f").translate(_SOFT))
    return (whole,)


_VOWEL_RUN: Final = re.compile("[aeiouyvw]+")
_NOT_IN_SHAPES: Final = {ord(letter): None for letter in "sctzdxkgq"} | {ord("p"): "b"}
_HARD_TWICE: Final = re.compile(r"([bflmnr])(?=\1)")


@lru_cache(maxsize=1 << 16)
def _shapes(word: str) -> frozenset[str]:
    """Return *word*, with and without an article, as consonants that every practice writes alike and runs of vowels.

    No practice loses, parts or joins runs of vowels, v and w, but where h, j or qu may be either: of such words it is
    empty, which says nothing. It is several times quicker than the readings, which differ in most words.
    """
    if "h" in word or "j" in word or "qu" in word:
        return frozenset()
    return frozenset(
        _HARD_TWICE.sub("", _VOWEL_RUN.sub("a", spelling).translate(_NOT_IN_SHAPES))
        for spelling in {word, _ARTICLE.sub("", word)}
    )


def are_romanisations(one: str, other: str) -> bool:
    """Return whether two words may be one name, romanised by two practices."""
    if set(hard_sounds(one)).isdisjoint(hard_sounds(other)):
        return False
    ours, theirs = _shapes(one), _shapes(other)
    if ours and theirs and ours.isdisjoint(theirs):
        return False
    return not romanisations(one).isdisjoint(romanisations(other))


_LENGTHENING: Final = _rules("o:oo|ou=u e:ee|ie=i y:(?<=.)y$=i h:(?<=[aeiou])h(?![aeiouy])= :(.)(?=\\1)=")
_LONG: Final = re.compile(r"oo|ou|ee|ie|y$|h|(.)\1")
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
    return _after(_LENGTHENING, word) if _LONG.search(word) else word
