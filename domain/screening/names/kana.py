"""Kana in Latin letters: as Japanese passports write them (Hepburn), with the combinations that foreign names need."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

# The Unicode Standard names the signs by their place in the syllabary; these are spoken otherwise.
_SPOKEN: Final = {
    "si": "shi", "ti": "chi", "tu": "tsu", "hu": "fu", "zi": "ji", "di": "ji", "du": "zu", "wi": "i",
    "we": "e", "wo": "o",
}  # fmt: skip
_BEFORE_SMALL: Final = {
    "shi": "sh", "chi": "ch", "ji": "j", "fu": "f", "vu": "v", "tsu": "ts", "te": "t", "de": "d", "to": "t", "do": "d",
    "u": "w", "ku": "kw", "gu": "gw",
}  # fmt: skip
"""What is left of a syllable before a small vowel."""

_SIGN: Final = re.compile(r"(?:HIRAGANA|KATAKANA) LETTER (SMALL )?([A-Z]+)")
_LONG: Final = "ー"


@lru_cache(maxsize=1 << 9)
def _syllable(sign: str) -> tuple[str, bool]:
    """Return the syllable of one sign, empty where it is none, and whether it is a small one."""
    found = _SIGN.fullmatch(unicodedata.name(sign, ""))
    return (found[2].lower(), bool(found[1])) if found else ("", False)


def romanised(word: str) -> str:
    """Return *word* with its kana in Latin letters; long vowels are short, as in passports.

    >>> romanised("しょうじ"), romanised("ヴィッチ"), romanised("なんば")
    ('shoji', 'vitchi', 'namba')
    """
    spoken: list[str] = []
    is_double = False
    for sign in word:
        syllable, is_small = _syllable(sign)
        if is_small and syllable == "tu":
            is_double = True
            continue
        if not syllable:
            spoken.append("" if sign == _LONG else sign)
        elif is_small and spoken and spoken[-1]:
            spoken[-1] = _with_small(spoken[-1], syllable)
        else:
            syllable = _SPOKEN.get(syllable, syllable)
            spoken.append(("t" if syllable.startswith("ch") else syllable[0]) + syllable if is_double else syllable)
        is_double = False
    latin = re.sub("n(?=[bmp])", "m", "".join(spoken))
    return re.sub("(?<=o)[uo]|(?<=u)u", "", latin)


def _with_small(before: str, small: str) -> str:
    """Return the syllable that *before* and a small sign make: ki and ya are kya, te and i are ti."""
    if small[0] == "y":
        root = before[:-1]
        return root + (small[1:] if root.endswith(("sh", "ch", "j")) else small)
    return _BEFORE_SMALL.get(before, before.removesuffix(small[-1])) + small
