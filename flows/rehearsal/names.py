"""Invented names in many scripts, each with what a travel document prints for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from flows.rehearsal.resources import read

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
