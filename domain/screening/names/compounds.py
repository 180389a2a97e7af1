"""Names that are written in one word or in several: Abdulhamid, Abd al-Hamid; Nuruddin, Nour Eddine, Nur al-Din.

Both are parted at the same place, so that whichever way they are written they have the same parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

_ABDULLAH: Final = re.compile(r"a(?:bb?d|db)(?:ou|oo|[aeiou])?l{1,2}ah?")
_SERVANT: Final = re.compile(
    r"a(?:bb?d|db)h?"
    r"(?:(?:ou|oo|[aeiou])l(?:(?!l)|(?=lat))|(?:ou|[aeiou])(?=(r|s|n|d|z|t|j)\1)[rsndztj]|(?:ou|[aeiou])llah)(?=..)"
)
_SERVANT_ALONE: Final = re.compile(r"a(?:bb?d|db)h?(?:(?:ou|oo|[aeiou])(?:[lrsndzt]|sh)?)?")
_FAITH_ALONE: Final = re.compile(r"(?:[aeu]l|[aeou]d)?d(?:i|ee|ie)ne?")
_FAITH: Final = re.compile(r"(.{3,}?)(?:[aeou]|[aeou]l)dd?(?:i|ee|ie)ne?")
_ASSIMILATED: Final = re.compile("[ae](sh|ch|th|dh|[tdrzsn])")
_SINGLE: Final = re.compile(r"[^d]d(?:i|ee|ie)ne?$")
_OF_FAITH_TEXT: Final = """
nur nour noor salah shams chams jamal djamal imad jalal djalal fakhr saif sayf seif muhyi mohi mohy badr taj
tadj zain zayn zein najm nadjm siraj nasir naser nasr kamal burhan shihab qutb sadr sharaf charaf husam hussam
baha diya zia ziya nizam nezam rukn ghias ghiyas alla
"""
_OF_FAITH: Final = frozenset(_OF_FAITH_TEXT.split())
"""What stands before the faith (din) in names that lose a letter; of others only the doubled letter tells."""


def compound_parts(words: Iterable[str]) -> Iterator[str]:
    """Return *words*, tidied and in Latin letters, with compounds parted; what is no compound stays as it is.

    >>> list(compound_parts(["abdoulhamid", "noureddine"])), list(compound_parts(["abd", "allah"]))
    (['abd', 'hamid', 'nour', 'din'], ['abdullah'])
    """
    before, given = "", list(words)
    for place, word in enumerate(given):
        for part in ("al",) if _is_article(given, place) else _parts(word):
            if before == "abd" and part in {"allah", "alah", "ullah"}:
                before = "abdullah"
                continue
            if before:
                yield before
            before = part
    if before:
        yield before


def _is_article(words: list[str], place: int) -> bool:
    """Return whether a word is the article as it sounds before the next one, as in Hazim Er-Rawi or Fahd Ach Chami."""
    found = _ASSIMILATED.fullmatch(words[place]) if 0 < place < len(words) - 1 else None
    return found is not None and words[place + 1].startswith(found[1])


def _parts(word: str) -> Iterator[str]:
    if word.startswith(("abd", "abb", "adb")):
        yield from _servant_parts(word)
    elif "d" in word[-6:] and (found := _FAITH.fullmatch(word)) and _is_of_faith(word, found[1]):
        yield found[1]
        yield "din"
    else:
        yield "din" if _FAITH_ALONE.fullmatch(word) else word


def _is_of_faith(word: str, what: str) -> bool:
    return not _SINGLE.search(word) or what in _OF_FAITH


def _servant_parts(word: str) -> Iterator[str]:
    """Part Abdul-, Abdel-, Abdur- from the name it is written together with; Abdullah is one name."""
    if _ABDULLAH.fullmatch(word):
        yield "abdullah"
    elif _SERVANT_ALONE.fullmatch(word):
        yield "abd"
    elif (found := _SERVANT.match(word)) is None:
        yield word
    else:
        yield "abd"
        yield word[found.end() :]
