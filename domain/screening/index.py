"""Where candidates come from: a port with one store in memory, and the ranking that a store in SQL needs."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Final, NamedTuple, Protocol
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from domain.errors import BadInputError
from domain.screening.keys import (
    ALWAYS_FOUND,
    Family,
    Key,
    is_crowded,
    key_score,
    sought_keys,
    stored_keys,
)
from domain.screening.names.scripts import Script
from domain.screening.subject import ListEntry, ReferenceList, Subject

BEST: Final = 30
"""How many candidates are scored, beside those that share a whole name or a document."""


_OFTEN_SHARED: Final = 8
_MOST_SHARED: Final = 40
"""Keys that two names often share, and more than they ever do."""

_ROUNDING: Final = 1e-6


EntryKey = tuple[str, str]
"""List id and entry id."""


class _Held(NamedTuple):
    """A key and the places of the entries that hold it."""

    text: str
    family: Family
    holders: int
    places: Sequence[int]


class CandidateIndex(Protocol):
    """Entries of reference lists, found by the keys they share with a person.

    Whatever the store: an entry with a key of a family in ``ALWAYS_FOUND`` is always among the candidates; the
    others are the best by the sum of ``key_score`` over shared keys.
    """

    def reference(self, list_id: str) -> ReferenceList:
        """Return the list with this id."""
        ...

    def candidates(self, person: Subject, *, best: int = BEST) -> Sequence[ListEntry]:
        """Return the entries worth scoring, in an order that depends on the content of the index only."""
        ...


def best_candidates(
    holders: Iterable[tuple[Family, NDArray[np.int64]]], *, entries: int, best: int = BEST
) -> list[int]:
    """Return the numbers of the entries worth scoring, given for each sought key its family and who holds it.

    It is what a store in SQL needs beside ``sought_keys``: select the holders of these keys from the key table, then
    rank them here, among so many *entries*. It ranks as the index in memory does, ties by the lower number.
    """
    found = [(family, held) for family, held in holders if len(held) and not is_crowded(family, holders=len(held))]
    if not found:
        return []
    chosen = {row for family, held in found if family in ALWAYS_FOUND for row in held.tolist()}
    worth = [key_score(family, holders=len(held), entries=entries) for family, held in found]
    together = np.concatenate([held for _, held in found])
    distinct, place = np.unique(together, return_inverse=True)
    points = np.bincount(place, weights=np.repeat(worth, [len(held) for _, held in found]))
    order = np.lexsort((distinct, -points.round(6)))
    return sorted(chosen.union(distinct[order[:best]].tolist()))


def _tie(entry: EntryKey) -> int:
    """Return what settles equal points: a number that depends on nothing but the ids."""
    return crc32("\0".join(entry).encode())


class MemoryIndex:
    """A candidate index in memory: posting lists, changed entry by entry.

    It holds about 2 kB an entry. It is not safe to change in one thread while another searches.
    """

    def __init__(self) -> None:
        self._references: dict[str, ReferenceList] = {}
        self._entries: list[ListEntry | None] = []
        self._places: dict[EntryKey, int] = {}
        # Most keys are one entry's: a list of one place takes four times as much as the place.
        self._postings: dict[str, int | array[int]] = {}
        self._scripts: set[Script] = set()
        self._points: NDArray[np.float64] = np.zeros(0)
        self._ties: NDArray[np.uint32] = np.zeros(0, dtype=np.uint32)

    def __len__(self) -> int:
        return len(self._places)

    def add_list(self, reference: ReferenceList, entries: Iterable[ListEntry]) -> None:
        """Add a list and its entries; a newer version of a list takes the place of the older one."""
        if reference.list_id in self._references:
            self.remove_list(reference.list_id)
        self._references[reference.list_id] = reference
        for entry in entries:
            self.add(entry)

    def remove_list(self, list_id: str) -> None:
        """Forget a list with all its entries; an unknown list is no error."""
        self._references.pop(list_id, None)
        for key in [key for key in self._places if key[0] == list_id]:
            self.remove(*key)

    def add(self, entry: ListEntry) -> None:
        """Add one entry of a known list; an entry with the same id is replaced."""
        if entry.list_id not in self._references:
            problem = f"entry {entry.subject_id} belongs to a list that was not added."
            raise BadInputError(f"list {entry.list_id}", problem, remedy="Add the list first.")
        self.remove(*entry.key)
        place = len(self._entries)
        self._make_room(place)
        self._ties[place] = _tie(entry.key)
        self._entries.append(entry)
        self._places[entry.key] = place
        for form in entry.forms:
            form.prepare()
            self._scripts.add(form.script)
        for key in stored_keys(entry):
            self._post(key.text, place)

    def _post(self, key: str, place: int) -> None:
        """Note that the entry at *place* holds *key*."""
        held = self._postings.setdefault(key, place)
        if isinstance(held, array):
            held.append(place)
        elif held != place:
            self._postings[key] = array("I", (held, place))

    def _make_room(self, place: int) -> None:
        """Let the arrays hold *place*, with room to spare."""
        if place >= len(self._ties):
            self._points = np.zeros(2 * place + 64)
            self._ties = np.resize(self._ties, 2 * place + 64)

    def remove(self, list_id: str, entry_id: str) -> None:
        """Remove one entry; an unknown one is no error."""
        place = self._places.pop((list_id, entry_id), None)
        entry = self._entries[place] if place is not None else None
        if place is None or entry is None:
            return
        self._entries[place] = None
        for key in stored_keys(entry):
            held = self._postings[key.text]
            if isinstance(held, array):
                held.remove(place)
            if not isinstance(held, array) or not held:
                del self._postings[key.text]

    def reference(self, list_id: str) -> ReferenceList:
        """Return the list with this id, which must have been added."""
        return self._references[list_id]

    def candidates(self, person: Subject, *, best: int = BEST) -> Sequence[ListEntry]:
        """Return the best entries by shared keys, and every holder of the same whole name or document."""
        held = self._held(sought_keys(person, scripts=self._scripts))
        if not held:
            return []
        together, counts = array("I"), [posting.holders for posting in held]
        chosen: set[int] = set()
        for posting in held:
            together.extend(posting.places)
            if posting.family in ALWAYS_FOUND:
                chosen.update(posting.places)
        worth = [key_score(posting.family, holders=posting.holders, entries=len(self._places)) for posting in held]
        # One numpy call for all: most postings are short, and a call for each would take longer than the adding.
        places = np.frombuffer(together, dtype=np.uint32)
        np.add.at(self._points, places, np.repeat(worth, counts))
        chosen.update(self._best(places, count=best))
        self._points[places] = 0.0
        return sorted(filter(None, map(self._entries.__getitem__, chosen)), key=attrgetter("list_id", "subject_id"))

    def _best(self, places: NDArray[np.uint32], *, count: int) -> list[int]:
        """Return the *count* places with the most points, ties by the hash of list and entry id."""
        points = self._points[places]
        # A place stands here once for each key it shares. Few are looked at first, and more where too few differ.
        for repeated in (count * _OFTEN_SHARED, count * _MOST_SHARED):
            few = len(points) > repeated
            likely = places[points >= np.partition(points, -repeated)[-repeated] - _ROUNDING] if few else places
            # Sorting a few hundred places is several times quicker than the hashing of np.unique.
            likely = np.sort(likely)
            distinct = likely[np.append(True, likely[1:] != likely[:-1])]
            if not few or len(distinct) >= count:
                break
        order = np.lexsort((self._ties[distinct], -self._points[distinct].round(6)))
        return [int(place) for place in distinct[order[:count]]]

    def _held(self, sought: Iterable[Key]) -> list[_Held]:
        """Return who holds the *sought* keys, but for those that nobody or too many hold.

        They are in the order of the keys: sums of floating-point numbers depend on the order of what is added.
        """
        found: list[_Held] = []
        for key in sought:
            posting = self._postings.get(key.text)
            if posting is not None:
                places = (posting,) if isinstance(posting, int) else posting
                if not is_crowded(key.family, holders=len(places)):
                    found.append(_Held(key.text, key.family, len(places), places))
        return sorted(found)
