"""The serial ledger: every credential that was reserved, issued or taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from db.rows import CredentialRow
from domain.values import ElectionCode, Frozen, Serial, UtcTime


class Reservation(Frozen):
    """A credential's serial, status index and times, fixed before anything is signed or drawn."""

    serial: Serial
    election: ElectionCode
    application_id: UUID
    application_version: int
    number: int
    status_index: int
    issued_at: UtcTime
    valid_from: UtcTime
    valid_until: UtcTime


@dataclass(frozen=True, slots=True)
class Credentials:
    """The serial ledger."""

    session: Session

    def reserved(self, ids: Sequence[UUID]) -> dict[UUID, Reservation]:
        """Return the open reservation of each of *ids* that has one."""
        query = select(CredentialRow).where(CredentialRow.application_id.in_(ids), CredentialRow.state == "reserved")
        return {row.application_id: _reservation(row) for row in self.session.scalars(query)}

    def reserve(self, reservations: Sequence[Reservation]) -> None:
        """Keep *reservations*."""
        if reservations:
            rows = [reservation.model_dump() | {"state": "reserved"} for reservation in reservations]
            self.session.execute(insert(CredentialRow), rows)

    def issue(self, issued: Sequence[dict[str, str]]) -> None:
        """Turn reservations into credentials: rows of serial, key_id, token_sha256, badge_sha256."""
        if issued:
            self.session.execute(update(CredentialRow), [row | {"state": "issued"} for row in issued])

    def count_by_state(self, election: ElectionCode) -> dict[str, int]:
        """Return how many serials are in each state."""
        query = (
            select(CredentialRow.state, func.count())
            .where(CredentialRow.election == election)
            .group_by(CredentialRow.state)
        )
        return dict(sorted(Counter(dict(self.session.execute(query).tuples().all())).items()))

    def indices_by_state(self, election: ElectionCode) -> list[tuple[int, str]]:
        """Return (status index, state) of every serial of the election."""
        query = select(CredentialRow.status_index, CredentialRow.state).where(CredentialRow.election == election)
        return [(index, state) for index, state in self.session.execute(query)]

    def badge_of(self, serial: Serial) -> str | None:
        """Return the content hash of the badge printed under *serial*."""
        return self.session.scalar(select(CredentialRow.badge_sha256).where(CredentialRow.serial == serial))

    def state_of(self, election: ElectionCode, serial: Serial) -> str | None:
        """Return the state of *serial* in this election's ledger, or None where it is unknown."""
        query = select(CredentialRow.state).where(CredentialRow.election == election, CredentialRow.serial == serial)
        return self.session.scalar(query)


def _reservation(row: CredentialRow) -> Reservation:
    return Reservation.model_validate({name: getattr(row, name) for name in Reservation.model_fields})
