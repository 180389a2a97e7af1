"""What spreadsheets and programs wrap round a value: taken off where nothing else can be meant, and always said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from domain.identity.code_aliases import likely_code, status_code
from domain.intake.folding import plain
from domain.intake.plausibility.garbling import decoded, is_garbled, lost_letters
from domain.placeholders import is_name_filler

_GUARDS: Final = "'\u2018\u2019`\u00b4\u02bc"
_GUARDED: Final = re.compile(rf"^[{_GUARDS}]\s?(?=[\w+(])(?P<text>.*?)[{_GUARDS}]?$", re.DOTALL)
_JOINERS: Final = "\u200c\u200d"
"""Invisible, but part of the spelling of Persian and Indian names."""
_SIGNS: Final = frozenset({"So", "Sm", "Sc", "Co", "Cn"})
"""Pictures, signs and letters that a wrong encoding left: no name has them."""
_BETWEEN: Final = re.compile(r"[;,/|\n؛،；，、&+]|\s(?:and|et|y|e|и|و|和|und)\s", re.IGNORECASE)
"""What people write between several codes."""
_CODES_ONLY: Final = re.compile(r"[A-Za-z]{3}(?:\s+[A-Za-z]{3})+")
_NEVER: Final = frozenset(
    plain(word)
    for word in (
        "unlimited", "permanent", "indefinite", "none", "never", "no expiry", "no expiry date", "does not expire",
        "without expiry", "lifetime", "illimité", "illimitée", "sans expiration", "sans date d'expiration",
        "permanente",
        "indefinido", "indefinida", "sin vencimiento", "sin caducidad", "ilimitado", "vitalicio", "бессрочно",
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


def read_name(text: str) -> tuple[str, str]:
    """Return the name in a cell, and the rule by which it has to be asked about; an empty one where nothing is odd.

    What an escape stands for is put in its place; letters of a wrong encoding stay as they are, so that the row finds
    its person.
    """
    meant = decoded(text)
    name = visible(" ".join(meant.split()))
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
    """Say whether *text* means that a document has no day of expiry, in words or as fillers of the zone."""
    return plain(text) in _NEVER or (bool(text) and not text.strip("<"))


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
    parts = [status_code(part) or part.upper() for part in parts_of(text)]
    odd = [likely_code(part) for part in parts if not re.fullmatch(r"[A-Z]{3}", part)]
    return tuple(dict.fromkeys(parts)), odd[0] if odd else ""
