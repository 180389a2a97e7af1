"""What spreadsheets and programs wrap round a value: taken off where nothing else can be meant, and always said."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import ftfy

from domain.identity.code_aliases import likely_code, status_code
from domain.intake.folding import plain
from domain.placeholders import is_name_filler, is_placeholder

_ESCAPES: Final = re.compile(
    r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([\W_]))|(?<=[^\W\d_])''(?=[^\W\d_])|=[0-9A-F]{2}(?:=[0-9A-F]{2})+"
)
_PERCENT: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_LOST: Final = re.compile(r"[?¿\ufffd\u25a1\x00-\x08\x0e-\x1f\x7f]")
"""What programs put in the place of letters they cannot write; no name in any script has one of them."""
_WORD: Final = re.compile(r"[^\W\d_]+")
_SHORTEST: Final = 3
_BYTES_AS_LETTERS: Final = re.compile(r"(?<![^\W\d_])[\u00a1-\u00ff]{3,}(?![^\W\d_])")
_CAPITAL_INSIDE: Final = re.compile(r"[a-z\u00df-\u00f6\u00f8-\u00ff][\u00c0-\u00d6\u00d8-\u00de](?![^\W\d_]*[A-Z]{2})")
_AFTER_CAPITAL: Final = re.compile(r"\b[A-Z][\u00c0-\u00d6\u00d8-\u00de\u0178][a-z]{2}")
_ACCENT_ALONE: Final = re.compile(r"[\u02c6\u02c7\u02d8-\u02dd]")
"""Letters of Mac and DOS code pages read in that of Windows: M\u00c9ller, Mu\u02c6oz."""
_SPOILT: Final = re.compile("锟斤拷|烫烫|屯屯")
"""What programs for Chinese make of letters that were lost before, and of memory that nobody filled."""
_KOI8: Final = re.compile(r"\b[\u0430-\u044f\u0451][\u0410-\u042f\u0401]{2,}\b")


def decoded(text: str) -> str:
    r"""Return *text* with HTML entities, back-slash escapes, percent and quoted-printable codes as what they stand for.

    >>> decoded(r"O\'Brenn &Eacute;la"), decoded("Mar%C3%ADa")
    ("O'Brenn Éla", 'María')
    """
    if not any(mark in text for mark in "&\\%=") and "''" not in text:
        return text
    plain = html.unescape(html.unescape(text))
    meant = _ESCAPES.sub(_escaped, _PERCENT.sub(_percent, plain))
    # JSON writes letters of the higher planes as two halves; a half alone is none.
    return meant.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _percent(found: re.Match[str]) -> str:
    return _of_bytes(found[0], "%")


def _of_bytes(codes: str, mark: str) -> str:
    """Return the UTF-8 text that *codes* spell, each byte behind *mark*; the codes themselves where they spell none."""
    try:
        return bytes.fromhex(codes.replace(mark, "")).decode()
    except UnicodeDecodeError:
        return codes


def _escaped(found: re.Match[str]) -> str:
    if code := found[1] or found[2]:
        return chr(int(code, 16))
    if found[0] == "''":
        return "'"  # an apostrophe doubled for a database
    return found[3] or _of_bytes(found[0], "=")


@lru_cache(maxsize=4096)
def is_garbled(text: str) -> bool:
    """Say whether *text* was read in another encoding than it was written in, once or several times.

    UTF-8 taken for a Windows, Mac or DOS code page (ftfy); bytes of other scripts shown as accented letters; KOI8-R
    taken for Windows-1251, which turns small letters and capitals round.
    """
    if text.isascii():
        return False
    if any("\x80" <= letter <= "\x9f" for letter in text):
        return True  # controls that no keyboard has: bytes of a code page taken for Latin 1
    return ftfy.fix_encoding(text) != text or any(
        shape.search(text)
        for shape in (_BYTES_AS_LETTERS, _CAPITAL_INSIDE, _KOI8, _AFTER_CAPITAL, _ACCENT_ALONE, _SPOILT)
    )


def lost_letters(text: str) -> bool:
    """Say whether a letter of *text* was replaced by a sign that programs put for what they cannot write."""
    return _LOST.search(text) is not None


def has_marks(text: str, allowed: str) -> bool:
    """Say whether *text* holds a digit, or a sign that is none of *allowed*; letters, blanks and accents always are."""
    if text.replace(" ", "").isalpha():
        return False
    return any(unicodedata.category(letter)[0] not in "LMZ" and letter not in allowed for letter in text)


_GUARDS: Final = "'\u2018\u2019`\u00b4\u02bc"
_GUARDED: Final = re.compile(rf"^[{_GUARDS}]\s?(?=[\w+(])(?P<text>.*?)[{_GUARDS}]?$", re.DOTALL)
_JOINERS: Final = "\u200c\u200d\u180e"
"""Invisible, but part of the spelling of Persian, Indian and Mongolian names."""
_SIGNS: Final = frozenset({"So", "Sm", "Sc", "Co", "Cn"})
"""Pictures, signs and letters that a wrong encoding left: no name has them."""
_BETWEEN: Final = re.compile(r"[;,/|\n؛،；，、&+]|\s(?:and|et|y|e|и|و|和|und)\s", re.IGNORECASE)
"""What people write between several codes."""
_CODES_ONLY: Final = re.compile(r"[A-Za-z]{2,3}(?:\s+[A-Za-z]{2,3})+")
_CODES_JOINED: Final = re.compile(r"(?<=\b[A-Z]{3})\s*[-\u2010-\u2014]\s*(?=[A-Z]{3}\b)")
_NEVER: Final = frozenset(
    plain(word)
    for word in (
        "unlimited", "permanent", "indefinite", "none", "never", "no expiry", "no expiry date", "does not expire",
        "without expiry", "lifetime", "illimité", "illimitée", "sans expiration", "sans date d'expiration",
        "permanente", "no expiration date", "no expiration", "valid indefinitely", "indefinitely", "n'expire pas",
        "sans limite", "sans limitation", "indéfini", "vitalicia", "مدى الحياة", "مادام العمر", "没有期限",
        "unbegrenzt", "unbefristet", "illimitato", "illimitata", "senza scadenza", "ilimitada", "vitalícia",
        "onbeperkt", "bezterminowo", "bezterminowy", "neomezená", "süresiz", "безстроково", "безстроковий",
        "نامحدود", "종신", "무기한", "không thời hạn", "seumur hidup", "berlaku seumur hidup", "9999-12-31",
        "31 12 9999", "12 31 9999",
        "indefinido", "indefinida", "nunca", "jamais", "lifelong", "for life", "никогда",
        "sin vencimiento", "sin caducidad", "ilimitado", "vitalicio", "бессрочно",
        "бессрочный", "без срока", "без срока действия", "не ограничен", "دائم", "دائمة", "بلا تاريخ انتهاء",
        "بدون تاريخ انتهاء", "لا تنتهي", "غير محدودة", "长期", "長期", "永久", "无期限", "無期限", "长期有效",
    )
)  # fmt: skip


def unguarded(text: str) -> str:
    """Return *text* without the apostrophe that makes a spreadsheet keep a number as text, and the one after it."""
    bare = text.strip()
    found = _GUARDED.match(bare) if bare[:1] in _GUARDS else None
    return found["text"] if found else text


def visible(text: str) -> str:
    """Return *text* without what cannot be seen and could turn a name round (Unicode TR36): controls, directions."""
    return "".join(letter for letter in text if letter in _JOINERS or unicodedata.category(letter) not in {"Cc", "Cf"})


_OTHER_SHAPE: Final = re.compile(r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff]+")
"""Latin letters and digits as wide as Chinese signs, and those of formulas, by which some write bold or in a hand."""
_AROUND: Final = re.compile(r"^[\s,]+|[\s,]+$")
_QUOTED: Final = re.compile(
    r'(["\u201c\u201d\u201e\u00ab\u00bb])([^"\u201c\u201d\u201e\u00ab\u00bb]*)["\u201c\u201d\u201e\u00ab\u00bb]'
)


def in_usual_letters(text: str) -> str:
    """Return *text* with letters and digits of another shape as the usual ones (Unicode TR15, NFKC).

    >>> in_usual_letters("\uff21\uff56\uff41 \U0001d400\U0001d42f\U0001d41a \u738b")
    'Ava Ava \u738b'
    """
    return text if text.isascii() else _OTHER_SHAPE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


def read_name(text: str) -> tuple[str, str]:
    """Return the name in a cell, and the rule by which it has to be asked about; an empty one where nothing is odd.

    What an escape stands for is put in its place; letters of a wrong encoding stay as they are, so that the row finds
    its person. Commas and quotation marks round all of it are taken off.
    """
    text = in_usual_letters(text)
    meant = decoded(text)
    name = _AROUND.sub("", visible(" ".join(meant.split())))
    if quoted := _QUOTED.fullmatch(name):
        name = quoted[2].strip()
    if is_garbled(meant):
        return name, "name_garbled"
    if lost_letters(meant):
        return name, "name_letters_lost"
    if any(unicodedata.category(letter) in _SIGNS for letter in meant if not letter.isascii()):
        return name, "name_garbled"
    return name, "" if meant == text else "name_decoded"


def read_names(surname: str, given_names: str) -> tuple[str, str, bool]:
    """Return both names, and whether a filler says that the document prints one name only."""
    fillers = is_name_filler(surname), is_name_filler(given_names)
    real = ["" if filler else name for name, filler in zip((surname, given_names), fillers, strict=True)]
    return real[0], real[1], any(fillers) and any(real)


def never_expires(text: str) -> bool:
    """Say whether *text* means that a document has no day of expiry, in words, by a sign, or as fillers of the zone."""
    return plain(text) in _NEVER or (bool(text) and not text.strip("<∞"))


def parts_of(text: str) -> Iterator[str]:
    """Yield the codes or words that stand in one cell, whatever parts them."""
    if _CODES_ONLY.fullmatch(text.strip()):
        yield from text.split()
        return
    for part in _BETWEEN.split(text):
        if written := part.strip():
            yield written


def country_parts(text: str) -> tuple[tuple[str, ...], str]:
    """Return the codes in a cell (XXA and XXB for the words stateless and refugee), and a likely code for another."""
    said = [part.upper().rstrip("<") for part in parts_of(_CODES_JOINED.sub(";", text.upper()))]
    parts = [status_code(part) or ("DEU" if part == "D" and "D<" in text.upper() else part) for part in said]
    odd = [part for part in parts if not re.fullmatch(r"[A-Z]{3}", part)]
    if "?" in text and not odd:  # whoever asks is not sure
        return (*parts, text), parts[0] if len(parts) == 1 else ""
    return tuple(dict.fromkeys(parts)), likely_code(odd[0]) if odd and not is_placeholder(text) else ""
