"""What whoever signs saw last of each election's record and journals, kept beside the keys over every restart.

Whoever writes the database does not write here: what does not go on from these heads was replaced, or an older state
was restored, and nothing is signed on it until somebody who has the keys accepts it by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from domain.application.chain import GENESIS
from domain.credentials.ring import KeyFolderError
from domain.errors import UnknownThingError
from domain.values import ElectionCode, Frozen, Sha256
from flows.issuance.signing.keys import locked, read_private, write_private

SEEN: Final = "seen-records.json"
Head: TypeAlias = tuple[int, Sha256]
"""Number and hash of the last entry of a chain."""
START: Final[Head] = (0, GENESIS)


class Seen(Frozen):
    """Where the record and the journals of one election stood when badges were signed last."""

    record: Head = START
    books: dict[str, Head] = Field(default_factory=dict[str, Head])
    sealed_by: str = ""
    """The public key of the engine whose seals the journals bore."""


_SEEN: Final = TypeAdapter(dict[ElectionCode, Seen])


@dataclass(frozen=True, slots=True)
class SeenHeads:
    """What is kept in one key folder."""

    folder: Path

    def of(self, election: ElectionCode) -> Seen:
        """Return what was seen last; the beginning of all chains where nothing was signed yet."""
        return self._read().get(election, Seen())

    def note(self, election: ElectionCode, seen: Seen) -> None:
        """Keep *seen* of *election*, whatever was kept before."""
        with locked(self.folder):
            write_private(self.folder / SEEN, _SEEN.dump_json(self._read() | {election: seen}))

    def _read(self) -> dict[ElectionCode, Seen]:
        place = self.folder / SEEN
        if not place.exists():
            return {}
        try:
            return _SEEN.validate_json(read_private(place))
        except ValidationError as error:
            raise KeyFolderError(f"list of records {place}", "cannot be read.", remedy="Restore it.") from error


def head_in(text: str) -> Head:
    """Return the head that ``accredit audit verify`` prints as number:hash; raises :class:`UnknownThingError`."""
    number, _, digest = text.partition(":")
    try:
        return Seen.model_validate({"record": (int(number), digest)}).record
    except ValueError as error:
        raise UnknownThingError("head", text[:32]) from error
