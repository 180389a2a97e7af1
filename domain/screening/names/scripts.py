"""Writing systems: which one a name is written in, and how its letters become Latin ones."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from enum import StrEnum
from functools import lru_cache
from typing import Final

from anyascii import anyascii

from domain.screening.names.han import simplified
from domain.screening.names.kana import romanised


class Script(StrEnum):
    """A family of writing systems that is compared in one way."""

    LATIN = "Latin"
    CYRILLIC = "Cyrillic"
    GREEK = "Greek"
    HEBREW = "Hebrew"
    ARABIC = "Arabic"
    HAN = "Han"
    KANA = "Kana"
    HANGUL = "Hangul"
    OTHER = "other"


ABJADS: Final = frozenset({Script.HEBREW, Script.ARABIC})
"""Scripts that do not write short vowels."""

SYLLABIC: Final = frozenset({Script.HAN, Script.HANGUL})
"""Scripts whose signs are whole syllables, written without spaces in names."""

# First code point of each run, after the Unicode Standard's block list (Blocks.txt); a run lasts until the next.
_RUNS: Final[tuple[tuple[int, Script], ...]] = (
    (0x0000, Script.LATIN),
    (0x0370, Script.GREEK),
    (0x0400, Script.CYRILLIC),
    (0x0530, Script.OTHER),
    (0x0590, Script.HEBREW),
    (0x0600, Script.ARABIC),
    (0x0700, Script.OTHER),
    (0x0750, Script.ARABIC),
    (0x0780, Script.OTHER),
    (0x0860, Script.ARABIC),
    (0x0900, Script.OTHER),
    (0x1100, Script.HANGUL),
    (0x1200, Script.OTHER),
    (0x1C80, Script.CYRILLIC),
    (0x1C90, Script.OTHER),
    (0x1D00, Script.LATIN),
    (0x1F00, Script.GREEK),
    (0x2000, Script.OTHER),
    (0x2C60, Script.LATIN),
    (0x2C80, Script.OTHER),
    (0x2DE0, Script.CYRILLIC),
    (0x2E00, Script.OTHER),
    (0x2E80, Script.HAN),
    (0x3040, Script.KANA),
    (0x3100, Script.HAN),
    (0x3130, Script.HANGUL),
    (0x3190, Script.HAN),
    (0x31F0, Script.KANA),
    (0x3200, Script.OTHER),
    (0x3400, Script.HAN),
    (0xA000, Script.OTHER),
    (0xA640, Script.CYRILLIC),
    (0xA6A0, Script.OTHER),
    (0xA720, Script.LATIN),
    (0xA800, Script.OTHER),
    (0xAC00, Script.HANGUL),
    (0xD800, Script.OTHER),
    (0xF900, Script.HAN),
    (0xFB00, Script.LATIN),
    (0xFB1D, Script.HEBREW),
    (0xFB50, Script.ARABIC),
    (0xFE00, Script.OTHER),
    (0xFE70, Script.ARABIC),
    (0xFF00, Script.OTHER),
    (0x20000, Script.HAN),
    (0x323B0, Script.OTHER),
)
_STARTS: Final = tuple(start for start, _ in _RUNS)

_APOSTROPHES: Final = re.compile("['\u2018\u2019\u201b\u02b9-\u02bf\u02c8\u02ca\u02cb`\u00b4\u2032\u05f3\u05f4\u02ee]")
# Vowel points of Hebrew and Arabic, and the stroke that stretches Arabic words: written by few, meant by all.
_POINTS: Final = re.compile("[\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_GREEK_DIGRAPHS: Final = (("ου", "u"), ("μπ", "b"), ("ντ", "d"), ("γκ", "g"), ("ευ", "ev"), ("αυ", "av"))


def script_of(text: str) -> Script:
    """Return the script of most letters of *text*; kana anywhere make it Japanese, no letters make it Latin."""
    if text.isascii():
        return Script.LATIN
    counted = Counter(_RUNS[bisect_right(_STARTS, ord(letter)) - 1][1] for letter in text if letter.isalpha())
    if counted[Script.KANA]:
        return Script.KANA
    return max(counted, key=lambda script: (counted[script], script.value)) if counted else Script.LATIN


def tidied(text: str) -> str:
    """Return *text* in NFKC, lower-cased, without direction marks, zero-width characters and apostrophes.

    Apostrophes, ʻayn and hamza signs join what they stand between (O'Brien is obrien); they are spelt too
    unsteadily in romanised names to separate anything.
    """
    if text.isascii():
        return text.replace("'", "").replace("`", "").lower()
    visible = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != "Cf")
    return simplified(_POINTS.sub("", _APOSTROPHES.sub("", visible)).casefold())


def words_of(text: str) -> list[str]:
    """Return the words of a tidied *text*: runs of letters, digits and the marks that belong to letters."""
    if text.isascii():
        return re.findall(r"[a-z0-9]+", text)
    return "".join(letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in text).split()


@lru_cache(maxsize=1 << 12)
def to_latin(word: str) -> str:
    """Return one tidied word in the letters a–z and 0–9; syllables of Han and Hangul are parted by a space."""
    if word.isascii():
        return re.sub(r"[^a-z0-9]", "", word)
    script = script_of(word)
    if script is Script.GREEK:
        word = _greek_sounds(word)
    latin = anyascii(romanised(word) if script is Script.KANA else word)
    if script in SYLLABIC:
        latin = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", latin)
    latin = re.sub(r"[^a-z0-9 ]", "", latin.lower()).strip()
    # Passports write -ия and -ий as -ia and -y more often than letter by letter.
    return re.sub(r"[iy]y$", "y", latin.replace("iya", "ia")) if script is Script.CYRILLIC else latin


def _greek_sounds(word: str) -> str:
    """Return *word* with the Greek letter pairs that stand for one sound already in Latin."""
    plain = "".join(part for part in unicodedata.normalize("NFD", word) if not unicodedata.combining(part))
    for pair, sound in _GREEK_DIGRAPHS:
        plain = plain.replace(pair, sound)
    return plain
