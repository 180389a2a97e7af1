"""Letters of parcels: to whom, and what is in them when they are made."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from domain.letters.envelope import Envelope, LetterKind
from domain.letters.parcels import OFFICERS, Apart, Destination
from flows.letters.addressing import AddressedLetters
from notifications.letters.lines import KindCount
from notifications.letters.organisation import ParcelLetter


class ParcelLetters(AddressedLetters):
    """Writes to organisations, and to officers, what goes to them together."""

    __slots__ = ()

    def parcel(self, destination: Destination, letters: Sequence[Apart]) -> Envelope:
        """Return the parcel of *letters*; its key says of which, because a letter is in one parcel at most."""
        mark = hashlib.sha256("\x1f".join(sorted(letter.letter for letter in letters)).encode()).hexdigest()[:24]
        key = f"{destination.stage}:{mark}"
        counts = Counter(LetterKind(letter.letter.partition(":")[0]) for letter in letters)
        letter = ParcelLetter(
            **self._head(), counts=tuple(KindCount(kind=kind, letters=count) for kind, count in counts.items())
        )
        if destination.organisation == OFFICERS:
            return self._to_authority(letter, to=self.profile.election.officers_email, key=key)
        organisation = self.organisations[destination.organisation]
        return self._to_organisation(organisation, letter.revised(organisation_name=organisation.name), key=key)
