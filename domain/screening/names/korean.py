"""Korean names between Hangul and the several ways of romanising them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

# Surnames by the spelling of the Revised Romanization (2000), each with spellings in use: McCune-Reischauer,
# North Korean and personal ones.
_SURNAMES: Final = """gim:kim gim ghim|i:lee yi ri rhee li rhie ree|bag:park pak bak|choe:choi choe chey tchoi
jeong:jung jeong chung chong cheong joung|gang:kang gang|jo:cho jo joe|yun:yoon yun youn|jang:jang chang|im:lim im rim
rim:lim im rim|han:han hahn|o:oh o|seo:seo suh so sur|sin:shin sin|gwon:kwon gwon|hwang:hwang whang|an:ahn an
song:song|ryu:ryu yoo yu ryoo you|yu:ryu yoo yu ryoo you|hong:hong|jeon:jeon jon chun jun chon cheon|go:ko go koh
mun:moon mun|yang:yang|son:son sohn|bae:bae pae|baeg:baek paek paik baik|heo:heo hur huh ho|no:noh roh no ro rho
ro:noh roh no ro rho|nam:nam|sim:shim sim|gwag:kwak gwak kwag|seong:sung seong song|cha:cha|ju:joo ju chu|u:woo u wu
gu:koo gu ku goo|min:min|jin:jin chin|ji:ji chi jee|eom:um eom om|won:won weon|cheon:chun cheon chon|bang:bang pang
gong:kong gong|hyeon:hyun hyeon hyon|ham:ham|byeon:byun byeon pyon|yeom:yeom yum ryom|ryeom:yeom yum ryom
yeo:yeo ryo lyuh
chu:choo chu|do:do to|so:so soh|seog:seok suk sok|seon:sun seon son|seol:seol sul sol
ma:ma mah|gil:gil kil|yeon:yeon yun yon|wi:wi wee|pyo:pyo|myeong:myung myeong myong|gi:ki gi kee|ban:ban pan|wang:wang
geum:keum geum kum|og:ok og|in:in ihn|maeng:maeng|je:je jae che|mo:mo|tag:tak tag|gug:kook guk kuk|eo:eo uh
eun:eun un|yong:yong ryong|ri:lee yi ri rhee li rhie ree|ryang:yang ryang
namgung:namgung namkoong|hwangbo:hwangbo|jegal:jegal|seonu:sunwoo seonu|doggo:dokgo dokko
sagong:sagong|seomun:seomun"""


def _by_spelling() -> dict[str, frozenset[str]]:
    """Return the surnames that each romanised spelling may stand for."""
    found: dict[str, set[str]] = {}
    for line in re.split(r"[|\n]", _SURNAMES):
        surname, spellings = line.split(":")
        for spelling in {surname, *spellings.split()}:
            found.setdefault(spelling, set()).add(surname)
    return {spelling: frozenset(surnames) for spelling, surnames in found.items()}


SURNAMES_BY_SPELLING: Final[Mapping[str, frozenset[str]]] = _by_spelling()
"""Romanised spelling to the surnames it may stand for, these in the Revised Romanization."""

_FOLDS: Final = (
    (re.compile(r"ee|yi|e?ui"), "i"),
    (re.compile(r"oo|woo|wu"), "u"),
    (re.compile(r"eo|eu|ou|u"), "o"),
    (re.compile(r"ae|ai|oe|ay|ei"), "e"),
    (re.compile(r"ch|tch|z"), "j"),
    (re.compile(r"kk|gg|g|q|c|kh"), "k"),
    (re.compile(r"tt|dd|d"), "t"),
    (re.compile(r"pp|bb|b|f|v"), "p"),
    (re.compile(r"ll|rr|r"), "l"),
    (re.compile(r"sh|ss"), "s"),
    (re.compile(r"h(?![aeiouyw])|w"), ""),
    (re.compile(r"(?<=[a-z])y|y(?=o)"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)


def native_surname(romanised: str) -> str:
    """Return a surname in Hangul, romanised letter by letter, as the table has it: what begins a word is r, not l."""
    return "r" + romanised[1:] if romanised.startswith("l") else romanised


@lru_cache(maxsize=1 << 12)
def folded_given_name(latin: str) -> str:
    """Return romanised Korean syllables so that the usual romanisations of one name come out equal or nearly so.

    >>> folded_given_name("jeongeun"), folded_given_name("jongun"), folded_given_name("jungeun")
    ('jonkon', 'jonkon', 'jonkon')
    """
    for pattern, sound in _FOLDS:
        latin = pattern.sub(sound, latin)
    return latin
