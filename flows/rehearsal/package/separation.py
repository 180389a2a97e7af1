"""Keeping invented people apart: whom an officer could take for one person by chance is given another birthday.

What letters and digits share is counted here, not what the engine's own scores say: the truth must not lean on them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from domain.election.profile import ElectionProfile
from flows.rehearsal.package.cases import RehearsalCase, written_anew
from flows.rehearsal.package.people import Person

_ALIKE: Final = 0.65
"""The share of equal letters from which two names could be one name misspelt; wide, for truth's sake."""

_SAME: Final = 0.9
_NEAR_YEARS: Final = 2
_STEP: Final = timedelta(days=17)


def set_apart(every: Iterable[RehearsalCase], seed: int, profile: ElectionProfile) -> None:
    """Give another birthday to a person whose name and birthday are close to those of somebody before them."""
    met: defaultdict[str, list[Person]] = defaultdict(list)
    for case in every:
        born = case.person.birth_date
        while any(_likeness(case.person, other) >= _ALIKE for mark in _marks(born) for other in met[mark]):
            born -= _STEP
        if born != case.person.birth_date:
            written_anew(case, replace(case.person, birth_date=born), seed, profile)
        for mark in _marks(born):
            met[mark].append(case.person)


class Crowd:
    """Everybody in a rehearsal, to be asked whether somebody could be taken for one of them."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._people = list(people)
        self._written = [
            [_letters(person) for person in self._people],
            [person.name.native for person in self._people],
        ]

    def has_nobody_like(self, somebody: Person) -> bool:
        """Return whether nobody but the same human being could be taken for *somebody*."""
        asked = _letters(somebody), somebody.name.native
        resembling = {
            place
            for text, written in zip(asked, self._written, strict=True)
            for _, _, place in process.extract_iter(
                text, written, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE
            )
        }
        others = (self._people[place] for place in resembling)
        return not any(_could_be(somebody, other) for other in others if other.number != somebody.number)


def _could_be(one: Person, other: Person) -> bool:
    likeness = _likeness(one, other)
    if likeness < _ALIKE:
        return False
    near = abs(one.birth_date.year - other.birth_date.year) <= _NEAR_YEARS
    return likeness >= _SAME or near or not set(_marks(one.birth_date)).isdisjoint(_marks(other.birth_date))


def _likeness(one: Person, other: Person) -> float:
    return max(
        OSA.normalized_similarity(_letters(one), _letters(other)),
        OSA.normalized_similarity(one.name.native, other.name.native),
    )


def _letters(somebody: Person) -> str:
    return f"{somebody.name.given_names}{somebody.name.surname}".lower()


def _marks(born: date) -> Iterator[str]:
    """Yield what two dates share if they are equal, differ in one digit, or have the same digits in another order."""
    digits = f"{born:%Y%m%d}"
    yield "".join(sorted(digits))
    for place in range(len(digits)):
        yield f"{digits[:place]}*{digits[place + 1 :]}"
