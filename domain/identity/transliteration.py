"""How names are written with A-Z in a machine-readable zone: ICAO Doc 9303-3 section 6 and the practice of issuers.

The first alternative of a character is the one Doc 9303 recommends; the others are allowed there for some
languages, or met on real documents. Arabic letters follow its X scheme, in which X escapes the letter after it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from domain.errors import BadInputError
from domain.identity.check_digits import FILLER

Unit = tuple[str, ...]
"""The ways in which one character may be written, the recommended one first."""


def _table(*rows: str) -> dict[str, Unit]:
    """Return the table written as ``character way/way``, ``-`` standing for nothing."""
    pairs = (entry.split(" ") for row in rows for entry in row.split(", "))
    return {character: tuple(way.replace("-", "") for way in ways.split("/")) for character, ways in pairs}


_LATIN: Final = _table(
    "Ä AE/A, Ö OE/O, Ü UE/UXX/U, Å AA/A, Ø OE/O, Æ AE, Œ OE, ẞ SS, Ñ N/NXX, Þ TH, Ð D, Đ D/DJ, Ħ H, ı I, Ĳ IJ",
    "Ł L, Ŀ L, Ŋ N, Ŧ T, ĸ Q, Ə E/A, Ǝ E, Ɓ B, Ɖ D, Ɗ D, Ɛ E, Ɣ G, Ƙ K, Ɔ O, Ƴ Y, Ǥ G, Ʒ Z",
)
_CYRILLIC: Final = _table(
    "А A, Б B, В V, Г G/H, Ґ G, Д D, Е E/YE/IE, Ё E/IO/YO, Ж ZH/Z, З Z, И I/Y, І I, Й I/Y, К K, Л L, М M, Н N",
    "О O, П P, Р R, С S, Т T, У U, Ф F, Х KH/H, Ц TS/C, Ч CH/C, Ш SH/S, Щ SHCH/SHT, Ъ IE/A/-, Ы Y, Ь -/Y, Э E",
    "Ю IU/YU, Я IA/YA, Є IE/YE, Ї I/YI, Ў U, Ђ D/DJ, Ѓ G/GJ, Ѕ DZ, Ј J, Љ LJ, Њ NJ, Ћ C, Ќ K/KJ, Џ DZ/DJ",
    "Ѫ U, Ѵ Y, Ғ G/GH, Қ K/Q, Ң N/NG, Ө O/OE, Ү U/UE, Ұ U, Һ H, Ә A/AE/E, Ҳ H/KH, Ҷ J/CH, Ӣ I, Ӯ U",
)
_ARABIC: Final = _table(
    "ء XE, آ XAA, أ XAE, ؤ U, إ I, ئ XI, ا A, ب B, ت T, ث XTH, ج J, ح XH, خ XKH, د D, ذ XDH, ر R, ز Z, س S, ش XSH",
    "ص XSS, ض XDZ, ط XTT, ظ XZZ, ع E, غ G, ف F, ق Q, ك K, ل L, م M, ن N, ه H, و W, ى XAY, ي Y, ٱ XXA, ٹ XXT, ټ XRT",
    "پ P, ځ XKE, څ XXH, چ XC, ڈ XXD, ډ XDR, ڑ XXR, ړ XRR, ږ XRX, ژ XJ, ښ XXS, ک XKK, ګ XXK, ڭ XNG, گ XGG, ں XNN",
    "ڼ XXN, ھ XDO, ۀ XYH, ہ XXG, ۂ XGE, ۃ XTG, ی XYA/Y/XAY, ۍ XXY, ې Y, ے XYB, ۓ XBE, ة XTA/XAH",
)
_TABLE: Final[Mapping[str, Unit]] = MappingProxyType(_LATIN | _CYRILLIC | _ARABIC)

_BETWEEN: Final = frozenset(" -‐‑‒–—/_\u00a0")
_DROPPED: Final = frozenset("'`´ʹʻʼʽˈ‘’‛′׳.,")
_UNWRITTEN: Final = frozenset("\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0652\u0670\u200c\u200d\u200e\u200f")
_SHADDA: Final = "\u0651"
_TEH_MARBUTA: Final = "ة"


class Fit(IntEnum):
    """How a printed name agrees with a written one."""

    NONE = 0
    CUT = 1
    WHOLE = 2


class NotTransliterableError(BadInputError):
    """A name holds a letter of a script for which Doc 9303 gives no table."""

    def __init__(self) -> None:
        super().__init__(
            "name", "holds a letter that Doc 9303 has no table for.", remedy="Give it in Latin letters as well."
        )


def units(text: str) -> tuple[Unit, ...] | None:
    """Return for each character of *text* the ways to write it, or ``None`` if one has no table.

    Blanks and hyphens become a filler or nothing, apostrophes nothing or a filler.
    """
    gathered: list[Unit] = []
    characters = _characters(text)
    for place, character in enumerate(characters):
        ends = place + 1 == len(characters) or characters[place + 1] in _BETWEEN
        if character == _SHADDA and gathered:
            # A doubled consonant; writers often leave the sign out (Doc 9303-3 appendix B.5).
            gathered[-1] = tuple(way * 2 for way in gathered[-1]) + gathered[-1]
        elif character == _TEH_MARBUTA:
            gathered.append(("XAH", "XTA") if ends else ("XTA", "XAH"))
        elif character not in _UNWRITTEN and character != _SHADDA:
            unit = _unit(character)
            if unit is None:
                return None
            gathered.append(unit)
    return tuple(gathered)


def transliterate(text: str) -> str:
    """Return *text* in A-Z and fillers as Doc 9303-3 section 6 recommends; raises ``NotTransliterableError``.

    >>> transliterate("Müller-Østby")
    'MUELLER<OESTBY'
    """
    found = units(text)
    if found is None:
        raise NotTransliterableError
    written = "".join(unit[0] for unit in found)
    return FILLER.join(part for part in written.split(FILLER) if part)


def is_transliterable(text: str) -> bool:
    """Say whether every letter of *text* has a table here (Latin, Cyrillic, Arabic)."""
    return units(text) is not None


def fit(written: tuple[Unit, ...], printed: str, *, may_be_cut: bool) -> Fit:
    """Return whether *printed* (A-Z, single fillers between words) is one of the ways to write *written*.

    ``CUT``: it is the beginning of one, and *may_be_cut*. Work grows with length, not with the number of ways.
    """
    reached = {0}
    for unit in written:
        if may_be_cut and any(_runs_out(printed[place:], unit) for place in reached):
            return Fit.CUT
        reached = set(_advanced(reached, unit, printed))
        if not reached:
            return Fit.NONE
    return Fit.WHOLE if len(printed) in reached else Fit.NONE


def _advanced(reached: set[int], unit: Unit, printed: str) -> Iterator[int]:
    for place in reached:
        for way in unit:
            if printed.startswith(way, place):
                yield place + len(way)


def _runs_out(rest: str, unit: Unit) -> bool:
    """Say whether *rest*, the end of a cut name, breaks off inside or before *unit*."""
    return any(way.startswith(rest) and len(way) > len(rest) for way in unit)


def _characters(text: str) -> str:
    """Return *text* composed and in capitals, with dotless and sharp letters kept apart from their look-alikes."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text.strip()).upper())


def _unit(character: str) -> Unit | None:
    if "A" <= character <= "Z":
        return (character,)
    if character in _BETWEEN or character == FILLER:
        return (FILLER, "")
    if character in _DROPPED:
        return ("", FILLER)
    return _TABLE.get(character) or _stripped(character)


def _stripped(character: str) -> Unit | None:
    """Return the unit of the letter that *character* decorates: its accents are not printed (Doc 9303-3 section 6)."""
    base = unicodedata.normalize("NFD", character)[0]
    if unicodedata.combining(base):
        return ("",)
    if "A" <= base <= "Z":
        return (base,)
    return _TABLE.get(base) if base != character else None
