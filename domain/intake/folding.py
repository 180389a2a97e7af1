"""Words made comparable: how header names, choices and months are looked up."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_BRACKETS: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_MARKS_OFF: Final = re.compile(r"[\W_]+")


@lru_cache(maxsize=1 << 12)
def plain(text: str) -> str:
    """Return *text* in small letters without accents, marks and brackets' content: 'Nom_de-Famille*' and so on.

    Compatibility forms are unfolded (Unicode TR15, NFKD) and combining marks dropped, in every script.
    """
    unfolded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in unfolded if not unicodedata.combining(letter))
    return " ".join(_MARKS_OFF.sub(" ", _BRACKETS.sub(" ", bare)).split()) or " ".join(
        _MARKS_OFF.sub(" ", bare).split()
    )


def western_digits(text: str) -> str:
    """Return *text* with the digits of every script as 0 to 9, and without marks of direction."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter
        for letter in unicodedata.normalize("NFKC", text)
        if unicodedata.category(letter) != "Cf"
    )
