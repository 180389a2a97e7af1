"""Which elections are loaded, without their rules."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.archived import archived_elections, require_working
from db.tables.election import ElectionRow
from domain.errors import UnknownThingError
from domain.values import ElectionCode


@dataclass(frozen=True)
class LoadedElections:
    """The elections that are loaded."""

    session: Session

    def codes(self) -> list[ElectionCode]:
        """Return the codes of all elections, the last loaded first."""
        return list(self.session.scalars(select(ElectionRow.code).order_by(ElectionRow.loaded_at.desc())))

    def rules_hash(self, code: ElectionCode) -> str | None:
        """Return the hash of the rules in force, or None where the election is unknown."""
        return self.session.scalar(select(ElectionRow.rules_sha256).where(ElectionRow.code == code))

    def require(self, code: ElectionCode) -> None:
        """Raise :class:`UnknownThingError` unless the election *code* is loaded."""
        if self.rules_hash(code) is None:
            raise UnknownThingError("election", code, known=self.codes())

    def archived(self) -> list[ElectionCode]:
        """Return the codes of the elections that are archived."""
        return archived_elections(self.session)

    def working(self) -> list[ElectionCode]:
        """Return the codes of the elections that are not archived, the last loaded first."""
        frozen = set(self.archived())
        return [code for code in self.codes() if code not in frozen]

    def require_working(self, code: ElectionCode) -> None:
        """Raise :class:`ArchivedError` where the election is archived."""
        require_working(self.session, [code])
