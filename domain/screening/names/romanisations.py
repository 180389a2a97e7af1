"""Romanisations: the spellings that one name gets when it is written in Latin letters by several practices.

Two words are romanisations of one name if some way of reading the one gives the same sounds, vowels too, as some way of
reading the other. The practices are the usual ones: for Cyrillic those of passports (ICAO Doc 9303), maps (BGN/PCGN),
scholars (ISO 9 without its marks), France and Germany; for Arabic and Persian script the English and the French one,
with the vowels that are not written, and Persian and Indian readings of single letters. Korean and Mandarin have
modules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

_SHORTEST: Final = 4
"""Letters of a word, and sounds of an Arabic one, below which two names are too easily the same."""

_FEWEST: Final = 3
"""The same for sounds of a word of four letters and more where all vowels are written, or two make one: Yeva, Uday."""
_GLIDING: Final = frozenset("YW")

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
    "eh:(?<=[a-df-z])eh$=a ah:(?<=[a-z])ah$=a ow:ow(?![aeiouw])=W ow:ow=ev ouou:(?<=a)ouou(?=[aeiy])=v"
    " ouou:ouou(?=[aeiy])=uv ouou:ouou=vu ou:ou(?=[aeiou])=v au:au(?=[aeiw])=av w:w=v o:oo|ou=u"
    " o:o=u e:ee|ie=i y:^ey(?=[aeiou])=ij y:(?<=[^aeiou])[ie]y+(?=[aou])=j ae:ae(?![eiy])=Y :[ae]+[yi]+i?=Y"
    " v:[ae]v(?![aeiouvY])=W u:[ae]u=W y:(?<=[aeiou])y(?=[aeiou])=j :[yi](?=[aouY])=j y:y=i aa:aa=a ii:ii+=i uu:uu=u"
)
_ARTICLE: Final = re.compile(r"^(?:[ae]l(?=....)|[ae](sh|ch|th|dh|[tdrzsn])(?=\1..)|[ae]s(?=sh..)|[ae]c(?=ch..))")
_READ_TWICE: Final = _rules(
    "a:^a(?=[aeiou])= ao:a(?=o)= oa:oa(?![aeiouy])=o ou:(?<=[^aeiou])ou(?=[aeiouy])=u e:e[yi](?![aeiouy])=i"
)
"""Letters that are a vowel or a glide to one and nothing to another: ʿayn, the French ou, the Persian ey."""


@lru_cache(maxsize=1 << 13)
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
    for rule in _READ_TWICE:
        spellings |= {_after((rule,), spelling) for spelling in spellings}
    semitic = set[str]().union(*(_read(spelling, _SEMITIC) for spelling in spellings))
    for sounds in {_after(_VOWELS, letters) for letters in semitic}:
        first = "i" if sounds[:1] == "e" else sounds[:1]
        found |= {
            "a" + _DOUBLES.sub("", first + sounds[1:].replace("e", vowel))
            for vowel in ("aiu" if "e" in sounds else "a")
        }
    return frozenset(
        form
        for form in found
        if len(form) > (_FEWEST if form[0] == "s" or not _GLIDING.isdisjoint(form) else _SHORTEST)
    )


def _read(word: str, practices: tuple[_Letters, ...]) -> set[str]:
    return {practice.read(word) for practice in practices if practice.may_differ(word)}


_SOFT: Final = {ord(letter): None for letter in "aeiouyhjwvscztdxkgq"} | {ord("p"): "b"}
_VOWEL_RUN: Final = re.compile("[aeiouyvw]+")
_NOT_IN_SHAPES: Final = {ord(letter): None for letter in "sctzdxkgq"} | {ord("p"): "b"}
_HARD_TWICE: Final = re.compile(r"([bflmnr])(?=\1)")
_BEFORE_S: Final = re.compile("t+(?=[sz])")
_PLAIN: Final = {ord("z"): "s", ord("q"): "k", ord("g"): "k", ord("p"): "b"}


@lru_cache(maxsize=1 << 13)
def _outlines(word: str) -> tuple[frozenset[str], ...]:
    """Return what is alike in all readings of *word*, with and without an article, the coarser first.

    At first it is consonants that every practice writes alike. Without h, j and qu no practice loses, parts or joins
    runs of vowels, v and w; these are added. Without c and x either, consonants are told apart by three kinds more.
    Words of which the finest outlines that both have are not the same are no romanisations of one name. Most words
    differ in them, and they are several times quicker to have than readings.
    """
    if len(word) < _SHORTEST:
        return ()
    spellings = {word, _ARTICLE.sub("", word)} if word[0] in "ae" else {word}
    found = [frozenset(_DOUBLES.sub("", text.replace("ph", "f").translate(_SOFT)) for text in spellings)]
    if "h" not in word and "j" not in word and "qu" not in word:
        runs = [_VOWEL_RUN.sub("a", text) for text in spellings]
        found.append(frozenset(_HARD_TWICE.sub("", text.translate(_NOT_IN_SHAPES)) for text in runs))
        if "c" not in word and "x" not in word:
            found.append(frozenset(_DOUBLES.sub("", _BEFORE_S.sub("", text).translate(_PLAIN)) for text in runs))
    return tuple(found)


def coarse_outlines(word: str) -> frozenset[str]:
    """Return what all romanisations of one name have alike, whichever practice: two without a common one are two."""
    levels = _outlines(word)
    return levels[0] if levels else frozenset()


def romanised_signs(word: str, *, sought: bool) -> Iterator[str]:
    """Yield signs of *word*: one that is sought has one in common with every other that may be its romanisation."""
    levels = _outlines(word)
    for level, outlines in enumerate(levels, 1):
        is_finest = level == len(levels)
        # The finest outline of the one is sought among those that the other has and among those it has finer ones of.
        marks = ("=<" if is_finest else "=") if sought else ("=" if is_finest else "<")
        yield from (f"{level}{mark}{outline}" for mark in marks for outline in outlines)


def are_romanisations(one: str, other: str) -> bool:
    """Return whether two words may be one name, romanised by two practices."""
    common = list(zip(_outlines(one), _outlines(other), strict=False))
    if not common or common[-1][0].isdisjoint(common[-1][1]):
        return False
    return not romanisations(one).isdisjoint(romanisations(other))


_LENGTHENING: Final = _rules(
    "iy:iy(?=[aou])=i o:oo|ou=u e:ee|ie=i y:(?<=.)y$=i h:(?<=[aeiou])h(?![aeiouy])= :(.)(?=\\1)="
)
_LONG: Final = re.compile(r"iy|oo|ou|ee|ie|y$|h|(.)\1")
_SHORTEST_LENGTHENED: Final = 2


def differ_in_length(one: str, other: str) -> bool:
    """Return whether two short words differ in nothing but the length of a letter: doubled, with h or y, as oo or ee.

    >>> differ_in_length("das", "dass"), differ_in_length("an", "ahn"), differ_in_length("ana", "anna")
    (True, True, True)
    """
    short = lengths_off(one)
    return len(short) >= _SHORTEST_LENGTHENED and short == lengths_off(other)


@lru_cache(maxsize=1 << 13)
def lengths_off(word: str) -> str:
    """Return *word* without doubled letters, lengthened vowels, and the h that only lengthens one."""
    return _after(_LENGTHENING, word) if _LONG.search(word) else word
