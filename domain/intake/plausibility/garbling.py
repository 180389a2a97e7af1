"""Text that a wrong encoding or an escape left behind: what it was meant to be, and whether letters were lost."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import Final

import ftfy

_ESCAPES: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([\W_]))|=[0-9A-F]{2}(?:=[0-9A-F]{2})+")
_PERCENT: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_LOST: Final = re.compile(r"[?¿\ufffd\u25a1]")
"""What programs put in the place of letters they cannot write; no name in any script has one of them."""
_WORD: Final = re.compile(r"[^\W\d_]+")
_SHORTEST: Final = 3
_BYTES_AS_LETTERS: Final = re.compile(r"(?<![^\W\d_])[\u00a1-\u00ff]{3,}(?![^\W\d_])")
_CAPITAL_INSIDE: Final = re.compile(r"[a-z\u00df-\u00f6\u00f8-\u00ff][\u00c0-\u00d6\u00d8-\u00de](?![^\W\d_]*[A-Z]{2})")
_KOI8: Final = re.compile(r"\b[\u0430-\u044f\u0451][\u0410-\u042f\u0401]{2,}\b")


def decoded(text: str) -> str:
    r"""Return *text* with HTML entities, back-slash escapes, percent and quoted-printable codes as what they stand for.

    >>> decoded(r"O\'Brenn &Eacute;la"), decoded("Mar%C3%ADa")
    ("O'Brenn Éla", 'María')
    """
    if not any(mark in text for mark in "&\\%="):
        return text
    plain = html.unescape(html.unescape(text))
    return _ESCAPES.sub(_escaped, _PERCENT.sub(_percent, plain))


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
    return found[3] or _of_bytes(found[0], "=")


@lru_cache(maxsize=4096)
def is_garbled(text: str) -> bool:
    """Say whether *text* was read in another encoding than it was written in, once or several times.

    UTF-8 taken for a Windows, Mac or DOS code page (ftfy); bytes of other scripts shown as accented letters; KOI8-R
    taken for Windows-1251, which turns small letters and capitals round.
    """
    if text.isascii():
        return False
    return ftfy.fix_encoding(text) != text or any(
        shape.search(text) for shape in (_BYTES_AS_LETTERS, _CAPITAL_INSIDE, _KOI8)
    )


def lost_letters(text: str) -> bool:
    """Say whether a letter of *text* was replaced by a sign that programs put for what they cannot write."""
    return _LOST.search(text) is not None


def has_marks(text: str, allowed: str) -> bool:
    """Say whether *text* holds a digit, or a sign that is none of *allowed*; letters, blanks and accents always are."""
    return any(unicodedata.category(letter)[0] not in "LMZ" and letter not in allowed for letter in text)
