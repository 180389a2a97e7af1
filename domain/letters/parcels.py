"""Parcels: what an organisation gets in one letter in place of many, and officers of the cases that wait for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import Annotated, Final, NamedTuple

from pydantic import Field

from domain.letters.envelope import Envelope, LetterKind
from domain.values import Frozen, UtcTime

OFFICERS: Final = ""
"""Stands where a parcel's organisation would."""

STAGE_OF: Final[Mapping[LetterKind, str]] = MappingProxyType({
    LetterKind.RECEIPT: "intake",
    LetterKind.DEFICIENCY: "corrections",
    LetterKind.REFERRAL: "vetting",
    LetterKind.DOUBLE_NOMINATION: "vetting",
    LetterKind.APPROVAL: "decisions",
    LetterKind.DEFERRAL: "decisions",
    LetterKind.PLACEMENT: "assignment",
    LetterKind.CREDENTIAL: "issuance",
    LetterKind.COLLECTION: "issuance",
    LetterKind.REMINDER: "reminders",
    LetterKind.EXPIRY: "end",
})  # fmt: skip
"""Letters of which there are as many as nominees, with the stage whose parcel they go into."""


_LIKE: Final = {LetterKind.CALENDAR: LetterKind.CREDENTIAL}
"""Letters about one person that go as others do: that about another election day brings a badge."""
_WITH_FILES: Final = frozenset({STAGE_OF[LetterKind.CREDENTIAL]})
MOST_PAGES: Final = 2_000
"""Letters without files in one parcel: a page of each is a few hundred bytes when it is packed."""


class ParcelRules(Frozen):
    """Which letters organisations and officers get together, and how often. Persons always get their own."""

    kinds: Annotated[
        tuple[LetterKind, ...], Field(description="letters that go together; all others are letters of their own")
    ] = tuple(STAGE_OF)
    hours: Annotated[int, Field(ge=0, description="at least so long after the last parcel of the stage")] = 4
    most: Annotated[int, Field(ge=1, le=500, description="badges in one parcel; more make another one")] = 200

    @property
    def with_likes(self) -> tuple[LetterKind, ...]:
        """The kinds, and those that go as they do."""
        return (*self.kinds, *(kind for kind, like in _LIKE.items() if like in self.kinds))


class Destination(NamedTuple):
    """Whom a parcel is for, a code or :data:`OFFICERS`, and of which stage it is."""

    organisation: str
    stage: str


class Apart(NamedTuple):
    """A letter that was set apart for a parcel, and when it was written."""

    letter: str
    destination: Destination
    queued_at: datetime


def destination_of(envelope: Envelope, rules: ParcelRules) -> Destination | None:
    """Return into which parcel the letter goes, or its copy; None for a letter of its own.

    What came back, an appeal's end, and whatever a time or its own reason may overtake, is told apart.
    """
    kind = _LIKE.get(envelope.kind, envelope.kind) if envelope.application_id else envelope.kind
    stage = STAGE_OF.get(kind)
    if stage is None or kind not in rules.kinds or envelope.organisation is None:
        return None
    if envelope.kind is LetterKind.REFERRAL:
        return Destination(OFFICERS, stage) if envelope.contents.get("occasion") == "checks" else None
    if envelope.only_while and not envelope.copy_to:
        return None
    return Destination(envelope.organisation, stage)


def packed(
    apart: Iterable[Apart], last: Mapping[Destination, UtcTime], rules: ParcelRules, *, now: UtcTime
) -> Iterator[tuple[Destination, list[Apart]]]:
    """Yield the parcels to make *now* of the letters set *apart*, each destination's oldest first.

    A destination whose *last* parcel is younger than the rules' hours waits.
    """
    ordered = sorted(apart, key=lambda letter: (letter.destination, letter.queued_at, letter.letter))
    for destination, letters in groupby(ordered, key=lambda letter: letter.destination):
        before = last.get(destination)
        if before is not None and now - before < timedelta(hours=rules.hours):
            continue
        every, most = list(letters), rules.most if destination.stage in _WITH_FILES else MOST_PAGES
        for start in range(0, len(every), most):
            yield destination, every[start : start + most]
