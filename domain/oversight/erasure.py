"""Erasing personal data: whose may be erased, who says so, and by which marks people are known in other texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final, Self, cast
from uuid import UUID, uuid5

from pydantic import Field

from domain.application.nomination import Nomination
from domain.application.status import CLOSED
from domain.statements.officer_acts import Step
from domain.values import ElectionCode, Frozen, OfficerCode, UtcTime

ERASABLE: Final = CLOSED
"""Cases in which nothing waits for the person's data any more; who appeals is no longer among them."""

NAMESPACE: Final = UUID("8d3f5b55-7a0e-5d0c-9d6e-3a0f6f1f2c11")
"""Of the ids in the register of erasures."""
_LEAST: Final = 4
"""Characters of a text that tells somebody apart; shorter ones stand in any letter."""


class ErasureEntry(Frozen):
    """One signed step of an erasure: ids only, so that it can be kept for good."""

    id: UUID
    step: Step
    applications: tuple[UUID, ...]
    ground: Annotated[str, Field(max_length=64, description="file number of the request, or the rule; no name")] = ""
    officer: OfficerCode
    proof: str
    at: UtcTime


def erasure_id(election: ElectionCode, applications: Sequence[UUID]) -> UUID:
    """Return the id of the erasure of exactly *applications*."""
    return uuid5(NAMESPACE, f"{election}\x1f{','.join(sorted(map(str, applications)))}")


def open_erasure(entries: Iterable[ErasureEntry], wanted: UUID) -> ErasureEntry | None:
    """Return the proposal of the erasure *wanted* that nobody has confirmed yet."""
    found: ErasureEntry | None = None
    for entry in entries:
        if entry.id == wanted:
            found = entry if entry.step is Step.PROPOSED else None
    return found


class Marks(Frozen):
    """What tells people apart in a text: address, numbers, whole name in either order, name in their own script."""

    single: Annotated[frozenset[str], Field(repr=False)]
    pairs: Annotated[frozenset[tuple[str, str]], Field(repr=False)]
    """Surname and given names, which mean the person where both stand in one text."""

    @classmethod
    def of(cls, people: Iterable[Nomination]) -> Self:
        """Return the marks of every version of *people*."""
        single: set[str] = set()
        pairs: set[tuple[str, str]] = set()
        for person in people:
            texts = (person.email, person.document_number, person.phone, person.native_name, *person.mrz.splitlines())
            single |= {text.casefold() for text in texts if len(text) >= _LEAST}
            if person.surname and person.given_names:
                pairs.add((person.surname.casefold(), person.given_names.casefold()))
            elif len(person.name) >= _LEAST:
                single.add(person.name.casefold())
        return cls(single=frozenset(single), pairs=frozenset(pairs))

    def are_in(self, value: object) -> bool:
        """Whether any of the people is named in *value*: a text, or texts in lists and mappings."""
        text = "\n".join(_texts(value)).casefold()
        return any(mark in text for mark in self.single) or any(
            surname in text and given in text for surname, given in self.pairs
        )


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(cast("Mapping[str, object]", value).values()))
    elif isinstance(value, list | tuple):
        for item in cast("Sequence[object]", value):
            yield from _texts(item)
