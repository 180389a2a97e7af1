"""Invented people for the screening benchmark: names by Faker's locales, and the slips that spell them otherwise.

The slips know nothing of the scorer's own tables: random edits, orders, omissions. Lists and applicants are drawn
from different locales, as an election's observers and the people on a list mostly are.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from faker import Faker

LISTED = (
    "ar_SA", "ar_EG", "fa_IR", "ru_RU", "uk_UA", "es_MX", "es_CO", "zh_CN", "he_IL", "en_PK", "id_ID", "bg_BG",
    "ka_GE", "hy_AM", "tr_TR", "pt_BR", "vi_VN", "az_AZ", "ne_NP", "bn_BD", "es_ES", "en_NG",
)  # fmt: skip
APPLYING = (
    "en_US", "en_GB", "de_DE", "fr_FR", "it_IT", "pl_PL", "nl_NL", "sv_SE", "fi_FI", "cs_CZ", "en_IN", "ro_RO",
    "hu_HU", "da_DK", "lt_LT", "el_GR", "en_KE", "th_TH", "ja_JP", "ar_AA", "ko_KR", "pt_PT", "es_AR",
)  # fmt: skip


class Invented(NamedTuple):
    name: str
    birth_date: str


def people(locales: tuple[str, ...], *, count: int, seed: int) -> list[Invented]:
    fakers = [Faker(locale) for locale in locales]
    for place, faker in enumerate(fakers):
        faker.seed_instance(seed + place)
    chance = random.Random(seed)
    return [Invented(_name(chance.choice(fakers), chance), _born(chance)) for _ in range(count)]


def _name(faker: Faker, chance: random.Random) -> str:
    language = faker.locales[0][:2]
    if language in {"zh", "ko"}:
        return f"{faker.last_name()}{faker.first_name()}"
    if language == "ja":
        return f"{faker.last_name()} {faker.first_name()}"
    parts = [faker.first_name(), faker.last_name()]
    if language in {"es", "pt"} and chance.random() < 0.6:
        parts.append(faker.last_name())
    return " ".join(parts)


def _born(chance: random.Random) -> str:
    return f"{chance.randint(1950, 2003)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"


def syllabic_names(*, count: int, seed: int) -> list[Invented]:
    """Names of invented syllables: collisions are rare, which lists of 100,000 need."""
    chance = random.Random(seed)
    heads = [
        "b",
        "br",
        "d",
        "dr",
        "f",
        "g",
        "gr",
        "h",
        "k",
        "kl",
        "l",
        "m",
        "n",
        "p",
        "r",
        "s",
        "st",
        "t",
        "v",
        "z",
        "",
    ]
    vowels, tails = ["a", "e", "i", "o", "u", "ai", "ei", "ou"], ["", "", "n", "r", "s", "l", "m", "k", "nd"]

    def word() -> str:
        count = chance.choice((2, 2, 3))
        return "".join(
            chance.choice(heads) + chance.choice(vowels) + chance.choice(tails) for _ in range(count)
        ).title()

    return [Invented(" ".join(word() for _ in range(chance.choice((2, 2, 3)))), _born(chance)) for _ in range(count)]


def _edit(word: str, chance: random.Random) -> str:
    place, letter = chance.randrange(1, max(2, len(word))), chance.choice("abcdefghijklmnopqrstuvwxyz")
    kind = chance.choice("dist")
    if kind == "d":
        return word[:place] + word[place + 1 :]
    if kind == "i":
        return word[:place] + letter + word[place:]
    if kind == "s":
        return word[:place] + letter + word[place + 1 :]
    return word[: place - 1] + word[place : place + 1] + word[place - 1] + word[place + 1 :]


def _slip(parts: list[str], chance: random.Random) -> list[str]:
    place = chance.randrange(len(parts))
    return [_edit(part, chance) if here == place else part for here, part in enumerate(parts)]


def _two_slips(parts: list[str], chance: random.Random) -> list[str]:
    return _slip(_slip(parts, chance), chance)


def _initial(parts: list[str], chance: random.Random) -> list[str]:
    del chance
    return [parts[0][0] + ".", *parts[1:]]


def _vowel(parts: list[str], chance: random.Random) -> list[str]:
    word = parts[-1]
    places = [place for place, letter in enumerate(word) if letter in "aeiou"] or [0]
    place = chance.choice(places)
    return [*parts[:-1], word[:place] + chance.choice("aeiou") + word[place + 1 :]]


SLIPS: dict[str, Callable[[list[str], random.Random], list[str]]] = {
    "exact": lambda parts, _: parts,
    "order": lambda parts, _: [parts[-1], *parts[:-1]],
    "capitals": lambda parts, _: [part.upper() for part in parts],
    "comma": lambda parts, _: [parts[-1] + ",", *parts[:-1]],
    "joined": lambda parts, _: ["".join(parts)],
    "one slip": _slip,
    "two slips": _two_slips,
    "another vowel": _vowel,
    "doubled letter": lambda parts, _: [*parts[:-1], parts[-1][:2] + parts[-1][1:]],
    "initial": _initial,
    "middle name added": lambda parts, chance: [parts[0], chance.choice(("Ana", "Jon", "Mira", "Tomas")), *parts[1:]],
}
