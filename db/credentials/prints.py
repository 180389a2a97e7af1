"""What was printed, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.orm import Session

from db.journal import Book, touch
from db.tables.application import ApplicationRow
from db.tables.credentials import PrintedCopyRow
from domain.application.status import Status
from domain.credentials.states import CopyState
from domain.errors import UnknownThingError
from domain.values import ElectionCode, Frozen, OfficeCode, OfficerCode, Serial, Sha256, UtcTime


class PrintedCopy(Frozen):
    """One copy of one credential on paper or plastic."""

    serial: Serial
    copy_number: int
    election: ElectionCode
    office: OfficeCode
    layout: str
    state: CopyState
    printed_at: UtcTime
    changed_at: UtcTime
    officer: OfficerCode | None = None
    proxy_tag: str | None = None
    """Keyed tag (hex) of the document of who fetched it for the holder; None: the holder did, or nobody yet."""
    authority: Sha256 | None = None
    """The holder's written authority for that, in the file store."""


@dataclass(frozen=True, slots=True)
class PrintedCopies:
    """The ledger of printed copies."""

    session: Session

    def latest(self, serials: Sequence[Serial]) -> dict[Serial, PrintedCopy]:
        """Return the last copy of each of *serials* that was printed."""
        query = select(PrintedCopyRow).where(PrintedCopyRow.serial.in_(serials)).order_by(PrintedCopyRow.copy_number)
        return {row.serial: _copy(row) for row in self.session.scalars(query)}

    def put(self, copies: Sequence[PrintedCopy]) -> None:
        """Keep newly printed copies."""
        if copies:
            rows = [copy.model_dump() | {"state": copy.state.value} for copy in copies]
            self.session.execute(insert(PrintedCopyRow), rows)
            touch(self.session, Book.PRINTED, [(copy.serial,) for copy in copies])

    def move(
        self,
        serial: Serial,
        state: CopyState,
        *,
        officer: OfficerCode,
        at: UtcTime,
        proxy: tuple[str, Sha256] | None = None,
    ) -> None:
        """Put the last copy of *serial* into *state*; raises :class:`UnknownThingError` where none was printed.

        *proxy* is the tag of the document of who fetched it for the holder, and the written authority.
        """
        tag, authority = proxy or (None, None)
        last = self.latest([serial]).get(serial)
        if last is None:
            raise UnknownThingError("printed copy of", serial)
        self.session.execute(
            update(PrintedCopyRow)
            .where(PrintedCopyRow.serial == serial, PrintedCopyRow.copy_number == last.copy_number)
            .values(state=state.value, officer=officer, changed_at=at, proxy_tag=tag, authority=authority)
        )
        touch(self.session, Book.PRINTED, [(serial,)])

    def hand_over(self, serials: Sequence[Serial], *, to: OfficeCode, at: UtcTime) -> None:
        """Put the last copies of *serials* into the stock of another office."""
        for serial, copy in self.latest(serials).items():
            self.session.execute(
                update(PrintedCopyRow)
                .where(PrintedCopyRow.serial == serial, PrintedCopyRow.copy_number == copy.copy_number)
                .values(office=to, changed_at=at)
            )
        touch(self.session, Book.PRINTED, [(serial,) for serial in serials])

    def counts(self, election: ElectionCode) -> dict[OfficeCode, Counter[str]]:
        """Return, by office, how many copies are in each state; printed ones whose serial is void are ``void``."""
        used = ApplicationRow.status.in_([Status.CREDENTIALED, Status.SUSPENDED])
        query = (
            select(PrintedCopyRow.office, PrintedCopyRow.state, ApplicationRow.id.is_(None), func.count())
            .join(ApplicationRow, and_(ApplicationRow.serial == PrintedCopyRow.serial, used), isouter=True)
            .where(PrintedCopyRow.election == election)
            .group_by(PrintedCopyRow.office, PrintedCopyRow.state, ApplicationRow.id.is_(None))
            .order_by(PrintedCopyRow.office)
        )
        found: dict[OfficeCode, Counter[str]] = {}
        for office, state, unused, count in self.session.execute(query):
            found.setdefault(office, Counter())["void" if unused and state == CopyState.PRINTED else state] += count
        return found


def _copy(row: PrintedCopyRow) -> PrintedCopy:
    return PrintedCopy.model_validate({name: getattr(row, name) for name in PrintedCopy.model_fields})
