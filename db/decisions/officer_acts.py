"""What happens to officers themselves: acts that two of them sign."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.decisions import OfficerActRow
from domain.application.chain import GENESIS, chained
from domain.statements.officer_acts import StaffAct, StaffEntry, Step
from domain.values import ElectionCode


@dataclass(frozen=True, slots=True)
class Staff:
    """The acts about officers of all elections."""

    session: Session

    def entries(self, election: ElectionCode) -> list[StaffEntry]:
        """Return all steps, first to last."""
        query = select(OfficerActRow).where(OfficerActRow.election == election).order_by(OfficerActRow.sequence)
        return [_entry(row) for row in self.session.scalars(query)]

    def add(self, election: ElectionCode, entry: StaffEntry) -> None:
        """Append a step; two who append at once make one of them fail."""
        query = select(OfficerActRow).where(OfficerActRow.election == election).order_by(OfficerActRow.sequence.desc())
        last = self.session.scalars(query.limit(1)).first()
        row = OfficerActRow(
            election=election, sequence=last.sequence + 1 if last else 1, **entry.model_dump(),
            hash=_linked(last.hash if last else GENESIS, entry),
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()

    def broken(self, election: ElectionCode) -> str | None:
        """Return the first step that does not carry the hash of the one before; None where all do."""
        previous = GENESIS
        query = select(OfficerActRow).where(OfficerActRow.election == election).order_by(OfficerActRow.sequence)
        for place, row in enumerate(self.session.scalars(query), start=1):
            previous = _linked(previous, _entry(row))
            if previous != row.hash or row.sequence != place:
                return f"step {row.sequence}, {row.act} {row.officer} ({row.step})"
        return None

    def is_whole(self, election: ElectionCode) -> bool:
        """Whether every step carries the hash of the one before it."""
        return self.broken(election) is None


def _linked(previous: str, entry: StaffEntry) -> str:
    return chained(previous, entry.model_dump(mode="json"))


def _entry(row: OfficerActRow) -> StaffEntry:
    return StaffEntry(
        act=StaffAct(row.act), officer=row.officer, detail=row.detail, step=Step(row.step), by=row.by, at=row.at
    )
