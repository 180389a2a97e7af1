"""Which serials were signed, noted beside the keys, where no restore of a database takes it back."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from uuid import UUID

from domain.values import ElectionCode, Serial
from flows.issuance.signing.keys import locked, read_private

GIVEN_OUT: Final = "given-out.txt"


class GivenOut:
    """The list in one key folder: a line a serial, added before the signature leaves."""

    def __init__(self, folder: Path) -> None:
        self._place = folder / GIVEN_OUT
        self._noted: set[tuple[ElectionCode, Serial]] = set()

    def note(self, election: ElectionCode, signed: Mapping[Serial, UUID]) -> None:
        """Add what is not noted by this process yet; twice in the list is no harm."""
        fresh = {serial: case for serial, case in signed.items() if (election, serial) not in self._noted}
        if not fresh:
            return
        with locked(self._place.parent):
            descriptor = os.open(self._place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="ascii") as lines:
                lines.write("".join(f"{election} {serial} {case}\n" for serial, case in fresh.items()))
                lines.flush()
                os.fsync(lines.fileno())
        self._noted.update((election, serial) for serial in fresh)

    def read(self, election: ElectionCode) -> dict[Serial, UUID] | None:
        """Return every serial of *election* with its case; None where nothing was ever noted here."""
        if not self._place.exists():
            return None
        return dict(_read(read_private(self._place).decode("ascii", "replace").splitlines(), election))


def _read(lines: Iterable[str], election: ElectionCode) -> Iterable[tuple[Serial, UUID]]:
    for line in lines:
        match line.split():
            case [code, serial, case] if code == election and len(case) == len(str(UUID(int=0))):
                yield serial, UUID(case)
            case _:  # of another election, or cut off
                continue
