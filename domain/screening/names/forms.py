"""The comparable form of a personal name, computed once per spelling."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final
from zlib import crc32

from domain.screening.names.compounds import compound_parts
from domain.screening.names.romanisations import lengths_off, romanised_signs
from domain.screening.names.scripts import (
    ABJADS,
    SYLLABIC,
    Script,
    script_of,
    tidied,
    to_latin,
    words_of,
)
from domain.screening.names.skeletons import abjad_skeleton, latin_skeleton
from domain.screening.names.sounds import HEARD
from domain.screening.names.variants import variant_of
from domain.values import masked

PARTICLES: Final = {
    spelling: particle
    for particle, spellings in {
        "al": "al el ul ad as ash an ar at az",
        "bin": "bin ibn ben bn",
        "bint": "bint binti bat",
        "abu": "abu abou abo aboo bw abw",
        "umm": "umm oum um",
        "von": "von van vom",
        "zu": "zu zur zum ter ten",
        "de": "de di du da do d dos das des del della dello degli dei den der",
        "la": "la le las los lo li les",
        "y": "y e i und and et",
        "st": "st saint san santa sankt sao",
    }.items()
    for spelling in spellings.split()
}
"""Linking words of names, each with the spelling it is compared by."""

_TITLES: Final = """
mr mrs ms miss mme dr drs prof professor sir dame lord lady sheikh shaikh sheik shaykh sheikha haji hajji hadji hajj
sayyid syed sayed mullah mulla maulavi mawlawi maulana imam ayatollah rev fr rabbi president minister general gen
colonel col captain capt major maj lt hon honourable honorable senator ambassador eng engr ing mag dipl phd md jr sr ii
iii iv herr frau senor senora don dona daw cheikh sheik shaykha alhaji alhaja hajjah barr sri shri smt
"""
TITLES: Final = frozenset(_TITLES.split())
"""Forms of address and rank; they are compared, and weigh next to nothing."""

_ALWAYS_PARTICLES: Final = frozenset({"al", "bin", "bint", "abu", "umm", "von"})
_MARKED_PARTICLES: Final = frozenset({"são"})
"""Particles that have a mark; other words that lose one are names: Lê, Dó."""

_COMPOUNDS: Final = """
欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 司徒 东方 東方 皇甫 尉迟 尉遲 公孙 公孫 慕容 令狐 夏侯 长孙 長孫 宇文
남궁 황보 제갈 사공 선우 독고 서문 동방
"""
_COMPOUND_SURNAMES: Final = frozenset(_COMPOUNDS.split())
_LONGEST_NATIVE_NAME: Final = 4  # letters of a Chinese or Korean name with a compound surname
_DOTS: Final = "·•・‧･"
ARTICLE: Final = "ال"
"""The Arabic article as it is written together with a word."""
_LOOK_ALIKES: Final = str.maketrans("0134578", "oieastb")
_TWO_INITIALS: Final = re.compile(r"\b([B-DF-HJ-NP-TV-XZ])([B-DF-HJ-NP-TV-XZ])\b")


class TokenKind(StrEnum):
    """What part a token plays in a name."""

    WORD = "word"
    INITIAL = "initial"
    PARTICLE = "particle"
    TITLE = "title"


_NAMING: Final = frozenset({TokenKind.WORD, TokenKind.TITLE})


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """One part of a name: its Latin spelling, its sounds, and how much it says about who is meant.

    ``native`` is the word itself where its script is one of consonants; ``signs`` are kept by :func:`stored_signs`.
    """

    text: str
    kind: TokenKind
    weight: float
    skeleton: str
    arabic: str
    hebrew: str
    script: Script
    written: str
    native: str
    signs: array[int] | None = None


@dataclass(frozen=True, repr=False, eq=False)
class NameForm:
    """A name as given and as compared; two spellings of one name have equal ``bag``, ``joined`` or ``letters``."""

    raw: str
    script: Script
    native: str
    tokens: tuple[Token, ...]
    joined: str
    bag: tuple[str, ...]
    letters: str
    """All words as they are written, in one: Della Valle and Dellavalle have the same. Often ``joined`` itself."""

    def __repr__(self) -> str:
        return f"NameForm({masked(self.raw)}, {self.script})"

    @property
    def is_by_ear(self) -> bool:
        """Whether the name may be a foreign one, written down as it is heard.

        In Han a dot parts the words of such names and of no others; a Korean name is one word, or a short one first.
        """
        if self.script is Script.HAN:
            return any(dot in self.raw for dot in _DOTS)
        if self.script is Script.HANGUL:
            return " " in self.native and len(self.native) > _LONGEST_NATIVE_NAME + 1
        return self.script in HEARD

    @cached_property
    def written(self) -> tuple[str, ...]:
        """All words as written, in Latin letters: An and Lo are surnames in one language, particles in others."""
        return tuple(to_latin(word).replace(" ", "") for word in self.native.split())

    def prepare(self) -> None:
        """Compute what comparisons ask of the words of a list, so that the first of them need not."""
        for token in self.tokens:
            stored_signs(token)

    @property
    def words(self) -> tuple[Token, ...]:
        """The tokens that name somebody: neither particles nor titles."""
        return tuple(token for token in self.tokens if token.kind in {TokenKind.WORD, TokenKind.INITIAL})


@lru_cache(maxsize=1 << 12)
def name_form(raw: str) -> NameForm:
    """Return the comparable form of *raw*; the same text gives the same form in every process.

    ``SURNAME, Given`` is turned round. A name in Han or Hangul letters is parted into surname and given name.
    """
    turned = _in_order(raw)
    script = script_of(turned)
    tokens = _with_enough_words(tuple(_tokens(turned, script=script)))
    named = [token for token in tokens if token.kind is not TokenKind.TITLE] or tokens
    native = " ".join(words_of(tidied(turned)))
    bag = tuple(sorted(token.text for token in named))
    joined, letters = "".join(token.text for token in named), "".join(token.written for token in named)
    return NameForm(raw, script, native, tokens, joined, bag, joined if letters == joined else letters)


def runs_of_particles(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield each word with the linking words that stand before it, written as one: dellavalle."""
    run = ""
    for token in tokens:
        if run and token.kind is TokenKind.WORD:
            yield run + token.written
        run = run + token.written if token.kind is TokenKind.PARTICLE else ""


def _in_order(raw: str) -> str:
    """Return *raw* with the surname last where a single comma says that it stands first."""
    parts = re.split("[,،、]", raw)
    if len(parts) == 2 and all(part.strip() for part in parts):  # noqa: PLR2004 -- surname and given names
        raw = f"{parts[1].strip()} {parts[0].strip()}"
    return raw if raw.isupper() else _TWO_INITIALS.sub(r"\1 \2", raw)


def _tokens(text: str, *, script: Script) -> Iterator[Token]:
    """Return the tokens of *text* in its own order."""
    words = _with_whole_names(words_of(tidied(text)))
    for place, word in enumerate(compound_parts(words) if script is Script.LATIN else words):
        if place == 0 and len(word) == 1 and word in PARTICLES:
            yield _initial(word)
        elif script_of(word) is Script.ARABIC:
            yield from (_token(part) for part in _arabic_parts(word))
        elif script in SYLLABIC and not word.isascii():
            yield from (_token(part) for part in _surname_and_given(word, alone=len(text.strip()) == len(word)))
        else:
            yield _token(word)


_MUHAMMAD: Final = frozenset({"mohd", "mohmd", "mhd", "muhd", "mohmmad", "muh", "moh", "md", "mo"})
_MOST_AMBIGUOUS: Final = frozenset({"md", "mo", "moh", "muh"})
_HONORIFIC_U: Final = "u"


def _with_whole_names(words: list[str]) -> list[str]:
    """Return *words* with what Muhammad is shortened to written out, and without the honorific U of Myanmar.

    Md and Muh are the name only in front of another: behind one they are a degree, or another name.
    """
    if len(words) > 1 and words[0] == _HONORIFIC_U and len(words[1]) > 1:
        words = words[1:]
    return [
        "muhammad" if word in _MUHAMMAD and (place == 0 or word not in _MOST_AMBIGUOUS) and len(words) > 1 else word
        for place, word in enumerate(words)
    ]


def _arabic_parts(word: str) -> Iterator[str]:
    """Part the article and ``ʿabd`` from what they are written together with."""
    if word in {"عبدالله", "عبداللة"}:
        yield word
    elif word.startswith("عبد" + ARTICLE):
        yield "عبد"
        yield word[5:]
    elif word.startswith(ARTICLE) and len(word) > 4:  # noqa: PLR2004 -- shorter words own these letters
        yield "al"
        yield word[2:]
    else:
        yield word


def _surname_and_given(word: str, *, alone: bool) -> Iterator[str]:
    """Part the surname from the given name where both are written as one native word."""
    if not alone or len(word) > _LONGEST_NATIVE_NAME or len(word) == 1:
        yield word
        return
    cut = 2 if word[:2] in _COMPOUND_SURNAMES and len(word) > 2 else 1  # noqa: PLR2004 -- letters of the surname
    yield word[:cut]
    yield word[cut:]


@lru_cache(maxsize=1 << 14)
def _token(word: str) -> Token:
    """Return the token of one tidied *word*."""
    latin = to_latin(word).replace(" ", "") or word
    if not latin.isdigit():
        latin = latin.translate(_LOOK_ALIKES)
    kind, written = _kind(word, latin), latin
    if kind is TokenKind.PARTICLE:
        latin = PARTICLES[latin]
    weight = {TokenKind.PARTICLE: 0.35, TokenKind.TITLE: 0.15, TokenKind.INITIAL: 0.5}.get(kind)
    script = script_of(word)
    sounds = word if script in ABJADS else latin
    return Token(
        text=latin,
        kind=kind,
        weight=weight or 1 + 0.03 * min(len(latin), 10),
        skeleton=latin_skeleton(latin),
        arabic=abjad_skeleton(latin if script is Script.HEBREW else sounds, alphabet=Script.ARABIC),
        hebrew=abjad_skeleton(latin if script is Script.ARABIC else sounds, alphabet=Script.HEBREW),
        script=script,
        written=written,
        native=word if script in ABJADS else "",
    )


_ROMANISED: Final = 1
"""The last bit of a sign by which a word may be another one's romanisation; without it the two are taken for one."""


def stored_signs(token: Token) -> array[int]:
    """Return the signs by which a word of a list is found, computed when they are asked for first."""
    if token.signs is None:
        object.__setattr__(token, "signs", array("I", _signs(token, sought=False)))
    return token.signs or array("I")


@lru_cache(maxsize=1 << 12)
def sought_signs(token: Token) -> frozenset[int]:
    """Return signs of which one stands among those of every other word that may be taken for *token*."""
    return frozenset(_signs(token, sought=True))


def tells_one_name(sign: int) -> bool:
    """Return whether two words with this sign are taken for one, rather than compared by their romanisations."""
    return not sign & _ROMANISED


def _signs(token: Token, *, sought: bool) -> Iterator[int]:
    """Yield what a word has in common with those for which it may be taken although they are spelt otherwise."""
    text = token.text
    if particle := particle_of(text, token.kind):
        yield crc32(f"p{particle}".encode()) & ~_ROMANISED
    if token.kind in _NAMING:
        yield crc32(f"l{lengths_off(text)}".encode()) & ~_ROMANISED
        if variant := variant_of(text):
            yield crc32(f"v{variant}".encode()) & ~_ROMANISED
        yield from (crc32(sign.encode()) | _ROMANISED for sign in romanised_signs(text, sought=sought))


def particle_of(text: str, kind: TokenKind) -> str:
    """Return the linking word that a word is, or may be in another language: Das and Dass, San and Sann."""
    return text if kind is TokenKind.PARTICLE else PARTICLES.get(text) or PARTICLES.get(lengths_off(text), "")


@lru_cache(maxsize=64)
def _initial(letter: str) -> Token:
    """Return *letter* as an initial: what begins a name links nothing (E. Vorontsova, but Lopes e Silva)."""
    return replace(
        _token(letter),
        text=letter,
        kind=TokenKind.INITIAL,
        weight=0.5,
        skeleton=latin_skeleton(letter),
        signs=None,
    )


def _kind(word: str, latin: str) -> TokenKind:
    """Return the part that a word plays, as far as the word alone tells."""
    if latin in TITLES:
        return TokenKind.TITLE
    alphabetic = script_of(word) not in {Script.HAN, Script.HANGUL, Script.KANA}
    if latin in PARTICLES and alphabetic and (word.isascii() or word in _MARKED_PARTICLES or not word[0].isascii()):
        return TokenKind.PARTICLE
    return TokenKind.INITIAL if len(latin) == 1 and alphabetic else TokenKind.WORD


@lru_cache(maxsize=1 << 12)
def _as_word(token: Token) -> Token:
    """Return *token* as a word of full weight; what is a name in other languages, as it is written: Das, Do, Le."""
    text = token.text if token.text in _ALWAYS_PARTICLES else token.written
    kind, weight = TokenKind.WORD, 1 + 0.03 * len(text)
    return replace(token, kind=kind, text=text, weight=weight, skeleton=latin_skeleton(text), signs=None)


def _with_enough_words(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Read particles as names where fewer than two words are left: Ben Smith, Van Tran."""
    if sum(token.kind in {TokenKind.WORD, TokenKind.INITIAL} for token in tokens) > 1:
        return tokens
    return tuple(_as_word(token) if token.kind is TokenKind.PARTICLE else token for token in tokens)
