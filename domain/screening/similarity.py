"""How alike two names are: parts are paired best first, and what stands on one side only counts against."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler

from domain.screening.korean import SURNAMES_BY_SPELLING, folded_given_name
from domain.screening.likeness import WORTH_PAIRING, How, token_similarity
from domain.screening.names import NameForm, Token, TokenKind
from domain.screening.writing import ABJADS, SYLLABIC, Script, to_latin

_A_QUARTER: Final = 0.25


class Method(StrEnum):
    """Which comparison of two names gave the score."""

    EXACT = "exact"
    JOINED = "joined"
    REORDERED = "reordered"
    TOKENS = "tokens"
    WHOLE = "whole"
    CONSONANTS = "consonants"
    KOREAN = "korean"
    CHARACTERS = "characters"


class Pair(NamedTuple):
    """Two parts that were taken for the same, how alike they are (0–1), why, and how much they weigh."""

    left: str
    right: str
    similarity: float
    how: How
    weight: float


class NameMatch(NamedTuple):
    """A comparison of two names: score 0–1, its method, the pairs and what was left over on either side."""

    score: float
    method: Method
    pairs: tuple[Pair, ...] = ()
    left_over: tuple[tuple[str, float], ...] = ()
    right_over: tuple[tuple[str, float], ...] = ()

    def mirrored(self) -> NameMatch:
        """Return the comparison with its sides exchanged."""
        pairs = tuple(Pair(pair.right, pair.left, pair.similarity, pair.how, pair.weight) for pair in self.pairs)
        return NameMatch(self.score, self.method, pairs, self.right_over, self.left_over)


NO_MATCH: Final = NameMatch(0.0, Method.TOKENS)
_EXACT: Final = NameMatch(1.0, Method.EXACT)


def compare_names(left: NameForm, right: NameForm) -> NameMatch:
    """Return the best comparison of two names; exchanging them changes nothing but the sides of the evidence."""
    if left.native == right.native:
        return _EXACT
    # One canonical order: a greedy pairing may break ties differently when its sides are exchanged.
    if (left.joined, left.raw) > (right.joined, right.raw):
        return _compare(right, left).mirrored()
    return _compare(left, right)


def _compare(left: NameForm, right: NameForm) -> NameMatch:
    if left.script in SYLLABIC and right.script in SYLLABIC:
        return _by_characters(left, right) if left.script is right.script else NO_MATCH
    best = _whole(left, right) or _by_tokens(left, right)
    if best.score < 1.0:
        for other in _by_script(left, right):
            best = max(best, other, key=lambda match: match.score)
    return best


def _whole(left: NameForm, right: NameForm) -> NameMatch | None:
    """Return the match of two names with the same letters or the same parts."""
    if left.bag == right.bag:
        return _EXACT if left.joined == right.joined else NameMatch(0.97, Method.REORDERED)
    return NameMatch(0.98, Method.JOINED) if left.joined == right.joined else None


def _by_script(left: NameForm, right: NameForm) -> list[NameMatch]:
    """Return the comparisons that only some scripts need."""
    found: list[NameMatch] = []
    scripts = {left.script, right.script}
    if scripts & ABJADS and not scripts & SYLLABIC and left.script is not right.script:
        found.append(_by_consonants(left, right, hebrew=Script.HEBREW in scripts))
    if scripts == {Script.HANGUL, Script.LATIN}:
        found.append(_by_syllables(left, right))
    return found


def _by_characters(left: NameForm, right: NameForm) -> NameMatch:
    """Compare two names in the same syllabic script, character by character within surname and given name.

    A Hangul syllable or a Chinese character is not a slip of the pen away from another; characters that sound
    the same are half as good as equal ones.
    """
    ours, theirs = left.native.replace(" ", ""), right.native.replace(" ", "")
    if ours == theirs:
        return NameMatch(0.98, Method.JOINED)
    alike = sum(
        1.0 if one == other else 0.5 * (to_latin(one) == to_latin(other))
        for one, other in zip(ours, theirs, strict=False)
    )
    score = alike / max(len(ours), len(theirs))
    return NameMatch(score, Method.CHARACTERS, (Pair(left.native, right.native, score, How.CHARACTERS, 1.0),))


def _by_tokens(left: NameForm, right: NameForm) -> NameMatch:
    """Pair tokens best first; a conflict on both sides costs in full, extra parts on one side little."""
    ours = _joined_where_the_other_is(left.tokens, right.tokens)
    theirs = _joined_where_the_other_is(right.tokens, ours)
    scored: list[tuple[float, float, int, int, How]] = []
    for i, one in enumerate(ours):
        for j, other in enumerate(theirs):
            similarity, how = token_similarity(one, other)
            if similarity >= WORTH_PAIRING:
                scored.append((-similarity, -one.weight - other.weight, i, j, how))
    if not scored:
        return NO_MATCH
    scored.sort()
    free_left, free_right = set(range(len(ours))), set(range(len(theirs)))
    pairs: list[Pair] = []
    for negative, both, i, j, how in scored:
        if i in free_left and j in free_right:
            free_left.remove(i)
            free_right.remove(j)
            weight = min(ours[i].weight, theirs[j].weight) if how is How.INITIAL else -both / 2
            pairs.append(Pair(ours[i].text, theirs[j].text, -negative, how, weight))
    alone = [ours[i] for i in sorted(free_left)], [theirs[j] for j in sorted(free_right)]
    return _at_least_as_whole(_weighed(pairs, *alone), left, right)


def _weighed(pairs: list[Pair], left: list[Token], right: list[Token]) -> NameMatch:
    """Return the score of *pairs*, given what was left over on either side."""
    total = agreed = over = under = 0.0
    strong = 0
    for pair in pairs:
        total += pair.weight
        agreed += pair.weight * pair.similarity
        strong += pair.weight >= 1
    for token in left:
        over += token.weight
    for token in right:
        under += token.weight
    penalty = min(over, under) * 1.2 + abs(over - under) * (0.22 if strong > 1 else 0.6)
    return NameMatch(
        agreed / (total + penalty),
        Method.TOKENS,
        tuple(pairs),
        tuple([(token.text, token.weight) for token in left]),
        tuple([(token.text, token.weight) for token in right]),
    )


def _at_least_as_whole(match: NameMatch, left: NameForm, right: NameForm) -> NameMatch:
    """Return *match*, or the likeness of the joined letters where they differ in one or two."""
    lengths = len(left.joined), len(right.joined)
    if match.score >= 0.9 or min(lengths) < 6 or abs(lengths[0] - lengths[1]) > 2:  # noqa: PLR2004 -- letters
        return match
    if OSA.distance(left.joined, right.joined, score_cutoff=2) > 2:  # noqa: PLR2004 -- edits
        return match
    likeness = 0.9 * JaroWinkler.similarity(left.joined, right.joined)
    return NameMatch(likeness, Method.WHOLE) if likeness > match.score else match


def _joined_where_the_other_is(tokens: tuple[Token, ...], other: tuple[Token, ...]) -> tuple[Token, ...]:
    """Join neighbours that the other name writes as one word: Jin Ping where the other has Jinping."""
    texts = {token.text: token for token in other}
    merged: list[Token] = []
    for token in tokens:
        joined = texts.get(merged[-1].text + token.text) if merged and token.text not in texts else None
        if joined is not None:
            merged[-1] = joined
        else:
            merged.append(token)
    return tuple(merged) if len(merged) < len(tokens) else tokens


def _by_consonants(left: NameForm, right: NameForm, *, hebrew: bool) -> NameMatch:
    """Compare consonants as Arabic or Hebrew writes them; every consonant left over costs half."""
    ours, theirs = _consonant_words(left, hebrew=hebrew), _consonant_words(right, hebrew=hebrew)
    ours, theirs = _written_together(ours, theirs), _written_together(theirs, ours)
    scored = sorted(
        (OSA.normalized_distance(one, other), -len(one) - len(other), i, j)
        for i, one in enumerate(ours)
        for j, other in enumerate(theirs)
    )
    free_left, free_right = dict(enumerate(ours)), dict(enumerate(theirs))
    pairs: list[Pair] = []
    for distance, _, i, j in scored:
        if distance <= 1 - WORTH_PAIRING and i in free_left and j in free_right:
            one, other = free_left.pop(i), free_right.pop(j)
            # One consonant in three is another name.
            likeness = 1 - distance if distance <= _A_QUARTER else (1 - distance) / 2
            pairs.append(Pair(one, other, likeness, How.CONSONANTS, (len(one) + len(other)) / 2))
    total = sum(pair.weight for pair in pairs)
    # One word in common is a given name: what else either side has counts in full.
    share = 0.5 if len(pairs) > 1 else 1.0
    over = share * (sum(map(len, free_left.values())) + sum(map(len, free_right.values())))
    # Few consonants are shared by many names; a vowel at the beginning counts as half of one.
    known = sum(len(pair.left) - 0.5 * (pair.left[0] in "ah") for pair in pairs)
    score = sum(pair.weight * pair.similarity for pair in pairs) / (total + over) if total else 0.0
    certainty = min(1.0, 0.7 + 0.05 * known)
    if known < 4.5:  # noqa: PLR2004 -- consonants: of a dozen sounds, four are shared by chance on any long list
        certainty = 0.84 if score == 1 else 0.8
    return NameMatch(
        score * certainty,
        Method.CONSONANTS,
        tuple(pairs),
        tuple((word, share * len(word)) for word in free_left.values()),
        tuple((word, share * len(word)) for word in free_right.values()),
    )


def _written_together(words: list[str], other: list[str]) -> list[str]:
    """Join neighbouring consonant words that the other name writes as one."""
    joined: list[str] = []
    for word in words:
        together = joined[-1] + word.lstrip("ah") if joined and word not in other else None
        if together in other:
            joined[-1] = together
        else:
            joined.append(word)
    return joined


def _consonant_words(form: NameForm, *, hebrew: bool) -> list[str]:
    words = [token for token in form.tokens if token.kind is TokenKind.WORD] or list(form.tokens)
    found = [token.hebrew if hebrew else token.arabic for token in words]
    return [word for word in found if word]


def _by_syllables(left: NameForm, right: NameForm) -> NameMatch:
    """Compare a name in Hangul with a romanised one: surname by table, given name by folded syllables."""
    native, roman = (left, right) if left.script is Script.HANGUL else (right, left)
    best = NO_MATCH
    if len(native.tokens) != 2 or not 2 <= len(roman.words) <= 4:  # noqa: PLR2004 -- a surname, and one to three parts
        return best
    surname, given = native.tokens
    words = roman.words
    for position in (0, len(words) - 1):
        if surname.text in SURNAMES_BY_SPELLING.get(words[position].text, ()):
            rest = "".join(word.text for place, word in enumerate(words) if place != position)
            likeness = OSA.normalized_similarity(folded_given_name(given.text), folded_given_name(rest))
            pairs = (
                Pair(surname.text, words[position].text, 1.0, How.KOREAN, 1.0),
                Pair(given.text, rest, likeness, How.KOREAN, 2.0),
            )
            best = max(best, NameMatch(0.97 * (1 + 2 * likeness) / 3, Method.KOREAN, pairs), key=lambda m: m.score)
    return best if native is left else best.mirrored()
