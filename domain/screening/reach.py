"""Whether two names can resemble each other at all: a bound that is quick to compute and never too low.

Most candidates share one part of a name and nothing else. Telling so takes a few operations on sets of letters; the
comparison itself is left for the others, whose score it alone decides.
"""

from __future__ import annotations

from typing import Final

from rapidfuzz.distance import OSA

from domain.screening.names import NameForm, Token, TokenKind
from domain.screening.nicknames import are_nicknames
from domain.screening.writing import ABJADS, SYLLABIC

_BY_OTHER_MEANS: Final = ABJADS | SYLLABIC
_PAIRED: Final = 0.55
"""Words less alike than this count half, which is too little to be taken for one."""


def may_reach(left: NameForm, right: NameForm, least: float) -> bool:
    """Return False where the names' score is below *least* for certain (names in letters with vowels only)."""
    if left.script in _BY_OTHER_MEANS or right.script in _BY_OTHER_MEANS or left.joined == right.joined:
        return True
    if _could_be_joined(left, right) or _could_be_joined(right, left):
        return True
    if OSA.distance(left.joined, right.joined, score_cutoff=2) <= 2:  # noqa: PLR2004 -- edits, as for whole names
        return True
    return _bound(left.tokens, right.tokens) >= least


def _could_be_joined(left: NameForm, right: NameForm) -> bool:
    """Return whether a part of *right* may be several parts of *left* written together."""
    texts = {token.text for token in left.tokens}
    return any(token.text not in texts and token.text in left.joined for token in right.tokens if len(token.text) > 1)


def _bound(left: tuple[Token, ...], right: tuple[Token, ...]) -> float:
    """Return a score that pairing these parts cannot exceed.

    What resembles nothing on the other side is left over for certain, and the penalty for that is the least there
    is; everything else is taken for paired in full.
    """
    paired = over = under = 0.0
    met: set[int] = set()
    for one in left:
        found = [place for place, other in enumerate(right) if _may_pair(one, other)]
        met.update(found)
        if found:
            paired += one.weight / 2
        else:
            over += one.weight
    for place, other in enumerate(right):
        if place in met:
            paired += other.weight / 2
        else:
            under += other.weight
    return paired / (paired + 1.2 * min(over, under) + 0.22 * abs(over - under)) if paired else 0.0


def _may_pair(one: Token, other: Token) -> bool:
    """Return whether two parts may be alike enough to be taken for one."""
    if one.text == other.text or one.skeleton == other.skeleton:
        return True
    if one.kind is not TokenKind.WORD or other.kind is not TokenKind.WORD:
        return one.text[0] == other.text[0]
    shorter, longer = sorted((len(one.text), len(other.text)))
    alone = max((one.letters & ~other.letters).bit_count(), (other.letters & ~one.letters).bit_count())
    if longer - max(alone, longer - shorter) >= _PAIRED * longer:
        return True
    return are_nicknames(one.text, other.text)
