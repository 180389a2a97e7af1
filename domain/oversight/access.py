"""Access: a person asks what is held about them; whose request it is, until when it is answered, and what is masked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from domain.oversight.erasure import Marks
from domain.statements.record import Entry, applied_in
from domain.statements.statement import Statement
from domain.values import Frozen, OfficerCode, UtcTime

SOMEBODY_ELSE: Final = "‹…›"
"""What stands where an answer would name another person."""


class IdentityCheck(StrEnum):
    """How it was made sure that the person who asks is the person whose data it is."""

    DOCUMENT = "document"
    """The travel document of the nomination was shown."""
    ADDRESS = "address"
    """The request came from, and was confirmed at, the person's own address on file."""
    AUTHORITY = "authority"
    """Somebody else showed the person's written authority and a copy of the document."""


class AccessStep(StrEnum):
    """How far a request has come."""

    ASKED = "asked"
    ANSWERED = "answered"


class AccessRequest(Frozen):
    """A request as the record of signed acts has it."""

    case: UUID
    ground: str
    asked_at: UtcTime
    due_at: UtcTime | None = None
    answered_at: UtcTime | None = None
    identity: IdentityCheck | None = None
    officer: OfficerCode

    def is_late(self, now: UtcTime) -> bool:
        """Whether it was not answered in time, or has not been and the time is over."""
        return self.due_at is not None and (self.answered_at or now) > self.due_at


def requests_in(entries: Iterable[Entry]) -> list[AccessRequest]:
    """Return the requests that applied statements of the record tell of, first to last."""
    found: list[AccessRequest] = []
    for statement in applied_in(entries):
        _take(found, statement)
    return found


def _take(found: list[AccessRequest], statement: Statement) -> None:
    (case,) = statement.versions
    terms, at = statement.terms, statement.arrived_at or statement.signed_at
    place = next(
        (place for place, request in enumerate(found) if request.case == case and request.answered_at is None), None
    )
    if place is None:
        asked = {"case": case, "ground": str(terms["ground"]), "asked_at": at, "officer": statement.officer}
        found.append(AccessRequest.model_validate(asked | {"due_at": terms.get("due_at")}, strict=False))
        place = len(found) - 1
    if terms["step"] == AccessStep.ANSWERED:
        check = IdentityCheck(str(terms["identity"]))
        found[place] = found[place].revised(answered_at=at, identity=check, officer=statement.officer)


def masked(content: JsonValue, *, others: Marks, own: Marks) -> JsonValue:
    """Return *content* without what tells *others* apart; what is the person's *own* too stays."""
    every = "\n".join(_texts(content)).casefold()
    single = [mark for mark in others.single - own.single if mark in every]
    known = {name for pair in own.pairs for name in pair}
    pairs = [pair for pair in others.pairs - own.pairs if all(name in every for name in pair)]
    return _mask(content, sorted(single, key=len, reverse=True), [(pair, known) for pair in pairs])


def _texts(value: JsonValue) -> list[str]:
    match value:
        case str():
            return [value]
        case Mapping():
            return [text for part in value.values() for text in _texts(part)]
        case list():
            return [text for part in value for text in _texts(part)]
        case _:
            return []


def _mask(value: JsonValue, single: Sequence[str], pairs: Sequence[tuple[tuple[str, str], set[str]]]) -> JsonValue:
    match value:
        case str():
            return _masked_text(value, single, pairs)
        case Mapping():
            return {name: _mask(part, single, pairs) for name, part in value.items()}
        case list():
            return [_mask(part, single, pairs) for part in value]
        case _:
            return value


def _masked_text(text: str, single: Sequence[str], pairs: Sequence[tuple[tuple[str, str], set[str]]]) -> str:
    folded = text.casefold()
    meant = [mark for mark in single if mark in folded]
    for pair, own in pairs:
        if all(name in folded for name in pair):
            meant += [name for name in pair if name not in own]
    for mark in meant:
        text = re.sub(re.escape(mark), SOMEBODY_ELSE, text, flags=re.IGNORECASE)
    # Where case folding changes the number of letters, no part can be cut out.
    return SOMEBODY_ELSE if any(mark in text.casefold() for mark in meant) else text
