"""Restores to an older state: what each found, and the officer's act that let work go on."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.tables.oversight import RestorationRow
from domain.oversight.restoration import Restoration
from domain.values import ElectionCode, Sha256, UtcTime


def is_unseen(session: Session) -> bool:
    """Whether a backup was restored and no officer signed yet that they saw what was found."""
    query = select(RestorationRow.number).where(RestorationRow.accepted_at.is_(None)).limit(1)
    return session.scalar(query) is not None


@dataclass(frozen=True, slots=True)
class Restorations:
    """The restores of all elections."""

    session: Session

    def put(self, restoration: Restoration) -> None:
        """Keep what a restore found."""
        body = restoration.model_dump(mode="json", exclude={"statement", "accepted_at"})
        self.session.add(RestorationRow(election=restoration.election, number=restoration.number, body=body))
        self.session.flush()

    def replace(self, restoration: Restoration) -> None:
        """Keep what is known now of a restore that nobody signed for."""
        body = restoration.model_dump(mode="json", exclude={"statement", "accepted_at"})
        here = (RestorationRow.election == restoration.election, RestorationRow.number == restoration.number)
        self.session.execute(update(RestorationRow).where(*here).values(body=body))

    def all_in(self, election: ElectionCode) -> list[Restoration]:
        """Return every restore of the election, the oldest first."""
        query = select(RestorationRow).where(RestorationRow.election == election).order_by(RestorationRow.number)
        return [
            Restoration.model_validate({**row.body, "statement": row.statement, "accepted_at": row.accepted_at})
            for row in self.session.scalars(query)
        ]

    def last(self, election: ElectionCode) -> int:
        """Return the number of the last restore, 0 where there was none."""
        query = select(func.max(RestorationRow.number)).where(RestorationRow.election == election)
        return self.session.scalar(query) or 0

    def accept(self, restoration: Restoration, statement: Sha256, *, at: UtcTime) -> None:
        """Note the signed act by which an officer let work go on."""
        here = (RestorationRow.election == restoration.election, RestorationRow.number == restoration.number)
        self.session.execute(update(RestorationRow).where(*here).values(statement=statement, accepted_at=at))
