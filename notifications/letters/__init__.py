"""The letters of the engine as typed values. What a model has no field for cannot get into a letter.

What each must and must not say follows the practice of election bodies: coded reasons with facts, legal ground and
remedy in a refusal; no promise in a receipt; no serial beside a credential; no place in an accreditation.

A letter is a subclass of :class:`Letter` with a ``kind``, in one of the modules imported here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from domain.errors import BadInputError
from domain.letters.envelope import Envelope, LetterKind
from notifications.letters import application, breach, calendar, consent, exception, office, organisation
from notifications.letters.lines import Letter

__all__ = [
    "LETTERS",
    "application",
    "breach",
    "calendar",
    "consent",
    "contents_of",
    "exception",
    "letter_of",
    "office",
    "organisation",
]


def _letters_of(model: type[Letter]) -> Iterator[tuple[LetterKind, type[Letter]]]:
    if "kind" in vars(model):
        yield model.kind, model
    for special in model.__subclasses__():
        yield from _letters_of(special)


_BY_KIND: Final = dict(_letters_of(Letter))
LETTERS: Final[Mapping[LetterKind, type[Letter]]] = MappingProxyType(
    {kind: _BY_KIND[kind] for kind in LetterKind if kind in _BY_KIND}
)
"""The model of every kind of letter, in the order of the kinds."""


def contents_of(letter: Letter) -> dict[str, object]:
    """Return *letter* as JSON-able contents of an envelope; :func:`letter_of` is its inverse."""
    contents: dict[str, object] = letter.model_dump(mode="json")
    return contents


def letter_of(envelope: Envelope) -> Letter:
    """Return the typed letter in *envelope*; raises BadInputError naming the fields that do not fit, never values."""
    try:
        return LETTERS[envelope.kind].model_validate(dict(envelope.contents))
    except ValidationError as error:
        fields = sorted({".".join(map(str, problem["loc"])) for problem in error.errors(include_input=False)})
        raise BadInputError(
            f"letter {envelope.key}",
            f"its contents do not fit a {envelope.kind} letter ({', '.join(fields)}).",
            remedy="Queue it again with this version of the engine.",
        ) from None
