"""Columns that were sorted apart from the rest of a list: many people's values moved among them at once.

One person's new name is a change of name. When the names of a fifth of a list are those of others of the list, somebody
sorted one column by itself, and which of the two lists is right only its sender knows. Photographs and scans move like
values: a badge would show somebody else's face.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from domain.application.nomination import Nomination, folded

COLUMN_MOVED: Final = "column_moved"
"""The message that asks about it, and the note."""
NOBODYS: Final[Mapping[str, Counter[str]]] = MappingProxyType({})
_WATCHED: Final = (
    "surname", "given_names", "native_name", "born", "sex", "email", "phone", "document_number", "document_expiry",
    "photo", "identity_page",
)  # fmt: skip
"""What a list says of people besides its own numbers of them; of files, the digests."""
_NAMES: Final = frozenset({"surname", "given_names", "native_name"})
_GIVEN: Final = "given_names"
_LEAST: Final = 3
"""People whose values moved; two may have been exchanged by mistake before."""
_SHARE: Final = 0.2
"""The share of the people of the list."""
_AMONG_THEM: Final = 0.8
"""The share of the new values that were others' before: people join and leave a list that is sorted apart."""


_ELSEWHERE: Final = 0.1
"""The least share of a part's former values that a list says of others now, where its column was sorted apart."""
PICTURES: Final = frozenset({"photo", "identity_page"})


class Moved(NamedTuple):
    """Columns that were sorted apart, joined by commas, and how many people have another's value by them."""

    column: str
    people: int


class Changes(NamedTuple):
    """What a list says otherwise than is recorded: of how many *known* people how many *changed*, and how.

    *moves* are by column each person's value as it was, and as the list says it now.
    """

    known: int
    changed: int
    moves: Mapping[str, Sequence[tuple[str, str]]]


def changes_of(people: Iterable[tuple[Nomination, Nomination]]) -> Changes:
    """Return what changed among *people*, each with what is recorded and what a list says now."""
    moves: dict[str, list[tuple[str, str]]] = {}
    known = changed = 0
    for known, (recorded, said) in enumerate(people, start=1):  # noqa: B007 -- how many there were
        names = _changed(recorded, said)
        changed += bool(names)
        for name in names:
            moves.setdefault(name, []).append((value_of(recorded, name), value_of(said, name)))
    return Changes(known, changed, moves)


def moved_column(found: Changes, held: Mapping[str, Counter[str]] = NOBODYS, *, is_part: bool = False) -> Moved | None:
    """Return what moved, of all that was *found* to have changed; None for nothing.

    *held* are the values of everybody whom the organisation named, by column; without them the same people's count.
    *is_part* says that the list is longer: of the one or two people at its end all must have moved.
    """
    least = max(min(_LEAST, found.known) if is_part else _LEAST, _SHARE * found.known)
    moved = {
        name: len(moves)
        for name, moves in found.moves.items()
        if len(moves) >= least and _are_theirs(moves, held.get(name) or Counter(old for old, _ in moves))
    }
    return Moved(", ".join(map(cell_of, moved)), max(moved.values())) if moved else None


def _are_theirs(moves: Sequence[tuple[str, str]], before: Counter[str]) -> bool:
    """Whether the new values of a column were others' before."""
    return (before & Counter(new for _, new in moves)).total() >= _AMONG_THEM * len(moves)


def exchanged_names(people: Iterable[tuple[Nomination, Nomination]]) -> list[Nomination]:
    """Return what is said now of people two of whom have each other's given names, which next to nobody changes."""
    moves = {
        (value_of(recorded, _GIVEN), value_of(said, _GIVEN)): said
        for recorded, said in people
        if _changed(recorded, said) == [_GIVEN]
    }
    return [said for (old, new), said in moves.items() if (new, old) in moves]


def may_be_elsewhere(moves: Sequence[tuple[str, str]], listed: Container[str]) -> bool:
    """Whether what was said of people stands in the column elsewhere now: a value that was corrected is gone."""
    return sum(old in listed for old, _ in moves) >= _ELSEWHERE * len(moves)


def _changed(recorded: Nomination, said: Nomination) -> list[str]:
    """Return what differs. Where more than a part of the name does, the row may be about somebody else."""
    differing = [name for name in _WATCHED if _differs(recorded, said, name)]
    return differing if len(differing) == 1 or _NAMES.isdisjoint(differing) else []


def may_have_moved(found: Changes) -> bool:
    """Whether what changed in a part of a list may be part of more."""
    return found.changed >= min(_LEAST, max(1, _SHARE * found.known))


def cell_of(name: str) -> str:
    """Return the column of a list that says *name*."""
    return "birth_date" if name == "born" else name


def value_of(nomination: Nomination, name: str) -> str:
    """Return what is compared of *nomination*."""
    return folded(str(getattr(nomination, name) or ""))


def _differs(recorded: Nomination, said: Nomination, name: str) -> bool:
    old, new = value_of(recorded, name), value_of(said, name)
    return bool(old and new) and old != new
