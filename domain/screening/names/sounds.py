"""Sounds: what is left of a name that is written down by ear in another alphabet.

A name that crosses from one alphabet into another is heard first and spelt afterwards. Each alphabet hears certain
consonants as one, parts those that it cannot join by vowels of its own, and leaves some out. Both spellings are
therefore reduced to what that alphabet tells apart. The tables follow the usual practice of each language for foreign
names; where Latin spelling is read in several ways, every reading is tried.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from domain.screening.names.scripts import Script


class Heard(NamedTuple):
    """How an alphabet hears a word: its consonants, and these with the vowels between them (empty: not written)."""

    consonants: str
    whole: str = ""


# A sound and the spellings heard as it, parted by spaces; what stands before a leading colon is not heard.
_HARD: Final = "k:c,ck,q,qu,k ks:x "
_EASTERN: Final = _HARD + "s:s,sh,sch,th,sz,ce,ci "
_LATIN: Final[Mapping[Script, str]] = {
    Script.CYRILLIC: _HARD + ":h,kh s:s,sh,sch,sz,sc,shch,ce,ci j:j,zh,dj,dzh,dz c:ch,tch,cz,tsch z:z,zs,ts,tz t:t,th "
    "d:d,dh g:g,gh,gu v:v,w f:f,ph",
    Script.GREEK: _HARD
    + ":h,kh s:s,sh,sch,sz,ce,ci b:b,v,w,mp,mb d:d,nt,nd,dh g:g,ng,nk,gh z:z,j,dj,zh,dz,ts,tz,tch,ch "
    "t:t,th f:f,ph",
    Script.KANA: _EASTERN + ":h,kh,w b:b,v z:z,zh,dj,j,dz,ts,tz c:ch,tch,cz,tsch r:r,l,rl g:g,gh d:d,dh f:f,ph",
    Script.HANGUL: _EASTERN
    + ":h,kh,w k:g,gh p:b,v,p,f,ph c:z,zh,dj,j,dz,ch,tch,cz,tsch,ts,tz l:r,l,rl t:t,d,dh n:n,ng",
    Script.HAN: _EASTERN
    + ":h,kh,w,v k:g,gh p:b,p c:z,zh,dj,j,dz,ch,tch,cz,tsch,ts,tz l:r,l,rl t:t,d,dh n:n,ng,m f:f,ph",
}
_NATIVE: Final[Mapping[Script, str]] = {
    Script.CYRILLIC: ":kh,h s:s,sh,shch j:zh,dzh c:ch z:z,ts",
    Script.GREEK: ":ch b:b,v z:z,tz,ts t:t,th g:g,gg,gch",
    Script.KANA: ":h,w s:s,sh z:z,j,ts c:ch b:b,v",
    Script.HANGUL: ":h,w p:b,p,pp s:s,ss c:j,jj,ch l:l,r k:g,k,kk t:d,t,tt n:n,ng",
    Script.HAN: ":h,w p:b,p s:s,sh,x c:z,zh,c,ch,j,q l:l,r k:g,k t:t,d n:n,m",
}
HEARD: Final = frozenset(_LATIN)
"""Alphabets into which names are written by ear, vowels and all."""

_READINGS: Final = (
    ("ch", "tch"), ("ch", "sh"), ("ch", "k"), ("j", "y"), ("j", "kh"), ("w", "v"), ("w", "u"), ("th", "t"), ("h", "g"),
    ("s", "z"), ("z", "s"),
)  # fmt: skip
"""Latin spellings that languages read differently, each with another reading."""

_JAPANESE: Final = (("ti", "chi"), ("di", "ji"))
"""Syllables that Japanese has only since foreign names are heard more closely."""

_PARTING: Final[Mapping[Script, re.Pattern[str]]] = {
    Script.KANA: re.compile("u|(?<=[td])o"),
    Script.HANGUL: re.compile("eu"),
    Script.HAN: re.compile("[eu]"),
}
"""Vowels by which scripts of syllables part consonants: what they stand for elsewhere is left out with them."""

_DOUBLES: Final = re.compile(r"(.)(?=\1)")
_CODA_R: Final = re.compile(r"r(?![aeiouyr])")
_VOWELS: Final = re.compile("[aeiouy]")
_VOWEL_KINDS: Final = str.maketrans("eyou", "iiaa")


def _table(text: str) -> dict[str, str]:
    """Return spelling to sound."""
    parts = (part.split(":") for part in text.split())
    return {spelling: sound for sound, spellings in parts for spelling in spellings.split(",")}


def _pattern(table: Mapping[str, str]) -> re.Pattern[str]:
    """Return a pattern that finds the spellings of *table*, longest first."""
    return re.compile("|".join(sorted(map(re.escape, table), key=len, reverse=True)))


_TABLES: Final = {(script, False): _table(text) for script, text in _LATIN.items()} | {
    (script, True): _table(text) for script, text in _NATIVE.items()
}
_PATTERNS: Final = {which: _pattern(table) for which, table in _TABLES.items()}


def heard(word: str, script: Script, *, native: bool) -> Heard:
    """Return how *script* hears a *word* in Latin letters; *native*: it was written in that script, and romanised.

    >>> heard("sutadora", Script.KANA, native=True).consonants, heard("stadler", Script.KANA, native=False).consonants
    ('stdr', 'stdr')
    """
    return _heard(_adapted(word, script, native=native), script, native=native)


@lru_cache(maxsize=1 << 12)
def _heard(word: str, script: Script, *, native: bool) -> Heard:
    table = _TABLES[script, native]
    sounds = _PATTERNS[script, native].sub(lambda found: table[found[0]], _DOUBLES.sub("", word))
    consonants = _DOUBLES.sub("", _VOWELS.sub("", sounds))
    parting = _PARTING.get(script)
    whole = parting.sub("", sounds) if parting else sounds
    return Heard(_beginning(word) + consonants, _DOUBLES.sub("", whole.translate(_VOWEL_KINDS)))


def _beginning(word: str) -> str:
    """Return the mark of a word that begins with a vowel or a breath."""
    if word[:1] in tuple("aeiouy"):
        return "a"
    return "h" if word.startswith(("h", "kh")) else ""


def _adapted(word: str, script: Script, *, native: bool) -> str:
    """Return *word* with what depends on its neighbours already as *script* has it."""
    if script in _PARTING:
        word = re.sub("m(?=[bp])", "n", word)
        if not native:
            return _CODA_R.sub("", word)
        word = re.sub("ng(?![aeiouy])", "n", word)
        return re.sub("er(?![aeiou])", "l", word) if script is Script.HAN else word
    if script is Script.GREEK and native and word.startswith("ch"):
        return "h" + word[2:]
    # Serbian and Croatian surnames lose the accent that tells ć from c.
    return re.sub("ic$", "ich", word) if script is Script.CYRILLIC and not native else word


@lru_cache(maxsize=1 << 12)
def all_heard(word: str, script: Script) -> tuple[Heard, ...]:
    """Return the ways in which *script* may hear a *word* of Latin spelling, the plain one first."""
    found = [heard(reading, script, native=False) for reading in readings(word)]
    if script is Script.KANA:
        found += [heard(word.replace(spelling, other), script, native=False) for spelling, other in _JAPANESE]
    if script in _PARTING:
        found.append(_heard(word, script, native=False))
    return tuple(dict.fromkeys(found))


def readings(word: str) -> tuple[str, ...]:
    """Return *word*, and what else its Latin letters may be meant to be read as, a spelling changed in each."""
    return tuple(dict.fromkeys([word, *(word.replace(spelling, other) for spelling, other in _READINGS)]))


_PERSIAN: Final = (("v", "w"), ("z", "d"), ("gh", "q"), ("q", "gh"))
"""Letters that Persian and its neighbours read otherwise than Arabic: و as v, ض and ذ as z, ق as gh."""


def persian_readings(word: str) -> tuple[str, ...]:
    """Return *word* as Arabic would spell what it is in Persian, Dari, Pashto or Urdu, one letter and all changed."""
    changed = [word.replace(spelling, other) for spelling, other in _PERSIAN]
    both = word.replace("v", "w").replace("z", "d")
    return tuple(dict.fromkeys((*changed, both, both.replace("gh", "q"))))
