"""Letters for sex that mean what the rest of their column makes of them: beside H, M is a woman.

Spanish and Portuguese lists write H and M for *hombre* and *mujer*, French ones H and F. V is a man in Spanish and
Lithuanian lists, where M is a woman, and a woman in Dutch ones, where M is a man. A column of M alone, or of M and F,
is what travel documents print (ICAO Doc 9303-4, section 4.1.1.1).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from domain.application.nomination import Nomination
from domain.intake.folding import plain

TELLING: Final = frozenset("hvf")
"""Letters beside which M may mean something else than alone."""
_ASK: Final = ""


def sex_letter(cells: Mapping[str, str]) -> str:
    """Return the letter that a row has for sex, in small; empty for a word or nothing.

    >>> [sex_letter({"sex": text}) for text in (" M.", "mujer", "")]
    ['m', '', '']
    """
    text = plain(cells.get("sex", ""))
    return text if len(text) == 1 else ""


def meanings(letters: Collection[str]) -> dict[str, str]:
    """Return what M and H mean in a column of *letters*, where it is not what they mean alone; empty: to be asked.

    >>> [meanings(set(column)) for column in ("mf", "hm", "hf", "hmf", "mv")]
    [{}, {'h': 'M', 'm': 'F'}, {'h': 'M', 'm': ''}, {'h': 'M', 'm': ''}, {'m': ''}]
    """
    if "h" in letters:
        return {"h": "M", "m": _ASK if {"f", "v"} & {*letters} else "F"}
    return {"m": _ASK} if "v" in letters else {}


def with_sex(nomination: Nomination, letter: str, meant: Mapping[str, str]) -> Nomination:
    """Return *nomination* with what its *letter* is *meant* for in the column."""
    if letter not in meant:
        return nomination
    known = {*nomination.unreadable} - {"sex"}
    unreadable = known if meant[letter] else known | {"sex"}
    return nomination.revised(sex=meant[letter], unreadable=tuple(sorted(unreadable)))
