"""Mandarin names between Pinyin and Wade–Giles, which passports of different places use.

Only the sounds of Mandarin are known here. A name that is romanised as Cantonese, Hokkien or Hakka speak it, or that
is read in Japanese, has no spelling that follows from its characters.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# Wade–Giles writes with an apostrophe what Pinyin writes with another letter, and few write the apostrophe.
_FOLDS: Final = (
    (re.compile("szu|ssu"), "si"),
    (re.compile("tzu"), "zi"),
    (re.compile("^yi|(?<=[aeioung])yi"), "i"),
    (re.compile("hs|sh|x"), "s"),
    (re.compile("ts|tz|zh|ch|[zcjq]"), "c"),
    (re.compile("b"), "p"),
    (re.compile("d"), "t"),
    (re.compile("(?<!n)g|(?<=n)g(?=[aeiou])"), "k"),
    (re.compile("ien|yen|yan"), "ian"),
    (re.compile("(?<=[iy])eh"), "e"),
    (re.compile("ih|eh|ü"), "i"),
    (re.compile("ung"), "ong"),
    (re.compile("iu|you|yu"), "u"),
    (re.compile("ou|uo|o|(?<=[khctspl])e(?![in])"), "u"),
    (re.compile("(?<=[sc])[iu](?![aeioun])"), "i"),
    (re.compile("(?<=[sc])i(?=[aeiou])"), ""),
)
_SURNAMES: Final = """
wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he gao lin luo zheng liang xie song tang han feng
deng cao peng zeng xiao tian dong yuan pan yu jiang cai du ye cheng su wei lu ding ren shen yao cui zhong tan fan wang
liao shi jin jia xia fu fang bai zou meng xiong qin qiu yin xue yan duan lei hou long tao gu mao hao gong shao wan qian
dai kong mo xiang ouyang sima shangguan zhuge
"""


@lru_cache(maxsize=1 << 12)
def folded(latin: str) -> str:
    """Return romanised Mandarin so that both romanisations come out equal, or nearly so.

    >>> folded("xiaoming") == folded("hsiaoming"), folded("zhou") == folded("chou")
    (True, True)
    """
    for pattern, sound in _FOLDS:
        latin = pattern.sub(sound, latin)
    return latin


def foldings(latin: str) -> tuple[str, ...]:
    """Return *latin* folded, and as Wade–Giles has it where that means another sound: its j is the r of Pinyin."""
    return tuple(dict.fromkeys((folded(latin), folded(latin.replace("j", "r")))))


SURNAMES: Final = frozenset(map(folded, _SURNAMES.split()))
"""Common surnames, folded."""
