"""Which font, direction and breaking a name's own script needs, and whether we can set it at all.

The fonts (Noto and Kurinto, SIL Open Font License) come with Python wheels, so a badge looks the same on
every machine and nothing of the machine's own fonts is used.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from domain.credentials.claims import printable_name
from domain.values import Frozen
from notifications.badge.fonts import can_draw

LATIN: Final = ("Noto Sans",)
_BROKEN_ANYWHERE: Final = frozenset(
    {"LATIN", "CYRILLIC", "GREEK", "HEBREW", "ARMENIAN", "GEORGIAN", "ETHIOPIC", "TIFINAGH"}
)
_KIND_OF_LETTER: Final = re.compile(
    r" (?:CAPITAL |SMALL |MODIFIER |SUBJOINED )*(?:LETTER|SYLLABLE|SYLLABICS|VOWEL|IDEOGRAPH|SIGN|CHARACTER|DIGIT)\b"
)
_PARTED_BY_DICTIONARIES: Final = frozenset({"THAI", "LAO", "KHMER", "MYANMAR"})
_HAN_FONTS: Final = {
    "ja": ("Noto Sans JP", "Noto Sans SC", "Noto Sans TC"),
    "ko": ("Noto Sans KR", "Noto Sans JP", "Noto Sans TC"),
    "zh": ("Noto Sans SC", "Noto Sans TC", "Noto Sans JP"),
}
_HAN_SCRIPTS: Final = {
    "HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja", "KATAKANA-HIRAGANA": "ja", "HALFWIDTH": "ja", "CJK": "zh",
    "FULLWIDTH": "zh",
}  # fmt: skip
# Unicode character names begin with the script; the language is only a default, for the shapes of its letters.
_SCRIPTS: Final = {
    "LATIN": ("en", "Noto Sans"),
    "CYRILLIC": ("uk", "Noto Sans"),
    "GREEK": ("el", "Noto Sans"),
    "ARABIC": ("ar", "Noto Sans Arabic"),
    "HEBREW": ("he", "Noto Sans Hebrew"),
    "DEVANAGARI": ("hi", "Noto Sans Devanagari"),
    "BENGALI": ("bn", "Noto Sans Bengali"),
    "TAMIL": ("ta", "Noto Sans Tamil"),
    "TELUGU": ("te", "Noto Sans Telugu"),
    "MYANMAR": ("my", "Noto Sans Myanmar"),
    "KHMER": ("km", "Noto Sans Khmer"),
    "THAI": ("th", "Noto Sans Thai"),
    "LAO": ("lo", "Noto Sans Lao"),
    "ETHIOPIC": ("am", "Noto Sans Ethiopic"),
    "ARMENIAN": ("hy", "Noto Sans Armenian"),
    "GEORGIAN": ("ka", "Noto Sans Georgian"),
    "SINHALA": ("si", "Noto Sans Sinhala"),
    "NKO": ("nqo", "Kurinto Sans"),
    "MONGOLIAN": ("mn", "Kurinto Sans"),
    "TIFINAGH": ("zgh", "Kurinto Sans"),
    "ADLAM": ("ff", "Kurinto Sans"),
    "GURMUKHI": ("pa", "Noto Sans Gurmukhi"),
    "GUJARATI": ("gu", "Noto Sans Gujarati"),
    "ORIYA": ("or", "Noto Sans Oriya"),
    "KANNADA": ("kn", "Noto Sans Kannada"),
    "MALAYALAM": ("ml", "Noto Sans Malayalam"),
    "THAANA": ("dv", "Kurinto Sans"),
    "CHEROKEE": ("chr", "Kurinto Sans"),
    "CANADIAN": ("iu", "Kurinto Sans"),
    "OL": ("sat", "Kurinto Sans"),
    "LISU": ("lis", "Kurinto Sans"),
    "VAI": ("vai", "Kurinto Sans"),
    "YI": ("ii", "Kurinto Sans"),
}


EVERY_FAMILY: Final = tuple(
    dict.fromkeys((*LATIN, *(family for _, family in _SCRIPTS.values()), *_HAN_FONTS["zh"], *_HAN_FONTS["ko"]))
)
"""What text in no particular language is set in; typst takes each letter from the first family that has it."""


class Writing(Frozen):
    """How a text is to be set: language, fonts in order, direction, and where its lines may break."""

    lang: str
    fonts: tuple[str, ...]
    rtl: bool = False
    spaced: bool = True
    """Whether words are parted by blanks; Chinese and Japanese break between any two letters."""
    whole: bool = False
    """Whether words are kept from being parted where a dictionary knows two in them (Thai, Lao, Khmer, Burmese)."""
    breakable: bool = True
    """Whether a word too long may be broken; where letters join or stack, it is narrowed instead."""


def writing_of(name: str, language: str | None = None) -> Writing | None:
    """Return how *name* is set, or None when a letter of it has no font here (print the passport name alone).

    *language* (ISO 639) settles what the letters leave open: which shapes Chinese characters take.
    """
    scripts = _scripts(name)
    if not scripts or not scripts <= _SCRIPTS.keys() | _HAN_SCRIPTS.keys():
        return None
    writing = _east_asian(scripts, language) if scripts & _HAN_SCRIPTS.keys() else _alphabetic(name, scripts, language)
    return writing if can_draw(name, writing.fonts) else None


def unshown_script(name: str) -> str:
    """Return the script of *name*, in words, that no font here can set; empty where the name can be printed.

    Where a font has most of a script and not the whole name, the missing letter is named by its number.
    """
    name = printable_name(name)
    if not name or writing_of(name) is not None:
        return ""
    scripts = _scripts(name)
    if unknown := sorted(scripts - _SCRIPTS.keys() - _HAN_SCRIPTS.keys()):
        first = {script: next(letter for letter in name if _script(letter) == script) for script in unknown}
        return " and ".join(map(_in_words, first.values()))
    lacking = next((letter for letter in name if not can_draw(letter, EVERY_FAMILY)), "")
    return f"{_in_words(lacking)} (U+{ord(lacking):04X})" if scripts and lacking else "signs that are no letters"


def drawable(text: str) -> str:
    """Return *text* printable, each character that no font here has replaced by a visible sign."""
    return "".join(map(_drawn, printable_name(text)))


@lru_cache(maxsize=4096)
def _drawn(letter: str) -> str:
    return letter if can_draw(letter, EVERY_FAMILY) else "\ufffd"


def _alphabetic(name: str, scripts: set[str], language: str | None) -> Writing:
    main = next(iter(sorted(scripts - {"LATIN"})), "LATIN")
    families = (_SCRIPTS[script][1] for script in (main, *sorted(scripts)))
    return Writing(
        # In some Latin languages a hyphen is repeated on the next line: right in prose, wrong in a name.
        lang=_SCRIPTS[main][0] if main == "LATIN" else language or _SCRIPTS[main][0],
        fonts=tuple(dict.fromkeys((*families, *LATIN))),
        rtl=_runs_leftwards(name),
        whole=bool(scripts & _PARTED_BY_DICTIONARIES),
        breakable=scripts <= _BROKEN_ANYWHERE,
    )


def _east_asian(scripts: set[str], language: str | None) -> Writing:
    told = {_HAN_SCRIPTS[script] for script in scripts & _HAN_SCRIPTS.keys()} - {"zh"}
    lang = next(iter(sorted(told)), language if language in _HAN_FONTS else "zh")
    return Writing(lang=lang, fonts=(*_HAN_FONTS[lang], *LATIN), spaced=lang == "ko")


def _scripts(name: str) -> set[str]:
    """Return the scripts of the letters in *name*; apostrophes that are letters (ʼ, ʻ, ʿ) are written in any."""
    return {_script(letter) for letter in name if unicodedata.category(letter)[0] == "L"} - {"MODIFIER"}


def _script(letter: str) -> str:
    first = unicodedata.name(letter, "UNKNOWN").split()[0]
    if letter in "ªº":
        return "LATIN"
    return "CJK" if first == "IDEOGRAPHIC" else first  # 々 and 〆 stand among Chinese characters


def _in_words(letter: str) -> str:
    """Return the script of *letter* as people call it: what its name says before it says which letter it is."""
    return _KIND_OF_LETTER.split(unicodedata.name(letter, "UNKNOWN"))[0].title()


def _runs_leftwards(name: str) -> bool:
    """Apply rule P2 of the Unicode bidirectional algorithm: the first strong letter decides."""
    strong = (unicodedata.bidirectional(letter) for letter in name)
    return next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L"
