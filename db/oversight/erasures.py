"""What was erased, by whom and on what ground: ids only, in a chain of hashes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.letters.webhooks import Webhooks
from db.tables.oversight import ErasureRow
from domain.application.chain import GENESIS, chained
from domain.letters.cloud_events import DATA_ENDED, DATA_ERASED, Notice
from domain.oversight.erasure import ErasureEntry
from domain.oversight.retention import RETENTION_OF
from domain.statements.officer_acts import Step
from domain.values import ElectionCode, Sha256

_KEY: Final = "key:"
"""What the name of a key begins with, among those of files."""


@dataclass(frozen=True, slots=True)
class Erasures:
    """The erasures of all elections."""

    session: Session

    def entries(self, election: ElectionCode) -> list[ErasureEntry]:
        """Return all steps, first to last."""
        return [_entry(row) for row in self._rows(election)]

    def add(
        self,
        election: ElectionCode,
        entry: ErasureEntry,
        *,
        files: Collection[Sha256] = (),
        keys: Collection[str] = (),
    ) -> None:
        """Append a step; two who append at once make one of them fail."""
        left = [*sorted(files), *sorted(_KEY + name for name in keys)]
        rows = self._rows(election)
        columns = entry.model_dump() | {"applications": [*map(str, entry.applications)], "step": entry.step.value}
        linked = _linked(rows[-1].hash if rows else GENESIS, entry)
        self.session.add(ErasureRow(election=election, sequence=len(rows) + 1, files=left, hash=linked, **columns))
        self.session.flush()
        if entry.step is Step.CONFIRMED:
            Webhooks(self.session).tell(election, _notice(entry, number=len(rows) + 1, link=linked))

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
        return {name for row in self._rows(election) for name in row.files if not name.startswith(_KEY)}

    def keys_left(self, election: ElectionCode) -> set[str]:
        """Return the names of the keys that are still to be destroyed."""
        left = (str(name) for row in self._rows(election) for name in row.files)
        return {name.removeprefix(_KEY) for name in left if name.startswith(_KEY)}

    def files_gone(self, election: ElectionCode) -> None:
        """Write that all of it is removed, and all keys destroyed."""
        self.session.execute(update(ErasureRow).where(ErasureRow.election == election).values(files=[]))

    def _rows(self, election: ElectionCode) -> list[ErasureRow]:
        query = select(ErasureRow).where(ErasureRow.election == election).order_by(ErasureRow.sequence)
        return list(self.session.scalars(query))


def _entry(row: ErasureRow) -> ErasureEntry:
    columns = {name: getattr(row, name) for name in ErasureEntry.model_fields}
    return ErasureEntry.model_validate(
        columns | {"applications": [UUID(application) for application in row.applications]}
    )


def _notice(entry: ErasureEntry, *, number: int, link: Sha256) -> Notice:
    """Return what others are told, so that they erase what they have: whose data, or which class of it."""
    ended = entry.ground.removeprefix(RETENTION_OF).partition(":")[0] if not entry.applications else ""
    data = {"class": ended} if ended else {"applications": [*map(str, entry.applications)]}
    return Notice(
        kind=DATA_ENDED if ended else DATA_ERASED, subject=str(entry.id), sequence=number, at=entry.at, link=link,
        data=data,
    )  # fmt: skip


def _linked(previous: str, entry: ErasureEntry) -> str:
    return chained(previous, entry.model_dump(mode="json"))
