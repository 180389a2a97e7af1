"""Which encoding a text is in, by evidence: its mark, then strict UTF-8, then what it would read as.

An encoding is only taken where it is clearly better than every other that reads differently; where two are about
as likely, the sender is asked, because a name spelled wrong on a credential is worse than a file sent twice.
"""

from __future__ import annotations

import codecs
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from domain.errors import BadInputError
from domain.intake.columns import words_of_headers
from domain.intake.folding import plain
from domain.messages import Message
from domain.values import Frozen

Encoding = Literal[
    "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1250", "cp1251", "cp1252", "cp1256", "gb18030"
]

_MARKS: Final[tuple[tuple[bytes, Encoding], ...]] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NAMES: Final[Mapping[Encoding, str]] = {
    "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-32": "UTF-32",
    "cp1250": "Windows-1250 (Central European)", "cp1251": "Windows-1251 (Cyrillic)",
    "cp1252": "Windows-1252 (Western European)", "cp1256": "Windows-1256 (Arabic)", "gb18030": "GB 18030 (Chinese)",
}  # fmt: skip
"""How people know the encodings."""

_COMMON: Final[Mapping[str, str]] = {
    "cp1250": "áäąăâćčçďéěęëíîłľĺńňóôöőřŕśšşťţúůüűýźžżđß",
    "cp1251": "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўјљњћџђќѓѕ",
    "cp1252": "àáâãäåæçèéêëìíîïñòóôõöøùúûüÿœßšž",
    "cp1256": "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءآأؤإئپچژگـ" + "àâçèéêëîïôùûü",
}
_GUESSED: Final[tuple[Encoding, ...]] = ("cp1250", "cp1251", "cp1252", "cp1256", "gb18030")
_GREEK: Final = "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ"
_DOUBTED: Final[Mapping[str, tuple[str, str]]] = {
    "cp1254": ("Windows-1254 (Turkish)", "âçğıîöşûüi̇"),
    "cp1253": ("Windows-1253 (Greek)", _GREEK),
    "koi8-r": ("KOI8-R (Cyrillic)", _COMMON["cp1251"]),
    "cp866": ("DOS 866 (Cyrillic)", _COMMON["cp1251"]),
    "mac-cyrillic": ("Mac Cyrillic", _COMMON["cp1251"]),
    "iso8859-5": ("ISO 8859-5 (Cyrillic)", _COMMON["cp1251"]),
    "iso8859-6": ("ISO 8859-6 (Arabic)", _COMMON["cp1256"]),
}
"""Encodings that are never taken, but which the text may be in all the same: where one reads as well, it is asked."""
_FREQUENT: Final = frozenset("оеаинтсрвлкм" + "الميونرتبد" + "αοιετσνηυρς")
"""Letters that most names have, of alphabets that several encodings share."""
_AS_WELL: Final = 0.5
_LATIN: Final = frozenset({"cp1250", "cp1252", "cp1254"})
_VOWELS: Final = frozenset("aeiouyı")
_WORD: Final = re.compile(r"\w+")
_SAMPLE: Final = 2**18
_MARGIN: Final = 2.5
_HEADERS: Final = 5
"""Lines among which the names of columns may stand."""


class EncodingUnclearError(BadInputError):
    """A text whose encoding cannot be told; guessing would spell people's names wrong."""


class FoundEncoding(Frozen):
    """The encoding of a text and why."""

    encoding: Encoding
    evidence: Literal["mark", "strict", "zeros", "reading"]


def decide_encoding(sample: bytes, *, place: str, is_utf8: bool | None = None) -> FoundEncoding:
    """Return the encoding of the text that *sample* begins, or holds in full where *is_utf8* is not given.

    *is_utf8* says whether the whole text decodes as strict UTF-8. Raises :class:`EncodingUnclearError`.
    """
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return FoundEncoding(encoding=encoding, evidence="mark")
    if (wide := _by_zeros(sample)) is not None:
        return FoundEncoding(encoding=wide, evidence="zeros")
    if is_utf8 if is_utf8 is not None else _decodes(sample, "utf-8"):
        return FoundEncoding(encoding="utf-8-sig", evidence="strict")
    return FoundEncoding(encoding=_by_reading(_telling_lines(sample), place), evidence="reading")


def wide_encoding(content: bytes) -> Encoding | None:
    """Return the encoding of text in which letters take two bytes or four; None for any other."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return None if encoding == "utf-8-sig" else encoding
    return _by_zeros(content)


def _by_zeros(sample: bytes) -> Encoding | None:
    """Return UTF-16 without a mark: every second byte of the marks and letters of ASCII in it is zero."""
    start = sample[:4096]
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if odd > len(start) // 24 and odd > 8 * even:
        return "utf-16-le"
    if even > len(start) // 24 and even > 8 * odd:
        return "utf-16-be"
    return None


def _telling_lines(sample: bytes) -> bytes:
    """Return the header and the lines that are not plain ASCII: what the encodings differ in."""
    header, *lines = sample.splitlines(keepends=True) or [b""]
    return (header + b"".join(line for line in lines if not line.isascii()))[:_SAMPLE]


def _by_reading(text: bytes, place: str) -> Encoding:
    readings: dict[Encoding, str] = {
        encoding: read for encoding in _GUESSED if (read := _read(text, encoding)) is not None
    }
    scores: dict[Encoding, float] = {encoding: _likelihood(read, encoding) for encoding, read in readings.items()}
    if not scores:
        raise _unclear(place, [])
    best = max(scores, key=lambda encoding: scores[encoding])
    # A reading counts as a rival where it spells something differently.
    rivals: list[Encoding] = [
        gb18030
        for gb18030, score in scores.items()
        if readings[gb18030] != readings[best] and scores[best] - score < _MARGIN
    ]
    names = [NAMES[rival] for rival in rivals] + list(_doubts(text, readings[best], scores[best]))
    if names or scores[best] < 0:
        raise _unclear(place, [NAMES[best], *names] if names else [])
    return best


def _doubts(text: bytes, taken: str, score: float) -> Iterator[str]:
    for encoding, (name, common) in _DOUBTED.items():
        read = _read(text, encoding)
        if read is not None and read != taken and _likelihood(read, encoding, common) > score - _AS_WELL:
            yield name


def _unclear(place: str, likely: Iterable[str]) -> EncodingUnclearError:
    alike = " and ".join(likely)
    return EncodingUnclearError(
        place, Message.of("encodings_alike", encodings=alike) if alike else Message.of("encoding_unclear")
    )


def _decodes(content: bytes, encoding: str) -> bool:
    """Return whether *content* is text of *encoding*, but for a letter cut off at its end."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(content)
    except UnicodeDecodeError:
        return False
    return True


def _read(content: bytes, encoding: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(content)
    except UnicodeDecodeError:
        return None


def _likelihood(text: str, encoding: str, common: str = "") -> float:
    """Return how much speaks for *text* having been read in the right encoding; below zero: it was not."""
    known = words_of_headers()
    cells = re.split(r"[,;\t|\"\r\n]", "\n".join(text.splitlines()[:_HEADERS]))
    telling = [plain(cell) for cell in cells if not cell.isascii()]
    score = 6.0 * sum(name in known for name in telling) - 6.0 * _controls(text)
    # The known names with accents are French and Spanish, whose senders write Western European.
    score += 2.0 * (encoding == "cp1252" and any(name in known for name in telling))
    if encoding == "gb18030":
        return score if score > 0 else -1.0
    words = {word for word in _WORD.findall(text) if not word.isascii()}
    score += sum(_word(word, encoding, common or _COMMON[encoding]) for word in words) - 4.0 * _symbols(text)
    return score


def _controls(text: str) -> int:
    return sum(1 for letter in set(text) if unicodedata.category(letter) == "Cc" and letter not in "\r\n\t\v\f")


def _symbols(text: str) -> int:
    """Return how many kinds of signs stand between letters: no name has them, a wrong reading does."""
    return len(set(re.findall(r"(?<=\w)([^\w\s,;|\"'’‘`.()/:@+&\-–—ـ·º°‌‍\x00-\x7f])(?=\w)", text)))


def _word(word: str, encoding: str, common: str) -> float:
    """Return how much *word* looks like one of the languages of *encoding*, whose letters are *common*."""
    letters = [letter.lower() for letter in word if not letter.isascii()]
    plain_weight = 0.5 if encoding in _LATIN else 0.4
    score = sum((0.7 if letter in _FREQUENT else plain_weight) if letter in common else -1.5 for letter in letters)
    score -= 2.0 * (_scripts(word) > 1) + 2.0 * _jumps_case(word)
    return score + (_harmony(word) if encoding in _LATIN else 0.0)


def _scripts(word: str) -> int:
    return len(
        {unicodedata.name(letter, "?").split(" ", 1)[0] for letter in word if letter.isalpha() and letter != "ª"}
    )


def _jumps_case(word: str) -> bool:
    """Return whether capitals stand among small letters: not in names, but in a text read as what it is not."""
    if word.isascii() or word.islower() or word.isupper() or (word[0].isupper() and word[1:].islower()):
        return False
    return any((before.islower() and after.isupper() and not after.isascii())
               or (before.isupper() and not before.isascii() and after.islower() and place > 1)
               for place, (before, after) in enumerate(itertools.pairwise(word), start=1))  # fmt: skip


def _harmony(word: str) -> float:
    """Return how well vowels and consonants alternate around the letters with accents."""
    bare = "".join(_kind(letter) for letter in word.lower())
    score = 0.0
    for place, letter in enumerate(word.lower()):
        if letter.isascii():
            continue
        around = bare[max(place - 1, 0) : place + 2]
        if around in {"vvv", "ccc"}:
            score -= 1.5
        elif around in {"cvc", "vcv"}:
            score += 0.5
        if letter in "ñń":  # Spanish has ñ before a vowel, Polish ń before a consonant or at the end
            before_vowel = bare[place + 1 : place + 2] == "v"
            score += 1.0 if before_vowel == (letter == "ñ") else -1.0
    return score


def _kind(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[0]
    return "v" if base in _VOWELS or base in "øæœ" else "c"
