"""Invented people with travel documents that are in order, each unlike any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any, Final, Literal

from flows.rehearsal.package.chance import stream
from flows.rehearsal.package.resources import read

Syllable = tuple[str, str]
"""Native writing, and its Latin letters as a travel document prints them."""


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name as its own script writes it, and its two parts as in the travel document (A-Z and hyphen)."""

    native: str
    surname: str
    given_names: str


@dataclass(frozen=True, slots=True)
class Tradition:
    """How one writing tradition builds names."""

    languages: tuple[str, ...]
    surname: tuple[tuple[Syllable, ...], ...]
    given_names: tuple[tuple[Syllable, ...], ...]
    surname_first: bool
    separator: str
    given_joint: str

    def name(self, chance: Random) -> PersonName:
        """Return an invented name."""
        surname = _composed(self.surname, chance)
        given = _composed(self.given_names, chance, joint=self.given_joint)
        parts = (surname[0], given[0]) if self.surname_first else (given[0], surname[0])
        return PersonName(native=self.separator.join(parts), surname=surname[1], given_names=given[1])


@cache
def traditions() -> Mapping[str, Tradition]:
    """Return the writing traditions by name."""
    return {script: _tradition(described) for script, described in read("names.yaml").items()}


def _tradition(described: Mapping[str, Any]) -> Tradition:
    surname_first = described.get("native_order") == "surname_first"
    return Tradition(
        languages=tuple(described["languages"]),
        surname=_places(described["surname"]),
        given_names=_places(described["given_names"]),
        surname_first=surname_first,
        separator=described.get("native_separator", "" if surname_first else " "),
        given_joint=described["given_names"].get("join_latin", ""),
    )


def _places(described: Mapping[str, Any]) -> tuple[tuple[Syllable, ...], ...]:
    listed = (described[place] for place in ("first", "middle", "last") if place in described)
    return tuple(tuple(_syllable(text) for text in syllables) for syllables in listed)


def _syllable(text: str) -> Syllable:
    native, _, latin = text.partition("/")
    return native, latin or native


def _composed(places: tuple[tuple[Syllable, ...], ...], chance: Random, *, joint: str = "") -> Syllable:
    chosen = [chance.choice(syllables) for syllables in places]
    return "".join(native for native, _ in chosen), joint.join(latin for _, latin in chosen)


Sex = Literal["M", "F", "X"]

_NUMBER_STEP: Final = 48_271_093
"""Coprime to 10⁸: multiples of it run through all numbers of eight digits before one comes again."""


@dataclass(frozen=True, slots=True)
class InventedState:
    """An invented state: its code, its name, and the traditions in which its people's names are written."""

    code: str
    name: str
    scripts: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """An invented human being; *number* tells the people of one rehearsal apart and seeds the portrait."""

    number: int
    name: PersonName
    sex: Sex
    birth_date: date
    nationalities: tuple[str, ...]
    document_number: str
    document_expiry: date
    languages: tuple[str, ...]

    @property
    def issuer(self) -> str:
        """The state whose travel document the person holds."""
        return self.nationalities[0]

    @property
    def mailbox(self) -> str:
        """The local part of the person's e-mail address."""
        plain = f"{self.name.given_names}.{self.name.surname}".lower().replace(" ", "")
        return f"{plain}.{self.number}"


@cache
def states() -> Mapping[str, InventedState]:
    """Return the invented states by code, the host state left out."""
    listed = read("land.yaml")["states"]
    return {code: InventedState(code, said["name"], tuple(said["scripts"])) for code, said in listed.items()}


@cache
def host() -> InventedState:
    """Return the state that holds the election."""
    said = read("land.yaml")["host"]
    return InventedState(said["code"], said["name"], tuple(said["scripts"]))


def person(number: int, *, seed: int, election_day: date, state: InventedState | None = None) -> Person:
    """Return person *number* of the rehearsal, of *state* or of any state but the host."""
    chance = stream(seed, "person", number)
    home = state or chance.choice(list(states().values()))
    tradition = traditions()[chance.choice(home.scripts)]
    return Person(
        number=number,
        name=tradition.name(chance),
        sex=chance.choices(("F", "M", "X"), (49, 50, 1))[0],
        birth_date=_birth_date(chance, election_day),
        nationalities=_nationalities(home, chance),
        document_number=_document_number(number, seed=seed, chance=chance),
        document_expiry=election_day + timedelta(days=chance.randint(200, 3_200)),
        languages=_languages(tradition, chance),
    )


def respelled(somebody: Person) -> Person:
    """Return the same human being as another clerk would spell the name: some letters doubled or exchanged."""
    name = somebody.name
    spelled = replace(name, surname=_other_spelling(name.surname), given_names=_other_spelling(name.given_names))
    return replace(somebody, name=spelled)


_RESPELLINGS: Final = (
    ("kh", "h"), ("ou", "u"), ("oe", "o"), ("aa", "a"), ("ie", "y"), ("iu", "yu"), ("ia", "ya"), ("i", "y"),
    ("k", "c"), ("u", "oo"), ("s", "ss"), ("n", "nn"),
)  # fmt: skip


def _other_spelling(name: str) -> str:
    head, tail = name[:1], name[1:]
    for usual, other in _RESPELLINGS:
        if usual in tail:
            return head + tail.replace(usual, other, 1)
    return head + tail + "h"


def _birth_date(chance: Random, election_day: date) -> date:
    return election_day - timedelta(days=chance.randint(22 * 366, 74 * 365))


def _nationalities(home: InventedState, chance: Random) -> tuple[str, ...]:
    """Return *home*, for one in thirty with a second citizenship that is not the host's."""
    others = [code for code in states() if code != home.code]
    return (home.code, chance.choice(others)) if chance.random() < 1 / 30 else (home.code,)


def _document_number(number: int, *, seed: int, chance: Random) -> str:
    """Return a letter and eight digits, the digits different for every *number*."""
    digits = (number * _NUMBER_STEP + seed * 7_919) % 10**8
    return f"{chance.choice('ABCDEFGHJKLMNPRSTUVWXYZ')}{digits:08d}"


def _languages(tradition: Tradition, chance: Random) -> tuple[str, ...]:
    spoken = dict.fromkeys(tradition.languages)
    if chance.random() < 0.3:  # noqa: PLR2004 -- three in ten speak one more language
        spoken[chance.choice(("fr", "es", "ru", "ar", "en"))] = None
    return tuple(spoken)
