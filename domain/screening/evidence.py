"""Evidence: what a score is made of, in sentences an officer can read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from domain.screening.birth import DateMatch
from domain.screening.names.commonness import disagreement_factor
from domain.screening.names.forms import NameForm, name_form
from domain.screening.names.likeness import How
from domain.screening.names.match import Method, NameMatch
from domain.screening.screening_hit import Evidence
from domain.screening.subject import Subject

DIGITS: Final = 4
"""Decimal places of scores and contributions."""

_ROUNDING: Final = 0.001
"""More than all roundings of one name's parts together."""


def total(evidence: tuple[Evidence, ...]) -> float:
    """Return the score that *evidence* adds up to."""
    return round(sum(line.contribution for line in evidence), DIGITS)


def within_bounds(evidence: Iterable[Evidence]) -> Iterator[Evidence]:
    """Return *evidence* with contributions cut where their sum would leave 0 to 1."""
    reached = 0.0
    for line in evidence:
        added = _rounded(min(max(line.contribution, -reached), 1 - reached))
        reached = _rounded(reached + added)
        yield line if added == line.contribution else line.revised(contribution=added)


def date_evidence(left: Subject, right: Subject, *, dates: DateMatch, contribution: float) -> Evidence:
    """Return what the dates of birth say."""
    return Evidence(
        feature="birth date",
        left=", ".join(map(str, left.births)),
        right=", ".join(map(str, right.births)),
        contribution=contribution,
        reason=dates.reason,
    )


_PAIR_REASONS: Final = {
    How.EQUAL: "“{left}” stands in both names",
    How.JOINED: "“{left}” stands in both names, in one of them written as several words",
    How.SOUND: "“{left}” and “{right}” sound alike: their consonants are the same",
    How.SPELLING: "“{left}” and “{right}” are spelt alike ({percent} %)",
    How.INITIAL: "“{left}” and “{right}”: one is the initial of the other",
    How.NICKNAME: "“{left}” and “{right}”: one is a nickname of the other, which is weak evidence",
    How.ROMANISED: "“{left}” and “{right}” are two ways of writing one name in Latin letters",
    How.VARIANT: "“{left}” and “{right}” are forms of one name in two languages",
    How.SHORT: "“{left}” and “{right}” differ in the length of a letter only",
    How.CONSONANTS: "consonants “{left}” and “{right}” agree ({percent} %); short vowels are not written",
    How.LONG_VOWELS: "consonants “{left}” and “{right}” agree ({percent} %), and so do the long vowels",
    How.HEARD: "consonants “{left}” and “{right}” agree ({percent} %), as the other alphabet writes what it hears",
    How.CHARACTERS: "“{left}” and “{right}” share characters or their sound ({percent} %)",
    How.KOREAN: "“{left}” and “{right}” agree as romanised Korean ({percent} %)",
    How.MANDARIN: "“{left}” and “{right}” agree as romanised Mandarin ({percent} %)",
}
_WHOLE_REASONS: Final = {
    Method.EXACT: "the names are equal once script, accents, case and signs are set aside",
    Method.JOINED: "the names are equal when written without spaces",
    Method.REORDERED: "the names have the same parts in another order",
    Method.WHOLE: "the names written without spaces differ in one or two letters",
}
_READ_ALIKE: Final = (
    "the names are equal once titles are set aside, Md and its like are read as Muhammad, and names with Abdul-, "
    "al-Din or an article are read by their parts"
)
_REMAINDERS: Final = {
    Method.CONSONANTS: "few consonants to go by, which many names share",
    Method.HEARD: "few consonants to go by, or other vowels between them",
    Method.MANDARIN: "romanised Mandarin leaves room for other names",
    Method.KOREAN: "romanised Korean leaves room for other names",
}


def name_evidence(match: NameMatch, *, names: tuple[str, str]) -> Iterator[Evidence]:
    """Return one piece of evidence for each pair of parts and each part left over, adding up to the name's score."""
    whole = _WHOLE_REASONS.get(match.method)
    if whole is not None:
        whole = _READ_ALIKE if match.method is Method.EXACT and not _same_letters(*map(name_form, names)) else whole
        yield Evidence(feature="name", left=names[0], right=names[1], contribution=_rounded(match.score), reason=whole)
        return
    if not match.pairs:
        reason = "the names have no part in common"
        yield Evidence(feature="name", left=names[0], right=names[1], contribution=0.0, reason=reason)
        return
    weight = sum(pair.weight for pair in match.pairs)
    shares = [_rounded(pair.weight * pair.similarity / weight) for pair in match.pairs]
    spent = _rounded(match.score - sum(shares))
    if abs(spent) < _ROUNDING:
        shares[0], spent = _rounded(shares[0] + spent), 0.0
    for pair, share in zip(match.pairs, shares, strict=True):
        percent = round(100 * pair.similarity)
        reason = _PAIR_REASONS[pair.how].format(left=pair.left, right=pair.right, percent=percent)
        yield Evidence(feature="name part", left=pair.left, right=pair.right, contribution=share, reason=reason)
    yield from _against(match, spent=spent)


def _same_letters(left: NameForm, right: NameForm) -> bool:
    """Return whether two names have the same letters as they are written, once in Latin ones."""
    return sorted("".join(left.written)) == sorted("".join(right.written))


def common_names_cost(match: NameMatch) -> float:
    """Return what a name loses that agrees in common parts only, and not in all: what disagrees weighs up to double.

    It is for names compared by their words where no date of birth supports them. Equal names lose nothing, nor does
    one name for being romanised in two ways.
    """
    if match.method is not Method.TOKENS or not match.pairs:
        return 0.0
    heard = sum(pair.weight * (1 - pair.similarity) for pair in match.pairs if pair.how is How.SOUND)
    differs = 1 - match.score - heard / sum(pair.weight for pair in match.pairs)
    factor = disagreement_factor((pair.left, pair.right) for pair in match.pairs)
    return min(match.score, max(0.0, differs) * factor)


def common_names_evidence(match: NameMatch, *, cost: float) -> Iterator[Evidence]:
    """Return that what agrees is common, where that costs anything."""
    if _rounded(cost):
        yield Evidence(
            feature="common name",
            left=" ".join(pair.left for pair in match.pairs),
            right=" ".join(pair.right for pair in match.pairs),
            contribution=_rounded(-cost),
            reason="what agrees are common names: many people bear them, so that what differs weighs more",
        )


def _against(match: NameMatch, *, spent: float) -> Iterator[Evidence]:
    """Share what the score lost (*spent*, ≤ 0) among the parts that only one side has."""
    alone = [(text, "", weight) for text, weight in match.left_over]
    alone += [("", text, weight) for text, weight in match.right_over]
    if not alone:
        if spent:
            reason = _REMAINDERS[match.method]
            yield Evidence(feature="name", left="", right="", contribution=spent, reason=reason)
        return
    weight, left_to_share = sum(unmatched[2] for unmatched in alone), spent
    for place, (left, right, share) in enumerate(alone, start=1):
        added = left_to_share if place == len(alone) else _rounded(spent * share / weight)
        left_to_share = _rounded(left_to_share - added)
        reason = f"“{left or right}” stands on one side only"
        yield Evidence(feature="name part", left=left, right=right, contribution=added, reason=reason)


def _rounded(contribution: float) -> float:
    return round(contribution, DIGITS)
