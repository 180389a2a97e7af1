"""Keys of a name: short strings that two spellings of one name are likely to share.

An index stores the keys of list entries and looks for those of a person. The memory index keeps them in posting
lists; an SQL table ``(key, entry)`` serves as well, for a key is nothing but text.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import Final, NamedTuple

from domain.screening.names.forms import NameForm, Token, TokenKind, runs_of_particles
from domain.screening.names.korean import SURNAMES_BY_SPELLING, folded_given_name, native_surname
from domain.screening.names.mandarin import SURNAMES as MANDARIN_SURNAMES
from domain.screening.names.mandarin import foldings
from domain.screening.names.scripts import ABJADS, Script
from domain.screening.names.skeletons import latin_skeleton
from domain.screening.names.sounds import heard
from domain.screening.names.variants import variant_of
from domain.screening.subject import Subject

KEYS_EDITION: Final = "keys-4"
"""Names the keys that this code makes of people: those of list entries, and those applicants meet by.

It changes whenever somebody's keys do. Stored keys of another edition are computed anew before anybody is compared.
"""


class Family(StrEnum):
    """What a key is made of; the value begins the key's text."""

    DOCUMENT = "n"
    EXACT = "x"
    JOINED = "j"
    SKELETON = "s"
    ABJAD = "h"
    HEARD = "c"
    KOREAN = "k"
    MANDARIN = "m"
    BIRTH = "b"
    ABJAD_DELETION = "e"
    DELETION = "d"
    PREFIX = "p"
    PARTICLE = "a"


WEIGHTS: Final = {
    Family.DOCUMENT: 9.0,
    Family.EXACT: 3.0,
    Family.JOINED: 1.5,
    Family.SKELETON: 1.0,
    Family.ABJAD: 1.0,
    Family.HEARD: 0.8,
    Family.KOREAN: 1.5,
    Family.MANDARIN: 1.5,
    Family.BIRTH: 0.8,
    Family.ABJAD_DELETION: 0.5,
    Family.DELETION: 0.5,
    Family.PREFIX: 0.35,
    Family.PARTICLE: 0.1,
}
"""What one shared key of a family is worth, before its rarity is counted."""

ALWAYS_FOUND: Final = frozenset({Family.DOCUMENT, Family.EXACT})
"""Families whose holders are candidates whatever their rank."""

CROWDED: Final = frozenset({Family.BIRTH, Family.ABJAD_DELETION, Family.DELETION, Family.PREFIX, Family.PARTICLE})
"""Families whose keys are left aside where more than ``CROWD`` entries hold them."""

CROWD: Final = 2_000
_EASTERN: Final = frozenset({Script.HAN, Script.KANA, Script.HANGUL})


class Key(NamedTuple):
    """A key: its family, and the text to store and to look for."""

    family: Family
    text: str


def key_number(secret: bytes, text: str) -> int:
    """Return the number under which a key table holds *text*: 64 bits, signed, of BLAKE2b keyed with a *secret*.

    Whoever has not the secret learns nothing from guessing a name. Two texts may share a number; that makes a
    candidate more, which scoring finds to be none. Source: RFC 7693, 2.9.
    """
    said = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(said, key=secret, digest_size=8).digest(), "big", signed=True)


def key_score(family: Family, *, holders: int, entries: int) -> float:
    """Return what sharing a key is worth: the family's weight times the key's rarity."""
    return WEIGHTS[family] * math.log(1 + entries / holders)


def is_crowded(family: Family, *, holders: int) -> bool:
    """Return whether a key is held by too many entries to tell anything."""
    return family in CROWDED and holders > CROWD


def stored_keys(subject: Subject) -> frozenset[Key]:
    """Return the keys under which a list entry is stored."""
    made = chain.from_iterable(_form_keys(form, stored=True) for form in subject.forms)
    return frozenset(made) | _other_keys(subject)


def sought_keys(subject: Subject, *, scripts: Collection[Script] = tuple(Script)) -> frozenset[Key]:
    """Return the keys under which entries resembling *subject* are found, whose names are written in *scripts*."""
    made = chain.from_iterable(_form_keys(form, stored=False, scripts=scripts) for form in subject.forms)
    return frozenset(made) | _other_keys(subject)


def _other_keys(subject: Subject) -> frozenset[Key]:
    """Return the keys of documents and dates of birth."""
    documents = {Key(Family.DOCUMENT, f"n{number}") for number in subject.document_keys}
    births: set[Key] = set()
    for born in subject.births:
        if born.is_whole:
            births.add(Key(Family.BIRTH, f"b{born}"))
        for form in subject.forms:
            births.update(Key(Family.BIRTH, f"b{born.year}{word.skeleton[:2]}") for word in form.words)
    return frozenset(documents | births)


def _form_keys(form: NameForm, *, stored: bool, scripts: Collection[Script] = tuple(Script)) -> Iterator[Key]:
    yield Key(Family.EXACT, "x" + " ".join(form.bag))
    yield Key(Family.EXACT, "x" + form.joined)
    yield Key(Family.EXACT, "x" + form.letters)
    yield from (Key(Family.SKELETON, f"s{latin_skeleton(run)}") for run in runs_of_particles(form.tokens))
    yield Key(Family.JOINED, "j" + "".join(sorted("".join(word.skeleton for word in form.words))))
    for token in form.tokens:
        yield from _token_keys(token)
    is_eastern = form.script in _EASTERN
    # Latin names find by these keys what is written in other scripts, where anything is.
    if is_eastern or (form.script is Script.LATIN and (stored or not _EASTERN.isdisjoint(scripts))):
        yield from _eastern_keys(form, stored=stored)
    if not is_eastern:
        yield from _abjad_keys(form, stored=stored, scripts=scripts)
    yield from _syllable_keys(form, stored=stored)


@lru_cache(maxsize=1 << 12)
def _token_keys(token: Token) -> tuple[Key, ...]:
    """Return the keys of one Latin token."""
    if token.kind in {TokenKind.PARTICLE, TokenKind.TITLE}:
        return (Key(Family.PARTICLE, f"a{token.text}"),)
    if token.kind is TokenKind.INITIAL:
        return (Key(Family.PARTICLE, f"i{token.text}"),)
    keys = [Key(Family.SKELETON, f"s{token.skeleton}"), Key(Family.PARTICLE, f"i{token.text[0]}")]
    if name := variant_of(token.text):
        keys.append(Key(Family.SKELETON, f"s{latin_skeleton(name)}"))
    if len(token.skeleton) >= 4:  # noqa: PLR2004 -- shorter skeletons less a letter tell nothing
        keys += [Key(Family.DELETION, f"d{shorter}") for shorter in _less_one_letter(token.skeleton)]
        keys.append(Key(Family.DELETION, f"d{token.skeleton}"))
    if len(token.text) >= 4:  # noqa: PLR2004 -- a prefix of three must leave something
        keys.append(Key(Family.PREFIX, f"p{token.text[:3]}{len(token.text) // 3}"))
    return tuple(keys)


def _less_one_letter(skeleton: str) -> set[str]:
    return {skeleton[:place] + skeleton[place + 1 :] for place in range(len(skeleton))}


def _abjad_keys(form: NameForm, *, stored: bool, scripts: Collection[Script]) -> Iterator[Key]:
    """Return consonant keys; Latin names are stored and sought apart, so that they never find each other by these."""
    if form.script in ABJADS:
        alphabets, marks = [form.script], "n" if stored else "nl"
    else:
        alphabets = [alphabet for alphabet in (Script.ARABIC, Script.HEBREW) if stored or alphabet in scripts]
        marks = "l" if stored else "n"
    for alphabet in alphabets:
        for mark in marks:
            for word in form.words:
                yield from _consonant_keys(
                    word.hebrew if alphabet is Script.HEBREW else word.arabic, alphabet[0] + mark
                )


@lru_cache(maxsize=1 << 12)
def _consonant_keys(consonants: str, prefix: str) -> tuple[Key, ...]:
    """Return the keys of one word's consonants."""
    if len(consonants) < 2:  # noqa: PLR2004 -- one consonant is everybody's
        return ()
    keys = [Key(Family.ABJAD, f"h{prefix}{consonants}")]
    if len(consonants) >= 4:  # noqa: PLR2004 -- shorter ones less a letter tell nothing
        keys += [Key(Family.ABJAD_DELETION, f"e{prefix}{shorter}") for shorter in _less_one_letter(consonants)]
    return tuple(keys)


def _eastern_keys(form: NameForm, *, stored: bool) -> Iterator[Key]:
    """Return how East Asian scripts hear the words of a name; Latin names are stored and sought apart, as above."""
    native = form.script is not Script.LATIN
    if native and not form.is_by_ear:
        return
    marks = _marks(native=native, stored=stored)
    for word in form.words:
        sounds = _coarse_sounds(word)
        if len(sounds) > 1:
            yield from (Key(Family.HEARD, f"c{mark}{sounds}") for mark in marks)


@lru_cache(maxsize=1 << 12)
def _coarse_sounds(word: Token) -> str:
    """Return what Chinese, the least discerning of them, hears in a word; the others romanise as others spell."""
    return heard(word.text, Script.HAN, native=word.script is Script.HAN).consonants.replace("f", "p")


def _marks(*, native: bool, stored: bool) -> str:
    """Return the marks of keys by which native names find native and Latin ones, and Latin names native ones only."""
    return {(True, True): "n", (True, False): "nl", (False, True): "l", (False, False): "n"}[native, stored]


def _syllable_keys(form: NameForm, *, stored: bool) -> Iterator[Key]:
    """Return Korean and Mandarin readings, by which romanised names find each other and native ones."""
    for family, script, readings in (
        (Family.KOREAN, Script.HANGUL, korean_readings),
        (Family.MANDARIN, Script.HAN, mandarin_readings),
    ):
        marks = ("n" if form.script is script else "l") if stored else "nl"
        for reading in readings(form):
            yield from (Key(family, f"{family}{mark}{reading}") for mark in marks)


def korean_readings(form: NameForm) -> Iterator[str]:
    """Return surname and given name as Korean, in full and without vowels, where a name is or may be Korean."""
    native = form.script is Script.HANGUL
    for surname, rest in _surname_and_rest(form, native=native):
        given = folded_given_name(rest)
        known = (native_surname(surname),) if native else sorted(SURNAMES_BY_SPELLING.get(surname, ()))
        for whole in known:
            yield f"{whole} {given}"
            yield f"{whole}~{''.join(letter for letter in given if letter not in 'aeiouy')}"


def mandarin_readings(form: NameForm) -> Iterator[str]:
    """Return surname and given name as Mandarin, whichever way romanised, where a name is or may be Chinese."""
    native = form.script is Script.HAN
    for surname, rest in _surname_and_rest(form, native=native):
        for known in foldings(surname)[:1] if native else foldings(surname):
            if native or known in MANDARIN_SURNAMES:
                yield from (f"{known} {given}" for given in (foldings(rest)[:1] if native else foldings(rest)))


def _surname_and_rest(form: NameForm, *, native: bool) -> Iterator[tuple[str, str]]:
    """Yield the surname and the rest of a name of two to four words; in Latin letters it may stand first or last."""
    words = tuple(word.text for word in form.words) if native else form.written
    if 2 <= len(words) <= 4 and (native or form.script is Script.LATIN):  # noqa: PLR2004 -- a surname, one to three parts
        for position in (0,) if native else (0, len(words) - 1):
            yield words[position], "".join(word for place, word in enumerate(words) if place != position)
