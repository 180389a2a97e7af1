"""Which lists and summaries were sent to whom, and which of them were acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from db.letters.asking import asked_in, behind_link, with_arrival
from db.tables.assignment import AcknowledgementRow
from domain.assignment.acknowledgements import AcknowledgedBy, Acknowledgement, Recipient
from domain.errors import UnknownThingError
from domain.letters.asking import token_sha256
from domain.values import ElectionCode


@dataclass(frozen=True, slots=True)
class Acknowledgements:
    """The acknowledgements of all elections; of a link's token only its hash is kept."""

    session: Session

    def ask(self, election: ElectionCode, asked: Acknowledgement, *, token: str) -> None:
        """Keep that a recipient is asked; what they were asked about before is closed. Asking again changes nothing."""
        if self.session.get(AcknowledgementRow, token_sha256(token)):
            return
        self.close(election, asked.recipient, asked.code, now=asked.asked_at)
        said = asked.model_dump(exclude={"closed", "told_at", "answered"}) | {"recipient": asked.recipient.value}
        self.session.add(AcknowledgementRow(token=token_sha256(token), election=election, **said))
        self.session.flush()

    def close(
        self,
        election: ElectionCode,
        recipient: Recipient,
        code: str,
        *,
        now: datetime,
        answered: AcknowledgedBy | None = None,
    ) -> bool:
        """Close what a recipient is asked, *answered* or overtaken; returns whether anything was open."""
        rows = AcknowledgementRow
        theirs = (rows.election == election, rows.recipient == recipient.value, rows.code == code)
        closing = update(rows).where(*theirs, rows.closed_at.is_(None)).values(closed_at=now, answered=answered)
        return bool(self.session.scalars(closing.returning(rows.token)).all())

    def behind(self, election: ElectionCode, token: str) -> Acknowledgement:
        """Return what the link with *token* is about; raises :class:`UnknownThingError` for one that counts no more."""
        found = behind_link(self.session, AcknowledgementRow, election, token)
        if found is None or found[0].closed_at is not None:
            raise UnknownThingError("link", "that was opened")
        return _acknowledgement(found)

    def last(self, election: ElectionCode) -> list[Acknowledgement]:
        """Return the last thing that each recipient was asked, by recipient and code."""
        rows = AcknowledgementRow
        query = with_arrival(rows).where(rows.election == election)
        query = query.order_by(rows.recipient, rows.code, rows.closed_at.is_(None), rows.asked_at)
        found = [_acknowledgement(each) for each in self.session.execute(query)]
        return list({(each.recipient, each.code): each for each in found}.values())


def _acknowledgement(found: Any) -> Acknowledgement:
    row = found[0]
    return Acknowledgement(
        recipient=Recipient(row.recipient), code=row.code, version=row.version, answered=row.answered, **asked_in(found)
    )
