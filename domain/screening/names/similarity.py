"""How alike two names are: parts are paired best first, and what stands on one side only counts against."""

from __future__ import annotations

from rapidfuzz.distance import OSA, JaroWinkler

from domain.screening.names.consonants import compare_consonants
from domain.screening.names.forms import NameForm, Token, TokenKind
from domain.screening.names.likeness import WORTH_PAIRING, How, token_similarity
from domain.screening.names.match import EXACT_MATCH, NO_MATCH, Method, NameMatch, Pair
from domain.screening.names.scripts import ABJADS, SYLLABIC, Script, to_latin
from domain.screening.names.syllables import compare_romanised_syllables, compare_syllables


def compare_names(left: NameForm, right: NameForm) -> NameMatch:
    """Return the best comparison of two names; exchanging them changes nothing but the sides of the evidence."""
    if left.native == right.native:
        return EXACT_MATCH
    # One canonical order: a greedy pairing may break ties differently when its sides are exchanged.
    if (left.joined, left.raw) > (right.joined, right.raw):
        return _compare(right, left).mirrored()
    return _compare(left, right)


def _compare(left: NameForm, right: NameForm) -> NameMatch:
    if left.script in SYLLABIC and right.script in SYLLABIC:
        return _by_characters(left, right) if left.script is right.script else NO_MATCH
    if whole := _whole(left, right):
        return whole
    return max(_by_tokens(left, right), *_by_script(left, right), key=lambda match: match.score)


def _whole(left: NameForm, right: NameForm) -> NameMatch | None:
    """Return the match of two names with the same letters or the same parts."""
    if left.bag == right.bag:
        return EXACT_MATCH if left.joined == right.joined else NameMatch(0.97, Method.REORDERED)
    is_joined = left.joined == right.joined or left.letters == right.letters
    return NameMatch(0.98, Method.JOINED) if is_joined else None


def _by_script(left: NameForm, right: NameForm) -> list[NameMatch]:
    """Return the comparisons that only some scripts need."""
    scripts = {left.script, right.script}
    if scripts == {Script.LATIN}:
        return [compare_romanised_syllables(left, right)]
    if len(scripts) == 1:
        return [NO_MATCH]
    found = [NO_MATCH]
    if scripts & ABJADS and not scripts & SYLLABIC:
        alphabet = Script.HEBREW if Script.HEBREW in scripts else Script.ARABIC
        found.append(compare_consonants(left, right, alphabet=alphabet))
    elif Script.LATIN in scripts:
        native = right if left.script is Script.LATIN else left
        if native.script in SYLLABIC:
            found.append(compare_syllables(left, right))
        if native.is_by_ear:
            found.append(compare_consonants(left, right, alphabet=native.script))
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
    for i, token in enumerate(ours):
        for j, other in enumerate(theirs):
            similarity, how = token_similarity(token, other)
            if similarity >= WORTH_PAIRING:
                scored.append((-similarity, -token.weight - other.weight, i, j, how))
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
            one, other = ours[i], theirs[j]
            # What is a particle in one language and a name in another is shown as it stands.
            shown = (one.written, other.written) if how is How.SHORT else (one.text, other.text)
            is_joined = one not in left.tokens or other not in right.tokens
            pairs.append(Pair(*shown, -negative, How.JOINED if is_joined and how is How.EQUAL else how, weight))
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
    """Join neighbours that the other name writes as one word: Jin Ping where the other has Jinping, van der Lind."""
    texts = {token.text: token for token in other}
    merged: list[Token] = []
    linking, run = 0, ""
    for token in tokens:
        if run and (whole := texts.get(run + token.written)) is not None:
            merged[-linking:] = [whole]
        elif merged and token.text not in texts and (joined := texts.get(merged[-1].text + token.text)) is not None:
            merged[-1] = joined
        else:
            merged.append(token)
            if token.kind is TokenKind.PARTICLE:
                linking, run = linking + 1, run + token.written
                continue
        linking, run = 0, ""
    return tuple(merged) if len(merged) < len(tokens) else tokens
