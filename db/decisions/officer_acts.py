"""What happens to officers themselves: acts that two of them sign, and codes locked after wrong guesses."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables.decisions import CodeLockRow, OfficerActRow
from domain.application.chain import GENESIS
from domain.decisions.officer_acts import StaffAct, StaffEntry, Step
from domain.decisions.officers import WrongCode
from domain.values import ElectionCode, OfficerCode


@dataclass(frozen=True, slots=True)
class Staff:
    """The acts about officers of all elections, and their locks."""

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

    def locked_until(self, election: ElectionCode, officer: OfficerCode, *, now: datetime) -> datetime | None:
        """Return until when codes of the officer count for nothing, or None."""
        row = self.session.get(CodeLockRow, (election, officer))
        return row.locked_until if row and row.locked_until and row.locked_until > now else None

    def wrong_code(self, officer: OfficerCode, wrong: WrongCode) -> datetime | None:
        """Count a wrong code; returns until when codes are locked, if this one was too many."""
        row = self.session.get(CodeLockRow, (wrong.election, officer), with_for_update=True)
        if row is None:
            row = CodeLockRow(election=wrong.election, officer=officer, wrong=0, locked_until=None)
            self.session.add(row)
        row.wrong += 1
        if row.wrong >= wrong.allowed:
            row.wrong, row.locked_until = 0, wrong.at + wrong.lock
            return row.locked_until
        return None

    def right_code(self, election: ElectionCode, officer: OfficerCode) -> None:
        """Begin to count anew."""
        row = self.session.get(CodeLockRow, (election, officer))
        if row is not None:
            row.wrong = 0


def _linked(previous: str, entry: StaffEntry) -> str:
    body = json.dumps(entry.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def _entry(row: OfficerActRow) -> StaffEntry:
    return StaffEntry(
        act=StaffAct(row.act), officer=row.officer, detail=row.detail, step=Step(row.step), by=row.by, at=row.at
    )
