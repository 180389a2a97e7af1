"""The serial ledger: every credential that was reserved, issued or taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.bulk import insert_rows
from db.journal import Book, touch
from db.oversight.restorations import Restorations
from db.tables.application import ApplicationRow
from db.tables.credentials import CredentialRow
from db.tables.election import ElectionRow
from domain.application.status import Status
from domain.credentials.ledger import LedgerLine, SerialLedger, standings
from domain.credentials.states import Cause, CredentialStatus, LedgerState
from domain.errors import UnknownThingError
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
    replaces: Serial | None = None


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
        rows = [reservation.model_dump() | {"state": "reserved"} for reservation in reservations]
        insert_rows(self.session, CredentialRow, rows)
        self._touch([reservation.serial for reservation in reservations])

    def retime(self, reservations: Sequence[Reservation]) -> None:
        """Give open reservations the times they carry now: a key may have begun since they were made."""
        for reservation in reservations:
            times = {name: getattr(reservation, name) for name in ("issued_at", "valid_from", "valid_until")}
            self.session.execute(update(CredentialRow).where(CredentialRow.serial == reservation.serial).values(times))
        self._touch([reservation.serial for reservation in reservations])

    def move(self, serials: Sequence[Serial], state: LedgerState, *, cause: Cause | None, at: UtcTime) -> None:
        """Put *serials* into *state*."""
        for serial in serials:
            values = {"state": state.value, "cause": cause and cause.value, "changed_at": at}
            self.session.execute(update(CredentialRow).where(CredentialRow.serial == serial).values(values))
        self._touch(serials)

    def _touch(self, serials: Iterable[Serial]) -> None:
        touch(self.session, Book.CREDENTIALS, [(serial,) for serial in serials])

    def signed_by(self, election: ElectionCode, key_id: str) -> list[UUID]:
        """Return the applications whose credential in use was signed by *key_id*, by serial."""
        query = (
            select(CredentialRow.application_id)
            .where(CredentialRow.election == election, CredentialRow.key_id == key_id)
            .where(CredentialRow.state == LedgerState.ISSUED.value)
            .order_by(CredentialRow.number)
        )
        return list(self.session.scalars(query))

    def ledger(self, election: ElectionCode) -> SerialLedger:
        """Return every serial of the election, by number; raises :class:`UnknownThingError`."""
        given_out = self.session.scalar(select(ElectionRow.next_serial).where(ElectionRow.code == election))
        if given_out is None:
            raise UnknownThingError("election", election)
        query = (
            select(CredentialRow, ApplicationRow.status, ApplicationRow.serial)
            .join(ApplicationRow, ApplicationRow.id == CredentialRow.application_id)
            .where(CredentialRow.election == election)
            .order_by(CredentialRow.number)
        )
        lines = tuple(_line(row, Status(status), serial) for row, status, serial in self.session.execute(query))
        restores = Restorations(self.session).all_in(election)
        skipped = tuple(
            (restore.restored_serial, restore.next_serial - 1) for restore in restores if restore.accepted_at
        )
        return SerialLedger(given_out=given_out - 1, lines=lines, skipped=skipped)

    def line(self, election: ElectionCode, serial: Serial) -> LedgerLine:
        """Return the line of *serial*; raises :class:`UnknownThingError`."""
        query = (
            select(CredentialRow, ApplicationRow.status, ApplicationRow.serial)
            .join(ApplicationRow, ApplicationRow.id == CredentialRow.application_id)
            .where(CredentialRow.election == election, CredentialRow.serial == serial)
        )
        found = self.session.execute(query).one_or_none()
        if found is None:
            raise UnknownThingError("credential", serial[:16])
        return _line(found[0], Status(found[1]), found[2])

    def of_serials(self, serials: Sequence[Serial]) -> dict[Serial, Reservation]:
        """Return what was reserved under each of *serials* that exists."""
        query = select(CredentialRow).where(CredentialRow.serial.in_(serials))
        return {row.serial: _reservation(row) for row in self.session.scalars(query)}

    def issue(self, issued: Sequence[dict[str, str]]) -> None:
        """Turn reservations into credentials: rows of serial, key_id, token_sha256, badge_sha256."""
        if issued:
            self.session.execute(update(CredentialRow), [row | {"state": "issued"} for row in issued])
            self._touch([row["serial"] for row in issued])

    def standings(self, election: ElectionCode) -> dict[int, CredentialStatus]:
        """Return the entries of the election's status list that are not VALID, by status index."""
        row = CredentialRow
        query = select(row.status_index, row.state, row.cause).where(row.election == election)
        found = self.session.execute(query)
        return standings((index, LedgerState(state), Cause(cause) if cause else None) for index, state, cause in found)

    def beginnings(self, election: ElectionCode, prefix: str) -> frozenset[str]:
        """Return what serials of the election begin with: *prefix*, and others that its rules had before."""
        query = select(CredentialRow.serial).where(
            CredentialRow.election == election, CredentialRow.serial.not_like(f"{prefix}-%")
        )
        return frozenset([prefix, *(serial.rpartition("-")[0] for serial in self.session.scalars(query))])

    def badge_of(self, serial: Serial) -> str | None:
        """Return the content hash of the badge printed under *serial*."""
        return self.session.scalar(select(CredentialRow.badge_sha256).where(CredentialRow.serial == serial))

    def state_of(self, election: ElectionCode, serial: Serial) -> str | None:
        """Return the state of *serial* in this election's ledger, or None where it is unknown."""
        query = select(CredentialRow.state).where(CredentialRow.election == election, CredentialRow.serial == serial)
        return self.session.scalar(query)


def _line(row: CredentialRow, status: Status, serial: str | None) -> LedgerLine:
    of_row = LedgerLine.model_fields.keys() & CredentialRow.__table__.columns.keys()
    return LedgerLine.model_validate(
        {name: getattr(row, name) for name in of_row}
        | {"application_status": status, "is_current": serial == row.serial}
    )


def _reservation(row: CredentialRow) -> Reservation:
    return Reservation.model_validate({name: getattr(row, name) for name in Reservation.model_fields})
