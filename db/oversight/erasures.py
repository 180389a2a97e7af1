"""What was erased, by whom and on what ground: ids only, in a chain of hashes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.tables.oversight import ErasureRow
from domain.application.chain import GENESIS, chained
from domain.oversight.erasure import ErasureEntry
from domain.values import ElectionCode, Sha256


@dataclass(frozen=True, slots=True)
class Erasures:
    """The erasures of all elections."""

    session: Session

    def entries(self, election: ElectionCode) -> list[ErasureEntry]:
        """Return all steps, first to last."""
        return [_entry(row) for row in self._rows(election)]

    def add(self, election: ElectionCode, entry: ErasureEntry, *, files: Collection[Sha256] = ()) -> None:
        """Append a step; two who append at once make one of them fail."""
        rows = self._rows(election)
        columns = entry.model_dump() | {"applications": [*map(str, entry.applications)], "step": entry.step.value}
        linked = _linked(rows[-1].hash if rows else GENESIS, entry)
        self.session.add(
            ErasureRow(election=election, sequence=len(rows) + 1, files=sorted(files), hash=linked, **columns)
        )
        self.session.flush()

    def is_whole(self, election: ElectionCode) -> bool:
        """Whether every step carries the hash of the one before."""
        head = GENESIS
        for row in self._rows(election):
            head = _linked(head, _entry(row))
            if head != row.hash:
                return False
        return True

    def files_left(self, election: ElectionCode) -> set[Sha256]:
        """Return the content that is still to be removed from the file store."""
        return {name for row in self._rows(election) for name in row.files}

    def files_gone(self, election: ElectionCode) -> None:
        """Write that all of it is removed."""
        self.session.execute(update(ErasureRow).where(ErasureRow.election == election).values(files=[]))

    def _rows(self, election: ElectionCode) -> list[ErasureRow]:
        query = select(ErasureRow).where(ErasureRow.election == election).order_by(ErasureRow.sequence)
        return list(self.session.scalars(query))


def _entry(row: ErasureRow) -> ErasureEntry:
    columns = {name: getattr(row, name) for name in ErasureEntry.model_fields}
    return ErasureEntry.model_validate(
        columns | {"applications": [UUID(application) for application in row.applications]}
    )


def _linked(previous: str, entry: ErasureEntry) -> str:
    return chained(previous, entry.model_dump(mode="json"))
