"""Whom somebody at the desk means who types a name, a document, an e-mail address, a serial or a case number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple
from uuid import UUID

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from domain.application.application import case_number
from domain.intake.folding import plain
from domain.values import bare

EXACT: Final = 100.0
_ALIKE: Final = 80.0
"""From which share of letters on two words of a name are taken for the same: one slip in five letters."""
_SHORTEST: Final = 5
"""Signs that a number must have for a slip in it to be looked for."""


class Sought(NamedTuple):
    """What a case can be found by."""

    id: UUID
    serials: tuple[str, ...]
    """Of every badge that there ever was."""
    email: str
    document: str
    names: str
    """All names, in every script that was given."""


def likeness(typed: str, sought: Sought) -> float:
    """Return how well *typed* names the case, 100 where it does to the letter and 0 where it does not.

    Case, accents, dashes and spaces do not count. A number may have one slip, counting two letters exchanged as one;
    of a name every word that was typed must be there, each with one slip in five letters.
    """
    number = bare(typed)
    if not number:
        return 0.0
    if "@" in typed:
        return _numbered(typed.strip().casefold(), sought.email.strip().casefold())
    numbers = (case_number(sought.id), *sought.serials, sought.document)
    return max(*(_numbered(number, bare(known)) for known in numbers), _named(typed, sought.names))


def best(typed: str, among: Iterable[Sought], *, most: int) -> list[UUID]:
    """Return up to *most* of the cases that *typed* may mean, the likeliest first; what fits exactly stands alone."""
    found = sorted(((likeness(typed, sought), sought.id) for sought in among), key=lambda pair: (-pair[0], pair[1].hex))
    exact = [known for alike, known in found if alike == EXACT]
    return (exact or [known for alike, known in found if alike > 0])[:most]


def _numbered(typed: str, known: str) -> float:
    if not known:
        return 0.0
    slips = OSA.distance(typed, known, score_cutoff=1)
    if slips == 0:
        return EXACT
    return 90.0 if slips == 1 and len(typed) >= _SHORTEST else 0.0


def _named(typed: str, names: str) -> float:
    """Return the likeness of the least alike of the words typed."""
    words, known = plain(typed).split(), plain(names).split()
    if not words or not known:
        return 0.0
    least = min(max(fuzz.ratio(word, name) for name in known) for word in words)
    return least if least >= _ALIKE else 0.0
