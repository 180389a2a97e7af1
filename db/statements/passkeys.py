"""Links with which officers enrol a passkey, each for one officer, once, and not for long; and what came of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.tables.decisions import EnrolmentLinkRow
from domain.errors import UnknownThingError
from domain.values import ElectionCode, Frozen, OfficerCode, UtcTime


class WaitingKey(Frozen):
    """A public key that a device made and a second administrator has not confirmed yet."""

    officer: OfficerCode
    made_by: str
    key: dict[str, Any]
    since: UtcTime


@dataclass(frozen=True, slots=True)
class EnrolmentLinks:
    """The enrolment links of all elections."""

    session: Session

    def offer(
        self, election: ElectionCode, officer: OfficerCode, token: str, *, by: str, now: datetime, until: datetime
    ) -> None:
        """Keep a new link for *officer*; older ones, and keys that wait for being confirmed, lapse."""
        self.settle(election, officer, now=now)
        self.session.add(
            EnrolmentLinkRow(
                election=election, token=_hash(token), officer=officer, made_by=by, made_at=now, expires_at=until,
                used_at=None, key=None, settled_at=None,
            )
        )  # fmt: skip
        self.session.flush()

    def offered_to(self, election: ElectionCode, token: str, *, now: datetime) -> tuple[OfficerCode, str]:
        """Return whose link *token* is and who made it.

        Raises :class:`UnknownThingError` for one that lapsed, was used, or never was.
        """
        link = self._link(election, token, now)
        return link.officer, link.made_by

    def redeem(self, election: ElectionCode, token: str, key: dict[str, Any], *, now: datetime) -> OfficerCode:
        """Use the link up, keep the device's *key*, and return whose it is; raises as :meth:`offered_to` does."""
        link = self._link(election, token, now)
        link.used_at, link.key = now, key
        self.session.flush()
        return link.officer

    def waiting(self, election: ElectionCode) -> list[WaitingKey]:
        """Return the keys that wait for a second administrator, by officer."""
        query = select(EnrolmentLinkRow).where(
            EnrolmentLinkRow.election == election,
            EnrolmentLinkRow.used_at.is_not(None),
            EnrolmentLinkRow.settled_at.is_(None),
        )
        return [
            WaitingKey(officer=row.officer, made_by=row.made_by, key=row.key or {}, since=row.used_at or row.made_at)
            for row in self.session.scalars(query.order_by(EnrolmentLinkRow.officer))
        ]

    def settle(self, election: ElectionCode, officer: OfficerCode, *, now: datetime) -> None:
        """Close every link of *officer*: the key was enrolled, or something took its place."""
        of_officer = (
            EnrolmentLinkRow.election == election,
            EnrolmentLinkRow.officer == officer,
            EnrolmentLinkRow.settled_at.is_(None),
        )
        self.session.execute(update(EnrolmentLinkRow).where(*of_officer).values(settled_at=now))
        self.session.expire_all()

    def _link(self, election: ElectionCode, token: str, now: datetime) -> EnrolmentLinkRow:
        row = self.session.get(EnrolmentLinkRow, (election, _hash(token)), with_for_update=True)
        if row is None or row.used_at is not None or row.settled_at is not None or row.expires_at <= now:
            raise UnknownThingError("enrolment link", "that was opened")
        return row


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
