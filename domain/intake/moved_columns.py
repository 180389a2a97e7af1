"""Columns that were sorted apart from the rest of a list: many people's values moved among them at once.

One person's new name is a change of name. When the names of a fifth of a list are those of others of the list, somebody
sorted one column by itself, and which of the two lists is right only its sender knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from domain.application.nomination import Nomination, folded

COLUMN_MOVED: Final = "column_moved"
"""The message that asks about it, and the note."""
_WATCHED: Final = (
    "surname", "given_names", "native_name", "born", "sex", "email", "phone", "document_number", "document_expiry",
)  # fmt: skip
"""What a list says of people besides its own numbers of them."""
_LEAST: Final = 3
"""People whose values moved; two may have been exchanged by mistake before."""
_SHARE: Final = 0.2
"""The share of the people of the list."""
_AMONG_THEM: Final = 0.8
"""The share of the new values that were others' before: people join and leave a list that is sorted apart."""


class Moved(NamedTuple):
    """A column that was sorted apart, and how many people have another's value by it."""

    column: str
    people: int


def moved_column(people: Iterable[tuple[Nomination, Nomination]]) -> Moved | None:
    """Return the column whose values moved among *people*, each with what is recorded and what a list says now."""
    changed: dict[str, list[tuple[str, str]]] = {}
    known = 0
    for recorded, said in people:
        known += 1
        differing = [name for name in _WATCHED if _differs(recorded, said, name)]
        if len(differing) == 1:
            (name,) = differing
            changed.setdefault(name, []).append((_value(recorded, name), _value(said, name)))
    for name, moves in changed.items():
        before, after = Counter(old for old, _ in moves), Counter(new for _, new in moves)
        among_them = (before & after).total()
        if len(moves) >= max(_LEAST, _SHARE * known) and among_them >= _AMONG_THEM * len(moves):
            return Moved("birth_date" if name == "born" else name, len(moves))
    return None


def says_another_value(recorded: Nomination, said: Nomination) -> bool:
    """Whether in exactly one column something else is said than is recorded."""
    return sum(_differs(recorded, said, name) for name in _WATCHED) == 1


def may_have_moved(changed: int, known: int) -> bool:
    """Whether so many of the people of a part of a list may be part of more."""
    return changed >= min(_LEAST, max(1, _SHARE * known))


def _value(nomination: Nomination, name: str) -> str:
    return folded(str(getattr(nomination, name) or ""))


def _differs(recorded: Nomination, said: Nomination, name: str) -> bool:
    old, new = _value(recorded, name), _value(said, name)
    return bool(old and new) and old != new
